"""`#!` lines as fs/binfmt_script.c reads them: the first 256 bytes, one optional argument."""

from __future__ import annotations

from run32.loader.errors import EACCES, ENOEXEC, ExecError, show

BUFFER = 256
"""BINPRM_BUF_SIZE."""
DEPTH_MAX = 5
"""Interpreters of interpreters that Linux follows."""


def parse(head: bytes, path: bytes) -> list[bytes]:
    """[interpreter] or [interpreter, argument] of a script whose file begins with `head`.

    Requires: `head` starts with `#!`. Raises ExecError (ENOEXEC) for a line Linux refuses.
    """
    line, newline, _ = head[:BUFFER].partition(b"\n")
    body = line[2:]
    name = body.lstrip(b" \t")
    if not newline and len(head) >= BUFFER:
        # The kernel keeps one byte for a NUL; without a separator the path may be cut short.
        name = name[: len(name) - 1]
        if name and _end_of_word(name) == len(name):
            raise ExecError(ENOEXEC, f"{show(path)}: #! line longer than {BUFFER} bytes")
    name = name.rstrip(b" \t")
    end = _end_of_word(name)
    interpreter, rest = name[:end], name[end:]
    if name[:1] == b"\0" or (not newline and not name):
        # without a line's end the name is empty, and an empty name is the working directory
        raise ExecError(EACCES, f"{show(path)}: #! line without an interpreter")
    if not interpreter:
        raise ExecError(ENOEXEC, f"{show(path)}: #! line without an interpreter")
    if rest[:1] == b"\0":
        return [interpreter]
    argument = rest.lstrip(b" \t").partition(b"\0")[0]
    return [interpreter, argument] if argument else [interpreter]


def _end_of_word(text: bytes) -> int:
    ends = [i for i in (text.find(c) for c in (b" ", b"\t", b"\0")) if i >= 0]
    return min(ends, default=len(text))
