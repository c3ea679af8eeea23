"""Real Debian armhf programs do the same under run32 as under qemu-arm, byte for byte."""

from __future__ import annotations

from pathlib import Path

import pytest
from guest.inputs import make_inputs, snapshot
from guest.jobs import JOBS, PROCESSES, Job, add_script
from tools.guests import TIMEOUT, environment, library_environment, qemu_arm, run32
from tools.qemu_root import qemu_root, refused


def outcome(runner: object, job: Job, root: Path, directory: Path) -> dict[str, object]:
    """Everything about a run that has to be equal, by name."""
    directory.mkdir()
    make_inputs(directory)
    more = {} if job.script else library_environment(root)
    add_script(job, directory)
    env = environment(Path("/nonexistent"), LC_ALL=job.locale, **more)
    stdin = directory / job.stdin if job.stdin else None
    patience = 300 if job.script else TIMEOUT
    result = runner(
        list(job.argv), cwd=directory, rootfs=root, stdin=stdin, env=env, timeout=patience
    )  # type: ignore[operator]
    stdout = sorted(result.stdout.splitlines()) if job.unordered else result.stdout
    if result.status != job.status:
        pytest.fail(f"status {result.status}, not {job.status}: {result.stderr[-600:].decode()}")
    return {"stdout": stdout, "files": snapshot(directory)}


def as_linux(job: Job, outcome: dict[str, object]) -> dict[str, object]:
    """What qemu-arm did, but for what the job says is wrong there."""
    stdout = outcome["stdout"]
    for said, right in job.wrong:
        assert isinstance(stdout, bytes)
        assert said.encode() in stdout, "qemu-arm does what Linux does now"
        stdout = stdout.replace(said.encode(), right.encode())
    return outcome | {"stdout": stdout}


@pytest.mark.parametrize("job", JOBS, ids=lambda job: job.name)
def test_job(job: Job, engine: Path, armhf_root: Path, oracle: None, tmp_path: Path) -> None:
    expected = as_linux(job, outcome(qemu_arm, job, armhf_root, tmp_path / "oracle"))
    assert job.silent == (not expected["stdout"]), "the table says otherwise about output"
    found = outcome(run32, job, armhf_root, tmp_path / "run32")
    assert found == expected


@pytest.mark.parametrize("job", PROCESSES, ids=lambda job: job.name)
def test_job_with_processes(job: Job, engine: Path, tools_root: Path, tmp_path: Path) -> None:
    reason = refused(tools_root)
    if reason:
        pytest.skip(reason)
    expected = as_linux(job, outcome(qemu_root, job, tools_root, tmp_path / "a"))
    assert expected["stdout"]
    assert outcome(run32, job, tools_root, tmp_path / "b") == expected


def test_table_is_wide_enough() -> None:
    names = {job.name for job in [*JOBS, *PROCESSES]}
    assert len(names) == len(JOBS) + len(PROCESSES)
    assert len(JOBS) >= 150 and len(PROCESSES) >= 30
