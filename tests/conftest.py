"""Fixtures for all tests: what is expensive is made once a session and kept in `.cache/`."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest
from tools.guests import (
    ENGINE_CACHE,
    TEST_CACHE,
    has_qemu_arm,
    make_test_cache,
    stop_ignoring_signals,
)
from tools.roots import ensure_armhf_root, ensure_tools_root
from tools.tiers import end_translators, untranslated


def pytest_configure(config: pytest.Config) -> None:
    stop_ignoring_signals()
    make_test_cache()
    tiers = config.getoption("--tiers")
    if tiers:
        os.environ["RUN32_TIERS"] = tiers


def pytest_sessionfinish(session: pytest.Session) -> None:
    if not hasattr(session.config, "workerinput"):  # workers of pytest-xdist go on
        end_translators(TEST_CACHE)
        if untranslated(TEST_CACHE):
            session.exitstatus = pytest.ExitCode.TESTS_FAILED


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    lines = untranslated(TEST_CACHE)
    if lines:
        terminalreporter.section("code that the translator could not translate")
        for line in lines:
            terminalreporter.line(line)


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--bless", action="store_true", help="rewrite golden output")
    parser.addoption("--fuzz-seconds", type=float, default=0, help="how long each fuzzer runs")
    parser.addoption("--fuzz-seed", default="", help="functions other than the usual ones")
    parser.addoption("--tiers", choices=("interp", "mixed", "regions"), help="of all guests")


@pytest.fixture(scope="session")
def bless(request: pytest.FixtureRequest) -> bool:
    """Whether golden output is to be rewritten instead of compared."""
    return bool(request.config.getoption("--bless"))


@pytest.fixture(scope="session")
def armhf_root() -> Path:
    """A Debian armhf root with what the jobs use."""
    root = ensure_armhf_root()
    if isinstance(root, str):
        pytest.skip(root)
    return root


@pytest.fixture(scope="session")
def tools_root() -> Path:
    """A Debian armhf root with a compiler, make and servers."""
    root = ensure_tools_root()
    if isinstance(root, str):
        pytest.skip(root)
    return root


@pytest.fixture(scope="session")
def oracle() -> None:
    """Requires qemu-arm."""
    if not has_qemu_arm():
        pytest.skip("no qemu-arm: apt-get install qemu-user")


@pytest.fixture(scope="session")
def engine() -> Path:
    """Directory of the ARM engine for this host; all engines are built if they are missing."""
    from run32.cli.engine import GUESTS
    from run32.codegen import build

    paths = {isa: Path(build.build(str(ENGINE_CACHE), isa)) for isa in GUESTS}
    return paths["arm"]


@pytest.fixture(scope="session")
def arm_gcc() -> str:
    """A C compiler for 32-bit ARM."""
    compiler = shutil.which("arm-linux-gnueabihf-gcc")
    if compiler is None:
        pytest.skip("no ARM compiler: apt-get install gcc-arm-linux-gnueabihf")
    return compiler
