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
from tools import arm64_guest
from tools.build import STATIC, compile_c
from tools.guests import qemu_arm, run32

PROGRAMS = sorted(Path(__file__).with_name("ipc").glob("*.c"))

ON_LINUX = """
busybox ip link set lo up || busybox ifconfig lo 127.0.0.1 up
for program in /host/bin/*; do
    name=${program##*/}
    mkdir /tmp/$name; cd /tmp/$name
    timeout 60 busybox linux32 $program </dev/null >/tmp/output
    echo "status $?" >>/tmp/output
    cp /tmp/output /host/out/$name
done
"""


@pytest.fixture(scope="session")
def blessed(bless: bool, arm_gcc: str, tmp_path_factory: pytest.TempPathFactory) -> None:
    """With --bless, the `.expected` files are what Linux says now."""
    if not bless:
        return
    reason = arm64_guest.ensure()
    assert not reason, reason
    share = tmp_path_factory.mktemp("bless")
    (share / "bin").mkdir()
    (share / "out").mkdir()
    for source in PROGRAMS:
        (share / "bin" / source.stem).write_bytes(compile_c(source, *STATIC).read_bytes())
        (share / "bin" / source.stem).chmod(0o755)
    result = arm64_guest.run(ON_LINUX, share, cpu="neoverse-n1")
    assert result.status == 0, result.stderr.decode()
    for source in PROGRAMS:
        source.with_suffix(".expected").write_bytes((share / "out" / source.stem).read_bytes())


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
