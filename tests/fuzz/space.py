"""The space of instruction words: which ones exist, here and for qemu-arm `-cpu max`.

    python tests/fuzz/space.py [WORDS] [SEED] [--keep]

Every 16-bit Thumb word, and WORDS words each of T32 and A32: three fifths uniform, one fifth within
patterns of rows, one fifth with one fixed bit of a pattern turned over. A difference that
`space_reasons` does not list fails. `--keep` writes the counts to `space.txt`, from where the
coverage page takes them.
"""

from __future__ import annotations

import sys
import tempfile
from array import array
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from random import Random
from typing import NamedTuple

if __name__ == "__main__":
    here = Path(__file__).parents[1]
    sys.path[:0] = [str(here), str(here / "isa"), str(here / "fuzz"), str(here.parent / "src")]

import states
from fuzz import batches, cases

from run32.codegen.decoder import LIST_NODE, Tree
from run32.isa.arm.all import ARM
from run32.spec.rows import Encoding

SIGILL = 4
"""64 more if its code is not ILL_ILLOPC: the harness says so, and qemu-arm has another one."""
NOT_THERE = frozenset(("udf", "store_at_pc", "exception_return"))
"""Rows that stand for words without an instruction."""
CHUNK = 1 << 18
EACH = 16
NO_RULE = ("nop", "bkpt", "bx", "read_pmuserenr")
"""Rows whose words are skipped in tests for other reasons than being UNPREDICTABLE."""
KEPT = Path(__file__).with_name("space.txt")


class Finder:
    """The rows' decoder as a walk through the native decoder's trees."""

    def __init__(self) -> None:
        self.tree = Tree()
        self.encodings: list[Encoding] = []
        self.exists: list[bool] = []
        a32 = ARM.encodings("a32")
        always = [e for e in a32 if not e.has_condition and e.pattern.value >> 28 == 15]
        conditional = [e for e in a32 if e.has_condition or e.pattern.value >> 28 != 15]
        self.a32 = self._add(conditional, 32), self._add(always, 32)
        self.t16 = self._add([e for e in ARM.encodings("t16") if not e.it], 16)
        self.t32 = self._add([e for e in ARM.encodings("t32") if not e.it], 32)

    def _add(self, encodings: list[Encoding], width: int) -> int:
        entries = []
        for e in encodings:
            entries.append((e.pattern.mask, e.pattern.value, len(self.encodings)))
            self.encodings.append(e)
            self.exists.append(e.row.name not in NOT_THERE)
        return self.tree.add(entries, width)

    def find(self, set_: str, words: array[int]) -> bytes:
        """1 for each word that is an instruction, 0 for the others."""
        tree, exists = self.tree.words, self.exists
        roots = [self.t16 if set_ == "t16" else self.t32] * 16
        if set_ == "a32":
            roots = [self.a32[0]] * 15 + [self.a32[1]]
        found = bytearray(len(words))
        for i, word in enumerate(words):
            at = roots[word >> 28]
            head = tree[at]
            while head < LIST_NODE:
                at = tree[at + 1 + (word >> (head & 255) & (1 << (head >> 8)) - 1)]
                head = tree[at]
            for k in range(at + 1, at + 1 + 3 * (head & 0xFFFF), 3):
                if word & tree[k] == tree[k + 1]:
                    found[i] = exists[tree[k + 2]]
                    break
        return bytes(found)


class Difference(NamedTuple):
    """A word on which the two disagree; `ours` says that only we accept it."""

    set: str
    word: int
    ours: bool

    @property
    def row(self) -> str:
        e = ARM.find(self.set, self.word)
        return e.row.name if e else ""

    def bits(self, pattern: str) -> bool:
        """Does the word match, x being anything?"""
        text = pattern.replace(" ", "")
        number = format(self.word, f"0{16 if self.set == 't16' else 32}b")
        return all(p in ("x", b) for p, b in zip(text, number, strict=True))


def is_call(set_: str, word: int) -> bool:
    """SVC, which is not executed: it exists on both sides."""
    if set_ == "a32":
        return word >> 24 & 15 == 15 and word >> 28 != 15
    return set_ == "t16" and word >> 8 == 0xDF


def words_of(set_: str, count: int, seed: int) -> Iterator[array[int]]:
    """`count` words of an instruction set in chunks; of t16 all."""
    if set_ == "t16":
        yield array("I", (w for w in range(0xE800) if not is_call(set_, w)))
        return
    rng = Random(f"{set_} {seed}")
    patterns = [(e.pattern.mask, e.pattern.value) for e in ARM.encodings(set_)]
    fixed = [[1 << b for b in range(28 + 4 * (set_ == "t32")) if m >> b & 1] for m, _ in patterns]
    while count > 0:
        n = min(count, CHUNK)
        raw = array("I")
        raw.frombytes(rng.randbytes(4 * n))
        made = array("I")
        for i, word in enumerate(raw):
            kind = i % 5
            if kind >= 3:
                k = rng.randrange(len(patterns))
                mask, value = patterns[k]
                word = value | word & ~mask
                if kind == 4 and fixed[k]:
                    word ^= rng.choice(fixed[k])
            elif set_ == "t32":
                word = word & 0x07FFFFFF | (0xE8000000, 0xF0000000, 0xF8000000)[i // 5 % 3]
            if set_ == "a32" and (kind >= 3 and word >> 28 != 15 or kind < 2):
                top = 14 if word & 7 or kind >= 3 else 15
                word = word & 0x0FFFFFFF | top << 28
            if not is_call(set_, word) and (set_ == "a32" or word >> 27 > 28):
                made.append(word)
        count -= len(made)
        yield made


class Sample:
    """What came of one instruction set."""

    def __init__(self, set_: str) -> None:
        self.set = set_
        self.words = self.both = self.neither = 0
        self.reasons: Counter[str] = Counter()
        self.unpredictable: Counter[str] = Counter()
        """Of every `EACH`th word that exists here, by the file of its row."""
        self.looked_at: Counter[str] = Counter()
        self.unknown: list[Difference] = []


def sample(set_: str, count: int, seed: int, folder: Path, finder: Finder) -> Sample:
    """Compare words of one set."""
    from fuzz.space_reasons import reason

    result = Sample(set_)
    for words in words_of(set_, count, seed):
        theirs = bytes(v & 63 != SIGILL for v in batches.verdicts(set_, words, folder))
        ours = finder.find(set_, words)
        result.words += len(words)
        pairs = Counter(zip(ours, theirs, strict=True))
        result.both += pairs[1, 1]
        result.neither += pairs[0, 0]
        for word in [w for w, mine in zip(words, ours, strict=True) if mine][::EACH]:
            look(result, word)
        if ours == theirs:
            continue
        for word, mine, other in zip(words, ours, theirs, strict=True):
            if mine != other:
                difference = Difference(set_, word, bool(mine))
                why = reason(difference)
                if why is None:
                    result.unknown.append(difference)
                else:
                    result.reasons[why.name] += 1
    return result


def look(result: Sample, word: int) -> None:
    """Is this word UNPREDICTABLE?"""
    e = ARM.find(result.set, word)
    assert e is not None
    file = e.row.where.rpartition("/")[2].partition(".")[0]
    result.looked_at[file] += 1
    if e.row.name not in NO_RULE and states.is_skipped(e, word):
        result.unpredictable[file] += 1


def report(samples: list[Sample], seed: int) -> str:
    """What was found, as the text that `space.txt` keeps for the coverage page."""
    from fuzz.space_reasons import REASONS

    lines = [f"seed\t{seed}"]
    lines += [f"set\t{r.set}\t{r.words}\t{r.both}\t{r.neither}" for r in samples]
    for why in REASONS:
        counts = [r.reasons[why.name] for r in samples]
        side = "here" if why.ours else "qemu"
        if any(counts):
            facts = [side, why.name, why.ref, why.effect, *map(str, counts)]
            lines.append("\t".join(["class", *facts]))
    looked_at = sum((r.looked_at for r in samples), Counter[str]())
    unpredictable = sum((r.unpredictable for r in samples), Counter[str]())
    lines += [f"words\t{f}\t{n}\t{unpredictable[f]}" for f, n in sorted(looked_at.items())]
    return "\n".join(lines) + "\n"


def main(arguments: list[str]) -> int:
    """Print what was found; fail if a difference has no reason."""
    keep = "--keep" in arguments
    numbers = [int(a) for a in arguments if a != "--keep"]
    count, seed = (*numbers, *(200_000, 0)[len(numbers) :])
    finder, samples = Finder(), []
    cases.load_rules()
    print(f"{count} words each of t32 and a32, seed {seed}", flush=True)
    with tempfile.TemporaryDirectory() as folder:
        for set_ in ("t16", "t32", "a32"):
            r = sample(set_, count, seed, Path(folder), finder)
            print(f"{set_}: {r.words} words, {r.both} exist, {r.neither} do not, on both sides")
            for name, number in r.reasons.most_common():
                print(f"  {number:9} {name}")
            for d in r.unknown[:40]:
                print(f"  UNEXPLAINED {d.word:08x} {'ours: ' + d.row if d.ours else 'theirs'}")
            sys.stdout.flush()
            samples.append(r)
    failed = any(r.unknown for r in samples)
    if keep and not failed:
        KEPT.write_text(report(samples, seed))
    return int(failed)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
