"""The files of the region cache: where they lie and how they are laid out.

    CACHE/regions/<engine content>-<host cpu>/
        sock, lock           the translator's
        left/                requests of processes that ended before it listened
        id/<identity>.<mode> a link to ../code/<content>.<mode>, by stat(2) of a guest file
        code/<content>.<mode>

`<mode>` is `fast` or `exact` (see `codegen/translate.py`). A code file is only ever
appended to, by one writer that holds its lock, or replaced as a whole. All of it is mapped in one
piece: code finds its bias 4096 bytes before the start of the mapping.

A file begins with a page: magic, the range of places that the guest file has code at, key, and at
128 the offset of the newest index record (or 0) and the sum of what is before. Records of a
multiple of 64 bytes follow:

| offset | bytes | content |
|---|---|---|
| 0 | 4 | magic |
| 4 | 4 | kind: 0 code, 1 index |
| 8 | 8 | sum of the rest of the record from byte 32 on |
| 32 | 8 | length of the record |
| 40 | 4 | entries: place, offset of the code in this file (0: there is none) plus `Region.items` |
| 44 | 4 | spans of guest code that this was made from (start, end) |
| 48 | 8 | index: sum of the file from byte 4096 to this record |
| 56 | 4 | where in the record the landings are (`codegen/landings.py`) |
| 60 | 4 | how many |
| 64 | | entries, spans, code |

An index repeats the entries of all code records before it, so that a reader checks one sum and
installs one table. Where records have spans, which a reader must compare, there is none.
Invariant: imports nothing heavy; this is on the launch path.
"""

from __future__ import annotations

from run32.codegen import store

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

MAGIC = b"run32 regions 1\n"
TEXT_AT, KEY_AT, INDEX_AT, SUM_AT = 16, 24, 128, 136
PAGE = 4096  # of the file's head, and between the bias and the file
RECORD = 0x52323352
CODE, INDEX = 0, 1
HEAD = 64
SUMMED = 32  # where the summed part of a record begins
ALIGN = 64
FROM_RETURN, FROM_CALL, FROM_JUMP = 1, 2, 4
"""Lowest bits of a code offset, in entries and in the table: what may go there at once. That is a
return to code that does not read the flags it is entered with (nor does whoever it returns to), and
has no other bit; a call of code that looks at `pending` first and reads no flags before it returns;
an indirect jump to code that looks at `pending` first and reads no flags."""
OFFSET = ~(FROM_RETURN | FROM_CALL | FROM_JUMP)
"""What is left is the offset."""
ENTRY_ALIGN = 16  # of code that items lead to, and of where offsets count from
MODES = ("fast", "exact")
LENGTH_AT, LANDINGS_AT, LANDING_COUNT_AT = 32, 56, 60
MAX_FILE = 192 << 20


class Record:
    """The head of a record that was found good."""

    __slots__ = ("at", "covers", "entries", "kind", "length", "spans")

    def __init__(self, at: int, kind: int, length: int, entries: int, spans: int, covers: int):
        self.at = at
        self.kind = kind
        self.length = length
        self.entries = entries
        self.spans = spans
        self.covers = covers

    @property
    def entries_at(self) -> int:
        """Where in the file the entries are."""
        return self.at + HEAD

    @property
    def spans_at(self) -> int:
        """Where in the file the spans are."""
        return self.at + HEAD + 8 * self.entries


def top(cache: str) -> str:
    """The directory of all regions."""
    return cache + "/regions"


def name_of_engine(path: str) -> str:
    """The name of the engine that `path` is or links to: it has a digest of its sources."""
    import os

    try:
        return os.readlink(path)
    except OSError:
        return os.path.basename(path)


def host_key(cpuid: Callable[[int, int], tuple[int, int, int, int]] | None) -> str:
    """What distinguishes this host's CPU from others for generated code."""
    if cpuid is None:
        with open("/proc/self/auxv", "rb", 0) as file:
            raw = file.read()
        words = memoryview(raw).cast("Q")
        wanted = (16, 26, 29, 30)  # AT_HWCAP and its continuations
        facts = [(words[i], words[i + 1]) for i in range(0, len(words) - 1, 2)]
        return store.digest(repr([f for f in facts if f[0] in wanted]).encode())[:8]
    answers: list[tuple[int, ...]] = [cpuid(0, 0)[1:]]
    one = cpuid(1, 0)
    answers.append((one[0], one[2], one[3]))
    answers += [cpuid(7, 0)[1:], cpuid(7, 1)[:1], cpuid(0x80000001, 0)[2:]]
    return store.digest(repr(answers).encode())[:8]


def identity(parts: tuple[int, ...]) -> str:
    """The name for (dev, ino, size, mtime_ns, ctime_ns) of a guest file."""
    return "-".join([f"{part:x}" for part in parts])


def check_head(page: memoryview, sum_of: Callable[[int, int], int], key: str) -> str:
    """What is wrong with the head of a file, or "". `key` is what its key must begin with."""
    if page[: len(MAGIC)] != MAGIC or len(page) < PAGE:
        return "not a file of regions"
    if sum_of(0, INDEX_AT) != int.from_bytes(page[SUM_AT : SUM_AT + 8], "little"):
        return "damaged"
    found = bytes(page[KEY_AT:INDEX_AT]).rstrip(b"\0")
    if not found.startswith(key.encode()):
        return "made for another engine or host"
    return ""


def make_head(key: str, text: tuple[int, int], sum_of: Callable[[bytes], int]) -> bytes:
    """The first page of a file. `key` is the engine and host, then the content."""
    raw = key.encode().ljust(INDEX_AT - KEY_AT, b"\0")
    if len(raw) > INDEX_AT - KEY_AT:
        raise ValueError(f"key {key!r} is too long")
    head = MAGIC + b"".join([word.to_bytes(4, "little") for word in text]) + raw
    return (head + bytes(8) + sum_of(head).to_bytes(8, "little")).ljust(PAGE, b"\0")


def text_range(page: memoryview) -> tuple[int, int]:
    """The range of places with code."""
    words = page[TEXT_AT:KEY_AT].cast("I")
    return words[0], words[1]


def index_offset(page: memoryview) -> int:
    """Where the newest index is said to be, or 0."""
    return int.from_bytes(page[INDEX_AT : INDEX_AT + 8], "little")


def read_record(
    view: memoryview, at: int, sum_of: Callable[[int, int], int], kind: int | None = None
) -> Record | None:
    """The record at `at` if it is complete and right. `sum_of(offset, size)` is the native sum."""
    size = len(view)
    if at < PAGE or at % ALIGN or at + HEAD > size:
        return None
    words = view[at : at + HEAD].cast("I")
    length = words[8] | words[9] << 32
    if words[0] != RECORD or (kind is not None and words[1] != kind):
        return None
    entries, spans = words[10], words[11]
    if length % ALIGN or not HEAD + 8 * (entries + spans) <= length <= size - at:
        return None
    if words[15] and not HEAD <= words[14] <= length - 8 * words[15]:
        return None
    total = words[2] | words[3] << 32
    if sum_of(at + SUMMED, length - SUMMED) != total:
        return None
    return Record(at, words[1], length, entries, spans, words[12] | words[13] << 32)


def make_record(
    kind: int,
    entries: bytes,
    spans: bytes,
    code: bytes,
    sum_of: Callable[[bytes], int],
    covers: int = 0,
    code_at: int = 0,
    landings: tuple[int, int] = (0, 0),
) -> bytes:
    """A record. `code_at` is where in it the code goes; see `code_offset`. `landings` is where in
    the code they are, and their size."""
    out = bytearray(HEAD)
    out += entries + spans
    if code:
        out += bytes(code_at - len(out)) + code
    out += bytes(-len(out) % ALIGN)
    out[0:8] = RECORD.to_bytes(4, "little") + kind.to_bytes(4, "little")
    out[32:40] = len(out).to_bytes(8, "little")
    out[40:48] = (len(entries) // 8).to_bytes(4, "little") + (len(spans) // 8).to_bytes(4, "little")
    out[48:56] = covers.to_bytes(8, "little")
    at, size = landings
    if size:
        out[LANDINGS_AT:LANDING_COUNT_AT] = (code_at + at).to_bytes(4, "little")
        out[LANDING_COUNT_AT:HEAD] = (size // 8).to_bytes(4, "little")
    out[8:16] = sum_of(bytes(out[SUMMED:])).to_bytes(8, "little")
    return bytes(out)


def code_offset(at: int, entries: int, spans: int, align: int = ALIGN) -> int:
    """Where in the file the code of a record at `at` begins."""
    return -(-(at + HEAD + 8 * (entries + spans)) // align) * align
