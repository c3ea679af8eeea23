"""Programs of the soft-float ABI (armel) do the same as under qemu-arm.

They never use VFP, make calls for floating point and division, and those for old cores find their
atomic operations and the thread pointer in the kernel's page of helpers.
"""

from __future__ import annotations

from pathlib import Path

import pytest
from guest.jobs import JOBS, Job
from guest.test_jobs import as_linux, outcome
from tools.build import compile_c, installed
from tools.guests import environment, qemu_arm, run32
from tools.roots import ensure_armel_root

COMPILER = "arm-linux-gnueabi-gcc"
SOURCES = Path(__file__).parent / "armel"
PROGRAMS = {"bc", "busybox", "jq", "lua5.4", "mawk", "perl", "python3.11", "sqlite3"}
# What the compiler may use: the oldest cores have neither Thumb-2 nor exclusive accesses.
CORES = {
    "v4t": ("-march=armv4t", "-marm"),
    "v5te": ("-march=armv5te", "-marm"),
    "v5te-thumb": ("-march=armv5te", "-mthumb"),
    "v6-thumb": ("-march=armv6", "-mthumb"),
    "v6k": ("-march=armv6k", "-marm"),
    "v7-soft": ("-march=armv7-a", "-mthumb"),
    "v7-softfp": ("-march=armv7-a", "-mthumb", "-mfloat-abi=softfp", "-mfpu=vfpv3-d16"),
}


@pytest.fixture(scope="module")
def armel_root() -> Path:
    """A Debian armel root with interpreters."""
    root = ensure_armel_root()
    if isinstance(root, str):
        pytest.skip(root)
    return root


@pytest.mark.parametrize("job", [j for j in JOBS if j.argv[0] in PROGRAMS], ids=lambda j: j.name)
def test_job(job: Job, engine: Path, armel_root: Path, oracle: None, tmp_path: Path) -> None:
    expected = as_linux(job, outcome(qemu_arm, job, armel_root, tmp_path / "oracle"))
    assert job.silent == (not expected["stdout"])
    assert outcome(run32, job, armel_root, tmp_path / "run32") == expected


def test_enough_jobs() -> None:
    assert len([j for j in JOBS if j.argv[0] in PROGRAMS]) >= 40


@pytest.mark.parametrize("tiers", ["interp", "mixed"])
@pytest.mark.parametrize("core", CORES)
def test_core(core: str, tiers: str, engine: Path, oracle: None, tmp_path: Path) -> None:
    if not installed(COMPILER):
        pytest.skip("no soft-float compiler: apt-get install gcc-arm-linux-gnueabi")
    flags = ("-O2", "-static", *CORES[core])
    program = str(compile_c(SOURCES / "mixture.c", *flags, compiler=COMPILER))
    env = environment(tmp_path, RUN32_TIERS=tiers)
    expected = qemu_arm([program], cwd=tmp_path, env=env)
    assert expected.status == 3 and expected.stdout.count(b"\n") == 12
    assert run32([program], cwd=tmp_path, env=env) == expected
