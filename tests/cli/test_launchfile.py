"""The launch file changes nothing but time: same modules, and not used once a source differs."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from test_imports import FACTS, HEAVY
from tools.guests import CHECKOUT

SCRIPT = """
import os, sys
sys.path.insert(0, sys.argv[1])
from run32 import start
cache = sys.argv[2]
if len(sys.argv) > 3:
    from run32.cli.launchfile import write
    write(cache)
    sys.exit()
file = start.LaunchFile.open(start.launch_path(cache))
if file is None:
    sys.exit("not used")
before = os.listdir("/proc/self/fd")
file.load_all()
assert len(os.listdir("/proc/self/fd")) == len(before) - 1
from run32.codegen import store
assert file.stamp == store.stamp()
import run32.kernel.futexes, run32.runtime.threads  # not among what every start needs
for name in [*file.order, "run32.kernel.futexes"]:
    module = sys.modules[name]
    assert module.__spec__.name == name and module.__file__ == module.__spec__.origin, name
    parent, _, child = name.rpartition(".")
    assert not parent or getattr(sys.modules[parent], child) is module, name
assert sys.modules["run32.runtime"].__path__ == [sys.argv[1] + "/run32/runtime"]
print(*file.order)
"""


@pytest.fixture
def package(tmp_path: Path) -> Path:
    """A copy of the package, whose files a test may change."""
    ignored = shutil.ignore_patterns("__pycache__")
    shutil.copytree(CHECKOUT / "src/run32", tmp_path / "src/run32", ignore=ignored)
    (tmp_path / "cache/engine").mkdir(parents=True)
    return tmp_path


def python(top: Path, *more: str) -> tuple[int, str]:
    """Exit status and output of the script."""
    command = [sys.executable, "-I", "-B", "-c", SCRIPT, f"{top}/src", f"{top}/cache", *more]
    done = subprocess.run(command, capture_output=True, text=True)
    return done.returncode, done.stdout + done.stderr


def test_modules(package: Path) -> None:
    assert python(package) == (1, "not used\n")
    assert python(package, "write") == (0, "")
    status, out = python(package)
    assert status == 0, out
    names = set(out.split())
    assert "run32.runtime.process" in names
    assert not names & HEAVY and not [n for n in names if n.startswith(FACTS)]


def test_other_sources(package: Path) -> None:
    python(package, "write")
    assert python(package)[0] == 0
    for name in ("kernel/rw.py", "isa/arm/simd.py"):
        path = package / "src/run32" / name
        path.write_text(path.read_text() + "\n")
        assert python(package) == (1, "not used\n"), name
        python(package, "write")
        assert python(package)[0] == 0
    (package / "src/run32/uapi/more.py").touch()
    assert python(package) == (1, "not used\n")


def test_damaged(package: Path) -> None:
    python(package, "write")
    (file,) = (package / "cache/engine").iterdir()
    whole = file.read_bytes()
    for content in (b"", whole[:100], whole[:-1], b"\0" * 1000, b"\xff" * 1000):
        file.write_bytes(content)
        assert python(package) == (1, "not used\n")
    os.chmod(file.parent, 0o500)
    assert python(package, "write") == (0, "")  # root may write even so; nobody is told otherwise


def test_foreign_file(package: Path) -> None:
    if os.geteuid():
        pytest.skip("only root can give a file away")
    python(package, "write")
    (file,) = (package / "cache/engine").iterdir()
    os.chown(file, 65534, 65534)
    assert python(package) == (1, "not used\n")


def launch_file(package: Path) -> Path:
    """A launch file as the first start leaves it."""
    assert python(package, "write") == (0, "")
    return next((package / "cache/engine").glob("launch-*"))


def hello(package: Path) -> tuple[int, str]:
    """The shipped example, started with the copy of the package as the command does."""
    code = f"import sys; sys.path.insert(0, '{package}/src'); from run32 import start; start.main()"
    program = str(CHECKOUT / "src/run32/examples/primes-arm")
    environment = {"RUN32_CACHE": str(package / "cache"), "PATH": "/usr/bin:/bin"}
    done = subprocess.run(
        [sys.executable, "-I", "-B", "-c", code, program],
        capture_output=True,
        text=True,
        env=environment,
        timeout=60,
    )
    return done.returncode, done.stderr


@pytest.mark.parametrize("damage", ["middle", "all", "fifo", "directory", "writable"])
def test_damaged_or_strange(package: Path, engine: Path, damage: str) -> None:
    path = launch_file(package)
    for entry in engine.parent.iterdir():
        if not entry.name.startswith("launch-"):
            (path.parent / entry.name).symlink_to(entry)
    size = path.stat().st_size
    with path.open("r+b") as file:
        if damage == "middle":
            head = int.from_bytes(file.read(8), "little")
            file.seek(8 + head + 1000)
            file.write(b"\xff" * 100_000)
        elif damage == "all":
            file.write(b"\xff" * size)
    if damage == "writable":
        path.chmod(0o666)
    elif damage in ("fifo", "directory"):
        path.unlink()
        os.mkfifo(path) if damage == "fifo" else path.mkdir()
    if damage not in ("middle",):
        assert python(package) == (1, "not used\n")
    assert hello(package) == (0, "")
    assert hello(package) == (0, "")
