"""The generated coverage pages are the rows'."""

from pathlib import Path

import pytest

from run32.debug import coverage, coverage_aarch32
from run32.isa.arm.all import ARM

ROOT = Path(__file__).parents[2]


@pytest.mark.parametrize("name", sorted(coverage.PAGES))
def test_page_is_up_to_date(name):
    text = (ROOT / "docs" / "coverage" / f"{name}.md").read_text()
    assert text == coverage.PAGES[name](), "run: python -m run32.debug.coverage"


def test_a_page_names_every_call():
    text = coverage.syscalls()
    assert "| 322 | 295 | `openat` |" in text and "| 0xf0005 |  | `set_tls` |" in text
    assert text.count("| planned |") > 50


def test_every_instruction_has_a_class_and_a_version():
    assert {coverage_aarch32.file_of(r) for r in ARM.rows.values()} == {*coverage_aarch32.CLASSES}
    assert {*coverage_aarch32.BY_ROW} <= {*ARM.rows}
    text = coverage_aarch32.page()
    assert all(f"| `{name.rstrip('_')}` |" in text for name in ARM.rows)
    assert f"| **all** | {len(ARM.rows)} |" in text
