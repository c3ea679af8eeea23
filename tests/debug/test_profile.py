"""`--profile` and `--perf-map`: what they say, and that the guest notices nothing."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
from pathlib import Path

from tools.guests import environment, run32, run32_command

TIMES = "20000000"


def test_profile(hot: Path, engine: Path, tmp_path: Path) -> None:
    plain = run32([str(hot), TIMES], cwd=tmp_path, timeout=120)
    file = tmp_path / "p.speedscope.json"
    options = (f"--profile={file}",)
    result = run32([str(hot), TIMES], cwd=tmp_path, options=options, timeout=120)
    assert (result.status, result.stdout) == (plain.status, plain.stdout) == (7, plain.stdout)
    assert b"interrupted 0\n" in result.stdout
    lines = result.stderr.decode().splitlines()
    assert all(line.startswith("run32: ") for line in lines)
    assert "hot_loop  (hot-" in lines[2], lines  # the first row
    assert lines[-1].endswith(str(file))
    children = sorted(set(tmp_path.glob("p.*.json")) - {file})
    assert len(children) == 1
    for path in (file, *children):
        check(json.loads(path.read_text()))


def check(found: dict) -> None:
    """The format is speedscope's, and most time is where it must be."""
    assert found["$schema"] == "https://www.speedscope.app/file-format-schema.json"
    frames = [frame["name"] for frame in found["shared"]["frames"]]
    assert "hot_loop" in frames
    for profile in found["profiles"]:
        assert profile["type"] == "sampled" and profile["unit"] == "nanoseconds"
        assert len(profile["samples"]) == len(profile["weights"])
        assert profile["endValue"] == sum(profile["weights"])
        assert all(0 <= i < len(frames) for stack in profile["samples"] for i in stack)
        hot = frames.index("hot_loop")
        pairs = zip(profile["samples"], profile["weights"], strict=True)
        share = sum(weight for stack, weight in pairs if stack == [hot])
        assert share > profile["endValue"] / 2


def test_profile_of_what_is_killed(hot: Path, engine: Path, tmp_path: Path) -> None:
    """A signal with its default action leaves no time; the file is there all the same."""
    file = tmp_path / "p.json"
    command = [*run32_command(), f"--profile={file}", str(hot), "4000000000"]
    guest = subprocess.Popen(command, cwd=tmp_path, env=environment(tmp_path))
    try:
        for _ in range(600):
            if file.exists():
                break
            try:
                guest.wait(0.1)
            except subprocess.TimeoutExpired:
                continue
        guest.terminate()
        assert guest.wait(30) == -signal.SIGTERM
    finally:
        guest.kill()
        guest.wait()
    check(json.loads(file.read_text()))


def test_file_that_cannot_be_written(hot: Path, engine: Path, tmp_path: Path) -> None:
    options = ("--profile=/nowhere/p.json",)
    result = run32([str(hot), TIMES], cwd=tmp_path, options=options, timeout=120)
    assert result.status == 7
    assert b"cannot write the profile" in result.stderr


def test_perf_map(hot: Path, engine: Path, tmp_path: Path) -> None:
    env = {**environment(tmp_path), "RUN32_TIERS": "regions"}
    command = [*run32_command(), "--perf-map", str(hot), "1000000"]
    guest = subprocess.Popen(command, cwd=tmp_path, env=env, stdout=subprocess.DEVNULL)
    path = Path(f"/tmp/perf-{guest.pid}.map")
    try:
        assert guest.wait(120) == 7
        text = path.read_text()
        assert os.stat(path).st_mode & 0o077 == 0
    finally:
        path.unlink(missing_ok=True)
    rows = re.findall(r"^([0-9a-f]+) ([0-9a-f]+) (.+)$", text, re.MULTILINE)
    assert len(rows) == text.count("\n")
    names = [name for _, _, name in rows]
    assert "run32:run32_enter" in names
    assert any(name.startswith("hot_loop") for name in names)
    assert all(int(size, 16) > 0 for _, size, _ in rows)
