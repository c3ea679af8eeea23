"""The map of pages says what is true, after every call that changes mappings."""

from __future__ import annotations

import os
from collections.abc import Iterator
from random import Random

import pytest

from run32.kernel.memory import MADV_GUARD_INSTALL, Memory
from run32.kernel.pages import bits_of

PAGE, START, PAGES = 4096, 0x200000, 40
PRIVATE, SHARED, FIXED, ANON = 2, 1, 16, 32


@pytest.fixture
def memory() -> Iterator[Memory]:
    made = Memory("arm")
    made.map_stack(100)
    made.keep_pages(True)
    yield made
    made.close()


def expected(memory: Memory, address: int) -> int:
    """What the map should say of a page, from its definition."""
    found = 3
    for page in (address, address + PAGE):
        vma = memory.table.at(page)
        if memory.grow_low <= page < memory.grow_high:
            continue
        found &= bits_of(vma) if vma is not None else 0
    return found


def assert_right(memory: Memory, low: int, high: int) -> None:
    assert memory.pages is not None
    for at in range(low, high, PAGE):
        assert memory.pages.bytes[at >> 12] == expected(memory, at), hex(at)


def test_every_call_keeps_it(memory: Memory, tmp_path: object) -> None:
    rng = Random(7)
    fd = os.open(f"{tmp_path}/file", os.O_RDWR | os.O_CREAT)
    os.ftruncate(fd, PAGES * PAGE)
    seen = set()
    for _ in range(600):
        at, n = START + rng.randrange(PAGES) * PAGE, rng.randrange(1, 7) * PAGE
        what = rng.randrange(7)
        if what < 3:
            kind = rng.choice((PRIVATE, PRIVATE, PRIVATE, SHARED))
            memory.mmap(at, n, rng.choice((0, 1, 2, 3, 3, 3)), kind | ANON | FIXED)
        elif what == 3:
            memory.mmap(at, n, rng.choice((1, 3)), PRIVATE | FIXED, fd, 0)
        elif what == 4:
            memory.munmap(at, n)
        elif what == 5:
            memory.mprotect(at, n, rng.choice((0, 1, 2, 3)))
        else:
            to = START + rng.randrange(PAGES) * PAGE
            memory.mremap(at, n, rng.randrange(1, 7) * PAGE, rng.choice((0, 1, 3)), to)
        assert_right(memory, START - 8 * PAGE, START + (PAGES + 16) * PAGE)
        assert memory.pages is not None
        seen.update(memory.pages.bytes[START >> 12 : (START >> 12) + PAGES])
    assert seen == {0, 1, 3}
    os.close(fd)


def test_stack_and_heap(memory: Memory) -> None:
    high = memory.start_stack + 2 * PAGE & -PAGE
    assert memory.grow_low < memory.grow_high
    assert_right(memory, memory.grow_low - 2 * PAGE, high)
    memory.set_stack_limit(1 << 20)
    assert_right(memory, high - (10 << 20), high)
    memory.set_brk(START)
    for end in (3, 9, 4, 0, 2):
        memory.brk(START + end * PAGE)
        assert_right(memory, START - PAGE, START + 12 * PAGE)


def test_begins_with_what_is_there(memory: Memory) -> None:
    memory.keep_pages(False)
    memory.mmap(START, 4 * PAGE, 3, PRIVATE | ANON | FIXED)
    memory.keep_pages(True)
    assert_right(memory, START - PAGE, START + 6 * PAGE)
    memory.reset()
    assert_right(memory, START - PAGE, START + 6 * PAGE)


def test_guard_pages_end_it(memory: Memory) -> None:
    memory.mmap(START, 4 * PAGE, 3, PRIVATE | ANON | FIXED)
    assert memory.pages is not None
    view = memory.pages.bytes
    assert view[START >> 12] == 3
    memory.madvise(START, PAGE, MADV_GUARD_INSTALL)
    assert not any(view)
    memory.mmap(START, 4 * PAGE, 3, PRIVATE | ANON | FIXED)
    assert not any(view)
