"""Programs that compute with floating-point numbers and Advanced SIMD say what qemu-arm says.

An encoder's file is the same to the bit; the own tests of numpy and CPython pass and fail alike.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from tools.guests import Result, environment, library_environment, qemu_arm, run32
from tools.roots import ensure_float_root

PATIENCE = 600
# Video and sound are made by the program itself. One thread: the order of others is chance.
SOURCES = {
    "video": ["-f", "lavfi", "-i", "testsrc2=size=192x144:rate=25:duration=0.4"],
    "sound": ["-f", "lavfi", "-i", "sine=frequency=440:beep_factor=3:duration=1"],
}
ENCODERS = {
    "x264": ("video", ["-c:v", "libx264", "-preset", "medium"], "mkv"),
    "mpeg4": ("video", ["-c:v", "mpeg4", "-q:v", "4"], "avi"),
    "scaled-yuv": ("video", ["-vf", "scale=100:76:flags=bicubic", "-pix_fmt", "yuv444p"], "y4m"),
    "aac": ("sound", ["-c:a", "aac", "-b:a", "96k"], "adts"),
    "resampled": ("sound", ["-ar", "22050", "-c:a", "pcm_f32le"], "wav"),
}
NUMPY = ["core.tests.test_half", "core.tests.test_umath_accuracy"]
CPYTHON = ["test_float", "test_struct", "test_cmath"]


@pytest.fixture(scope="module")
def root() -> Path:
    """A Debian armhf root with ffmpeg, numpy and tests of CPython."""
    made = ensure_float_root()
    if isinstance(made, str):
        pytest.skip(made)
    return made


def libraries(root: Path) -> dict[str, str]:
    """As `library_environment`, and where libraries outside of the usual directory are."""
    base = root / "usr/lib/arm-linux-gnueabihf"
    places = [base, *(base / name for name in ("blas", "lapack", "pulseaudio"))]
    return {**library_environment(root), "LD_LIBRARY_PATH": ":".join(map(str, places))}


Runner = Callable[..., Result]


def run(runner: Runner, argv: list[str], root: Path, cwd: Path) -> Result:
    env = environment(Path("/nonexistent"), PYTHONDONTWRITEBYTECODE="1")
    if runner is qemu_arm:
        env |= libraries(root)
    cwd.mkdir()
    return runner(argv, cwd=cwd, rootfs=root, env=env, timeout=PATIENCE)


@pytest.mark.parametrize("name", ENCODERS)
def test_encoder(name: str, root: Path, engine: Path, oracle: None, tmp_path: Path) -> None:
    source, options, kind = ENCODERS[name]
    exact = ["-fflags", "+bitexact", "-flags", "+bitexact", "-threads", "1"]
    argv = ["ffmpeg", "-loglevel", "error", "-filter_threads", "1", *SOURCES[source]]
    argv += [*options, *exact, f"out.{kind}"]
    for runner in (qemu_arm, run32):
        result = run(runner, argv, root, tmp_path / runner.__name__)
        assert result == Result(0, b"", b"")
    expected, found = ((tmp_path / r / f"out.{kind}").read_bytes() for r in ("qemu_arm", "run32"))
    assert len(expected) > 1000
    assert found == expected


@pytest.mark.parametrize("name", NUMPY)
def test_numpy(name: str, root: Path, engine: Path, oracle: None, tmp_path: Path) -> None:
    """The same tests of numpy pass."""
    outcomes = []
    for runner in (qemu_arm, run32):
        argv = ["python3.11", "-m", "pytest", "-p", "no:cacheprovider", "-rA", "--tb=no"]
        argv += ["--noconftest", "--pyargs", f"numpy.{name}"]
        text = run(runner, argv, root, tmp_path / runner.__name__).stdout.decode()
        outcomes.append(sorted(re.findall(r"^(PASSED|FAILED|ERROR) \S*?(::\S+)", text, re.M)))
    assert len(outcomes[0]) > 30
    assert outcomes[1] == outcomes[0]


@pytest.mark.parametrize("name", CPYTHON)
def test_cpython(name: str, root: Path, engine: Path, oracle: None, tmp_path: Path) -> None:
    """The same tests of CPython pass."""
    outcomes = []
    for runner in (qemu_arm, run32):
        argv = ["python3.11", "-m", "unittest", "-v", f"test.{name}"]
        text = run(runner, argv, root, tmp_path / runner.__name__).stderr.decode()
        outcomes.append(sorted(re.findall(r"^(\w+ \(.*?\)).*?\.\.\. (\w+)", text, re.M)))
    assert len(outcomes[0]) > 5
    assert outcomes[1] == outcomes[0]
