"""Sockets, waiting and IPC: programs print under run32 what they print on Linux.

`ipc/NAME.expected` comes from the same real kernel as in `test_programs.py` (`make bless`), with
its loopback interface up. Python and Perl scripts in `net/` are compared with qemu-arm.
Everything stays on 127.0.0.1.
"""

from __future__ import annotations

from pathlib import Path

import pytest
from guest.jobs import Job
from guest.test_jobs import outcome
from tools.blessing import bless_programs
from tools.build import STATIC, compile_c
from tools.guests import qemu_arm, run32

PROGRAMS = sorted(Path(__file__).with_name("ipc").glob("*.c"))

LOOPBACK = "busybox ip link set lo up || busybox ifconfig lo 127.0.0.1 up"


@pytest.fixture(scope="session")
def blessed(bless: bool, arm_gcc: str, tmp_path_factory: pytest.TempPathFactory) -> None:
    """With --bless, the `.expected` files are what Linux says now."""
    if bless:
        bless_programs(PROGRAMS, tmp_path_factory.mktemp("bless"), LOOPBACK)


@pytest.mark.parametrize("source", PROGRAMS, ids=lambda path: path.stem)
def test_program(source: Path, blessed: None, engine: Path, arm_gcc: str, tmp_path: Path) -> None:
    result = run32([str(compile_c(source, *STATIC))], cwd=tmp_path)
    found = result.stdout.decode() + f"status {result.status}\n"
    assert found == source.with_suffix(".expected").read_text(), result.stderr.decode()


SCRIPTS = sorted(Path(__file__).with_name("net").iterdir())
INTERPRETERS = {".py": "python3.11", ".pl": "perl"}


def job_of(script: Path) -> Job:
    """A script as a job for `outcome`."""
    return Job(script.stem, (INTERPRETERS[script.suffix], str(script)))


@pytest.mark.parametrize("script", SCRIPTS, ids=lambda path: path.stem)
def test_script(script: Path, engine: Path, armhf_root: Path, oracle: None, tmp_path: Path) -> None:
    expected = outcome(qemu_arm, job_of(script), armhf_root, tmp_path / "oracle")
    assert expected["stdout"]
    assert outcome(run32, job_of(script), armhf_root, tmp_path / "run32") == expected
