"""The generated coverage pages are the rows'."""

from pathlib import Path

import pytest

from run32.debug import coverage

ROOT = Path(__file__).parents[2]


@pytest.mark.parametrize("name", ["syscalls", "ioctls"])
def test_page_is_up_to_date(name):
    text = (ROOT / "docs" / "coverage" / f"{name}.md").read_text()
    assert text == coverage.PAGES[name](), "run: python -m run32.debug.coverage"


def test_a_page_names_every_call():
    text = coverage.syscalls()
    assert "| 322 | 295 | `openat` |" in text and "| 0xf0005 |  | `set_tls` |" in text
    assert text.count("| planned |") > 50
