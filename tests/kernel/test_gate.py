"""The personality under a second CPU engine (Unicorn): real programs, beside qemu-arm."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from run32 import Gate
from run32.kernel.task import Exit

unicorn = pytest.importorskip("unicorn")
HARNESS = Path(__file__).parent / "unicorn_harness.py"
ENV = {"PATH": "/usr/bin:/bin", "LC_ALL": "C", "TZ": "UTC", "HOME": "/"}

PROGRAMS = [
    ["/bin/ls", "-1", "/usr/lib/python3.11"],
    ["/bin/uname", "-m"],
    ["/usr/bin/sort", "-r", "/etc/passwd"],
    ["/usr/bin/wc", "/etc/passwd"],
    ["/usr/bin/seq", "1", "2", "99"],
    ["/bin/date", "-d", "@86400", "+%F %T"],
    ["/usr/bin/stat", "-c", "%s %f %U", "/etc/passwd"],
    ["/usr/bin/factor", "1234567890123456789"],
    ["/usr/bin/printf", "%.10f %x\\n", "3.25", "255"],
    ["/bin/cat", "/no/such/file"],
    ["/bin/busybox", "sh", "-c", "echo $((6 * 7)); exit 7"],
    ["/usr/bin/find", "/usr/lib/python3.11", "-maxdepth", "1", "-name", "o*.py"],
    [
        "/usr/bin/perl",
        "-e",
        "opendir D, '/etc'; $p = telldir D; print scalar(@x = readdir D), qq(\\n)",
    ],
    [
        "/usr/bin/python3.11",
        "-c",
        "import os; print(os.uname().machine, 2**100, 1/3, os.getpid() > 1)",
    ],
]


def run(command: list[str]) -> tuple[int, bytes]:
    done = subprocess.run(
        command, stdin=subprocess.DEVNULL, capture_output=True, env=ENV | python_path(), timeout=120
    )
    return done.returncode, done.stdout


def python_path() -> dict[str, str]:
    return {"PYTHONPATH": os.pathsep.join(p for p in sys.path if p)}


@pytest.mark.parametrize("argv", PROGRAMS, ids=lambda argv: Path(argv[0]).name)
def test_program_as_under_qemu(argv: list[str], armhf_root: Path, oracle: None) -> None:
    if not (armhf_root / argv[0].lstrip("/")).exists():
        pytest.skip(f"{argv[0]} is not in the root directory")
    qemu = shutil.which("qemu-arm") or ""
    unset = ["-U", "PYTHONPATH"]
    expected = run([qemu, *unset, "-L", str(armhf_root), str(armhf_root) + argv[0], *argv[1:]])
    # the program must not see the harness's module path
    ours = run([sys.executable, str(HARNESS), "--rootfs", str(armhf_root), "--clean", *argv])
    assert ours == expected


def test_a_gate_needs_no_cpu() -> None:
    gate = Gate("arm")
    at = gate.syscall(192, 0, 4096, 3, 0x22, 0xFFFFFFFF, 0)
    assert at > 0
    gate.memory.write(at, b"hello\n")
    read_end, write_end = os.pipe()
    assert gate.syscall(4, write_end, at, 6) == 6
    assert os.read(read_end, 10) == b"hello\n"
    assert gate.syscall(263, 1, at) == 0  # clock_gettime, converted from the row
    assert gate.memory.u32(at) > 0 and gate.memory.u32(at + 4) < 10**9
    assert gate.syscall(359, at, 0o4000) == 0  # pipe2
    assert gate.syscall(3, gate.memory.u32(at), at, 1) == -11
    assert gate.syscall(4, write_end, 0xFFFFF000, 4096) == -14
    with pytest.raises(Exit):
        gate.syscall(248, 3)
    gate.close()


def test_two_abis_at_once() -> None:
    arm, i386 = Gate("arm"), Gate("i386")
    for gate, number in ((arm, 122), (i386, 122)):
        at = gate.memory.mmap(0, 4096, 3, 0x22)
        assert gate.syscall(number, at) == 0
        machine = gate.memory.read(at + 4 * 65, 6)
        assert machine == (b"armv7l" if gate is arm else b"i686\0\0")
        gate.close()


def test_unknown_abi() -> None:
    with pytest.raises(ValueError, match="arm, i386"):
        Gate("mips")
