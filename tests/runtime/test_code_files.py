"""The list of mapped code files, in which the handler of faults looks for landings."""

from __future__ import annotations

import ctypes
from pathlib import Path

import pytest

from run32.runtime import regions
from run32.runtime.engine import CODE_FILES, Engine
from run32.runtime.regions import Cache


@pytest.fixture
def cache(engine: Path, tmp_path: Path) -> Cache:
    return Cache(Engine(str(engine)), str(tmp_path))


def lines(cache: Cache) -> list[tuple[int, int]]:
    """What the handler sees: until a start is 0."""
    words = (ctypes.c_uint64 * (2 * CODE_FILES)).from_address(cache.engine.code_files)
    found = []
    for start, end in zip(words[::2], words[1::2], strict=True):
        if not start:
            break
        found.append((start, end))
    return found


def test_files_grow_and_go(cache: Cache) -> None:
    page = cache.page
    assert cache.note(page, 100)
    assert cache.note(2 * page, 200)
    assert cache.note(page, 300)
    assert lines(cache) == [(page, page + 300), (2 * page, 2 * page + 200)]
    cache.give_back(0, 1 << 18)  # the room of the first, whose page for the bias is before it
    assert lines(cache)[0][1] == 0  # nothing lies before its end
    assert lines(cache)[1] == (2 * page, 2 * page + 200)
    assert cache.note(5 * page, 50)
    assert lines(cache) == [(5 * page, 5 * page + 50), (2 * page, 2 * page + 200)]


def test_a_full_list_takes_no_more(cache: Cache, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(regions, "CODE_FILES", 3)
    assert [cache.note(at, 10) for at in (64, 128, 192)] == [True, True, False]
    assert cache.note(128, 20)
    assert lines(cache) == [(64, 74), (128, 148)]
