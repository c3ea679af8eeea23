"""The heavy programs, and a short run of the stress tool that must find what is planted."""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path

import pytest
from stress.items import Item, program
from stress.run import Stress
from stress.watch import Growth
from tools.build import STATIC, compile_c
from tools.guests import run32

PROGRAMS = sorted(Path(__file__).with_name("programs").glob("*.expected"))


@pytest.mark.slow
@pytest.mark.parametrize("expected", PROGRAMS, ids=lambda path: path.stem)
def test_program(expected: Path, engine: Path, arm_gcc: str, tmp_path: Path) -> None:
    binary = compile_c(expected.with_suffix(".c"), *STATIC)
    result = run32([str(binary)], cwd=tmp_path, timeout=300)
    found = result.stdout.decode() + f"status {result.status}\n"
    assert found == expected.read_text(), result.stderr.decode()


@pytest.fixture
def item(engine: Path, arm_gcc: str) -> Item:
    return program(Path(__file__).parents[1] / "guest/processes/fork.c")


def problems(item: Item, folder: Path) -> dict[str, int]:
    """What a stress run says about two runs of one item."""
    stress = Stress([item], 1, folder / "log", folder)
    stress.one()
    stress.one()
    return dict(stress.problems)


def test_good_item(item: Item, tmp_path: Path) -> None:
    assert problems(item, tmp_path) == {}


def test_wrong_output_is_found(item: Item, tmp_path: Path) -> None:
    assert item.expected is not None
    assert problems(replace(item, expected=item.expected + b"more"), tmp_path) == {"difference": 2}
    assert problems(replace(item, status=3), tmp_path) == {"difference": 2}


def test_difference_between_rounds_is_found(armhf_root: Path, item: Item, tmp_path: Path) -> None:
    random = replace(item, root=armhf_root, expected=None, argv=("bash", "-c", "echo $RANDOM$$"))
    assert problems(random, tmp_path) == {"difference": 1}


def test_process_left_is_found(armhf_root: Path, item: Item, tmp_path: Path) -> None:
    script = "sleep 50 > /dev/null 2>&1 & echo"
    leaves = replace(item, root=armhf_root, expected=b"\n", argv=("bash", "-c", script))
    assert problems(leaves, tmp_path) == {"processes left": 2}


def test_growth_is_found(tmp_path: Path) -> None:
    growth, kept, files = Growth("self", os.getpid()), [], []
    for _ in range(20):
        growth.sample()
    assert not growth.verdict()[1]
    for _ in range(20):
        kept.append(os.urandom(8 << 20))  # more than earlier tests can have left free
        growth.sample()
    assert growth.verdict()[1] and len(kept) == 20
    growth.rows.clear()
    for _ in range(20):
        files.append(open(os.devnull, "rb"))
        growth.sample()
    assert growth.verdict()[1]
    for file in files:
        file.close()
