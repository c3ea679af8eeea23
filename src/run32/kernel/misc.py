"""The machine as a 32-bit program sees it: uname(2), personality(2), sysinfo(2).

uname names the machine of `kernel.cpus`, or an `i686`. With UNAME26 the release is the 2.6 number
the kernel makes of its own (kernel/sys.c).
"""

from __future__ import annotations

from struct import pack, unpack

from run32.kernel import host, layouts
from run32.kernel.buf import out, syscall

TYPE_CHECKING = False
if TYPE_CHECKING:
    from run32.kernel.task import Task

NR = host.NR
FIELD = 65
FIELDS = 6
RELEASE, MACHINE = 2, 4
UNAME26 = 0x0020000
READ_IMPLIES_EXEC = 0x0400000
QUERY = 0xFFFFFFFF
PAGE = 4096


def uname(task: Task, buf: int) -> int:
    """uname(2)."""
    raw = out(FIELD * FIELDS)
    result = syscall(NR["uname"], raw)
    if result < 0:
        return result
    fields = [raw[i : i + FIELD].split(b"\0")[0] for i in range(0, FIELD * FIELDS, FIELD)]
    fields[MACHINE] = task.mem.cpu.name if task.abi == "arm" else b"i686"
    if task.personality & UNAME26:
        fields[RELEASE] = old_release(fields[RELEASE])
    task.mem.write(buf, b"".join(field.ljust(FIELD, b"\0") for field in fields))
    return 0


def old_release(release: bytes) -> bytes:
    """A 2.6.x release for programs that cannot parse newer ones: 6.18.3-x is 2.6.78-x."""
    if release.startswith(b"2.6."):
        return release
    digits = b"".join(release.partition(b".")[2][i : i + 1] for i in range(3))
    minor = digits[: len(digits) - len(digits.lstrip(b"0123456789"))] or b"0"
    end = 0
    dots = 0
    for byte in release:
        if byte == 46:
            dots += 1
            if dots == 3:
                break
        elif not 48 <= byte <= 57:
            break
        end += 1
    return (b"2.6.%d" % (int(minor) + 60) + release[end:])[: FIELD - 1]


def personality(task: Task, persona: int) -> int:
    """personality(2): kept by run32, so that it never changes the host process."""
    old = task.personality
    if persona != QUERY:
        task.personality = persona
        task.mem.read_implies_exec = bool(persona & READ_IMPLIES_EXEC)
    return old


def sysinfo(task: Task, info: int) -> int:
    """sysinfo(2): sizes are scaled by mem_unit until they fit 32 bits."""
    raw = out(112)
    result = syscall(NR["sysinfo"], raw)
    if result < 0:
        return result
    uptime, *rest = unpack(layouts.HOST_SYSINFO, raw)
    loads, sizes, procs = rest[:3], rest[3:9], rest[9]
    high, unit = rest[11:13], rest[13]
    shift = 0
    if (sizes[0] | sizes[4]) >> 32:
        while unit < PAGE:
            unit <<= 1
            shift += 1
    low = [value >> shift & 0xFFFFFFFF for value in (*sizes, *high)]
    load = [value & 0xFFFFFFFF for value in loads]
    data = pack(layouts.SYSINFO, uptime, *load, *low[:6], procs, 0, *low[6:], unit)
    task.mem.write(info, data)
    return 0
