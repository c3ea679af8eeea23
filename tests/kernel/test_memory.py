"""Guest memory by Linux's rules: layout, growth, limits, access, what holders of code are told."""

from __future__ import annotations

import errno
import mmap
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from run32.kernel import host
from run32.kernel.memory import Fault, Memory, Vma
from run32.kernel.placement import INFINITY, Layout
from run32.kernel.space import GUARD_HIGH, GUARD_LOW, SPACE

PAGE = host.PAGE_SIZE
ANON, FIXED, NOREPLACE, SHARED, PRIVATE, GROWSDOWN = 0x20, 0x10, 0x100000, 1, 2, 0x100
MAP = ANON | PRIVATE
AT = 0x20000000
MIB = 1 << 20


@pytest.fixture
def mem() -> Iterator[Memory]:
    memory = Memory("arm", randomize=False, stack_limit=8 * MIB, mmap_min_addr=4096)
    yield memory
    memory.close()


def host_maps() -> list[tuple[int, int, str]]:
    out = []
    for line in Path("/proc/self/maps").read_text().splitlines():
        fields = line.split()
        low, _, high = fields[0].partition("-")
        out.append((int(low, 16), int(high, 16), fields[1]))
    return out


def assert_no_hole(memory: Memory) -> None:
    """Every host page of the reservation is mapped, and none is executable."""
    at = memory.base - GUARD_LOW
    end = memory.base + SPACE + GUARD_HIGH
    for low, high, mode in host_maps():
        if low <= at < high:
            assert "x" not in mode or low < memory.base - GUARD_LOW
            at = high
    assert at >= end, f"hole at guest address {at - memory.base:#x}"


# -- layout


@pytest.mark.parametrize(
    ("abi", "limit", "base"),
    [
        # as an arm64 6.1 and an x86-64 6.18 kernel place them without randomisation
        ("arm", 8 * MIB, 0xF7FF0000),
        ("arm", 1 << 30, 0xFFFF0000 - (1 << 30) - 256 * 4096),
        ("arm", 0xFFFFFFFF, 0xFFFF0000 - 0xFFFF0000 // 6 * 5 + 0xFFF & ~0xFFF),
        ("i386", 8 * MIB, 0xF7FFE000),
        ("i386", 512 * MIB, 0xFFFFE000 - 512 * MIB - 256 * 4096),
        ("i386", INFINITY, 0xFFFFE000 - 0xFFFFE000 // 6 * 5 + 0xFFF & ~0xFFF),
    ],
)
def test_mmap_base(abi: str, limit: int, base: int) -> None:
    layout = Layout(abi, 4096, stack_limit=limit, randomize=False)
    assert layout.is_topdown
    assert layout.mmap_base == base


@pytest.mark.parametrize(
    ("abi", "compat", "limit", "base"),
    [
        ("arm", False, INFINITY, 0x40000000),
        ("arm", True, 8 * MIB, 0x40000000),
        ("i386", True, 8 * MIB, 0x55555000),
    ],
)
def test_legacy_layout_is_bottom_up(abi: str, compat: bool, limit: int, base: int) -> None:
    memory = Memory(abi, stack_limit=limit, compat_layout=compat, randomize=False)
    if PAGE == 4096:
        assert memory.mmap(0, PAGE, 3, MAP) == base
    first = memory.mmap(0, PAGE, 3, MAP)
    assert memory.mmap(0, PAGE, 3, MAP) == first + PAGE
    memory.close()


def test_fixed_points() -> None:
    arm = Layout("arm", 4096, randomize=False)
    assert (arm.stack_top, arm.task_size, arm.dyn_base) == (0xFFFF0000, 0xFFFFF000, 0xAAAAA000)
    assert arm.min_addr == 65536
    i386 = Layout("i386", 4096, randomize=False)
    assert (i386.stack_top, i386.task_size, i386.dyn_base) == (0xFFFFE000, 0xFFFFE000, 0x56555000)
    low = Layout("i386", 4096, randomize=False, limit_3gb=True)
    assert low.stack_top == 0xC0000000
    for page in (16384, 65536):
        big = Layout("arm", page, randomize=False)
        assert big.mmap_base % page == 0
        assert big.task_size == (0xFFFFC000 if page == 16384 else 1 << 32)


def test_randomisation_stays_in_its_bounds() -> None:
    bases, tops = set(), set()
    for _ in range(200):
        layout = Layout("arm", 4096, stack_limit=8 * MIB)
        bases.add(layout.mmap_base)
        tops.add(layout.pick_stack_top())
    # 8 MiB of stack + 1 MiB gap + 8 MiB of randomisation is less than the 128 MiB minimum
    assert all(0xF7FF0000 - (2047 << 12) <= base <= 0xF7FF0000 for base in bases)
    assert all(0xFFFF0000 - (0x7FF << 12) <= top <= 0xFFFF0000 for top in tops)
    assert len(bases) > 20 and len(tops) > 20


# -- placement


def test_top_down_first_fit_from_above(mem: Memory) -> None:
    first = mem.mmap(0, PAGE, 3, MAP)
    assert first == mem.layout.mmap_base - PAGE
    second = mem.mmap(0, 3 * PAGE, 3, MAP)
    assert second == first - 3 * PAGE
    assert mem.munmap(second + PAGE, PAGE) == 0
    assert mem.mmap(0, 2 * PAGE, 3, MAP) == second - 2 * PAGE
    assert mem.mmap(0, PAGE, 3, MAP) == second + PAGE


def test_last_page_is_never_mapped(mem: Memory) -> None:
    last = SPACE - PAGE
    assert mem.mmap(last, PAGE, 3, MAP | FIXED) == -errno.ENOMEM
    assert mem.mmap(last - PAGE, 2 * PAGE, 3, MAP | FIXED) == -errno.ENOMEM
    assert mem.mmap(last, PAGE, 3, MAP) == mem.layout.mmap_base - PAGE
    assert mem.mmap(last - PAGE, PAGE, 3, MAP) == last - PAGE
    assert mem.munmap(last, PAGE) == -errno.EINVAL


def test_hint_above_the_stack(mem: Memory) -> None:
    """As an arm64 kernel does it: between the kuser page and the last page there is room."""
    mem.map_stack(5000)
    mem.map_special(0xFFFF0000, b"", 5, b"[vectors]")
    for hint in (0xFFFFD000, 0xFFFFE000):
        assert mem.mmap(hint, PAGE, 3, MAP) == hint
    assert mem.mmap(0xFFFF0000, PAGE, 3, MAP) == mem.layout.mmap_base - PAGE


def test_full_space_uses_the_room_below_the_stack(mem: Memory) -> None:
    """The search upwards ends at the guard gap of a stack that is as low as it was used."""
    stack = mem.map_stack(5000)
    low = mem.layout.min_addr
    assert mem.mmap(low, mem.layout.mmap_base - low, 0, MAP | FIXED | 0x4000) == low
    mem.write(stack.end - 4 * MIB, b"used")
    size = stack.end - 4 * MIB - 256 * PAGE - mem.layout.mmap_base
    assert mem.mmap(0, size + PAGE, 3, MAP | 0x4000) == -errno.ENOMEM
    assert mem.mmap(0, size, 3, MAP | 0x4000) == mem.layout.mmap_base
    assert mem.read(stack.end - 4 * MIB, 4) == b"used"


def test_hints(mem: Memory) -> None:
    assert mem.mmap(AT + 123, PAGE, 3, MAP) == AT
    taken = mem.mmap(AT, PAGE, 3, MAP)
    assert taken == mem.layout.mmap_base - PAGE
    # a hint below mmap_min_addr is moved up to it
    assert mem.mmap(1, PAGE, 3, MAP) in (taken - PAGE, mem.layout.min_addr)
    assert mem.mmap(PAGE, PAGE, 3, MAP) == mem.layout.min_addr


def test_fixed_noreplace(mem: Memory) -> None:
    assert mem.mmap(AT, 2 * PAGE, 3, MAP | NOREPLACE) == AT
    mem.write(AT, b"kept")
    assert mem.mmap(AT + PAGE, 2 * PAGE, 3, MAP | NOREPLACE) == -errno.EEXIST
    assert mem.mmap(AT - PAGE, 2 * PAGE, 3, MAP | NOREPLACE) == -errno.EEXIST
    assert mem.mmap(AT + 2 * PAGE, PAGE, 3, MAP | NOREPLACE) == AT + 2 * PAGE
    assert mem.read(AT, 4) == b"kept"


def test_min_addr_needs_privilege(mem: Memory, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(mem, "is_privileged", lambda: False)
    assert mem.mmap(0, PAGE, 3, MAP | FIXED) == -errno.EPERM
    monkeypatch.setattr(mem, "is_privileged", lambda: True)
    assert mem.mmap(0, PAGE, 3, MAP | FIXED) == 0
    mem.write(0, b"null")
    assert mem.read(0, 4) == b"null"


def test_errno_order_of_mmap(mem: Memory) -> None:
    assert mem.mmap(AT, 0, 3, MAP) == -errno.EINVAL
    assert mem.mmap(AT, 0, 3, PRIVATE, 999) == -errno.EBADF
    assert mem.mmap(AT, PAGE, 3, MAP, -1, 1) == -errno.EINVAL
    assert mem.mmap(AT + 1, PAGE, 3, MAP | FIXED) == -errno.EINVAL
    assert mem.mmap(AT, 0xFFFFFFFF, 3, MAP) == -errno.ENOMEM
    assert mem.mmap(AT, PAGE, 3, ANON) == -errno.EINVAL
    assert mem.mmap(AT, PAGE, 3, ANON | SHARED | GROWSDOWN) == -errno.EINVAL


def test_space_runs_out_cleanly(mem: Memory) -> None:
    sizes = 256 * MIB
    got = []
    while (addr := mem.mmap(0, sizes, 0, MAP | 0x4000)) > 0:
        got.append(addr)
    assert addr == -errno.ENOMEM
    assert len(got) == 15
    assert len(set(got)) == len(got)
    assert_no_hole(mem)


def test_file_mappings(mem: Memory, tmp_path: Path) -> None:
    file = tmp_path / "data"
    file.write_bytes(b"A" * PAGE + b"B" * PAGE)
    fd = os.open(file, os.O_RDONLY)
    addr = mem.mmap(0, PAGE, 1, PRIVATE, fd, PAGE)
    assert mem.read(addr, 2) == b"BB"
    vma = mem.table.at(addr)
    assert vma is not None
    assert (vma.path, vma.ino, vma.offset) == (os.fsencode(file), os.fstat(fd).st_ino, PAGE)
    assert mem.mmap(0, PAGE, 3, SHARED, fd, 0) == -errno.EACCES
    shared = mem.mmap(0, PAGE, 1, SHARED, fd, 0)
    assert mem.mprotect(shared, PAGE, 3) == -errno.EACCES
    with pytest.raises(Fault):
        mem.write(shared, b"x")
    os.close(fd)
    assert mem.read(addr, 2) == b"BB"


def test_failed_fixed_map_leaves_old_mapping_or_reservation(mem: Memory) -> None:
    assert mem.mmap(AT, PAGE, 3, MAP | FIXED) == AT
    read_end, write_end = os.pipe()
    assert mem.mmap(AT, PAGE, 3, PRIVATE | FIXED, read_end) < 0
    os.close(read_end)
    os.close(write_end)
    assert_no_hole(mem)


# -- unmapping, protection


def test_unmapping_leaves_no_hole(mem: Memory) -> None:
    assert mem.mmap(AT, 8 * PAGE, 3, MAP | FIXED) == AT
    assert mem.munmap(AT + PAGE, 2 * PAGE) == 0
    assert mem.munmap(AT + PAGE, 2 * PAGE) == 0
    with pytest.raises(Fault) as caught:
        mem.read(AT + PAGE, 1)
    assert caught.value.addr == AT + PAGE
    assert [(v.start, v.end) for v in mem.vmas()] == [
        (AT, AT + PAGE),
        (AT + 3 * PAGE, AT + 8 * PAGE),
    ]
    moved = mem.mremap(AT + 3 * PAGE, 2 * PAGE, 4 * PAGE, 1)
    assert moved > 0
    assert_no_hole(mem)


def test_protection_splits_and_merges(mem: Memory) -> None:
    mem.mmap(AT, 3 * PAGE, 3, MAP | FIXED)
    assert mem.mprotect(AT + PAGE, PAGE, 1) == 0
    assert [v.prot for v in mem.vmas()] == [3, 1, 3]
    with pytest.raises(Fault):
        mem.write(AT + PAGE, b"x")
    assert mem.read(AT + PAGE, 1) == b"\0"
    assert mem.mprotect(AT, 3 * PAGE, 3) == 0
    assert [v.prot for v in mem.vmas()] == [3]
    assert mem.mprotect(AT + 2 * PAGE, 2 * PAGE, 1) == -errno.ENOMEM
    assert mem.mprotect(AT, PAGE, 0x80) == -errno.EINVAL


def test_guest_code_is_not_host_code(mem: Memory) -> None:
    addr = mem.mmap(0, PAGE, 7, MAP)
    only = mem.mmap(0, PAGE, 4, MAP)
    assert mem.read(only, 4) == bytes(4)
    mem.write(addr, b"code")
    modes = [mode for low, high, mode in host_maps() if low < mem.base + addr + 1 <= high]
    assert modes and modes[0].startswith("rw-")
    with pytest.raises(Fault):
        mem.write(only, b"x")


def test_exec_changes_are_told(mem: Memory) -> None:
    told: list[tuple[int, int, bool]] = []
    mem.on_exec_change.append(lambda start, end, executable: told.append((start, end, executable)))

    def news() -> list[tuple[int, int, bool]]:
        out = list(told)
        told.clear()
        return out

    mem.mmap(AT, 4 * PAGE, 5, MAP | FIXED)
    assert news() == [(AT, AT + 4 * PAGE, True)]
    mem.mprotect(AT + PAGE, PAGE, 3)
    assert news() == [(AT + PAGE, AT + 2 * PAGE, False)]
    mem.mprotect(AT + PAGE, PAGE, 7)
    assert news() == [(AT + PAGE, AT + 2 * PAGE, True)]
    mem.munmap(AT, PAGE)
    assert news() == [(AT, AT + PAGE, False)]
    mem.mmap(AT + 2 * PAGE, PAGE, 3, MAP | FIXED)
    assert news() == [(AT + 2 * PAGE, AT + 3 * PAGE, False)]
    mem.mmap(AT + 3 * PAGE, PAGE, 5, MAP | FIXED)
    assert news()[-1] == (AT + 3 * PAGE, AT + 4 * PAGE, True)
    mem.madvise(AT + 3 * PAGE, PAGE, 4)
    assert news() == [(AT + 3 * PAGE, AT + 4 * PAGE, True)]
    target = mem.mremap(AT + 3 * PAGE, PAGE, PAGE, 3, 0x30000000)
    assert target == 0x30000000
    assert (target, target + PAGE, True) in (seen := news())
    assert (AT + 3 * PAGE, AT + 4 * PAGE, False) in seen
    mem.reset()
    assert (target, target + PAGE, False) in news()


def test_read_implies_exec() -> None:
    memory = Memory("i386", read_implies_exec=True, randomize=False)
    addr = memory.mmap(0, PAGE, 1, MAP)
    vma = memory.table.at(addr)
    assert vma is not None and vma.prot == 5
    assert memory.mprotect(addr, PAGE, 3) == 0
    vma = memory.table.at(addr)
    assert vma is not None and vma.prot == 7
    memory.close()


# -- access


def test_access_checks_range_and_pages(mem: Memory) -> None:
    addr = mem.mmap(0, PAGE, 3, MAP)
    mem.put_u32(addr, 0x12345678)
    mem.put_u64(addr + 8, 0x1122334455667788)
    mem.put_u16(addr + 4, 0xBEEF)
    mem.put_u8(addr + 6, 0x7F)
    assert (mem.u32(addr), mem.u16(addr + 4), mem.u8(addr + 6)) == (0x12345678, 0xBEEF, 0x7F)
    assert mem.u64(addr + 8) == 0x1122334455667788
    for bad in (addr - 2, addr + PAGE - 2, 0xFFFFFFFE, 0, SPACE, SPACE + addr, -4):
        with pytest.raises(Fault):
            mem.u32(bad)
        with pytest.raises(Fault):
            mem.put_u32(bad, 0)
    with pytest.raises(Fault):
        mem.host_ptr(0xFFFFFFFF, 2)
    assert mem.host_ptr(0xFFFFFFFF, 1) == mem.base + 0xFFFFFFFF
    assert mem.read(addr, 0) == b""


def test_strings_across_pages(mem: Memory) -> None:
    mem.mmap(AT, 2 * PAGE, 3, MAP | FIXED)
    mem.write(AT + PAGE - 3, b"abcdef\0")
    assert mem.read_cstr(AT + PAGE - 3) == b"abcdef"
    assert mem.read_cstr(AT + PAGE - 3, 4) == b"abcd"
    mem.write(AT + 2 * PAGE - 3, b"xyz")
    with pytest.raises(Fault):
        mem.read_cstr(AT + 2 * PAGE - 3)
    assert mem.read_cstr(AT + 2 * PAGE - 3, 3) == b"xyz"


def test_guards_surround_the_space(mem: Memory) -> None:
    assert host.peek(mem.base - 1, 1) is None
    assert host.peek(mem.base + SPACE, 1) is None
    assert host.poke(mem.base + SPACE + GUARD_HIGH - 1, b"x") == -errno.EFAULT
    assert_no_hole(mem)


# -- stacks


def test_main_stack_grows_on_touch(mem: Memory) -> None:
    stack = mem.map_stack(5000)
    assert stack.end == 0xFFFF0000
    start = stack.start
    assert stack.end - start == mem.layout.align(5000 + (128 << 10))
    # the host kernel may write below the mapping, as for a read(2) into a large buffer
    mem.write(start - 100 * PAGE, b"deep")
    assert [v.start for v in mem.vmas()] == [start - 100 * PAGE]
    assert mem.read(start - 100 * PAGE, 4) == b"deep"
    limit = stack.end - 8 * MIB
    assert mem.fault(limit - 1) is False
    with pytest.raises(Fault):
        mem.write(limit - PAGE, b"x")
    mem.write(limit, b"last")
    assert [v.start for v in mem.vmas()] == [limit]
    assert next(iter(mem.vmas())).path == b"[stack]"


def test_touched_pages_are_found_without_proc(mem: Memory, monkeypatch: pytest.MonkeyPatch) -> None:
    stack = mem.map_stack(5000)
    low = stack.start - 7 * PAGE
    mem.write(low, b"x")

    def no_file(*_: object) -> int:
        raise OSError(errno.EMFILE, "no descriptor left")

    monkeypatch.setattr(os, "open", no_file)
    assert [v.start for v in mem.vmas()] == [low]


def test_stack_growth_stops_at_the_gap(mem: Memory) -> None:
    stack = mem.map_stack(5000)
    below = stack.end - 4 * MIB
    assert mem.mmap(below, PAGE, 3, MAP | FIXED) == below
    gap = 256 * PAGE
    assert mem.fault(below + PAGE + gap - PAGE) is False
    with pytest.raises(Fault):
        mem.write(below + PAGE + gap - PAGE, b"x")
    mem.write(below + PAGE + gap, b"x")
    with pytest.raises(Fault):
        mem.write(below - PAGE, b"x")
    # nothing is placed inside the gap by itself
    hint = mem.mmap(stack.end - 2 * MIB, PAGE, 3, MAP)
    assert hint != stack.end - 2 * MIB or hint + PAGE <= stack.start - gap


def test_stack_limit_can_change(mem: Memory) -> None:
    stack = mem.map_stack(5000)
    mem.set_stack_limit(1 * MIB)
    with pytest.raises(Fault):
        mem.write(stack.end - 2 * MIB, b"x")
    assert mem.fault(stack.end - 2 * MIB) is False
    mem.set_stack_limit(16 * MIB)
    deep = stack.end - 12 * MIB
    assert mem.fault(deep) is True
    mem.write(deep, b"x")
    assert mem.read(stack.end - 8 * MIB, 1) == b"\0"


def test_growsdown_mapping(mem: Memory) -> None:
    assert mem.mmap(AT, PAGE, 3, MAP | FIXED | GROWSDOWN) == AT
    assert mem.fault(AT) is False
    assert mem.fault(AT - 5 * PAGE + 7) is True
    mem.write(AT - 5 * PAGE, b"x")
    assert mem.table.at(AT - 5 * PAGE) is mem.table.at(AT)
    assert mem.fault(AT + PAGE) is False
    assert mem.fault(AT - 8 * MIB) is False, "beyond RLIMIT_STACK"
    assert mem.mprotect(AT, PAGE, 0x01000001) == 0
    assert [v.prot for v in mem.vmas()] == [1]


def test_guard_page_inside_the_stack(mem: Memory) -> None:
    stack = mem.map_stack(5000)
    guard = stack.end - 1 * MIB
    mem.write(guard - PAGE, b"touch")
    assert mem.mprotect(guard, PAGE, 0) == 0
    with pytest.raises(Fault):
        mem.read(guard, 1)
    assert mem.read(guard - PAGE, 5) == b"touch"
    assert mem.munmap(stack.end - 2 * MIB, MIB - PAGE) == 0
    assert_no_hole(mem)


# -- brk, limits


def test_brk(mem: Memory) -> None:
    mem.set_brk(AT + 100)
    assert mem.brk(0) == AT + 100
    assert mem.brk(AT + 3 * PAGE + 5) == AT + 3 * PAGE + 5
    mem.write(AT + 3 * PAGE, b"heap")
    assert [(v.start, v.end, v.path) for v in mem.vmas()] == [(AT + PAGE, AT + 4 * PAGE, b"[heap]")]
    assert mem.brk(AT + PAGE) == AT + PAGE
    assert mem.brk(AT + 4 * PAGE) == AT + 4 * PAGE
    assert mem.read(AT + 3 * PAGE, 4) == bytes(4), "a heap that shrank comes back empty"
    assert mem.brk(AT) == AT + 4 * PAGE, "not below its start"
    mem.mmap(AT + 10 * PAGE, PAGE, 3, MAP | FIXED)
    assert mem.brk(AT + 9 * PAGE) == AT + 9 * PAGE
    assert mem.brk(AT + 10 * PAGE) == AT + 9 * PAGE, "one page stays free above the heap"


def test_address_space_and_data_limits(mem: Memory) -> None:
    mem.limit_as = 10 * PAGE
    assert mem.mmap(AT, 8 * PAGE, 3, MAP | FIXED) == AT
    assert mem.mmap(0, 3 * PAGE, 3, MAP) == -errno.ENOMEM
    assert mem.mmap(AT, 10 * PAGE, 3, MAP | FIXED) == AT, "what it replaces does not count"
    assert mem.mremap(AT, 10 * PAGE, 11 * PAGE, 1) == -errno.ENOMEM
    mem.limit_as = INFINITY
    mem.limit_data = 12 * PAGE
    assert mem.mmap(0, 3 * PAGE, 3, MAP) == -errno.ENOMEM
    read_only = mem.mmap(0, 3 * PAGE, 1, MAP)
    assert read_only > 0
    assert mem.mprotect(read_only, 3 * PAGE, 3) == -errno.ENOMEM
    assert mem.mmap(0, 3 * PAGE, 3, ANON | SHARED) > 0
    mem.set_brk(0x30000000)
    assert mem.brk(0x30000000 + 16 * PAGE) == 0x30000000


# -- mremap


def test_mremap_moves_contents(mem: Memory) -> None:
    mem.mmap(AT, 2 * PAGE, 3, MAP | FIXED)
    mem.mmap(AT + 2 * PAGE, PAGE, 1, MAP | FIXED)
    mem.write(AT + PAGE, b"data")
    assert mem.mremap(AT, 2 * PAGE, 4 * PAGE, 0) == -errno.ENOMEM
    moved = mem.mremap(AT, 2 * PAGE, 4 * PAGE, 1)
    assert moved > 0 and moved != AT
    assert mem.read(moved + PAGE, 4) == b"data"
    mem.write(moved + 3 * PAGE, b"new")
    with pytest.raises(Fault):
        mem.read(AT, 1)
    assert mem.mremap(moved, 4 * PAGE, PAGE, 0) == moved
    with pytest.raises(Fault):
        mem.read(moved + PAGE, 1)
    assert_no_hole(mem)


def test_mremap_of_merged_host_mappings(mem: Memory) -> None:
    """What is one mapping to the guest may be several to the host."""
    mem.mmap(AT, PAGE, 3, MAP | FIXED)
    mem.write(AT, b"one")
    mem.mmap(AT + 2 * PAGE, PAGE, 3, MAP | FIXED)
    mem.write(AT + 2 * PAGE, b"two")
    assert mem.mremap(AT + 2 * PAGE, PAGE, PAGE, 3, AT + PAGE) == AT + PAGE
    moved = mem.mremap(AT, 2 * PAGE, 3 * PAGE, 3, 0x30000000)
    assert moved == 0x30000000
    assert mem.read(moved, 3) + mem.read(moved + PAGE, 3) == b"onetwo"


@pytest.mark.parametrize("kind", [SHARED, PRIVATE])
def test_mremap_of_a_file(mem: Memory, tmp_path: Path, kind: int) -> None:
    file = tmp_path / "data"
    file.write_bytes(b"A" * PAGE + b"B" * PAGE + b"C" * PAGE)
    fd = os.open(file, os.O_RDWR)
    assert mem.mmap(AT, 2 * PAGE, 3, kind | FIXED, fd) == AT
    os.close(fd)
    mem.write(AT, b"changed")
    assert mem.mremap(AT, 2 * PAGE, 3 * PAGE, 0) == AT, "grown in place"
    assert mem.read(AT, 7) == b"changed"
    assert mem.read(AT + 2 * PAGE, 1) == b"C"
    assert mem.mremap(AT + PAGE, 2 * PAGE, 2 * PAGE, 3, 0x30000000) == 0x30000000
    assert mem.read(0x30000000 + PAGE, 1) == b"C"
    vma = mem.table.at(0x30000000)
    assert vma is not None and vma.offset == PAGE
    assert (file.read_bytes()[:7] == b"changed") == (kind == SHARED)
    assert_no_hole(mem)


def test_mremap_duplicates_shared_memory(mem: Memory) -> None:
    mem.mmap(AT, PAGE, 3, ANON | SHARED | FIXED)
    copy = mem.mremap(AT, 0, PAGE, 1)
    assert copy > 0
    mem.write(AT, b"same")
    assert mem.read(copy, 4) == b"same"
    mem.mmap(AT + PAGE, PAGE, 3, MAP | FIXED)
    assert mem.mremap(AT + PAGE, 0, PAGE, 1) == -errno.EINVAL


def test_mremap_dontunmap(mem: Memory) -> None:
    mem.mmap(AT, 2 * PAGE, 3, MAP | FIXED)
    mem.write(AT, b"gone")
    moved = mem.mremap(AT, 2 * PAGE, 2 * PAGE, 5)
    assert moved > 0
    assert mem.read(moved, 4) == b"gone"
    assert mem.read(AT, 4) == bytes(4), "the old range is still mapped, and empty"


# -- the rest


def test_mincore_counts_pages(mem: Memory) -> None:
    mem.mmap(AT, 3 * PAGE, 3, MAP | FIXED)
    vec = mem.mmap(0, PAGE, 3, MAP)
    mem.write(AT + PAGE, b"x")
    assert mem.mincore(AT, 3 * PAGE, vec) == 0
    assert [b & 1 for b in mem.read(vec, 3)] == [0, 1, 0]
    assert mem.mincore(AT, 4 * PAGE, vec) == -errno.ENOMEM
    assert mem.mincore(AT + 1, PAGE, vec) == -errno.EINVAL
    assert mem.mincore(AT, PAGE, 0) == -errno.EFAULT


def test_madvise_reaches_every_part_and_reports_holes(mem: Memory) -> None:
    mem.mmap(AT, PAGE, 3, MAP | FIXED)
    mem.mmap(AT + 2 * PAGE, PAGE, 3, MAP | FIXED)
    mem.write(AT, b"x")
    mem.write(AT + 2 * PAGE, b"x")
    assert mem.madvise(AT, 3 * PAGE, mmap.MADV_DONTNEED) == -errno.ENOMEM
    assert mem.read(AT, 1) + mem.read(AT + 2 * PAGE, 1) == b"\0\0"
    assert mem.madvise(AT, PAGE, 77) == -errno.EINVAL
    assert mem.madvise(AT, 0, mmap.MADV_DONTNEED) == 0


def test_mlockall_does_not_lock_the_reservation(mem: Memory) -> None:
    def locked() -> int:
        status = Path("/proc/self/status").read_text()
        return int(next(x for x in status.splitlines() if x.startswith("VmLck")).split()[1])

    before = locked()
    mem.mmap(AT, 4 * PAGE, 3, MAP | FIXED)
    result = mem.mlockall(3)
    if result in (-errno.EPERM, -errno.ENOMEM):
        pytest.skip("RLIMIT_MEMLOCK is too low here")
    assert result == 0
    assert locked() - before == 4 * PAGE >> 10
    mem.mmap(0, 2 * PAGE, 3, MAP)
    assert locked() - before == 6 * PAGE >> 10
    assert mem.munlockall() == 0
    assert locked() == before
    mem.mmap(0, 2 * PAGE, 3, MAP)
    assert locked() == before
    assert mem.mlockall(0) == mem.mlockall(4) == mem.mlockall(8) == -errno.EINVAL


def test_shared_memory_segments(mem: Memory) -> None:
    size = PAGE + 100
    shmid = host.syscall(host.NR["shmget"], 0, size, 0o600)
    if shmid < 0:
        pytest.skip("no System V shared memory here")
    try:
        first = mem.shmat(shmid, 0, 0)
        assert first == mem.layout.mmap_base - 2 * PAGE
        mem.write(first + PAGE, b"shared")
        second = mem.shmat(shmid, AT + 5, 0o20000 | 0o10000)
        assert second == AT
        assert mem.read(AT + PAGE, 6) == b"shared"
        with pytest.raises(Fault):
            mem.write(AT, b"x")
        assert mem.shmat(shmid, AT + PAGE, 0) == -errno.EINVAL, "occupied"
        assert mem.shmat(shmid, AT, 0o40000) == AT
        mem.write(AT, b"x")
        assert mem.shmat(shmid, 0, 0o40000) == -errno.EINVAL
        assert mem.shmdt(AT + PAGE) == -errno.EINVAL
        assert mem.shmdt(AT) == 0
        assert mem.table.at(AT) is None
        assert mem.shmdt(first) == 0
        assert mem.shmdt(first) == -errno.EINVAL
        assert_no_hole(mem)
    finally:
        host.syscall(host.NR["shmctl"], shmid, 0, 0)


def test_remap_file_pages(mem: Memory, tmp_path: Path) -> None:
    file = tmp_path / "data"
    file.write_bytes(b"".join(bytes([65 + i]) * PAGE for i in range(4)))
    fd = os.open(file, os.O_RDWR)
    mem.mmap(AT, 4 * PAGE, 3, SHARED | FIXED, fd)
    os.close(fd)
    result = mem.remap_file_pages(AT, PAGE, 0, 3 * PAGE // 4096, 0)
    assert result == 0
    assert mem.read(AT, 1) == b"D"
    assert [v.offset for v in mem.vmas()] == [3 * PAGE, PAGE]
    mem.mmap(AT, PAGE, 3, MAP | FIXED)
    assert mem.remap_file_pages(AT, PAGE, 0, 0, 0) == -errno.EINVAL


def test_msync_errors(mem: Memory) -> None:
    mem.mmap(AT, PAGE, 3, ANON | SHARED | FIXED)
    assert mem.msync(AT, PAGE, 4) == 0
    assert mem.msync(AT, 2 * PAGE, 4) == -errno.ENOMEM
    assert mem.msync(AT, PAGE, 5) == -errno.EINVAL
    assert mem.msync(AT + 1, PAGE, 4) == -errno.EINVAL


def test_dontfork_in_the_child(mem: Memory) -> None:
    mem.mmap(AT, PAGE, 3, MAP | FIXED)
    mem.mmap(AT + PAGE, PAGE, 3, MAP | FIXED)
    mem.write(AT, b"here")
    assert mem.madvise(AT + PAGE, PAGE, mmap.MADV_DONTFORK) == 0
    pid = os.fork()
    if not pid:
        status = 1
        try:
            mem.after_fork_child()
            assert_no_hole(mem)
            assert mem.table.at(AT + PAGE) is None
            assert mem.read(AT, 4) == b"here"
            assert mem.mmap(AT + PAGE, PAGE, 3, MAP | FIXED) == AT + PAGE
            status = 0
        finally:
            os._exit(status)
    assert os.waitpid(pid, 0)[1] == 0
    mem.write(AT + PAGE, b"still mapped in the parent")


def test_special_pages(mem: Memory) -> None:
    mem.map_special(0xFFFF0000, b"\x01\x02", 5, b"[vectors]")
    assert mem.read(0xFFFF0000, 2) == b"\x01\x02"
    with pytest.raises(Fault):
        mem.write(0xFFFF0000, b"x")
    assert mem.mprotect(0xFFFF0000, PAGE, 7) == -errno.EACCES
    assert [v.path for v in mem.vmas()] == [b"[vectors]"]


def test_reset_empties_everything(mem: Memory) -> None:
    mem.map_stack(100)
    mem.mmap(AT, PAGE, 3, MAP | FIXED)
    mem.set_brk(0x30000000)
    mem.brk(0x30000000 + PAGE)
    mem.reset("i386", randomize=False)
    assert list(mem.vmas()) == []
    assert mem.layout.stack_top == 0xFFFFE000
    assert mem.table.total == mem.table.data == 0
    with pytest.raises(Fault):
        mem.read(AT, 1)
    assert_no_hole(mem)


def test_pages_larger_than_the_hosts() -> None:
    memory = Memory("arm", page_size=4 * PAGE, randomize=False)
    addr = memory.mmap(0, 1, 3, MAP)
    assert addr % (4 * PAGE) == 0
    vma = memory.table.at(addr)
    assert vma is not None and vma.end - vma.start == 4 * PAGE
    assert memory.mmap(AT + PAGE, PAGE, 3, MAP | FIXED) == -errno.EINVAL
    assert memory.mprotect(addr + PAGE, PAGE, 1) == -errno.EINVAL
    memory.close()


def test_totals_follow_the_table(mem: Memory) -> None:
    mem.mmap(AT, 4 * PAGE, 3, MAP | FIXED)
    mem.mprotect(AT + PAGE, PAGE, 1)
    mem.munmap(AT + 3 * PAGE, PAGE)
    assert (mem.table.total, mem.table.data) == (3 * PAGE, 2 * PAGE)
    mem.adopt(Vma(0x30000000, 0x30000000 + PAGE, 1))
    assert mem.table.total == 4 * PAGE


REFUSED = """
import resource, sys
resource.setrlimit(resource.RLIMIT_AS, ({soft}, {hard}))
from run32.kernel.memory import Memory, ReservationError
try:
    memory = Memory("arm", randomize=False)
except ReservationError as error:
    print("refused:", error)
else:
    print("limit", memory.limit_as)
    print(memory.mmap(0, {soft}, 0, 0x22))
    print(memory.mmap(0, 1, 0, 0x22))
"""


def run_limited(soft: int, hard: int) -> str:
    code = REFUSED.format(soft=soft, hard=hard)
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, timeout=30, check=True,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
    )  # fmt: skip
    return done.stdout


def test_refused_reservation_names_the_limit() -> None:
    out = run_limited(1 << 30, 1 << 30)
    assert out.startswith("refused: ")
    assert "RLIMIT_AS" in out and "ulimit -v" in out and "1048576 KiB" in out


def test_soft_limit_is_kept_for_the_guest_only() -> None:
    limit, fits, beyond = run_limited(1 << 30, -1).splitlines()
    assert limit == f"limit {1 << 30}"
    assert int(fits) > 0
    assert int(beyond) == -errno.ENOMEM


# -- huge pages


def asks_for_huge_pages(memory: Memory, address: int, size: int) -> set[bool]:
    """Of the host's mappings in a range: whether they are marked so."""
    found: set[bool] = set()
    inside = False
    for line in Path("/proc/self/smaps").read_text().splitlines():
        first, *rest = line.split()
        if "-" in first:
            low, high = (int(n, 16) - memory.base for n in first.split("-"))
            inside = low < address + size and address < high
        elif first == "VmFlags:" and inside:
            found.add("hg" in rest)
    return found


NORESERVE, STACK = 0x4000, 0x20000


@pytest.mark.parametrize(
    ("size", "prot", "flags", "huge"),
    [
        (8 * MIB, 3, MAP, True),
        (MIB, 3, MAP, False),  # has no whole huge page
        (200 * MIB, 3, MAP, False),  # may never be used
        (8 * MIB, 3, MAP | NORESERVE, False),
        (8 * MIB, 3, MAP | STACK, False),
        (8 * MIB, 1, MAP, False),
        (8 * MIB, 3, ANON | SHARED, False),
    ],
)
def test_large_private_memory_gets_huge_pages(
    mem: Memory, size: int, prot: int, flags: int, huge: bool
) -> None:
    address = mem.mmap(0, size, prot, flags)
    assert asks_for_huge_pages(mem, address, size) == {huge}


def test_moved_and_grown_memory_is_of_one_piece(mem: Memory) -> None:
    """Or the host could not move it any more without a copy."""
    address, size = mem.mmap(AT, MIB, 3, MAP | FIXED), MIB
    for new, may_move in ((5 * MIB, 0), (6 * MIB, 1), (9 * MIB, 0), (12 * MIB, 1)):
        if may_move:  # something is in the way
            assert mem.mmap(address + size, PAGE, 0, MAP | FIXED) == address + size
        else:
            mem.munmap(address + size, new - size)
        moved = mem.mremap(address, size, new, may_move)
        assert (moved != address) == may_move
        address, size = moved, new
        assert asks_for_huge_pages(mem, address, size) == {True}
