"""How loading a program fails: an errno for execve(2) and one line for people."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

ENOENT, EIO, E2BIG, ENOEXEC, ENOMEM, EACCES = 2, 5, 7, 8, 12, 13
EINVAL, ELOOP, ELIBBAD = 22, 40, 80


class ExecError(Exception):
    """A program that cannot be executed.

    `is_late` tells that the old program was gone already: Linux then kills the process.
    """

    def __init__(self, errno: int, message: str) -> None:
        super().__init__(errno, message)
        self.errno = errno
        self.message = message
        self.is_late = False

    def __str__(self) -> str:
        return self.message


class HostProgram(ExecError):
    """A 64-bit program of this machine: the host is to execute `path` (a host path) with `argv`."""

    def __init__(self, path: bytes, argv: Sequence[bytes]) -> None:
        super().__init__(ENOEXEC, f"{show(path)}: a 64-bit program of this machine")
        self.path = path
        self.argv = list(argv)


def show(path: bytes) -> str:
    """A path for a message: one line, whatever bytes it holds."""
    text = path.decode("utf-8", "backslashreplace")
    return "".join(c if c.isprintable() else ascii(c)[1:-1] for c in text)
