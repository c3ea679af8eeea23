"""Random instruction words and CPU states for the engines in `oracle`.

Words come from an encoding's own pattern. What the manual calls UNPREDICTABLE is left out: the
general rules are here, those of single rows are in a dictionary that the test modules fill.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from itertools import cycle
from random import Random

from oracle import CODE_SIZE, DATA, DATA_SIZE, HERE, SLOT, Cpu, Engine, Tally

from run32.isa.arm.all import ARM
from run32.spec.rows import Encoding, Row

COUNT = int(os.environ.get("RUN32_FUZZ_STATES", "30"))
EDGES = (0, 1, 2, 31, 32, 33, 0x7F, 0x80, 0xFF, 0x7FFF, 0x8000, 0xFFFF, 0x10000)
EDGES += (0x7FFFFFFF, 0x80000000, 0x80000001, 0xFFFFFFFF, 0xFFFFFFFE, 0x55555555, 0xAAAAAAAA)
REGISTER_FIELDS = ("rd", "rn", "rm", "rs", "rt", "rt2", "ra", "rdlo", "rdhi")

# Code moves through the middle half of its window, within reach of literals on both sides.
PLACES = cycle(range(HERE - CODE_SIZE // 4, HERE + CODE_SIZE // 4, SLOT))

# True for a word that is UNPREDICTABLE (or skipped for the reason given there), by row name.
Skip = Callable[[Encoding, int], bool]
SKIP: dict[str, Skip] = {}


def fields(e: Encoding, word: int) -> dict[str, int]:
    """The fields of a word by name."""
    return {name: e.pattern.extract(name, word) for name in e.pattern.fields}


def is_free(e: Encoding, name: str) -> bool:
    """True when field `name` is not fixed by the pattern."""
    hi, lo = e.pattern.fields[name]
    return e.pattern.mask >> lo & 1 == 0


def uses_pc(e: Encoding, word: int) -> bool:
    """True when a free register field is 15."""
    names = (n for n in REGISTER_FIELDS if n in e.pattern.fields)
    return any(e.pattern.extract(n, word) == 15 and is_free(e, n) for n in names)


def is_skipped(e: Encoding, word: int) -> bool:
    """True for words that the manual leaves UNPREDICTABLE."""
    if e.set == "t32" and uses_pc(e, word):
        return True
    skip = SKIP.get(e.row.name)
    return skip is not None and skip(e, word)


def random_word(rng: Random, e: Encoding, it: int) -> int | None:
    """A word that this very encoding decodes; None when 200 tries found none."""
    width = 16 if e.set == "t16" else 32
    for _ in range(200):
        word = e.pattern.value | rng.getrandbits(width) & ~e.pattern.mask
        if e.has_condition and rng.random() < 0.8:
            word = word & 0x0FFFFFFF | 0xE0000000
        if ARM.find(e.set, word, it) is e and not is_skipped(e, word):
            return word
    return None


def random_value(rng: Random) -> int:
    """A register value: an address in the data window, a small number, an edge or anything."""
    kind = rng.randrange(8)
    if kind < 3:
        return DATA + DATA_SIZE // 2 + rng.randrange(-0x300, 0x300, 1 if kind == 0 else 4)
    if kind == 3:
        return rng.randrange(0, 256)
    if kind == 4:
        return (rng.choice(EDGES) + rng.randrange(-1, 2)) & 0xFFFFFFFF
    return rng.getrandbits(32)


def random_state(rng: Random, e: Encoding, it: int) -> Cpu:
    """A state for an instruction of this encoding; `it` = 1 inside an IT block."""
    state = Cpu(
        r=[random_value(rng) for _ in range(15)],
        nzcv=rng.getrandbits(4),
        q=rng.getrandbits(1),
        ge=rng.getrandbits(4),
        thumb=e.set != "a32",
        pc=next(PLACES) + (2 * rng.randrange(2) if e.set != "a32" else 0),
    )
    if it:
        condition = 14 if rng.random() < 0.7 else rng.randrange(14)
        state.it = condition << 4 | 8
    return state


def inside_it(rng: Random, e: Encoding) -> int:
    """0 or 1: should this encoding be tried inside an IT block?"""
    if e.it is not None:
        return e.it
    return int(e.set != "a32" and e.row.name not in OUTSIDE_IT and rng.random() < 0.25)


V8_FILES = ("acquire", "crc", "vfp_v8", "simd_v8", "simd_crypto", "simd_dot")
"""Modules whose rows are ARMv8 additions."""


def is_half(e: Encoding) -> bool:
    """Whether an encoding computes with half-precision numbers, which only ARMv8.2 has."""
    statics = dict(zip(e.form.static, e.static, strict=True))
    floats = ("/simd_float.py", "/simd_number.py", "/simd_v8.py", "/simd_half.py")
    where = e.row.where.rpartition(":")[0]
    return statics.get("w") == 16 or (where.endswith(floats) and statics.get("size") == 1)


# In IT blocks UNPREDICTABLE, or (udf) executed whatever the condition.
OUTSIDE_IT = frozenset(("it", "b_cond", "cbz", "bkpt", "udf"))


def cases(
    row: Row, count: int, seed: int = 0, *, half: bool | None = None
) -> Iterator[tuple[Encoding, int, Cpu]]:
    """`count` words with states or a few more, the same number for each of the encodings.

    `half` chooses those that compute with half precision, or the others.
    """
    rng = Random(f"{row.name} {seed}")
    wanted = [e for e in row.encodings if e.row.name != "it"]
    if half is not None:
        wanted = [e for e in wanted if is_half(e) == half]
    while wanted and count > 0:
        for e in list(wanted):
            it = inside_it(rng, e)
            word = random_word(rng, e, it)
            if word is None:
                wanted.remove(e)  # all of it is UNPREDICTABLE, or finer encodings cover it
                continue
            yield e, word, random_state(rng, e, it)
            count -= 1


def compare(
    row: Row,
    count: int,
    expected: Engine,
    found: Engine,
    seed: int = 0,
    skip: Callable[[Encoding, int, Cpu], bool] | None = None,
) -> Tally:
    """Run `count` cases of a row on two engines, but for those that `skip` picks."""
    tally = Tally(f"{found.name} against {expected.name}")
    for e, word, state in cases(row, count, seed):
        if skip is not None and skip(e, word, state):
            continue
        results = [engine.run(e.set, word, state) for engine in (expected, found)]
        tally.add(e, word, state, *results)
    return tally


def rows_in(*files: str) -> list[Row]:
    """The rows defined in these files of `isa/arm` (names without extension)."""
    names = tuple(f"/{f}.py" for f in files)
    return [r for r in ARM.rows.values() if r.where.rpartition(":")[0].endswith(names)]
