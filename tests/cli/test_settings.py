"""Settings come from the right place, are frozen, and each is on its page."""

from __future__ import annotations

from pathlib import Path

import pytest
from tools.roots import CHECKOUT

from run32.cli.errors import Problem
from run32.cli.settings import Settings, load
from run32.start import cache_dir


def test_cache() -> None:
    assert cache_dir({"RUN32_CACHE": "/c", "XDG_CACHE_HOME": "/x"}) == "/c"
    assert cache_dir({"XDG_CACHE_HOME": "/x"}) == "/x/run32"
    assert cache_dir({"XDG_CACHE_HOME": "relative"}).endswith("/.cache/run32")


def test_command_line_wins(tmp_path: Path) -> None:
    (tmp_path / "a").mkdir()
    (tmp_path / "b").mkdir()
    environ = {"RUN32_ROOTFS": str(tmp_path / "a"), "RUN32_TIERS": ""}
    assert load(environ).rootfs == str(tmp_path / "a")
    assert load(environ, rootfs=str(tmp_path / "b")).rootfs == str(tmp_path / "b")
    assert load({}).rootfs is None
    assert load(environ).tiers == "mixed"
    with pytest.raises(Problem, match="not a directory"):
        load(environ, rootfs=str(tmp_path / "c"))
    with pytest.raises(Problem, match="not a directory"):
        load({}, rootfs="")


def test_frozen() -> None:
    settings = load({})
    with pytest.raises(AttributeError):
        settings.tiers = "regions"


def test_documented() -> None:
    page = (CHECKOUT / "docs/settings.md").read_text()
    for name in Settings.__slots__:
        assert f"| `{name}` |" in page
    files = ("src/run32/cli/settings.py", "src/run32/start.py")
    source = "".join((CHECKOUT / file).read_text() for file in files)
    for name in ("RUN32_CACHE", "RUN32_CPU", "RUN32_ROOTFS", "RUN32_TIERS"):
        assert name in source and name in page


def test_cpu() -> None:
    assert load({}).cpu == "v8" and load({"RUN32_CPU": "v7"}).cpu == "v7"
    assert load({"RUN32_CPU": "v7"}, cpu="v8").cpu == "v8"
    for environ, cpu in (({}, "v6"), ({"RUN32_CPU": "v9"}, None)):
        with pytest.raises(Problem, match="no such CPU"):
            load(environ, cpu=cpu)
