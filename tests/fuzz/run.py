"""Random instructions and states by the million: qemu-arm, interpreter, regions and reference.

    python tests/fuzz/run.py [--states N] [--seed N] [--regions SHARE] [--reference CASES] [--keep]
        [--host aarch64]

Every batch of cases runs under qemu-arm and in run32's interpreter with the same states; every
SHARE-th batch (0: none) also as regions, and a state of CASES of its cases in the reference
evaluator. What differs is made smaller, printed, and appended to `vectors.jsonl`, which
`test_states.py` replays. `--keep` writes the counts to `states.txt` for the coverage page.
With `--host` run32 runs on an emulated host of that kind, and the counts go to `states-HOST.txt`.
"""

from __future__ import annotations

import argparse
import struct
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path

if __name__ == "__main__":
    here = Path(__file__).parents[1]
    sys.path[:0] = [str(here), str(here / "isa"), str(here / "fuzz"), str(here.parent / "src")]

from fuzz import batches, cases, engines, vectors
from fuzz.cases import Case
from fuzz.engines import HarnessEngine, Record
from tools import arm64_user

KEPT = Path(__file__).with_name("states.txt")
SIZE, REGION_SIZE = (6000, 128), (800, 2048)
"""Cases of a batch and states of a case."""
ENOUGH = 40
"""Differences after which a run ends."""
CHECKED = 300
"""Cases of a batch whose first state the reference evaluates too."""


class Fuzzer:
    """One run: engines, counts and what differed."""

    def __init__(self, seed: int, folder: Path, host: engines.Host = engines.HERE) -> None:
        self.seed = seed
        self.folder = folder
        self.qemu = HarnessEngine("qemu", batches.QEMU)
        environment = {**host.environment, "RUN32_TIERS": "interp"}
        self.interpreter = HarnessEngine("interpreter", host.runner, **environment)
        self.regions: engines.Regions | None = None
        self.size, self.region_size, self.checked = SIZE, REGION_SIZE, CHECKED
        self.states: Counter[str] = Counter()
        self.seconds: Counter[str] = Counter()
        self.rows: Counter[str] = Counter()
        self.signals = self.wild = self.lost = self.translated = self.fast = 0
        self.failures: list[str] = []
        self.found: list[vectors.Vector] = []

    def batch(self, number: int, as_regions: bool) -> None:
        """Make a batch and run it everywhere."""
        maker = cases.Maker(f"{self.seed} {number}")
        n, k = self.region_size if as_regions else self.size
        made = [maker.case() for _ in range(n)]
        pool, path = cases.pools(maker.rng), self.folder / f"batch{number}"
        cases.write(path, made, batches.back(), pool)
        expected = self.timed(self.qemu, path, n, k)
        found = self.timed(self.interpreter, path, n, k)
        self.compare(path, made, k, self.interpreter, expected, found)
        for case in made:
            for row in set(case.rows):
                self.rows[row] += k
        self.signals += sum(int.from_bytes(s[8:], "little") for s in found)
        if as_regions and self.regions is not None:
            began = time.monotonic()
            self.regions.prepare(path, made)
            self.translated += n
            self.seconds["translation"] += time.monotonic() - began
            self.compare(path, made, k, self.regions, found, self.timed(self.regions, path, n, k))
            self.calm(path, made, k, found)
        self.check_reference(path, made)
        path.unlink()

    def calm(self, path: Path, made: list[Case], k: int, found: list[bytes]) -> None:
        """The cases without signals once more, as regions that are not exact at each access."""
        assert self.regions is not None
        noisy = [any(s[8:]) for s in found]
        chosen = [c._replace(skipped=bad) for c, bad in zip(made, noisy, strict=True)]
        again = path.with_suffix(".calm")
        raw = path.read_bytes()
        pool_at, pool_size = struct.unpack_from("<2I", raw, batches.HEAD_AT + 24)
        cases.write(again, chosen, batches.back(), raw[pool_at : pool_at + pool_size])
        self.regions.calm = ("calm",)
        try:
            self.regions.prepare(again, chosen)
            fast = self.timed(self.regions, again, noisy.count(False), k, len(made))
            pairs = zip(found, fast, noisy, strict=True)
            self.compare(
                again, chosen, k, self.regions, found, [x if n else y for x, y, n in pairs]
            )
        finally:
            self.regions.calm = ()
        self.fast += noisy.count(False) * k
        again.unlink()

    def timed(
        self, engine: HarnessEngine, path: Path, n: int, k: int, length: int = 0
    ) -> list[bytes]:
        began = time.monotonic()
        found = engine.sums(path, self.seed, k, length or n)
        self.seconds[engine.name] += time.monotonic() - began
        self.states[engine.name] += n * k
        return found

    def compare(
        self, path: Path, made: list[Case], k: int, engine: HarnessEngine, a: list[bytes],
        b: list[bytes],
    ) -> None:  # fmt: skip
        """Look into the cases whose sums differ. `a` is qemu's; for regions the interpreter's."""
        other = self.interpreter if engine is self.regions else self.qemu
        for i, (x, y) in enumerate(zip(a, b, strict=True)):
            if not x:
                self.lost += 1
            elif x != y and len(self.failures) < ENOUGH:
                self.look(path, made[i], i, k, other, engine, crashed=not y)

    def look(
        self, path: Path, case: Case, i: int, k: int, expected: HarnessEngine,
        found: HarnessEngine, crashed: bool,
    ) -> None:  # fmt: skip
        """Find the first state of a case that differs, and keep it."""
        title = f"{found.name} against {expected.name}: {' '.join(case.rows)} {case.code.hex()}"
        if crashed:
            self.failures.append(f"{title}: ended {found.name}")
            return
        code = path.read_bytes()[4096:]
        pairs = zip(expected.records(path, self.seed, k, i, 1),
                    found.records(path, self.seed, k, i, 1), strict=True)  # fmt: skip
        wild = False
        for x, y in pairs:
            different = x.differences(y, case.floats, case.stores)
            if not different:
                # where an engine's own memory lies is another place in another run
                wild = wild or bool(case.aimed) and self.is_wild(code, case, x)
                continue
            if {x.signo, y.signo} == {0, engines.SIGSEGV} and self.is_wild(code, case, x):
                wild = True
                continue
            vector = vectors.smaller(vectors.Vector(case, x.before), expected, found, self.folder)
            self.found.append(vector)
            self.failures.append(f"{title}: {', '.join(different[:4])}\n  {vector.line()}")
            return
        if wild:
            self.wild += 1
        else:
            self.failures.append(f"{title}: sums differ, no state does")

    def is_wild(self, code: bytes, case: Case, record: Record) -> bool:
        """Is memory outside of the windows accessed, where each engine has other things?"""
        return engines.evaluate(code, engines.noise(), case, record).signo == engines.SIGSEGV

    def check_reference(self, path: Path, made: list[Case]) -> None:
        """The first state of some cases, against the interpreter."""
        began, code = time.monotonic(), path.read_bytes()[4096:]
        noise = engines.noise()
        for record in self.interpreter.records(path, self.seed, 1, 0, self.checked):
            case = made[record.number]
            expected = engines.evaluate(code, noise, case, record)
            self.states["reference"] += 1
            if record.signo or expected.signo:
                if bool(record.signo) == bool(expected.signo) or not record.signo:
                    continue  # which signal, and wild accesses, are not the reference's to say
            different = expected.differences(record, case.floats, case.stores)
            if different:
                vector = vectors.Vector(case, record.before)
                self.found.append(vector)
                title = f"interpreter against reference: {' '.join(case.rows)} {case.code.hex()}"
                self.failures.append(f"{title}: {', '.join(different[:4])}\n  {vector.line()}")
        self.seconds["reference"] += time.monotonic() - began

    def text(self) -> str:
        """The counts, as the coverage page reads them."""
        facts: list[tuple[str, str, int]] = [("seed", "", self.seed)]
        facts += [("engine", name, n) for name, n in sorted(self.states.items())]
        facts += [("count", "signals", self.signals), ("count", "wild", self.wild)]
        facts += [("count", "lost", self.lost), ("count", "translated", self.translated)]
        facts += [("count", "fast", self.fast)]
        facts += [("count", "differences", len(self.failures))]
        facts += [("row", name, n) for name, n in sorted(self.rows.items())]
        return "".join(f"{kind}\t{name}\t{n}\n" for kind, name, n in facts)

    def speeds(self) -> str:
        return ", ".join(
            f"{name} {n} at {n / max(self.seconds[name], 0.001):.0f}/s"
            for name, n in sorted(self.states.items())
        )


def options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--states", type=int, default=50_000_000)
    parser.add_argument("--seed", type=int, default=int(time.time()))
    parser.add_argument("--regions", type=int, default=8, metavar="SHARE")
    parser.add_argument("--reference", type=int, default=CHECKED, metavar="CASES")
    parser.add_argument("--host", choices=("aarch64",))
    parser.add_argument("--keep", action="store_true")
    return parser.parse_args()


def main() -> int:
    """Run until there are enough states; 1 if something differs."""
    chosen = options()
    host, kept = engines.HERE, KEPT
    if chosen.host:
        reason = arm64_user.ensure()
        if reason:
            print(f"--host {chosen.host}: {reason}", file=sys.stderr)
            return 125
        host, kept = engines.aarch64(), KEPT.with_stem(f"states-{chosen.host}")
        host.engine()
    cases.load_rules()
    print(f"seed {chosen.seed}, {chosen.states} states", flush=True)
    with tempfile.TemporaryDirectory() as name:
        fuzzer = Fuzzer(chosen.seed, Path(name), host)
        fuzzer.checked = chosen.reference
        if chosen.regions:
            fuzzer.regions = engines.Regions.in_cache(Path(name), host)
        number, told = 0, 0
        while fuzzer.states["interpreter"] < chosen.states and told < ENOUGH:
            as_regions = bool(chosen.regions) and number % chosen.regions == chosen.regions - 1
            fuzzer.batch(number, as_regions)
            number += 1
            for failure in fuzzer.failures[told:]:
                print(f"batch {number - 1}: {failure[:600]}", flush=True)
            told = len(fuzzer.failures)
            if number % 10 == 0:
                print(f"{number} batches: {fuzzer.speeds()}; {told} differences", flush=True)
            if chosen.keep:
                kept.write_text(fuzzer.text())
        for vector in fuzzer.found:
            vectors.append(vector)
    print(f"{fuzzer.speeds()}; {fuzzer.signals} signals, {fuzzer.wild} cases with wild accesses,"
          f" {fuzzer.lost} that qemu did not survive; {told} differences")  # fmt: skip
    return int(told > 0)


if __name__ == "__main__":
    sys.exit(main())
