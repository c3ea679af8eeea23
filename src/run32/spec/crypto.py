"""Ciphers, hashes, carry-less products and check sums as pure functions over `Bits`.

Source: DDI 0487 (shared/functions/crypto: AESShiftRows ... SHA256hash; PolynomialMult, Poly32Mod2),
FIPS 197, FIPS 180-4. On constants these are the reference; on symbolic values they are the code for
hosts without such instructions (`codegen/crypto.py` has those with).

Names are those of the instructions. `aese` and `aesd` lack the addition of the key.
"""

from __future__ import annotations

from collections.abc import Callable

from run32.spec.bits import Bits, select
from run32.spec.vector import Vec

_ROW = [i % 4 for i in range(16)]
_SHIFTED = [r + 4 * ((i // 4 + r) % 4) for i, r in enumerate(_ROW)]
_UNSHIFTED = [r + 4 * ((i // 4 - r) % 4) for i, r in enumerate(_ROW)]
CRC = {"crc32": 0xEDB88320, "crc32c": 0x82F63B78}  # polynomials, lowest power on top


# -- AES ------------------------------------------------------------------------------------------
def _double(a: Vec) -> Vec:
    """Bytes times x modulo the polynomial of AES."""
    return a.shl(1) ^ a.shr(7, 1) & 0x1B


def _times(a: Vec, b: Vec) -> Vec:
    product = a.like(0)
    for i in range(8):
        product = product ^ a & b.shl(7 - i).shr(7, 1)
        a = _double(a)
    return product


def _inverse(a: Vec) -> Vec:
    """a ** 254, the inverse where there is one."""
    a2 = _times(a, a)
    a3 = _times(a2, a)
    a6 = _times(a3, a3)
    a12 = _times(a6, a6)
    a15 = _times(a12, a3)
    power = a15
    for _ in range(4):
        power = _times(power, power)
    return _times(_times(power, a12), a2)


def _rotated(a: Vec, *amounts: int) -> Vec:
    """The sum of bytes rotated left."""
    total = a.like(0)
    for n in amounts:
        total = total ^ a.shl(n) ^ a.shr(8 - n, 0)
    return total


def _column(a: Vec, n: int) -> Vec:
    """The columns, rotated up by `n` rows."""
    return a.shuffle([i // 4 * 4 + (i + n) % 4 for i in range(16)])


def aese(x: Bits) -> Bits:
    """ShiftRows and SubBytes."""
    a = _inverse(Vec(x, 8).shuffle(_SHIFTED))
    return (a ^ _rotated(a, 1, 2, 3, 4) ^ 0x63).bits


def aesd(x: Bits) -> Bits:
    """The inverses of both."""
    a = Vec(x, 8).shuffle(_UNSHIFTED)
    return _inverse(_rotated(a, 1, 3, 6) ^ 0x05).bits


def aesmc(x: Bits) -> Bits:
    """MixColumns."""
    a = Vec(x, 8)
    b = _column(a, 1)
    return (_double(a ^ b) ^ b ^ _column(a, 2) ^ _column(a, 3)).bits


def aesimc(x: Bits) -> Bits:
    """The inverse of MixColumns."""
    a = Vec(x, 8)
    return aesmc((a ^ _double(_double(a ^ _column(a, 2)))).bits)


# -- SHA ------------------------------------------------------------------------------------------
def _words(x: Bits) -> list[Bits]:
    v = Vec(x, 32)
    return [v.get(i) for i in range(4)]


def _left(x: Bits, n: int) -> Bits:
    return x.ror(32 - n)


def choose(x: Bits, y: Bits, z: Bits) -> Bits:
    """Bits of y where x has ones, else of z."""
    return (y ^ z) & x ^ z


def parity(x: Bits, y: Bits, z: Bits) -> Bits:
    """The sum of bits."""
    return x ^ y ^ z


def majority(x: Bits, y: Bits, z: Bits) -> Bits:
    """What two of three bits are."""
    return x & y | (x | y) & z


def _sha1(
    function: Callable[[Bits, Bits, Bits], Bits],
) -> Callable[[Bits, Bits, Bits], Bits]:
    """Four rounds of SHA-1 on a, b, c, d; `wk` has the words with the constant added."""

    def run(abcd: Bits, e: Bits, wk: Bits) -> Bits:
        a, b, c, d = _words(abcd)
        for w in _words(wk):
            e = e + _left(a, 5) + function(b, c, d) + w
            a, b, c, d, e = e, a, _left(b, 30), c, d
        return Vec.of([a, b, c, d]).bits

    return run


def _sha256(x: Bits, y: Bits, wk: Bits) -> tuple[Bits, Bits]:
    """Four rounds of SHA-256 on a to d and e to h."""
    (a, b, c, d), (e, f, g, h) = _words(x), _words(y)
    for w in _words(wk):
        t = h + (e.ror(6) ^ e.ror(11) ^ e.ror(25)) + choose(e, f, g) + w
        new = t + (a.ror(2) ^ a.ror(13) ^ a.ror(22)) + majority(a, b, c)
        a, b, c, d, e, f, g, h = new, a, b, c, d + t, e, f, g
    return Vec.of([a, b, c, d]).bits, Vec.of([e, f, g, h]).bits


def sha256h(abcd: Bits, efgh: Bits, wk: Bits) -> Bits:
    """a to d after four rounds."""
    return _sha256(abcd, efgh, wk)[0]


def sha256h2(efgh: Bits, abcd: Bits, wk: Bits) -> Bits:
    """e to h after four rounds."""
    return _sha256(abcd, efgh, wk)[1]


def sha256su0(d: Bits, m: Bits) -> Bits:
    """Words 0 to 3 with the first function of words 1 to 4."""
    old = _words(d)
    later = [*old[1:], _words(m)[0]]
    both = zip(old, later, strict=True)
    return Vec.of([x + (y.ror(7) ^ y.ror(18) ^ y >> 3) for x, y in both]).bits


def sha256su1(d: Bits, n: Bits, m: Bits) -> Bits:
    """Words 16 to 19 from what SHA256SU0 gave, words 8 to 11 and words 12 to 15."""
    last = _words(m)
    seven = [*_words(n)[1:], last[0]]
    found: list[Bits] = []
    for i, x in enumerate(_words(d)):
        y = last[2 + i] if i < 2 else found[i - 2]
        found.append(x + seven[i] + (y.ror(17) ^ y.ror(19) ^ y >> 10))
    return Vec.of(found).bits


# -- polynomials ----------------------------------------------------------------------------------
def pmull(a: Bits, b: Bits) -> Bits:
    """The product of polynomials of 64 bits."""
    low = high = Bits(64, 0)
    for i in range(64):
        mask = b[i].sext(64)
        low = low ^ (a << i) & mask
        if i:
            high = high ^ (a >> (64 - i)) & mask
    return Vec.of([low, high]).bits


def _crc(polynomial: int, bits: int) -> Callable[[Bits, Bits], Bits]:
    """The check sum after `bits` more bits."""

    def run(total: Bits, data: Bits) -> Bits:
        total = total ^ (data & (1 << bits) - 1)
        for _ in range(bits):
            total = total >> 1 ^ select(total[0], Bits(32, polynomial), Bits(32, 0))
        return total

    return run


class Operation:
    """`run` with operands of these widths gives `result` bits."""

    __slots__ = ("name", "operands", "result", "run")

    def __init__(
        self, name: str, run: Callable[..., Bits], operands: tuple[int, ...], result: int
    ) -> None:
        self.name = name
        self.run = run
        self.operands = operands
        self.result = result


OPERATIONS: dict[str, Operation] = {}


def _define(name: str, run: Callable[..., Bits], operands: tuple[int, ...], result: int) -> None:
    OPERATIONS[name] = Operation(name, run, operands, result)


def aesemc(x: Bits) -> Bits:
    """`aese` and `aesmc`: two instructions of ARM, one of x86-64."""
    return aesmc(aese(x))


def aesdimc(x: Bits) -> Bits:
    """`aesd` and `aesimc`."""
    return aesimc(aesd(x))


for _run in (aese, aesd, aesmc, aesimc, aesemc, aesdimc):
    _define(_run.__name__, _run, (128,), 128)
for _letter, _function in (("c", choose), ("p", parity), ("m", majority)):
    _define(f"sha1{_letter}", _sha1(_function), (128, 32, 128), 128)
for _hash in (sha256h, sha256h2, sha256su1):
    _define(_hash.__name__, _hash, (128, 128, 128), 128)
_define("sha256su0", sha256su0, (128, 128), 128)
_define("pmull", pmull, (64, 64), 128)
for _name, _polynomial in CRC.items():
    for _size, _bits in (("b", 8), ("h", 16), ("w", 32)):
        _define(_name + _size, _crc(_polynomial, _bits), (32, 32), 32)
