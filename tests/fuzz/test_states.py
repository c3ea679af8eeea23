"""Random instructions and states agree on qemu-arm, interpreter, regions and reference."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

pytest.importorskip("unicorn")  # the rules about UNPREDICTABLE words stand beside its tests

from fuzz import batches, cases, engines, run, vectors  # noqa: E402
from fuzz.cases import Case  # noqa: E402
from tools.guests import has_qemu_arm  # noqa: E402

pytestmark = pytest.mark.skipif(not has_qemu_arm(), reason="no qemu-arm: apt-get install qemu-user")


@pytest.fixture(scope="module")
def rules() -> Iterator[None]:
    unicorns = cases.load_rules()
    yield
    cases.states.SKIP.update(unicorns)


@pytest.fixture
def regions(tmp_path: Path, engine: Path) -> engines.Regions:
    return engines.Regions.in_cache(tmp_path)


def test_engines_agree(rules: None, arm_gcc: str, tmp_path: Path, regions: engines.Regions) -> None:
    fuzzer = run.Fuzzer(7, tmp_path)
    fuzzer.size, fuzzer.region_size = (2000, 64), (100, 512)
    fuzzer.batch(0, False)
    fuzzer.regions = regions
    fuzzer.batch(1, True)
    assert not fuzzer.failures, "\n".join(fuzzer.failures[:5])
    assert fuzzer.states["regions"] == 100 * 512 + fuzzer.fast
    assert fuzzer.fast > 70 * 512
    assert fuzzer.states["reference"] == run.CHECKED + 100 and fuzzer.lost < 10
    assert fuzzer.signals < fuzzer.states["interpreter"] // 20
    assert fuzzer.rows["vmla"] and fuzzer.rows["ldr"]


def test_kept_vectors(arm_gcc: str, tmp_path: Path, regions: engines.Regions) -> None:
    found = vectors.load()
    assert found and [vectors.Vector.parse(v.line()) for v in found] == found
    fuzzer = run.Fuzzer(0, tmp_path)
    for engine in (fuzzer.interpreter, regions):
        different = vectors.differ(found, fuzzer.qemu, engine, tmp_path)
        assert not any(different), f"{engine.name}: {[d for d in different if d][:3]}"


def test_a_difference_is_seen_and_made_small(rules: None, arm_gcc: str, tmp_path: Path) -> None:
    """An engine that says something else about one register."""

    class Wrong(engines.HarnessEngine):
        def records(self, *a, **k):
            for r in super().records(*a, **k):
                bad = (r.after.r[0] ^ (r.before.r[3] & 1), *r.after.r[1:])
                yield r._replace(after=r.after._replace(r=bad))

    right = engines.HarnessEngine("right", batches.QEMU)
    wrong = Wrong("wrong", batches.QEMU)
    code = bytes.fromhex("020081e0040083e0")  # add r0, r1, r2; add r0, r3, r4
    case = Case(False, code, ("add", "add"), False, False, 0, 0, False)
    state = engines.State(tuple(range(15)), 0xF0000000, 0, tuple(range(32)))
    small = vectors.smaller(vectors.Vector(case, state), right, wrong, tmp_path)
    assert len(small.case.code) == 4 and small.state.r[3] == 3
    assert sum(map(bool, small.state.r)) == 1 and not any(small.state.d)
