"""run32 on an AArch64 machine that cannot execute AArch32: the machine it exists for.

One emulated machine boots and runs everything; the engine for it is built on this host. That the
kernel there refuses the same programs is asserted first, so a pass cannot be the kernel's work.
"""

from __future__ import annotations

import re
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

import pytest
from guest.inputs import make_inputs
from tools import arm64_guest, arm64_user
from tools.build import STATIC, compile_c
from tools.guests import Result, environment, library_environment, qemu_arm
from tools.roots import ARMHF_ROOT, CHECKOUT

# one worker, so that the machine boots once
pytestmark = [pytest.mark.arm64, pytest.mark.xdist_group("arm64")]

PROGRAMS = Path(__file__).with_name("c")

NATIVE = """\
import os, sys
try:
    os.execv(sys.argv[1], sys.argv[1:])
except OSError as error:
    print(error.strerror)
"""

MAIN_THERE = (
    f"import sys; sys.path[:0] = ['/run32/src', '/{arm64_guest.PYTHON_PACKAGES}']; "
    "import run32.cli as c; sys.exit(c.main())"
)

RUN32 = f"""#!/usr/bin/busybox sh
exec python3.11 -I -c "{MAIN_THERE}" "$@"
"""

STATIC_C = ["fenv", "files", "mmap", "atomics", "selfmade", "directories"]

BARE = Path(__file__).with_name("arm64") / "bare.c"
BARE_FLAGS = ("-O2", "-march=armv7-a", "-mfpu=vfpv3-d16", "-nostartfiles", "-static", "-w",
              "-ffreestanding", "-fno-math-errno")  # fmt: skip

DYNAMIC = {
    "ls": ["ls", "-RFA", "dir"],
    "sort": ["sort", "--parallel=1", "-n", "numbers.txt"],
    "python": ["python3.11", "py_floats.py"],
    "bash": ["bash", "builtins.sh"],
}


@dataclass(frozen=True)
class Machine:
    """What is left of the one boot: the share that its outputs were written to."""

    share: Path

    def output(self, name: str) -> Result:
        stdout, stderr = (self.share / f"{name}.{kind}" for kind in ("out", "err"))
        status = int((self.share / f"{name}.status").read_text())
        return Result(status, stdout.read_bytes(), stderr.read_bytes())


def step(name: str, command: str) -> str:
    """Shell lines that run `command` and keep what it gave under `name`."""
    files = f"/host/{name}"
    return f"{command} >{files}.out 2>{files}.err </dev/null; echo $? >{files}.status\n"


@pytest.fixture(scope="module")
def machine(
    armhf_root: Path, oracle: None, arm_gcc: str, tmp_path_factory: pytest.TempPathFactory
) -> Machine:
    reason = arm64_guest.ensure() or arm64_guest.ensure_translator()
    if reason:
        pytest.skip(reason)
    share = tmp_path_factory.mktemp("arm64")
    arm64_user.build_engines(share / "cache")
    shutil.copy(CHECKOUT / "src/run32/examples/primes-arm", share)
    for name in STATIC_C:
        shutil.copy(compile_c(PROGRAMS / f"{name}.c", *STATIC), share / name)
    (share / "inputs").mkdir()
    make_inputs(share / "inputs")
    root = "/run32/" + str(ARMHF_ROOT.relative_to(CHECKOUT))
    (share / "run32").write_text(RUN32)
    (share / "run32").chmod(0o755)
    (share / "native.py").write_text(NATIVE)
    script = "cp -a /host/cache /tmp/cache; export RUN32_CACHE=/tmp/cache LC_ALL=C TZ=UTC\n"
    script += "export RUN32_TIERS=interp\n"  # LLVM is slow there; one program is translated, below
    script += "cp /host/run32 /tmp/run32; mkdir /tmp/work; cp -a /host/inputs /tmp/inputs\n"
    script += step("native", "python3.11 -I /host/native.py /host/primes-arm")
    script += step("primes", "/tmp/run32 /host/primes-arm")
    for name in STATIC_C:
        script += f"mkdir /tmp/work/{name}; cd /tmp/work/{name}\n"
        script += step(name, f"/tmp/run32 /host/{name}")
    shutil.copy(compile_c(BARE, *BARE_FLAGS), share / "bare")
    script += step("compile", "/tmp/run32 compile /host/bare")
    script += step("bare", "env RUN32_TIERS=regions /tmp/run32 --stats /host/bare")
    script += "cd /tmp/inputs\n"
    for key, value in library_environment(Path(root)).items():
        script += f"export {key}={value}\n"
    for name, argv in DYNAMIC.items():
        script += step(name, f"/tmp/run32 --rootfs {root} {' '.join(argv)}")
    result = arm64_guest.run(script, share, cpu="a64fx", timeout=500)
    assert result.status == 0, result.stderr.decode()
    return Machine(share)


def test_the_kernel_there_refuses(machine: Machine) -> None:
    assert machine.output("native").stdout == b"Exec format error\n"


def test_static_example(machine: Machine) -> None:
    result = machine.output("primes")
    assert result.stdout.endswith(b"primes below 100000: 9592\nthis program runs on Linux armv8l\n")
    assert (result.status, result.stderr) == (0, b"")


@pytest.mark.parametrize("name", STATIC_C)
def test_static_program(name: str, machine: Machine) -> None:
    result = machine.output(name)
    found = result.stdout.decode() + f"status {result.status}\n"
    assert found == (PROGRAMS / f"{name}.expected").read_text(), result.stderr.decode()


def test_translated(machine: Machine) -> None:
    """The translator there is LLVM for that host. It is too slow to be waited for while a program
    runs."""
    compiled = machine.output("compile")
    assert compiled.status == 0, compiled.stderr.decode()
    found = machine.output("bare")
    expected = subprocess.run(
        ["qemu-arm", compile_c(BARE, *BARE_FLAGS)], capture_output=True, check=True
    )
    assert found.stdout.decode() == expected.stdout.decode(), found.stderr.decode()
    installed = re.search(rb"installed: (\d+) entries", found.stderr)
    assert installed, found.stderr.decode()
    assert int(installed[1]) >= len(expected.stdout.splitlines())


@pytest.mark.parametrize("name", DYNAMIC)
def test_dynamic_program(name: str, machine: Machine, tmp_path: Path) -> None:
    make_inputs(tmp_path)
    env = environment(tmp_path, **library_environment(ARMHF_ROOT))
    expected = qemu_arm(DYNAMIC[name], cwd=tmp_path, rootfs=ARMHF_ROOT, env=env)
    found = machine.output(name)
    assert found.stdout.decode() == expected.stdout.decode(), found.stderr.decode()
    assert found.status == expected.status
