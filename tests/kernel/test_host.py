"""`kernel.host`: number tables against the headers, raw system calls, copies that cannot crash."""

from __future__ import annotations

import errno
import os
import re
import shutil
import subprocess

import pytest

from run32.kernel import host
from run32.spec import hostnr

WANT_ARM64 = """
#define __ARCH_WANT_RENAMEAT
#define __ARCH_WANT_NEW_STAT
#define __ARCH_WANT_SET_GET_RLIMIT
#define __ARCH_WANT_TIME32_SYSCALLS
#define __ARCH_WANT_SYS_CLONE3
#define __ARCH_WANT_MEMFD_SECRET
#define __BITS_PER_LONG 64
#include <asm-generic/unistd.h>
"""


def header_numbers(text: str) -> dict[str, int]:
    """Syscall numbers a C preprocessor sees after `text`."""
    cpp = shutil.which("cpp")
    if cpp is None:
        pytest.skip("no C preprocessor to read the kernel headers with")
    run = subprocess.run([cpp, "-dM"], input=text, capture_output=True, text=True, timeout=60)
    if run.returncode:
        pytest.skip(f"kernel headers missing: {run.stderr.splitlines()[0]}")
    macros = dict(re.findall(r"#define (__NR\w*?_\w+)\s+(\w+)", run.stdout))
    numbers = {}
    for name, value in macros.items():
        while not value.isdigit() and value in macros:
            value = macros[value]
        if name.startswith("__NR_") and value.isdigit():
            numbers[name[5:]] = int(value)
    for marker in ("syscalls", "arch_specific_syscall"):
        numbers.pop(marker, None)
    return numbers


@pytest.mark.parametrize(
    ("text", "table"),
    [
        ("#define __x86_64__ 1\n#include <asm/unistd_64.h>\n", hostnr.X86_64),
        (WANT_ARM64, hostnr.AARCH64),
    ],
    ids=["x86_64", "aarch64"],
)
def test_numbers_match_the_headers(text: str, table: str) -> None:
    wanted = header_numbers(text)
    numbers = hostnr.parse(table)
    assert len(wanted) > 280
    assert {name: numbers.get(name) for name in wanted} == wanted
    assert len(set(numbers.values())) == len(numbers)


def test_both_tables_share_the_new_numbers() -> None:
    x86, arm = hostnr.parse(hostnr.X86_64), hostnr.parse(hostnr.AARCH64)
    new = {name: nr for name, nr in x86.items() if nr >= 424}
    assert new == {name: nr for name, nr in arm.items() if nr >= 424}
    assert new["cachestat"] == 451 and new["mseal"] == 462


def test_syscall_returns_result_or_negative_errno() -> None:
    assert host.syscall(host.NR["getpid"]) == os.getpid()
    assert host.syscall(host.NR["close"], 1 << 20) == -errno.EBADF
    assert host.syscall(-1) == -errno.ENOSYS


def test_copy_reports_bad_addresses_on_either_side() -> None:
    page = host.PAGE_SIZE
    addr = host.syscall(host.NR["mmap"], 0, 3 * page, 3, 0x22, -1, 0)
    assert addr > 0
    assert host.syscall(host.NR["mprotect"], addr + page, page, 0) == 0
    assert host.poke(addr + page - 4, b"abcd") == 0
    assert host.peek(addr + page - 4, 4) == b"abcd"
    assert host.peek(addr + page - 4, 5) is None
    assert host.poke(addr + page - 4, b"abcde") == -errno.EFAULT
    assert host.copy(addr + 2 * page, addr + page - 4, 8) == -errno.EFAULT
    assert host.copy(addr + 2 * page, addr + page - 4, 4) == 0
    assert host.peek(addr + 2 * page, 4) == b"abcd"
    assert host.clear(addr, page) == 0
    assert host.peek(addr, page) == bytes(page)
    assert host.syscall(host.NR["munmap"], addr, 3 * page) == 0


def test_bind_replaces_both_functions() -> None:
    seen: list[tuple[int, ...]] = []
    old = host._syscall, host._copy
    try:
        host.bind(lambda nr, *args: seen.append((nr, *args)) or 7, lambda dst, src, n: -14)
        assert host.syscall(5, 6) == 7
        assert seen == [(5, 6)]
        assert host.copy(1, 2, 3) == -14
    finally:
        host.bind(*old)
