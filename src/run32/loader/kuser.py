"""Code pages an arm kernel puts into every process: the kuser helpers and the sigreturn stubs.

Sources: Documentation/arch/arm/kernel_user_helpers.rst (addresses and contracts, version 5) and
arch/arm64/kernel/{kuser32,sigreturn32}.S (what a compat kernel provides). A helper is called with
`blx` to its fixed address; C is set on success of the compare-and-swap helpers.
"""

from __future__ import annotations

from struct import pack

VECTORS = 0xFFFF0000
VECTORS_NAME = b"[vectors]"
SIGPAGE_NAME = b"[sigpage]"
VERSION = 5
FILL = 0xE7FDDEF1
"""udf: running off the stubs ends in SIGILL."""

# fmt: off
CMPXCHG64 = (          # 0xffff0f60: *r2 (64 bits): if equal to *r0, store *r1; r0 = 0 if stored
    0xE92D00F0,        # push    {r4, r5, r6, r7}
    0xE1C040D0,        # ldrd    r4, r5, [r0]
    0xE1C160D0,        # ldrd    r6, r7, [r1]
    0xF57FF05B,        # dmb     ish
    0xE1B20F9F,        # ldrexd  r0, r1, [r2]
    0xE0303004,        # eors    r3, r0, r4
    0x00313005,        # eorseq  r3, r1, r5
    0x01A23F96,        # strexdeq r3, r6, r7, [r2]
    0x03330001,        # teqeq   r3, #1
    0x0AFFFFF9,        # beq     the ldrexd
    0xF57FF05B,        # dmb     ish
    0xE2730000,        # rsbs    r0, r3, #0
    0xE8BD00F0,        # pop     {r4, r5, r6, r7}
    0xE12FFF1E,        # bx      lr
)
BARRIER = (            # 0xffff0fa0
    0xF57FF05B,        # dmb     ish
    0xE12FFF1E,        # bx      lr
)
CMPXCHG = (            # 0xffff0fc0: *r2: if equal to r0, store r1; r0 = 0 if stored
    0xF57FF05B,        # dmb     ish
    0xE1923F9F,        # ldrex   r3, [r2]
    0xE0533000,        # subs    r3, r3, r0
    0x01823F91,        # strexeq r3, r1, [r2]
    0x03330001,        # teqeq   r3, #1
    0x0AFFFFFA,        # beq     the ldrex
    0xE2730000,        # rsbs    r0, r3, #0
    0xEAFFFFEF,        # b       0xffff0fa0, which returns
)
GET_TLS = (            # 0xffff0fe0
    0xEE1D0F70,        # mrc     p15, 0, r0, c13, c0, 3
    0xE12FFF1E,        # bx      lr
)
SLOTS = (
    (0xF60, CMPXCHG64), (0xFA0, BARRIER), (0xFC0, CMPXCHG), (0xFE0, GET_TLS), (0xFFC, (VERSION,)),
)

SIGRETURN = (          # per handler kind: an A32 stub of two words, then a Thumb one of one word
    0xE3A07077,        # mov     r7, #119 (sigreturn)
    0xEF000077,        # svc     #119
    0xDF772777,        # movs    r7, #119; svc #119
    0xE3A070AD,        # mov     r7, #173 (rt_sigreturn)
    0xEF0000AD,        # svc     #173
    0xDFAD27AD,        # movs    r7, #173; svc #173
)
SIGRETURN_ARM, SIGRETURN_THUMB, RT_SIGRETURN_ARM, RT_SIGRETURN_THUMB = 0, 8, 12, 20
# fmt: on


def vectors_page(page: int) -> bytes:
    """The kuser page's contents; helpers sit in its first 4 KiB whatever the page size."""
    image = bytearray(4096)
    for offset, words in SLOTS:
        image[offset : offset + 4 * len(words)] = pack(f"<{len(words)}I", *words)
    return bytes(image).ljust(page, b"\0")


def sigreturn_page(page: int) -> bytes:
    """The sigreturn page's contents."""
    stubs = pack(f"<{len(SIGRETURN)}I", *SIGRETURN)
    return stubs + pack("<I", FILL) * ((page - len(stubs)) // 4)
