"""Coverage pages under `docs/coverage/`, generated from rows.

    python -m run32.debug.coverage syscalls ioctls        writes docs/coverage/{syscalls,ioctls}.md
    python -m run32.debug.coverage                        writes all
    python -m run32.debug.coverage --check syscalls       fails if the page is not up to date

A page is a function in PAGES from nothing to Markdown text.
"""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Callable
from pathlib import Path

from run32.debug import coverage_aarch32
from run32.spec import ioctls as ioctl_rows
from run32.spec import syscalls as syscall_rows
from run32.spec.syscalls import ABSENT, PLANNED, Syscall

FOLDER = Path("docs/coverage")


def how(row: Syscall) -> str:
    """What answers a call, in a word or two."""
    if row.status:
        return row.status
    if row.module:
        return f"{'thunk or ' if row.thunk else ''}`kernel.{row.module}`"
    return "thunk"


def syscalls() -> str:
    """Every syscall number of every guest."""
    lines = [
        "# System calls",
        "",
        "Generated from the rows in `src/run32/uapi/syscalls/`; do not edit.",
        "",
        "*thunk*: native code made from the prototype. *kernel.x*: a Python function.",
        "*planned*: answers ENOSYS until it is built. *absent*: answers ENOSYS as Linux does.",
        "",
    ]
    rows = {abi: syscall_rows.table(abi) for abi in syscall_rows.ABIS}
    lines += ["| guest | rows | thunk | Python | planned | absent |", "|---|---|---|---|---|---|"]
    for abi, found in rows.items():
        count: Counter[str] = Counter()
        for row in found.values():
            count[row.status or ("Python" if row.module and not row.thunk else "thunk")] += 1
        kinds = [count[kind] for kind in ("thunk", "Python", PLANNED, ABSENT)]
        lines.append(f"| {abi} | {len(found)} | " + " | ".join(map(str, kinds)) + " |")
    lines += [
        "",
        "| arm | i386 | call | answered by | note | manual |",
        "|---|---|---|---|---|---|",
    ]
    unique = {row.name: row for found in rows.values() for row in found.values()}
    for row in sorted(unique.values(), key=_order):
        numbers = [_number(row.numbers.get(abi)) for abi in syscall_rows.ABIS]
        cells = [*numbers, f"`{row.name}`", how(row), row.note, row.man]
        lines.append("| " + " | ".join(cells) + " |")
    return "\n".join(lines) + "\n"


def _order(row: Syscall) -> tuple[int, int]:
    return row.numbers.get("arm", 1 << 30), row.numbers.get("i386", 1 << 30)


def _number(value: int | None) -> str:
    if value is None:
        return ""
    return hex(value) if value > 0xFFFF else str(value)


def ioctls() -> str:
    """Every ioctl request."""
    lines = [
        "# ioctl requests",
        "",
        "Generated from the rows in `src/run32/uapi/ioctls/`; do not edit.",
        "A request that is not listed answers ENOTTY. *passes*: the argument has the same bytes",
        "on guest and host.",
        "",
        "| arm | i386 | host | request | argument | answered by |",
        "|---|---|---|---|---|---|",
    ]
    for row in ioctl_rows.table("arm").values():
        argument = f"`{row.argument.__name__}`" if row.argument is not None else "a number"
        numbers = [hex(row.number(model)) for model in ("arm", "i386", "x86_64")]
        by = f"`kernel.{row.slow}`" if row.slow else "passes"
        lines.append("| " + " | ".join([*numbers, f"`{row.name}`", argument, by]) + " |")
    return "\n".join(lines) + "\n"


PAGES: dict[str, Callable[[], str]] = {
    "syscalls": syscalls,
    "ioctls": ioctls,
    "aarch32": coverage_aarch32.page,
}


def main(arguments: list[str]) -> int:
    """Write (or with --check compare) the named pages, or all of them."""
    checking = "--check" in arguments
    names = [name for name in arguments if name != "--check"] or list(PAGES)
    status = 0
    for name in names:
        if name not in PAGES:
            print(f"no coverage page {name!r}; there are {', '.join(PAGES)}", file=sys.stderr)
            return 2
        path, text = FOLDER / f"{name}.md", PAGES[name]()
        if not checking:
            FOLDER.mkdir(parents=True, exist_ok=True)
            path.write_text(text)
        elif not path.exists() or path.read_text() != text:
            print(f"{path} is not up to date: run python -m run32.debug.coverage", file=sys.stderr)
            status = 1
    return status


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
