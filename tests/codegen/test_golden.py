"""Host code of a few handlers, beside this file; `make bless` rewrites it after a wanted change.

It shows in review what a change in forms, machine or LLVM does to the code of hot handlers.
"""

from __future__ import annotations

from pathlib import Path

import pytest
from llvmlite.binding import llvm_version_info

from run32.codegen import build
from run32.debug.show import handler_code
from run32.spec.rows import Encoding

GOLDEN = Path(__file__).parent / "golden"
# row, set, form, static operands
HANDLERS = {
    "adds_imm": ("add", "t16", "alu_imm", (1, 0)),
    "ldr_imm": ("ldr", "a32", "load_imm", None),
    "b": ("b", "t16", None, None),
    "push": ("stm", "t16", "store_multiple", None),
    "vmla": ("vmla", "a32", None, (64,)),
}


def find(row: str, set_: str, form: str | None, static: tuple[int, ...] | None) -> Encoding:
    isa, _ = build.isa_rows("arm")
    found = [
        e
        for e in isa.rows[row].encodings
        if e.set == set_
        and (form is None or e.form.name == form)
        and (static is None or e.static == static)
    ]
    assert found, f"no such handler: {row} {set_} {form} {static}"
    return found[0]


@pytest.mark.parametrize("host", ["x86_64", "aarch64"])
@pytest.mark.parametrize("name", HANDLERS)
def test_handler_code(name: str, host: str, bless: bool) -> None:
    _, assembly = handler_code(find(*HANDLERS[name]), host)
    path, version = GOLDEN / f"{name}.{host}.s", GOLDEN / "LLVM"
    here = ".".join(str(n) for n in llvm_version_info)
    if bless:
        path.parent.mkdir(exist_ok=True)
        path.write_text(assembly)
        version.write_text(here + "\n")
    if version.exists() and version.read_text().strip() != here:
        pytest.skip(f"golden code is of LLVM {version.read_text().strip()}, this is {here}")
    assert path.exists(), "no golden file yet: run make bless"
    assert assembly == path.read_text(), "the code changed; if that is wanted: make bless"
