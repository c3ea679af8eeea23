"""What other programs see of this process (`ps`, `pgrep`): the guest's name and arguments.

The name is the host thread's. The kernel reads arguments and environment out of the memory that
PR_SET_MM_MAP names: we name the strings in guest memory, so that a program that changes them is
seen doing so. A kernel without that call shows what Python's own arguments are overwritten with.
Sources: prctl(2), proc(5), kernel/sys.c (validate_prctl_map_addr).
"""

from __future__ import annotations

from run32.kernel import cdata, host
from run32.kernel.buf import syscall

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

NR = host.NR
PR_SET_NAME, PR_SET_MM, PR_SET_MM_MAP = 15, 35, 14


class Shown:
    """What the host shows of this process: name and arguments."""

    __slots__ = ("_fields",)

    def __init__(self) -> None:
        self._fields: list[int] | None = None

    def update(self, comm: bytes, base: int, spans: Sequence[int], argv: Sequence[bytes]) -> None:
        """`comm`, and guest addresses of arg_start, arg_end, env_start, env_end."""
        syscall(NR["prctl"], PR_SET_NAME, comm, 0, 0, 0)
        if self._fields is None:
            self._fields = _mm_fields()
        fields = self._fields
        arg_start, arg_end, env_start, env_end = spans
        brk = syscall(NR["brk"], 0)
        places = [base + at for at in (arg_start, arg_end, env_start, env_end)]
        values = [*fields[:5], max(brk, fields[5]), fields[6], *places]
        block = b"".join(value.to_bytes(8, "little") for value in values)
        # struct prctl_mm_map: the addresses, auxv (none), its size, exe_fd (unchanged)
        block += bytes(8) + (0).to_bytes(4, "little") + (0xFFFFFFFF).to_bytes(4, "little")
        if syscall(NR["prctl"], PR_SET_MM, PR_SET_MM_MAP, block, len(block), 0):
            self._overwrite(argv)

    def _overwrite(self, argv: Sequence[bytes]) -> None:
        """Where the kernel does not let us move them: write over Python's own arguments."""
        assert self._fields is not None
        start, end = self._fields[7], self._fields[8]
        data = b"".join(text + b"\0" for text in argv)[: max(end - start - 1, 0)]
        if start:
            cdata.memmove(start, data.ljust(end - start, b"\0"), end - start)


def _mm_fields() -> list[int]:
    """start_code, end_code, start_data, end_data, start_brk, brk, start_stack, and where the host's
    own arguments and environment lie (arg_start, env_end)."""
    with open("/proc/self/stat", "rb", 0) as file:
        text = file.read() or b""
    fields = text.rpartition(b") ")[2].split()

    def number(index: int) -> int:
        return int(fields[index - 3]) if index - 3 < len(fields) else 0  # an emulator's are fewer

    brk = syscall(NR["brk"], 0)
    start_brk = number(47) or brk
    numbers = [number(26), number(27), number(45), number(46), start_brk, brk, number(28)]
    return [*numbers, number(48), number(51)]
