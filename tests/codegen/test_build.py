"""The engine on disk: complete or absent, one builder at a time, nothing foreign is executed."""

from __future__ import annotations

import marshal
import multiprocessing
import os
import time
from pathlib import Path

import pytest

from run32.codegen import build, store
from run32.codegen.link import Blob
from run32.runtime.engine import Engine, EngineError

META = {"format": store.FORMAT, "isa": "arm", "host": store.host(), "size": 4}


@pytest.fixture
def made(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Replace the real build by a quick one; the list grows with each."""
    calls: list[str] = []

    def make(name: str, host: str, progress: object = None) -> tuple[Blob, dict[str, object]]:
        calls.append(name)
        return Blob(b"code", {"x": 0}, {}), dict(META)

    monkeypatch.setattr(build, "make", make)
    return calls


def test_a_second_build_finds_the_first(tmp_path: Path, made: list[str]) -> None:
    first = build.build(str(tmp_path))
    assert build.build(str(tmp_path)) == first == store.find(str(tmp_path), "arm")
    assert made == ["arm"]
    build.build(str(tmp_path), force=True)
    assert made == ["arm", "arm"]


def test_same_content_with_other_times_is_not_built_again(
    tmp_path: Path, made: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    build.build(str(tmp_path))
    monkeypatch.setattr(store, "stamp", lambda: "another0stamp")
    assert store.find(str(tmp_path), "arm") is None
    path = build.build(str(tmp_path))
    assert made == ["arm"] and os.path.islink(path)


def test_a_failed_build_leaves_nothing(
    tmp_path: Path, made: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(path: str, data: bytes) -> None:
        raise OSError(28, "No space left on device", path)

    with monkeypatch.context() as m:
        m.setattr(build, "_write", fail)
        with pytest.raises(OSError, match="No space left"):
            build.build(str(tmp_path))
    assert store.find(str(tmp_path), "arm") is None
    assert [n for n in os.listdir(tmp_path / "engine") if not n.startswith("lock")] == []
    assert build.build(str(tmp_path))


def test_what_a_killed_builder_left_goes_away(tmp_path: Path, made: list[str]) -> None:
    stale = tmp_path / "engine" / f"building-arm-{store.host()}-abc"
    stale.mkdir(parents=True)
    build.build(str(tmp_path))
    assert not stale.exists()


def _slow_build(cache: str, counter: str) -> None:
    def make(name: str, host: str, progress: object = None) -> tuple[Blob, dict[str, object]]:
        with open(counter, "a") as file:
            file.write("built\n")
        time.sleep(0.3)
        return Blob(b"code", {"x": 0}, {}), dict(META)

    build.make = make
    build.build(cache)


def test_two_builders_build_once(tmp_path: Path) -> None:
    context = multiprocessing.get_context("fork")
    counter = tmp_path / "count"
    arguments = (str(tmp_path / "cache"), str(counter))
    builders = [context.Process(target=_slow_build, args=arguments) for _ in range(3)]
    for builder in builders:
        builder.start()
    for builder in builders:
        builder.join(30)
        assert builder.exitcode == 0
    assert counter.read_text() == "built\n"


def test_old_engines_go(tmp_path: Path, made: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    paths = []
    for n in range(build.KEPT + 3):
        monkeypatch.setattr(store, "stamp", lambda n=n: f"stamp{n}")
        monkeypatch.setattr(store, "content", lambda n=n: f"content{n}")
        paths.append(build.build(str(tmp_path)))
    left = [path for path in paths if os.path.exists(path)]
    assert left == paths[-build.KEPT - 1 :]


@pytest.mark.parametrize(
    ("damage", "message"),
    [
        ("short", "is damaged; run: run32 engine build"),
        ("garbage", "run: run32 engine build"),
        ("format", "has another format"),
        ("absent", "No such file"),
    ],
)
def test_a_damaged_engine_is_refused(
    tmp_path: Path, made: list[str], damage: str, message: str
) -> None:
    path = Path(build.build(str(tmp_path)))
    meta = path / "meta"
    if damage == "short":
        (path / "blob").write_bytes(b"co")
    elif damage == "garbage":
        meta.write_bytes(b"\xff" * 10)
    elif damage == "format":
        meta.write_bytes(marshal.dumps({**META, "format": -1}))
    else:
        meta.unlink()
    with pytest.raises((EngineError, store.UnusableEngine), match=message):
        Engine(str(path))


@pytest.mark.skipif(os.geteuid() != 0, reason="needs root to give files away")
@pytest.mark.parametrize("name", ["meta", "blob"])
def test_an_engine_of_another_user_is_refused(tmp_path: Path, made: list[str], name: str) -> None:
    path = Path(build.build(str(tmp_path)))
    os.chown(path / name, 12345, 12345)
    with pytest.raises((EngineError, store.UnusableEngine), match="belongs to another user"):
        Engine(str(path))
