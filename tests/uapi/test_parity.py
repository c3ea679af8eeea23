"""Rows against C headers of guests and hosts: layouts, syscall and ioctl numbers, constants."""

import importlib
import pkgutil
import re

import pytest
from uapi.cross import COMPILERS, check, failures, macros

import run32.uapi.consts
import run32.uapi.structs
from run32.spec import ioctls, syscalls
from run32.spec.layout import GUESTS, Struct, layout, resolve
from run32.spec.types import Named

OURS_ALONE = re.compile(r"(pad|unused|spare|reserved|fm_reserved|tail)\d*$")
C_NAMES = {"st_ino32": "__st_ino", "range_": "range"}
RENAMED_CALLS = {"sync_file_range2": "arm_sync_file_range"}


def modules(package):
    for found in pkgutil.iter_modules(package.__path__):
        yield importlib.import_module(f"{package.__name__}.{found.name}")


STRUCTS = sorted(
    {
        value
        for module in modules(run32.uapi.structs)
        for value in vars(module).values()
        if isinstance(value, type) and issubclass(value, Struct) and value.HEADER
    },
    key=lambda cls: cls.__name__,
)
CONSTANTS = [
    value
    for module in modules(run32.uapi.consts)
    for value in vars(module).values()
    if isinstance(value, type) and issubclass(value, Named) and value.NAMES
]
ONLY_ON = {
    "stat_x86_64": ["x86_64"],
    "stat_aarch64": ["aarch64"],
    "stat64": GUESTS,
    "host_sysinfo": ["x86_64", "aarch64"],
    "statfs64": GUESTS,
    **dict.fromkeys(("host_perm", "host_msqid", "host_shmid"), ["x86_64", "aarch64"]),
    "host_semid": ["aarch64"],
    "semid_x86_64": ["x86_64"],
    **dict.fromkeys(("elf_prstatus", "elf_prpsinfo", "elf_siginfo"), ["arm"]),
}


@pytest.mark.parametrize("model", COMPILERS)
def test_struct_layouts(model):
    wrong = []
    for cls in STRUCTS:
        if model not in ONLY_ON.get(cls.__name__, COMPILERS):
            continue
        shape = resolve(cls, model)
        found, c = layout(cls, model), cls.CNAME
        source = f"#include <linux/types.h>\n#include <stddef.h>\n#include <{cls.HEADER}>\n"
        source += check(f"sizeof({c}) == {found.size}", f"sizeof {c} is {found.size}")
        for field in found.fields:
            if OURS_ALONE.match(field.name) or field.name.startswith("tv_pad"):
                continue
            name = C_NAMES.get(field.name, field.name)
            text = f"{model} {shape.__name__}.{name}"
            source += check(f"offsetof({c}, {name}) == {field.offset}", f"{text} at {field.offset}")
            if (shape.__name__, name) != ("timespec64", "tv_nsec"):
                size = f"sizeof((({c} *)0)->{name})"
                source += check(f"{size} == {field.size}", f"{text} has {field.size} bytes")
        wrong += failures(model, source)
    assert not wrong
    assert len(STRUCTS) > 35


@pytest.mark.parametrize("abi", GUESTS)
def test_syscall_numbers(abi):
    theirs = {
        name[5:]: text
        for name, text in macros(abi, "#include <asm/unistd.h>\n").items()
        if name.startswith("__NR_") or name.startswith("__ARM_NR_")
    }
    numbers = {}
    for name, text in theirs.items():
        base = 0xF0000 if "ARM_NR_BASE" in text else 0
        digits = re.findall(r"0x[0-9a-f]+|\d+", text)
        if digits and name not in ("SYSCALL_BASE", "SYSCALL_MASK", "OABI_SYSCALL_BASE"):
            numbers[name.removeprefix("_NR_").removeprefix("NR_")] = base + int(digits[-1], 0)
    ours = {RENAMED_CALLS.get(row.name, row.name): n for n, row in syscalls.table(abi).items()}
    newest = max(n for n in numbers.values() if n < 0xF0000)
    for name, number in ours.items():
        if number <= newest or name in numbers:
            assert numbers.get(name) == number, name
    rows = syscalls.table(abi)
    assert not {n: name for name, n in numbers.items() if n not in rows and n < 0xF0000}


@pytest.mark.parametrize("model", COMPILERS)
def test_ioctl_numbers(model):
    rows = ioctls.table("arm").values()
    source = "".join(
        f"#include <{header}>\n"
        for header in dict.fromkeys(
            ["linux/types.h", "asm/termbits.h", "linux/fiemap.h", *(row.header for row in rows)]
        )
    )
    source += "#include <stddef.h>\n"
    for row in rows:
        number = row.number(model)
        source += check(f"(unsigned int){row.name} == {number:#x}u", f"{row.name} is {number:#x}")
    assert not failures(model, source)
    assert len(rows) > 90


HEADERS = """
#include <linux/types.h>
#include <stddef.h>
#include <asm/fcntl.h>
#include <linux/fcntl.h>
#include <linux/fs.h>
#include <linux/stat.h>
#include <linux/falloc.h>
#include <linux/fadvise.h>
#include <linux/xattr.h>
#include <linux/mman.h>
#include <linux/memfd.h>
#include <asm/signal.h>
#include <linux/time.h>
#include <linux/resource.h>
#include <linux/futex.h>
#include <linux/random.h>
#include <linux/sched.h>
#include <linux/wait.h>
#include <linux/prctl.h>
#include <linux/net.h>
#include <linux/eventpoll.h>
#include <linux/timerfd.h>
#include <linux/inotify.h>
#include <asm/socket.h>
#include <linux/in.h>
#include <linux/in6.h>
#include <linux/tcp.h>
#include <linux/udp.h>
#include <linux/if_packet.h>
#include <linux/netlink.h>
"""


@pytest.mark.parametrize("model", COMPILERS)
def test_constants(model):
    known = macros(model, HEADERS)
    source, checked = HEADERS, 0
    for cls in CONSTANTS:
        for name, value in cls.values(model).items():
            if name in known:
                text = f"{model} {name} is {value:#x}"
                source += check(f"(unsigned int)({name}) == {value & 0xFFFFFFFF:#x}u", text)
                checked += 1
    assert not failures(model, source)
    assert checked > 400
