"""Formats the slow path packs by hand have the sizes and offsets of the struct rows."""

import struct
from itertools import accumulate

import pytest

from run32.kernel import layouts
from run32.spec.layout import layout, leaves
from run32.uapi.structs import files, process, time

GUESTS = ("arm", "i386")


def offsets(fmt: str) -> list[tuple[int, int]]:
    """(offset, size) of every item of a little-endian format."""
    items = []
    number = ""
    for letter in fmt.replace(" ", "").lstrip("<"):
        if letter.isdigit():
            number += letter
            continue
        items += [letter] * (int(number) if number else 1)
        number = ""
    ends = list(accumulate(struct.calcsize("<" + letter) for letter in items))
    sizes = [struct.calcsize("<" + letter) for letter in items]
    return [
        (end - size, size)
        for end, size, letter in zip(ends, sizes, items, strict=True)
        if letter != "x"
    ]


CASES = [
    (fmt[abi] if isinstance(fmt, dict) else fmt, row, abi)
    for abi in GUESTS
    for fmt, row in (
        (layouts.STAT, files.stat),
        (layouts.STAT64, files.stat64),
        (layouts.STATFS, files.statfs),
        (layouts.STATFS64, files.statfs64),
        (layouts.FLOCK, files.flock),
        (layouts.FLOCK64, files.flock64),
        (layouts.RLIMIT, process.rlimit),
        (layouts.SYSINFO, process.sysinfo),
    )
] + [
    (layouts.HOST_STATFS, files.statfs64, "lp64"),
    (layouts.HOST_FLOCK, files.flock, "lp64"),
    (layouts.RLIMIT64, process.rlimit, "lp64"),
    (layouts.HOST_SYSINFO, process.sysinfo, "lp64"),
]


@pytest.mark.parametrize(("fmt", "row", "model"), CASES)
def test_format_matches_the_row(fmt: str, row: type, model: str) -> None:
    assert struct.calcsize(fmt) == layout(row, model).size
    expected = {(leaf.offset, leaf.size) for leaf in leaves(row, model)}
    assert set(offsets(fmt)) <= expected
    rest = {
        leaf.path for leaf in leaves(row, model) if (leaf.offset, leaf.size) not in offsets(fmt)
    }
    assert all(any(w in path for w in ("pad", "spare", "unused", "tail")) for path in rest), rest


def test_times() -> None:
    assert struct.calcsize("<2i") == layout(time.timespec, "arm").size
