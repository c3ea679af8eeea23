"""Cases with a state that once differed between engines, made as small as they go, kept for ever.

`vectors.jsonl` has one a line. Numbers are hexadecimal; registers that are zero are left out.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import NamedTuple

from fuzz import batches, cases
from fuzz.cases import Case
from fuzz.engines import HarnessEngine, Record, State

KEPT = Path(__file__).with_name("vectors.jsonl")


class Vector(NamedTuple):
    case: Case
    state: State

    def line(self) -> str:
        """The vector as JSON."""
        c, s = self.case, self.state
        facts = {
            "rows": " ".join(c.rows),
            "set": "thumb" if c.thumb else "arm",
            "code": c.code.hex(),
            "floats": c.floats,
            "stores": c.stores,
            "r": {str(i): f"{v:x}" for i, v in enumerate(s.r) if v},
            "d": {str(i): f"{v:x}" for i, v in enumerate(s.d) if v},
            "cpsr": f"{s.cpsr:x}",
            "fpscr": f"{s.fpscr:x}",
        }
        return json.dumps(facts)

    @classmethod
    def parse(cls, line: str) -> Vector:
        """The vector of a line."""
        f = json.loads(line)
        r, d = [0] * 15, [0] * 32
        for values, text in ((r, f["r"]), (d, f["d"])):
            for i, v in text.items():
                values[int(i)] = int(v, 16)
        thumb, code = f["set"] == "thumb", bytes.fromhex(f["code"])
        case = Case(thumb, code, tuple(f["rows"].split()), f["floats"], f["stores"], 0, 0, False)
        return cls(case, State(tuple(r), int(f["cpsr"], 16), int(f["fpscr"], 16), tuple(d)))


def load() -> list[Vector]:
    """All that are kept."""
    return [Vector.parse(line) for line in KEPT.read_text().splitlines() if line]


def append(vector: Vector) -> None:
    """Keep one more, unless it is there."""
    lines = KEPT.read_text().splitlines() if KEPT.exists() else []
    if vector.line() not in lines:
        KEPT.write_text("\n".join([*lines, vector.line()]) + "\n")


def run(engine: HarnessEngine, found: list[Vector], folder: Path) -> list[Record]:
    """What an engine makes of vectors."""
    path = folder / f"vectors.{engine.name}.batch"
    made = [v.case for v in found]
    pool = bytes(4 * (cases.ANY + 4 * cases.FEW) + 8 * cases.KINDS * cases.DOUBLES)
    cases.write(path, made, batches.back(), pool, b"".join(v.state.pack() for v in found))
    engine.prepare(path, made)
    return list(engine.records(path, 0, 1))


def differ(
    found: list[Vector], a: HarnessEngine, b: HarnessEngine, folder: Path
) -> list[list[str]]:
    """How two engines differ on each vector."""
    pairs = zip(found, run(a, found, folder), run(b, found, folder), strict=True)
    return [x.differences(y, v.case.floats, v.case.stores) for v, x, y in pairs]


def simpler(v: Vector) -> list[Vector]:
    """The vector with one thing less: an instruction (never of an IT block), a value, a flag."""
    c, s = v.case, v.state
    found = []
    size = 2 if c.thumb else 4
    for at in range(0, len(c.code), size):
        word = int.from_bytes(c.code[at : at + 2], "little")
        length = 4 if not c.thumb or word >> 11 > 28 else 2
        rest = c.code[:at] + c.code[at + length :]
        if len(c.rows) > 1 and len(rest) >= size:
            found.append(Vector(c._replace(code=rest), s))
    for name, values in (("r", s.r), ("d", s.d)):
        for i, value in enumerate(values):
            if value:
                zeroed = (*values[:i], 0, *values[i + 1 :])
                found.append(Vector(c, s._replace(**{name: zeroed})))
    if s.cpsr:
        found.append(Vector(c, s._replace(cpsr=0)))
    found += [
        Vector(c, s._replace(fpscr=s.fpscr & ~m)) for m in (0xF800009F, 0x3C00000) if s.fpscr & m
    ]
    return found


def smaller(
    v: Vector, a: HarnessEngine, b: HarnessEngine, folder: Path, rounds: int = 60
) -> Vector:
    """A simpler vector on which the engines still differ."""
    if not differ([v], a, b, folder)[0]:
        return v
    for _ in range(rounds):
        candidates = simpler(v)
        if not candidates:
            break
        still = [c for c, d in zip(candidates, differ(candidates, a, b, folder), strict=True) if d]
        if not still:
            break
        v = still[0]
    return v
