"""The ARM machines a guest can be told it runs on: `run32 --cpu`.

Sources: Linux arch/arm/kernel/setup.c and arch/arm/include/uapi/asm/hwcap.h (v7: a Cortex-A15 under
a 32-bit kernel), arch/arm64/kernel/cpufeature.c, cpuinfo.c and include/asm/compat.h (v8: a
Neoverse N1 under a 64-bit kernel, personality PER_LINUX32; FHM and SB come from its successors).
Only what run32 executes is announced; instructions that are not announced exist all the same. The
event stream is announced by neither.
"""

from __future__ import annotations

HWCAP_NAMES = (
    "swp half thumb 26bit fastmult fpa vfp edsp java iwmmxt crunch thumbee neon vfpv3 vfpv3d16 tls "
    "vfpv4 idiva idivt vfpd32 lpae evtstrm fphp asimdhp asimddp asimdfhm asimdbf16 i8mm"
).split()
HWCAP2_NAMES = "aes pmull sha1 sha2 crc32 sb ssbs".split()
_BOTH = "half thumb fastmult vfp edsp neon vfpv3 tls vfpv4 idiva idivt lpae"


def _bits(names: list[str], wanted: str) -> int:
    return sum(1 << names.index(name) for name in wanted.split())


class Machine:
    """What one machine is called and has."""

    __slots__ = (
        "architecture",
        "gap",
        "hwcap",
        "hwcap2",
        "name",
        "part",
        "platform",
        "tail",
        "variant",
    )

    def __init__(self, architecture: int, variant: int, part: int, more: str, more2: str) -> None:
        self.architecture = architecture
        self.name = b"armv%dl" % architecture
        """What uname(2) says."""
        self.platform = b"v%dl" % architecture
        self.variant, self.part = variant, part
        self.hwcap = _bits(HWCAP_NAMES, f"{_BOTH} {more}")
        self.hwcap2 = _bits(HWCAP2_NAMES, more2)
        self.gap = self.tail = ""
        """Of /proc/cpuinfo: what follows the features, and the end."""


ARM = {
    "v7": Machine(7, 2, 0xC0F, "vfpd32", ""),
    "v8": Machine(8, 3, 0xD0C, "fphp asimdhp asimddp asimdfhm", "aes pmull sha1 sha2 crc32 sb"),
}
ARM[
    "v7"
].tail = "Hardware\t: Generic DT based system\nRevision\t: 0000\nSerial\t\t: 0000000000000000\n"
ARM["v7"].gap = " "
RICHEST = "v8"
