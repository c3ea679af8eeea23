"""Prints how many instruction states the tests of this directory compared."""

from __future__ import annotations

from typing import Any


def pytest_terminal_summary(terminalreporter: Any) -> None:
    from oracle import TOTALS

    for engines in sorted({pair for pair, _ in TOTALS}):
        states, differences = TOTALS[engines, "states"], TOTALS[engines, "differences"]
        terminalreporter.write_line(f"{engines}: {states} states, {differences} differences")
