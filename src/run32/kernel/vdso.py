"""The host's own clock: finding clock_gettime in the vDSO that the kernel mapped into this process.

Sources: vdso(7), getauxval(3), ELF-64 object file format (program headers, dynamic section).
"""

from __future__ import annotations

from struct import iter_unpack, unpack_from

from run32.kernel import cdata, host
from run32.spec.desk import NO_CLOCK

AT_SYSINFO_EHDR = 33
NAMES = {b"__vdso_clock_gettime", b"__kernel_clock_gettime"}
PT_LOAD, PT_DYNAMIC = 1, 2
DT_STRTAB, DT_SYMTAB, DT_STRSZ = 5, 6, 10
SYMBOL = 24
LIMIT = 1 << 16


def clock() -> int:
    """Host address of the vDSO's clock_gettime, or NO_CLOCK."""
    u64 = cdata.c_uint64
    getauxval = cdata.CFUNCTYPE(u64, u64)(cdata.symbol("getauxval"))
    base: int = getauxval(AT_SYSINFO_EHDR)
    return (find(base) if base else 0) or NO_CLOCK


def find(base: int) -> int:
    """Address of clock_gettime in the ELF image at host address `base`, or 0."""
    head = host.peek(base, 64)
    if head is None or head[:5] != b"\x7fELF\x02":
        return 0
    (table,) = unpack_from("<Q", head, 32)
    size, count = unpack_from("<HH", head, 54)
    headers = host.peek(base + table, size * count) or b""
    dynamic = end = bias = 0
    for at in range(0, len(headers), size):
        kind, _, offset, address, _, filled = unpack_from("<IIQQQQ", headers, at)
        if kind == PT_LOAD and not end:
            bias, end = base + offset - address, filled
        elif kind == PT_DYNAMIC:
            dynamic = address
    image = host.peek(base, end) if 0 < end <= LIMIT else None
    if image is None or not dynamic:
        return 0
    low = base - bias  # of the image, as its own addresses count
    start = dynamic - low
    entries = dict(iter_unpack("<qQ", image[start : start + (len(image) - start) // 16 * 16][:512]))
    # some kernels have relocated these when they mapped the image
    names, symbols = (entries.get(tag, 0) % (1 << 64) for tag in (DT_STRTAB, DT_SYMTAB))
    names, symbols = (v - (base if v >= base else low) for v in (names, symbols))
    return _search(image, names, symbols, entries.get(DT_STRSZ, 0), bias)


def _search(image: bytes, names: int, symbols: int, size: int, bias: int) -> int:
    if not 0 < symbols < names < len(image):  # the names follow the symbols
        return 0
    for at in range(symbols, names - SYMBOL + 1, SYMBOL):
        name, _, _, section, value, _ = unpack_from("<IBBHQQ", image, at)
        text = image[names + name : names + size].partition(b"\0")[0]
        if section and text in NAMES:
            return bias + int(value)
    return 0
