"""What run32 makes for AArch64 hosts does the same as qemu-arm: interpreter and regions, emulated.

A small part of `make fuzz HOST=aarch64`.
"""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

pytest.importorskip("unicorn")  # the rules about UNPREDICTABLE words stand beside its tests

from fuzz import cases, engines, run, vectors  # noqa: E402
from tools import arm64_user  # noqa: E402
from tools.roots import CHECKOUT  # noqa: E402

# one worker: three emulators at once are too slow for time limits elsewhere
pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("arm64-user")]


@pytest.fixture(scope="module")
def host() -> engines.Host:
    reason = arm64_user.ensure()
    if reason:
        pytest.skip(reason)
    return engines.aarch64()


@pytest.fixture
def fuzzer(oracle: None, arm_gcc: str, host: engines.Host, tmp_path: Path) -> run.Fuzzer:
    made = run.Fuzzer(64, tmp_path, host)
    made.regions = engines.Regions.in_cache(tmp_path, host)
    return made


def test_engines_agree(fuzzer: run.Fuzzer) -> None:
    unicorns = cases.load_rules()
    fuzzer.region_size, fuzzer.checked = (60, 64), 20
    fuzzer.batch(0, True)
    cases.states.SKIP.update(unicorns)
    assert not fuzzer.failures, "\n".join(fuzzer.failures[:5])
    assert fuzzer.states["interpreter"] == 60 * 64 and fuzzer.states["reference"] == 20
    assert fuzzer.fast > 30 * 64
    assert fuzzer.regions is not None and fuzzer.regions.translated > 0


def test_kept_vectors(fuzzer: run.Fuzzer, tmp_path: Path) -> None:
    found = vectors.load()
    assert fuzzer.regions is not None
    for engine in (fuzzer.interpreter, fuzzer.regions):
        different = vectors.differ(found, fuzzer.qemu, engine, tmp_path)
        assert not any(different), f"{engine.name}: {[d for d in different if d][:3]}"


def test_functions_agree(host: engines.Host) -> None:
    """LLVM there makes the same of a function with branches as the interpreter."""
    command = [*arm64_user.python(), "-m", "pytest", "-p", "no:cacheprovider"]
    command += ["tests/fuzz/test_graphs.py", "-k", "thumb-integer"]
    host.engine()
    env = {**os.environ, **host.environment, "RUN32_FUZZ_STATES": "3"}
    done = subprocess.run(command, env=env, cwd=CHECKOUT, capture_output=True, text=True)
    assert done.returncode == 0 and "1 passed" in done.stdout, done.stdout[-2000:] + done.stderr
