"""IT: makes up to four following Thumb instructions conditional. Source: DDI 0406C A8.8.54.

The decoders act on this row by name: the native one resolves the block when the IT is decoded, the
reference keeps ITSTATE. Executing the row itself does nothing. A mask of 0 is a hint (`system`).
"""

from __future__ import annotations

from typing import Any

from run32.isa.arm.core import ARM, t16
from run32.spec.rows import Operands, direct


@ARM.insn(
    t16("1011 1111 cc:4 mask:4", direct("it_block", small="cc mask")),
    ref="DDI 0406C A8.8.54",
)
def it(m: Any, o: Operands) -> None:
    """The next one to four instructions are conditional."""
