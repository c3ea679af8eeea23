"""Division helpers, recognised by what they do: code without hardware division calls them.

ARM code of before ARMv7VE divides by calling `__aeabi_uidiv`, `__aeabi_ldivmod` and the like (run-
time ABI for the ARM architecture, 4.3.1), of which every static program and most libraries carry
copies. `recognise` takes the code of a function and says which division it computes, if any; the
translator then emits the host's division in its place.

Names are not looked at. A function is a division if, executed by the reference evaluator on
operands chosen to be awkward,

- it gives the right results for all of them, and the same kind of result each time;
- it changes nothing else but r0 to r3, ip, lr and the flags: r4 to r11, sp, all other state and the
  memory from sp up are as before, it loads from nothing but its own stack frame and what lies
  within 4 KiB of its code, and it makes no system call;
- that covered its code: both ways of every direct branch lead to code that was executed, and so was
  every other conditional instruction, but for one (the first step of an unrolled signed division
  never subtracts). What only undefined operands reach, divisors of zero and the overflowing signed
  quotient, is not held against it.

This tests and does not prove; what makes it safe enough is that the operands reach both outcomes of
each step of a shift-and-subtract division for each distance, its comparisons at equality and one
less included, so that code which passes and is no division would have to fail on operands that none
of its own conditions tells from these. Nobody has reason to write such code except on purpose, and
a guest can harm nobody but itself by it.

What differs from the original: r2, r3, ip and the flags, which a callee may change (AAPCS 6.1.1),
keep their values unless they hold results, and so does the memory below sp. Code that knows which
of them the original leaves alone (GCC's -fipa-ra) finds them left alone. Zero divisors and the
overflow go to the original code.
"""

from __future__ import annotations

from random import Random

from run32.codegen.fetch import Read, fetch
from run32.codegen.rowcode import Function, function_of
from run32.spec.reference import MASK, MemoryFault, RefMachine, holds, next_it, perform
from run32.spec.rows import CORE_REGISTERS, Decoded, Isa

RETURN = 0xFFFF_F000  # where the function is called from
STACK_TOP, FRAME = 0xFFFE_8000, 512
NEAR = 4096
STEPS = 2500
OFTEN = 40  # times that an instruction is executed before it becomes a function
_BRANCHES = ("b", "b_cond", "cbz")
_PRESERVED = (*range(4, 12), 13)


class Division:
    """A function that divides numbers of `width` bits: x in r0 up by y in the registers behind it.

    `results` says what it leaves there, from r0 up: the quotient, the remainder, y itself, or the
    magnitude of y. Registers behind these, up to r3, have no meaning.
    """

    __slots__ = ("results", "signed", "width")

    def __init__(self, width: int, signed: bool, *results: str) -> None:
        self.width = width
        self.signed = signed
        self.results = results

    def __repr__(self) -> str:
        return f"{'s' if self.signed else 'u'}{self.width} {' '.join(self.results)}"

    def is_defined(self, x: int, y: int) -> bool:
        """Whether the host version computes `x` / `y`; else the guest's code does."""
        overflow = self.signed and y == (1 << self.width) - 1 and x == 1 << self.width - 1
        return y != 0 and not overflow

    def divide(self, x: int, y: int) -> list[int]:
        """What r0 up hold after dividing `x` by `y`."""
        sign = 1 << self.width - 1 if self.signed else 0
        by = (1 << self.width) - y if y & sign else y
        quotient, remainder = divmod((1 << self.width) - x if x & sign else x, by)
        if (x ^ y) & sign:
            quotient = -quotient
        if x & sign:
            remainder = -remainder
        values = {"quotient": quotient, "remainder": remainder, "divisor": y, "magnitude": by}
        return _words([values[name] for name in self.results], self.width)


def _words(values: list[int], width: int) -> list[int]:
    """Values of `width` bits as registers hold them."""
    return [value >> shift & MASK for value in values for shift in range(0, width, 32)]


# Functions of C return up to two words.
DIVISIONS = [
    Division(width, signed, *results)
    for width, kinds in (
        (32, ("quotient remainder", "quotient divisor", "remainder divisor")),
        (32, ("quotient magnitude", "remainder magnitude")),
        (64, ("quotient remainder", "quotient", "remainder")),
    )
    for results in map(str.split, kinds)
    for signed in (False, True)
    if signed or "magnitude" not in results
]


def operands(width: int, signed: bool) -> list[tuple[int, int]]:
    """Awkward operands, each pair defined, in a random but fixed order."""
    random, mask, top = Random(width + signed), (1 << width) - 1, width - 1
    edges = [0, 1, 2, 3, 10, 1 << top, (1 << top) - 1, (1 << top) + 1, mask, mask - 1]
    edges += [1 << width // 2, (1 << width // 2) - 1, (1 << top - 1) + 1]
    pairs = random.sample([(x, y) for x in edges for y in edges], 40)
    for shift in range(top):
        if width == 32:
            pairs += [(3 << shift, 3), ((3 << shift) - 1, 3)]
        else:
            divisor = (3, 5, 7, 0xFFFF)[shift % 4]
            pairs.append(((divisor << shift) - (shift >> 2 & 1), divisor))
    for shift in range(0, width, 2):
        pairs.append((random.getrandbits(width), random.getrandbits(width) >> shift))
    if signed:
        pairs = [(x, y if random.random() < 0.5 else -y) for x, y in pairs]
        pairs = [(x if random.random() < 0.5 else -x, y) for x, y in pairs]
    random.shuffle(pairs)
    division = Division(width, signed)
    pairs = [(x & mask, y & mask) for x, y in pairs]
    return [pair for pair in pairs if division.is_defined(*pair)]


class Frame:
    """Memory of a function: its stack frame, full of noise, and the code near it."""

    def __init__(self, read: Read, place: int, noise: bytes) -> None:
        self.code = read
        self.entry = place & ~1
        self.stack = bytearray(noise)

    def read(self, address: int, size: int) -> bytes:
        """From the frame or from code."""
        if STACK_TOP - FRAME <= address <= STACK_TOP - size:
            at = address - (STACK_TOP - FRAME)
            return bytes(self.stack[at : at + size])
        found = b""
        for at in range(address & ~1, address + size, 2):
            half = self.code(at) if abs(at - self.entry) < NEAR else None
            if half is None:
                raise MemoryFault(address)
            found += half.to_bytes(2, "little")
        return found[address & 1 :][:size]

    def write(self, address: int, data: bytes) -> None:
        """Into the frame."""
        if not STACK_TOP - FRAME <= address <= STACK_TOP - len(data):
            raise MemoryFault(address)
        at = address - (STACK_TOP - FRAME)
        self.stack[at : at + len(data)] = data


class Trial:
    """A function under test, and what has been seen of it: the places that were executed, those of
    them with defined operands, and the outcomes of each conditional instruction.
    """

    def __init__(self, isa: Isa, read: Read, place: int) -> None:
        self.isa = isa
        self.read = read
        self.place = place
        self.random = Random(place & 3)
        self.noise = self.random.randbytes(FRAME)
        self.decoded: dict[tuple[int, bool], Decoded | None] = {}
        self.counts: dict[tuple[int, bool], int] = {}
        self.functions: dict[tuple[int, bool], Function | None] = {}
        self.executed: set[int] = set()
        self.defined: set[int] = set()
        self.seen: dict[tuple[int, int], tuple[Decoded, set[int]]] = {}

    def run(self, values: list[int]) -> list[int] | None:
        """r0 to r3 after a call with `values` in them; None if it did what a division does not."""
        m = RefMachine(Frame(self.read, self.place, self.noise))
        m.r = [*values, *(self.random.getrandbits(32) for _ in range(12))]
        m.r[13], m.r[14] = STACK_TOP, RETURN | self.place & 1
        m.thumb, m.address = bool(self.place & 1), self.place & ~1
        flags = self.random.getrandbits(3)
        m.fields.update(n=flags << 31 & MASK, z=flags & 2, c=flags >> 2)
        m.d = [self.random.getrandbits(64) for _ in m.d]
        before = self._others(m)
        for _ in range(STEPS):
            if m.address == RETURN:
                break
            if not self._step(m):
                return None
        if (m.address, int(m.thumb)) != (RETURN, self.place & 1) or self._others(m) != before:
            return None
        return m.r[:4]

    @staticmethod
    def _others(m: RefMachine) -> tuple[list[int], list[int], dict[str, int]]:
        fields = {name: v for name, v in m.fields.items() if name not in "nzcv"}
        return [m.r[n] for n in _PRESERVED], list(m.d), fields

    def _step(self, m: RefMachine) -> bool:
        place, in_it = m.address | m.thumb, m.it & 15 != 0
        key = (place, in_it)
        if key not in self.decoded:
            self.decoded[key] = fetch(self.isa, self.read, place, in_it)
        insn = self.decoded[key]
        if insn is None:
            return False
        cond = m.it >> 4 if in_it else insn.cond
        self.executed.add(place)
        outcome = int(cond >= 14 or holds(m, cond))
        name = insn.encoding.row.name
        function = self._function(key, insn)
        if function is None:
            if perform(m, insn) is not None:
                return False
        else:
            if outcome:
                function(m.r, m.fields)
            m.address = m.address + insn.length & MASK
            m.it = next_it(m.it)
        if name in _BRANCHES:
            outcome = m.address | m.thumb
        if name in ("b_cond", "cbz") or (cond < 14 and name != "it"):
            self.seen.setdefault((place, cond), (insn, set()))[1].add(outcome)
        return True

    def _function(self, key: tuple[int, bool], insn: Decoded) -> Function | None:
        """What is faster than the row, for what is executed often."""
        count = self.counts[key] = self.counts.get(key, 0) + 1
        if count == OFTEN:
            self.functions[key] = None if insn.encoding.row.name == "it" else function_of(insn)
        return self.functions.get(key)

    def inner(self) -> set[int]:
        """Where conditional branches have led."""
        branches = (o for i, o in self.seen.values() if i.encoding.row.name in ("b_cond", "cbz"))
        return self.executed & {place for outcomes in branches for place in outcomes}

    def is_covered(self) -> bool:
        """Whether the runs have seen what the code can do."""
        skipped: list[tuple[object, ...]] = []
        shapes: set[tuple[object, ...]] = set()
        for (place, cond), (insn, outcomes) in self.seen.items():
            if place not in self.defined:
                continue
            e = insn.encoding
            if e.row.name in _BRANCHES:
                ways = {insn.operands.imm.value & ~1 | place & 1, place + insn.length}
                if not ways - outcomes <= self.executed:
                    return False
                continue
            names = [name for name in e.form.regs if name in CORE_REGISTERS]
            registers = [getattr(insn.operands, name).const for name in names]
            shape = (e.row.name, cond, *registers)
            if 1 in outcomes:
                shapes.add(shape)
            else:
                skipped.append(shape)
        return not skipped or (len(skipped) == 1 and skipped[0] in shapes)


def call(trial: Trial, pair: tuple[int, int], width: int) -> list[int] | None:
    """r0 to r3 after a call with operands of `width` bits."""
    r = _words(list(pair), width)
    return trial.run(r + [trial.random.getrandbits(32) for _ in range(4 - len(r))])


def _fits(found: list[int] | None, expected: list[int]) -> bool:
    return found is not None and found[: len(expected)] == expected


def _computes(trial: Trial, division: Division) -> bool:
    width = division.width
    return all(
        _fits(call(trial, pair, width), division.divide(*pair))
        for pair in operands(width, division.signed)
    )


# Enough to tell the kinds from each other.
_FIRST = [
    (0x0000_0011_000F_4243, 0x0000_0000_0000_03F1),
    (0xFFFF_FFF0_FFF0_BDBD, 0x0000_0000_0001_001D),
]


def _candidates(trial: Trial) -> list[Division]:
    """What the function may compute, by what it does with two pairs of operands."""
    possible = DIVISIONS
    for pair in _FIRST:
        left = []
        for width in sorted({division.width for division in possible}):
            x, y = (v & (1 << width) - 1 for v in pair)
            found = call(trial, (x, y), width)
            left += [d for d in possible if d.width == width and _fits(found, d.divide(x, y))]
        possible = left
    return possible


def _judge(isa: Isa, read: Read, place: int) -> tuple[Division | None, set[int]]:
    """What the function at `place` computes, and the places inside of it, if it is a division."""
    for division in _candidates(Trial(isa, read, place)):
        trial = Trial(isa, read, place)
        width, mask = division.width, (1 << division.width) - 1
        if not _computes(trial, division):
            continue
        trial.defined = set(trial.executed)
        inner = trial.inner()
        for pair in ((0, 0), (5, 0), (mask - 4, 0), (1 << width - 1, mask)):
            call(trial, pair, width)
        return (division, inner) if trial.is_covered() else (None, set())
    return None, set()


Verdict = tuple[dict[int, int | None], Division | None]

# Verdicts by what was read, at offsets from the place: the next unit meets the same functions.
_known: dict[tuple[int, int | None], list[Verdict]] = {}


def recognise(isa: Isa, read: Read, place: int) -> Division | None:
    """The division that the function at `place` computes, or None.

    Behind its test for zero a division still is one, but nobody calls it there: None as well.
    """
    entry = place & ~1
    known = _known.setdefault((place & 3, read(entry)), [])
    for code, division in known:
        if all(read(entry + offset) == half for offset, half in code.items()):
            return division
    code = {}

    def note(address: int) -> int | None:
        half = code[address - entry] = read(address)
        return half

    division, inner = _judge(isa, note, place)
    known.append((code, division))
    for other in inner - {place}:
        start = other & ~1
        moved = {offset + entry - start: half for offset, half in code.items()}
        _known.setdefault((other & 3, read(start)), []).append((moved, None))
    return division
