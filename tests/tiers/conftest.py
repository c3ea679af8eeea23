"""A cache of regions for each test, beside the engine that all share."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from tools.guests import environment
from tools.tiers import Place, end_translators


@pytest.fixture
def place(engine: Path, tmp_path: Path) -> Iterator[Place]:
    """An empty cache with a translator that leaves soon."""
    cache = tmp_path / "cache"
    cache.mkdir()
    os.symlink(engine.parent, cache / "engine")
    env = environment(tmp_path, RUN32_CACHE=str(cache), RUN32_TRANSLATOR_IDLE="2")
    env.pop("RUN32_TIERS", None)
    yield Place(cache, tmp_path, env)
    end_translators(cache)
