"""Real Debian armhf programs do the same under run32 as under qemu-arm, byte for byte."""

from __future__ import annotations

from pathlib import Path

import pytest
from guest.inputs import make_inputs, snapshot
from guest.jobs import JOBS, Job
from tools.guests import environment, library_environment, qemu_arm, run32


def outcome(runner: object, job: Job, root: Path, directory: Path) -> dict[str, object]:
    """Everything about a run that has to be equal, by name."""
    directory.mkdir()
    make_inputs(directory)
    env = environment(Path("/nonexistent"), LC_ALL=job.locale, **library_environment(root))
    stdin = directory / job.stdin if job.stdin else None
    result = runner(list(job.argv), cwd=directory, rootfs=root, stdin=stdin, env=env)  # type: ignore[operator]
    stdout = sorted(result.stdout.splitlines()) if job.unordered else result.stdout
    if result.status != job.status:
        pytest.fail(f"status {result.status}, not {job.status}: {result.stderr[-600:].decode()}")
    return {"stdout": stdout, "files": snapshot(directory)}


@pytest.mark.parametrize("job", JOBS, ids=lambda job: job.name)
def test_job(job: Job, engine: Path, armhf_root: Path, oracle: None, tmp_path: Path) -> None:
    expected = outcome(qemu_arm, job, armhf_root, tmp_path / "oracle")
    assert job.silent == (not expected["stdout"]), "the table says otherwise about output"
    found = outcome(run32, job, armhf_root, tmp_path / "run32")
    assert found == expected


def test_table_is_wide_enough() -> None:
    assert len({job.name for job in JOBS}) == len(JOBS) >= 40
