"""Contents of the procfs files that describe a 32-bit process or machine (proc(5)).

`contents` gives the text of one file at the moment it is opened. What run32 does not know better is
taken from the host's own file. Formats: fs/proc/task_mmu.c, fs/proc/array.c, fs/proc/base.c,
arch/arm/kernel/setup.c.
"""

from __future__ import annotations

import os

from run32.kernel.cpus import HWCAP2_NAMES, HWCAP_NAMES

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from run32.kernel.task import Program, Task

SPACE = 1 << 32
PF_EXEC, SHARED, GROWSDOWN = 4, 1, 2
NAME_COLUMN = 72
AT_HWCAP, AT_HWCAP2 = 16, 26
SIG_IGN = 1

LIMIT_NAMES = {2: "Max data size", 3: "Max stack size", 9: "Max address space"}


def contents(task: Task, name: bytes, fd: int) -> bytes | None:
    """Text of the guest's own /proc file `name`, or None where the host's file is right.

    `fd` is the host's file, open at its beginning.
    """
    writer = WRITERS.get(name)
    return writer(task, fd) if writer is not None else None


def host_text(fd: int) -> bytes:
    """Everything in an open host file; empty if it cannot be read."""
    parts = []
    try:
        while part := os.read(fd, 65536):
            parts.append(part)
    except OSError:
        return b""
    return b"".join(parts)


def maps(task: Task, fd: int) -> bytes:
    """/proc/PID/maps."""
    lines = []
    for vma in task.mem.vmas():
        major, minor = os.major(vma.dev), os.minor(vma.dev)
        offset = vma.offset if vma.is_file else 0
        head = b"%08x-%08x %c%c%c%c %08x %02x:%02x %d " % (
            vma.start,
            vma.end,
            b"r" if vma.prot & 1 else b"-",
            b"w" if vma.prot & 2 else b"-",
            b"x" if vma.prot & PF_EXEC else b"-",
            b"s" if vma.flags & SHARED else b"p",
            offset,
            major,
            minor,
            vma.ino,
        )
        path = task.paths.guest(vma.path).replace(b"\n", b"\\012")
        lines.append(head.ljust(NAME_COLUMN) + b" " + path if path else head)
    return b"\n".join([*lines, b""])


def smaps(task: Task, fd: int) -> bytes:
    """/proc/PID/smaps: the host's figures for guest memory, at guest addresses."""
    base = task.mem.base
    lines = []
    keep = False
    for line in host_text(fd).split(b"\n"):
        first, _, rest = line.partition(b" ")
        if b"-" in first and not first.endswith(b":"):
            start, _, end = first.partition(b"-")
            low, high = int(start, 16) - base, int(end, 16) - base
            vma = task.mem.table.at(low) if 0 <= low < SPACE else None
            keep = vma is not None
            if vma is not None:
                execute = b"x" if vma.prot & PF_EXEC else b"-"
                rest = rest[:2] + execute + rest[3:]
                path = rest.partition(b"/")
                if path[1]:
                    rest = path[0] + task.paths.guest(b"/" + path[2])
                line = b"%08x-%08x " % (low, high) + rest
        if keep:
            lines.append(line)
    return b"\n".join([*lines, b""])


def auxv(task: Task, fd: int) -> bytes:
    """/proc/PID/auxv."""
    return task.program.auxv


def _strings(task: Task, start: int, end: int, known: tuple[bytes, ...]) -> bytes:
    if end > start:
        from run32.kernel.memory import Fault

        try:
            return task.mem.read(start, end - start)
        except Fault:
            return b""
    return b"".join(text + b"\0" for text in known)


def cmdline(task: Task, fd: int) -> bytes:
    """/proc/PID/cmdline: guest memory, because programs overwrite it."""
    program = task.program
    return _strings(task, program.arg_start, program.arg_end, program.argv)


def environ(task: Task, fd: int) -> bytes:
    """/proc/PID/environ."""
    program = task.program
    return _strings(task, program.env_start, program.env_end, program.envp)


def masks(task: Task) -> tuple[int, int, int, int]:
    """(pending, blocked, ignored, caught) signal masks of the guest."""
    ignored = caught = 0
    for signo, action in task.signals.actions.items():
        if action.handler == SIG_IGN:
            ignored |= 1 << (signo - 1)
        elif action.handler:
            caught |= 1 << (signo - 1)
    return task.signals.waiting(), task.signals.mask, ignored, caught


def stat(task: Task, fd: int) -> bytes:
    """/proc/PID/stat: addresses, sizes and masks are the guest's."""
    head, _, tail = host_text(fd).rpartition(b") ")
    fields = tail.split()
    if len(fields) < 49:
        return head + b") " + tail
    program: Program = task.program
    pending, blocked, ignored, caught = masks(task)
    code = [vma for vma in task.mem.vmas() if vma.prot & PF_EXEC and vma.path]
    values = {
        23: task.mem.table.total,
        26: code[0].start if code else 0,
        27: code[0].end if code else 0,
        28: task.mem.start_stack,
        29: 0,
        30: 0,
        31: pending & 0x7FFFFFFF,
        32: blocked & 0x7FFFFFFF,
        33: ignored & 0x7FFFFFFF,
        34: caught & 0x7FFFFFFF,
        45: 0,
        46: 0,
        47: task.mem.start_brk,
        48: program.arg_start,
        49: program.arg_end,
        50: program.env_start,
        51: program.env_end,
    }
    for number, value in values.items():
        if number - 3 < len(fields):
            fields[number - 3] = b"%d" % value
    return head + b") " + b" ".join(fields) + b"\n"


def _sizes(task: Task) -> dict[str, int]:
    """Bytes by kind: all, writable private data, stack, program code, library code."""
    sizes = dict.fromkeys(("VmSize", "VmData", "VmStk", "VmExe", "VmLib"), 0)
    exe = task.program.exe_host
    for vma in task.mem.vmas():
        size = vma.end - vma.start
        sizes["VmSize"] += size
        if vma.flags & GROWSDOWN:
            sizes["VmStk"] += size
        elif vma.prot & PF_EXEC:
            sizes["VmExe" if vma.path == exe else "VmLib"] += size
        elif vma.prot & 2 and not vma.flags & SHARED:
            sizes["VmData"] += size
    return sizes


def statm(task: Task, fd: int) -> bytes:
    """/proc/PID/statm, in pages."""
    fields = host_text(fd).split()
    page, sizes = task.mem.page, _sizes(task)
    code = sizes["VmExe"] + sizes["VmLib"]
    values = {0: sizes["VmSize"], 3: code, 5: sizes["VmData"] + sizes["VmStk"]}
    for index, value in values.items():
        fields[index] = b"%d" % (value // page)
    return b" ".join(fields) + b"\n"


def status(task: Task, fd: int) -> bytes:
    """/proc/PID/status."""
    sizes = {name.encode(): value >> 10 for name, value in _sizes(task).items()}
    sizes[b"VmPeak"] = sizes[b"VmSize"]
    pending, blocked, ignored, caught = masks(task)
    sets = {b"SigPnd": pending, b"SigBlk": blocked, b"SigIgn": ignored, b"SigCgt": caught}
    lines = []
    for line in host_text(fd).split(b"\n"):
        name = line.partition(b":")[0]
        if name.startswith(b"x86_"):
            continue
        if name in sizes:
            line = name + b":\t%8d kB" % sizes[name]
        elif name in sets:
            line = name + b":\t%016x" % sets[name]
        lines.append(line)
    return b"\n".join(lines)


def limits(task: Task, fd: int) -> bytes:
    """/proc/PID/limits: those that run32 keeps for the guest are filled in."""

    def show(value: int) -> str:
        return "unlimited" if value >= (1 << 64) - 1 else str(value)

    kept = {
        LIMIT_NAMES[which].encode(): f"{LIMIT_NAMES[which]:<25} {show(soft):<20} {show(hard):<20} "
        f"{'bytes':<10}"
        for which, (soft, hard) in task.limits.items()
        if which in LIMIT_NAMES
    }
    lines = []
    for line in host_text(fd).split(b"\n"):
        text = kept.get(line[:25].rstrip())
        lines.append(text.encode() if text is not None else line)
    return b"\n".join(lines)


def personality(task: Task, fd: int) -> bytes:
    """/proc/PID/personality."""
    return b"%08x\n" % task.personality


def hwcaps(auxv_bytes: bytes) -> list[str]:
    """Feature names of the AT_HWCAP and AT_HWCAP2 entries."""
    names = []
    for place in range(0, len(auxv_bytes) - 7, 8):
        kind = int.from_bytes(auxv_bytes[place : place + 4], "little")
        value = int.from_bytes(auxv_bytes[place + 4 : place + 8], "little")
        table = {AT_HWCAP: HWCAP_NAMES, AT_HWCAP2: HWCAP2_NAMES}.get(kind, [])
        names += [name for bit, name in enumerate(table) if value >> bit & 1]
    return names


def cpuinfo(task: Task, fd: int) -> bytes | None:
    """/proc/cpuinfo of an ARM machine, or of an i686 one where the host cannot show it."""
    if task.abi == "arm":
        cpu = task.mem.cpu
        model = f"ARMv{cpu.architecture} Processor rev 1 ({cpu.platform.decode()})"
        one = (
            f"processor\t: {{n}}\nmodel name\t: {model}\nBogoMIPS\t: 100.00\n"
            f"Features\t: {' '.join(hwcaps(task.program.auxv))}{cpu.gap}\n"
            f"CPU implementer\t: 0x41\nCPU architecture: {cpu.architecture}\n"
            f"CPU variant\t: {cpu.variant:#x}\nCPU part\t: {cpu.part:#x}\nCPU revision\t: 1\n\n"
        )
        tail = cpu.tail
    elif os.uname().machine == "x86_64":
        return None
    else:
        one = (
            "processor\t: {n}\nvendor_id\t: GenuineIntel\ncpu family\t: 6\nmodel\t\t: 6\n"
            "model name\t: Pentium II (Klamath)\nstepping\t: 3\nfpu\t\t: yes\n"
            "fpu_exception\t: yes\ncpuid level\t: 2\nwp\t\t: yes\n"
            "flags\t\t: fpu tsc cx8 cmov mmx fxsr sse sse2\nbogomips\t: 100.00\n\n"
        )
        tail = ""
    online = range(os.cpu_count() or 1)
    return ("".join(one.format(n=n) for n in online) + tail).encode()


WRITERS: dict[bytes, Callable[[Task, int], bytes | None]] = {
    b"maps": maps,
    b"smaps": smaps,
    b"auxv": auxv,
    b"cmdline": cmdline,
    b"environ": environ,
    b"stat": stat,
    b"statm": statm,
    b"status": status,
    b"limits": limits,
    b"personality": personality,
    b"cpuinfo": cpuinfo,
}
