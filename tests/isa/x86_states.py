"""Random i386 instructions and CPU states for the engines in `x86_oracle`.

Instruction bytes are made from an encoding's own text: prefixes, opcode, ModRM, SIB, immediate.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from random import Random

from x86_oracle import BITS, DATA, DATA_SIZE, FLAGS, MASK, Cpu, Engine

from run32.spec.x86 import Encoding, Insn
from run32.spec.x86_operands import BASE, IMM_BYTES, JB, JD, MOFFS, REGISTER

COUNT = int(os.environ.get("RUN32_FUZZ_STATES", "200"))
EDGES = (0, 1, 2, 31, 32, 33, 0x7F, 0x80, 0xFF, 0x7FFF, 0x8000, 0xFFFF, 0x10000)
EDGES += (0x7FFFFFFF, 0x80000000, 0x80000001, 0xFFFFFFFF, 0xFFFFFFFE, 0x55555555, 0xAAAAAAAA)
# Rows whose immediate is chosen: interrupts without a meaning of their own in Unicorn; QEMU 5.0
# takes the immediate of RET for signed.
IMMEDIATES = {"int_": (0x80, 0x21, 0x42, 0xFE), "ret_pop": (0, 4, 8, 0x123, 0x7FFF)}
MIDDLE = DATA + DATA_SIZE // 2


def modrm(rng: Random, e: Encoding) -> bytes:
    """A ModRM byte of the encoding's shape with what belongs to it."""
    reg = rng.randrange(8) if e.digit is None else e.digit
    if e.shape == REGISTER:
        return bytes([0xC0 | reg << 3 | rng.randrange(8)])
    mod = rng.randrange(3)
    disp = {
        0: b"",
        1: rng.randbytes(1),
        2: rng.randrange(-256, 256).to_bytes(4, "little", signed=True),
    }
    if e.shape == BASE and rng.random() < 0.8:
        rm = rng.choice([n for n in range(8) if n != 4])
        tail = b""
    else:
        rm, base = 4, rng.randrange(8)
        index = 4 if e.shape == BASE else rng.choice([n for n in range(8) if n != 4])
        tail = bytes([rng.randrange(4) << 6 | index << 3 | base])
    absolute = mod == 0 and (rm == 5 or (tail and tail[0] & 7 == 5))
    where = MIDDLE + rng.randrange(-256, 256)
    return (
        bytes([mod << 6 | reg << 3 | rm])
        + tail
        + (where.to_bytes(4, "little") if absolute else disp[mod])
    )


def immediate(rng: Random, e: Encoding) -> bytes:
    """Bytes of the encoding's immediate."""
    size = IMM_BYTES[e.imm]
    if e.imm == MOFFS:
        return (MIDDLE + rng.randrange(-256, 256)).to_bytes(4, "little")
    if e.imm == JD:
        return rng.randrange(-0x1000, 0x1000).to_bytes(4, "little", signed=True)
    if e.row.name in IMMEDIATES:
        return rng.choice(IMMEDIATES[e.row.name]).to_bytes(size, "little")
    if e.imm == JB or rng.random() < 0.6:
        return rng.randbytes(size)
    return (rng.choice(EDGES) + rng.randrange(-1, 2) & MASK).to_bytes(4, "little")[:size]


def random_bytes(rng: Random, e: Encoding) -> bytes:
    """An instruction that this very encoding decodes."""
    prefix = b"\x66" if (size := rng.choice(e.sizes)) == 16 else b""
    assert size in e.sizes
    if e.takes_rep:
        prefix += rng.choice((b"", b"\xf2", b"\xf3"))
    opcode = (b"", b"\x0f")[e.map] + bytes([rng.choice(e.opcodes)])
    return prefix + opcode + (b"" if e.shape is None else modrm(rng, e)) + immediate(rng, e)


def random_value(rng: Random) -> int:
    """A register value: an address in the data window, a small number, an edge or anything."""
    kind = rng.randrange(8)
    if kind < 3:
        return MIDDLE + rng.randrange(-0x300, 0x300)
    if kind == 3:
        return rng.randrange(0, 40)
    if kind == 4:
        return rng.choice(EDGES) + rng.randrange(-1, 2) & MASK
    return rng.getrandbits(32)


def random_state(rng: Random) -> Cpu:
    """Random registers and flags."""
    return Cpu(r=[random_value(rng) for _ in range(8)], eflags=rng.getrandbits(12) & FLAGS)


def undefined_flags(e: Encoding) -> int:
    """The flags to ignore after an encoding, as EFLAGS bits."""
    names = e.row.undefined
    if e.row.undefined in ("AO", "O") and e.text[:3] in ("D0 ", "D1 "):
        names = names.replace("O", "")  # a shift by 1
    return sum(1 << BITS[f] for f in names)


def cases(row: Insn, count: int, seed: int = 0) -> Iterator[tuple[Encoding, bytes, Cpu]]:
    """`count` instructions with states, spread evenly over the row's encodings."""
    rng = Random(f"{row.name} {seed}")
    for i in range(count):
        e = row.encodings[i % len(row.encodings)]
        yield e, random_bytes(rng, e), random_state(rng)


def compare(
    row: Insn, count: int, expected: Engine, found: Engine, seed: int = 0, mask: bool = True
) -> tuple[dict[str, int], list[str]]:
    """Outcomes by name, and what differs, over `count` cases of a row on two engines.

    `mask`: leave out the flags that the row does not define.
    """
    outcomes: dict[str, int] = {}
    different = []
    for e, raw, state in cases(row, count, seed):
        a, b = expected.run(raw, state), found.run(raw, state)
        outcomes[a.outcome] = outcomes.get(a.outcome, 0) + 1
        wrong = list(a.differences(b, undefined_flags(e) if mask else 0))
        if wrong:
            different.append(f"{e!r} {raw.hex(' ')}: {', '.join(wrong[:6])}\n    {state!r}")
    return outcomes, different
