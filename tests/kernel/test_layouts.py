"""Formats the slow path packs by hand have the sizes and offsets of the struct rows."""

import struct
from itertools import accumulate

import pytest

from run32.kernel import coredump, host, layouts, msgs, netioctl, sysvipc
from run32.loader import elf
from run32.spec.layout import layout, leaves
from run32.uapi.structs import core, events, files, ipc, net, process, time

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


HOST = "x86_64" if host.ARCH in ("x86_64", "amd64") else "aarch64"

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
        (layouts.FUTEX_WAITV, process.futex_waitv),
        (layouts.IOCB, process.iocb),
        (layouts.IO_EVENT, process.io_event),
        (layouts.SYSINFO, process.sysinfo),
        (sysvipc.PERM, ipc.ipc64_perm),
        (sysvipc.SHMINFO, ipc.shminfo64),
        (sysvipc.SHM_USED, ipc.shm_info),
        (msgs.MSGHDR, events.msghdr),
        (netioctl.MAP, net.ifmap),
    )
] + [
    (coredump.EHDR, core.elf32_hdr, "arm"),
    (coredump.PHDR, core.elf32_phdr, "arm"),
    (elf.EHDR.format, core.elf32_hdr, "arm"),
    (elf.PHDR.format, core.elf32_phdr, "arm"),
    (coredump.NOTE, core.elf32_note, "arm"),
    (coredump.PRSTATUS, core.elf_prstatus, "arm"),
    (coredump.PRPSINFO, core.elf_prpsinfo, "arm"),
    (coredump.FILES, core.file_note, "arm"),
    (coredump.FILE, core.mapped_file, "arm"),
    (layouts.HOST_STATFS, files.statfs64, "lp64"),
    (layouts.HOST_FLOCK, files.flock, "lp64"),
    (layouts.RLIMIT64, process.rlimit, "lp64"),
    (layouts.HOST_SYSINFO, process.sysinfo, "lp64"),
    (sysvipc.HOST_PERM, ipc.ipc64_perm, HOST),
    (sysvipc.HOST_SEMID, ipc.semid64_ds, HOST),
    (sysvipc.HOST_MSQID, ipc.msqid64_ds, HOST),
    (sysvipc.HOST_SHMID, ipc.shmid64_ds, HOST),
    (sysvipc.HOST_SHMINFO, ipc.shminfo64, HOST),
    (sysvipc.HOST_SHM_USED, ipc.shm_info, HOST),
    (msgs.HOST_MSGHDR, events.msghdr, HOST),
    (netioctl.HOST_MAP, net.ifmap, HOST),
    *(
        case
        for abi in GUESTS
        for case in (
            (sysvipc.SEMID, ipc.semid64_ds, abi),
            (sysvipc.MSQID, ipc.msqid64_ds, abi),
            (sysvipc.SHMID, ipc.shmid64_ds, abi),
        )
    ),
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
