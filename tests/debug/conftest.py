"""The program that the tests here look at."""

from __future__ import annotations

from pathlib import Path

import pytest
from tools.build import compile_c

HOT = Path(__file__).with_name("hot.c")


@pytest.fixture(scope="session")
def hot(arm_gcc: str) -> Path:
    """`hot N`: spends its time in `hot_loop`, forks, and ends with status 7."""
    return compile_c(HOT)
