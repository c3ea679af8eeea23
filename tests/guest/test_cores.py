"""A guest that dies of a signal leaves a core file, which gdb and readelf read.

Requires the host to leave core files by name: /proc/sys/kernel/core_pattern without `/`.
"""

from __future__ import annotations

import os
import re
import resource
import shutil
import signal
import subprocess
from pathlib import Path

import pytest
from tools.build import compile_c
from tools.guests import environment, run32_command

SOURCE = Path(__file__).with_name("cores") / "crash.c"
FLAGS = {"a32": ("-marm",), "t32": ("-mthumb",), "static": ("-marm", "-static")}
LINE = 1 + SOURCE.read_text().splitlines().index(
    '    __asm__ volatile("vmov.f64 d8, %P0\\n str %1, [%2]"'
)
QUESTIONS = (
    "info threads",
    "thread apply all backtrace",
    "p $d8",
    "p $_siginfo.si_signo",
    "p $_siginfo._sifields._sigfault.si_addr",
    "p marker",
    "x/s heap",
    "x/s sealed",
    "x/s hidden",
    "thread 3",
    "p $d9",
    "info auxv",
)


def crash(
    program: Path,
    *argv: str,
    cwd: Path,
    rootfs: Path | None = None,
    limit: int = resource.RLIM_INFINITY,
    send: int = 0,
) -> tuple[int, list[Path]]:
    """Run `program` until it dies: its status and the core files. RLIMIT_CORE is `limit`."""
    root = ["--rootfs", str(rootfs)] if rootfs else []
    hard = resource.getrlimit(resource.RLIMIT_CORE)[1]
    if hard != resource.RLIM_INFINITY:
        pytest.skip("the hard limit on core files is too low (ulimit -Hc)")

    def allow() -> None:
        resource.setrlimit(resource.RLIMIT_CORE, (limit, hard))

    with subprocess.Popen(
        [*run32_command(), *root, str(program), *argv],
        cwd=cwd,
        env=environment(cwd),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        preexec_fn=allow,
    ) as guest:
        if send:
            assert guest.stdout is not None
            assert guest.stdout.readline() == b"ready\n"
            guest.send_signal(send)
        guest.communicate(timeout=60)
    return guest.returncode, sorted(cwd.glob("core*"))


def tool(*command: str) -> str:
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=True)
    return done.stdout


def ask(program: Path, core: Path, sysroot: Path | None) -> str:
    gdb = shutil.which("gdb-multiarch")
    if gdb is None:
        pytest.skip("no gdb-multiarch: apt-get install gdb-multiarch")
    orders = ["set pagination off", "set confirm off", f"set sysroot {sysroot or '/nowhere'}"]
    orders += [f"file {program}", f"core-file {core}", *QUESTIONS]
    return tool(gdb, "-batch", "-nx", *(word for order in orders for word in ("-ex", order)))


@pytest.mark.parametrize("kind", FLAGS)
def test_gdb_opens_it(
    kind: str, engine: Path, armhf_root: Path, arm_gcc: str, tmp_path: Path
) -> None:
    program = tmp_path / "crash"
    shutil.copy(compile_c(SOURCE, *FLAGS[kind]), program)
    status, cores = crash(program, cwd=tmp_path, rootfs=armhf_root)
    assert status == -signal.SIGSEGV
    (core,) = cores
    assert core.stat().st_mode & 0o777 == 0o600
    found = ask(program, core, armhf_root)
    assert "signal SIGSEGV" in found
    assert len(set(re.findall(r"\(LWP \d+\)", found))) == 3
    assert re.search(rf"#0 .* inner \(depth=.*crash.c:{LINE}\b", found)
    assert len(re.findall(r"^#[123] .* inner \(", found, re.MULTILINE)) == 3
    assert re.search(r"^#4 .* main \(argc=1", found, re.MULTILINE)
    assert re.search(r"^#\d .* spin \(\)", found, re.MULTILINE)
    assert re.search(r"^#\d .* rest \(\)", found, re.MULTILINE)
    for text in (
        "$1 = 1234.5\n$2 = 11\n$3 = (void *) 0x1230\n",
        '$4 = "marker in data"',
        ':\t"string in the heap"',
        ':\t"behind PROT_NONE"',
        "$5 = 2.5",
        "AT_PLATFORM          String identifying platform    0x",
    ):
        assert text in found, found
    assert "not to be dumped" not in found


def test_readelf_agrees(engine: Path, armhf_root: Path, arm_gcc: str, tmp_path: Path) -> None:
    program = tmp_path / "crash"
    shutil.copy(compile_c(SOURCE, "-marm"), program)
    _, (core,) = crash(program, cwd=tmp_path, rootfs=armhf_root)
    notes = tool("readelf", "-nW", str(core))
    owners = re.findall(r"^  (CORE|LINUX) +(0x[0-9a-f]+)\t(NT_\w+)", notes, re.MULTILINE)
    status, vfp = ("CORE", "0x00000094", "NT_PRSTATUS"), ("LINUX", "0x00000104", "NT_ARM_VFP")
    assert owners[:4] == [
        status,
        ("CORE", "0x0000007c", "NT_PRPSINFO"),
        ("CORE", "0x00000080", "NT_SIGINFO"),
        ("CORE", "0x00000098", "NT_AUXV"),
    ]
    assert owners[4][2] == "NT_FILE"
    assert owners[5:] == [vfp, status, vfp, status, vfp]
    names = set(re.findall(r"^ {8}(/.*)$", notes, re.MULTILINE))
    assert str(program) in names
    assert "/usr/lib/arm-linux-gnueabihf/libc.so.6" in names
    assert not any(name.startswith(str(armhf_root)) for name in names)
    head = tool("readelf", "-hW", str(core))
    for text in ("ELF32", "CORE (Core file)", "ARM\n"):
        assert text in head
    loads = tool("readelf", "-lW", str(core))
    assert len(re.findall(r"^  LOAD .* R E 0x1000$", loads, re.MULTILINE)) >= 4
    assert core.stat().st_blocks * 512 < 1 << 20  # 16 MiB of stacks are holes


@pytest.mark.parametrize("signo", [signal.SIGQUIT, signal.SIGABRT, signal.SIGSEGV])
def test_sent_from_outside(signo: int, engine: Path, arm_gcc: str, tmp_path: Path) -> None:
    program = compile_c(SOURCE, *FLAGS["static"])
    status, cores = crash(program, "0", cwd=tmp_path, send=signo)
    assert status == -signo
    (core,) = cores
    found = ask(program, core, None)
    assert f"signal {signal.Signals(signo).name}" in found
    assert f"$2 = {int(signo)}\n" in found
    assert len(set(re.findall(r"\(LWP \d+\)", found))) == 3


@pytest.mark.parametrize(
    ("limit", "argv"),
    [(0, ["6"]), (4095, ["6"]), (resource.RLIM_INFINITY, ["6", "-"]), (1 << 20, ["9"])],
)
def test_there_is_none(
    limit: int, argv: list[str], engine: Path, arm_gcc: str, tmp_path: Path
) -> None:
    program = compile_c(SOURCE, *FLAGS["static"])
    status, cores = crash(program, *argv, cwd=tmp_path, limit=limit)
    assert (status, cores) == (-int(argv[0]), [])


def test_limit(engine: Path, arm_gcc: str, tmp_path: Path) -> None:
    program = compile_c(SOURCE, *FLAGS["static"])
    _, (core,) = crash(program, "6", cwd=tmp_path, limit=16384)
    assert 4096 < core.stat().st_size <= 16384 + 4096  # a page of it may be a hole


def test_another_file_is_left_alone(engine: Path, arm_gcc: str, tmp_path: Path) -> None:
    program = compile_c(SOURCE, *FLAGS["static"])
    (tmp_path / "kept").write_text("kept")
    os.chmod(tmp_path / "kept", 0o600)
    (tmp_path / "core").symlink_to("kept")
    status, _ = crash(program, "6", cwd=tmp_path)
    assert status == -6
    assert (tmp_path / "kept").read_text() == "kept"


def test_signals_are_not_ignored_where_cores_are_allowed(arm_gcc: str, tmp_path: Path) -> None:
    program = compile_c(SOURCE.with_name("ignored.c"), "-static")
    assert crash(program, cwd=tmp_path) == (0, [])
    assert crash(program, cwd=tmp_path, limit=0) == (0, [])
