"""System V IPC: semctl(2), msgsnd(2), msgrcv(2), msgctl(2), shmat(2), shmdt(2), shmctl(2), ipc(2).

Structs hold `long`s and times in two words; the formats below are checked against `uapi/structs`
by `tests/kernel/test_layouts.py`. A message begins with a `long` type, so it passes through a
buffer. On arm the commands carry IPC_64 for the structs of today; without it a program asks for
those of Linux 2.2, which nothing has used since and which are EINVAL here. See ipc/*.c, compat.
"""

from __future__ import annotations

from struct import calcsize, pack, unpack, unpack_from

from run32.kernel import host
from run32.kernel.blocking import block
from run32.kernel.buf import out, syscall
from run32.kernel.errno import EFAULT, EINVAL, ENOSYS
from run32.kernel.memory import Fault

TYPE_CHECKING = False
if TYPE_CHECKING:
    from run32.kernel.task import Task

NR = host.NR
INT_MAX, U32 = 0x7FFFFFFF, 0xFFFFFFFF
IPC_64 = 0x100
IPC_RMID, IPC_SET, IPC_STAT, IPC_INFO = 0, 1, 2, 3
MSG_STAT, MSG_INFO, MSG_STAT_ANY = 11, 12, 13
SHM_LOCK, SHM_UNLOCK, SHM_STAT, SHM_INFO, SHM_STAT_ANY = 11, 12, 13, 14, 15
GETALL, SETVAL, SETALL, SEM_STAT, SEM_INFO, SEM_STAT_ANY = 13, 16, 17, 18, 19, 20
MSG_MAX = 1 << 24
"""More bytes than a message has: the default limit is 8192."""

PERM = "<5IH2xH10x"
"""ipc64_perm: key uid gid cuid cgid mode seq."""
HOST_PERM = "<6IH22x"
SEMID = PERM + "4II8x"
"""semid64_ds: perm | otime low and high | ctime low and high | nsems."""
HOST_SEMID = HOST_PERM + ("q8xq8xQ16x" if host.ARCH in ("x86_64", "amd64") else "qqQ16x")
MSQID = PERM + "6I3I2i8x"
"""msqid64_ds: perm | stime rtime ctime, low and high | cbytes qnum qbytes | lspid lrpid."""
HOST_MSQID = HOST_PERM + "3q3Q2i16x"
SHMID = PERM + "I6I2iI8x"
"""shmid64_ds: perm | segsz | atime dtime ctime, low and high | cpid lpid | nattch."""
HOST_SHMID = HOST_PERM + "Q3q2iQ16x"
SHMINFO, HOST_SHMINFO = "<5I16x", "<5Q32x"
"""shminfo64: shmmax shmmin shmmni shmseg shmall."""
SHM_USED, HOST_SHM_USED = "<i5I", "<i4x5Q"
"""shm_info: used_ids tot rss swp attempts successes."""


def _halves(value: int) -> tuple[int, int]:
    """Low and high word of a time."""
    return value & U32, value >> 32 & U32


def _cut(*values: int) -> list[int]:
    return [value & U32 for value in values]


def semctl(task: Task, id_: int, index: int, cmd: int, arg: int) -> int:
    """semctl(2): the last argument is a number or an address."""
    mem = task.mem
    if cmd in (IPC_STAT, IPC_SET, SEM_STAT) and task.abi == "arm":
        return -EINVAL
    cmd &= ~IPC_64
    if cmd == SETVAL:
        return syscall(NR["semctl"], id_, index, cmd, arg)
    if cmd in (GETALL, SETALL, IPC_INFO, SEM_INFO):
        return syscall(NR["semctl"], id_, index, cmd, mem.base + arg if arg else 0)
    if cmd == IPC_SET:
        perm = _perm_in(mem.read(arg, calcsize(SEMID)))
        block = perm + bytes(calcsize(HOST_SEMID) - len(perm))
        return syscall(NR["semctl"], id_, index, cmd, block)
    if cmd in (IPC_STAT, SEM_STAT, SEM_STAT_ANY):
        raw = out(calcsize(HOST_SEMID))
        result = syscall(NR["semctl"], id_, index, cmd, raw)
        if result >= 0:
            *perm_, changed, made, count = unpack(HOST_SEMID, raw)
            times = (*_halves(changed), *_halves(made))
            mem.write(arg, pack(SEMID, *_perm(perm_), *times, count & U32))
        return result
    return syscall(NR["semctl"], id_, index, cmd, 0)


def _perm_in(data: bytes) -> bytes:
    """The host's ipc64_perm from a guest's struct."""
    *ids, mode, seq = unpack_from(PERM, data)
    return pack(HOST_PERM, *ids, mode, seq)


def _perm(fields: list[int]) -> list[int]:
    """The guest's fields from the host's; the mode has 16 bits."""
    return [*fields[:5], fields[5] & 0xFFFF, fields[6]]


def msgctl(task: Task, id_: int, cmd: int, buf: int) -> int:
    """msgctl(2)."""
    mem = task.mem
    if cmd in (IPC_STAT, IPC_SET, MSG_STAT) and task.abi == "arm":
        return -EINVAL
    cmd &= ~IPC_64
    if cmd in (IPC_INFO, MSG_INFO):
        return syscall(NR["msgctl"], id_, cmd, mem.base + buf if buf else 0)
    if cmd == IPC_SET:
        data = mem.read(buf, calcsize(MSQID))
        (limit,) = unpack_from("<I", data, 68)
        block = pack(HOST_MSQID, *unpack(HOST_PERM, _perm_in(data)), *(0,) * 5, limit, 0, 0)
        return syscall(NR["msgctl"], id_, cmd, block)
    if cmd in (IPC_STAT, MSG_STAT, MSG_STAT_ANY):
        raw = out(calcsize(HOST_MSQID))
        result = syscall(NR["msgctl"], id_, cmd, raw)
        if result >= 0:
            fields = unpack(HOST_MSQID, raw)
            times = [half for time in fields[7:10] for half in _halves(time)]
            rest = _cut(*fields[10:13])
            mem.write(buf, pack(MSQID, *_perm([*fields[:7]]), *times, *rest, *fields[13:]))
        return result
    return syscall(NR["msgctl"], id_, cmd, 0)


def msgsnd(task: Task, id_: int, message: int, size: int, flags: int) -> int:
    """msgsnd(2)."""
    mem = task.mem
    kind = mem.read(message, 4)
    if size > INT_MAX or size > MSG_MAX:
        return -EINVAL
    try:
        text = mem.read(message + 4, size)
    except Fault:
        return -EINVAL if size > _largest() else -EFAULT
    data = pack("<q", unpack("<i", kind)[0]) + text
    return block(task, NR["msgsnd"], id_, data, size, flags)


def _largest() -> int:
    """The most bytes a message may have now."""
    raw = out(32)
    syscall(NR["msgctl"], 0, IPC_INFO, raw)
    limit: int = unpack_from("<i", raw, 8)[0]
    return limit


def msgrcv(task: Task, id_: int, message: int, size: int, kind: int, flags: int) -> int:
    """msgrcv(2)."""
    if size > INT_MAX:
        return -EINVAL
    room = min(size, MSG_MAX)
    raw = out(room + 8)
    result = block(task, NR["msgrcv"], id_, raw, room, kind, flags)
    if result >= 0:
        task.mem.write(message, raw[:4] + raw[8 : 8 + result])
    return result


def shmat(task: Task, id_: int, address: int, flags: int) -> int:
    """shmat(2)."""
    return task.mem.shmat(id_, address, flags)


def shmdt(task: Task, address: int) -> int:
    """shmdt(2)."""
    return task.mem.shmdt(address)


def shmctl(task: Task, id_: int, cmd: int, buf: int) -> int:
    """shmctl(2)."""
    mem = task.mem
    if cmd in (IPC_STAT, IPC_SET, SHM_STAT, IPC_INFO) and task.abi == "arm":
        return -EINVAL
    cmd &= ~IPC_64
    if cmd in (IPC_INFO, SHM_INFO):
        theirs, ours = (HOST_SHMINFO, SHMINFO) if cmd == IPC_INFO else (HOST_SHM_USED, SHM_USED)
        raw = out(calcsize(theirs))
        result = syscall(NR["shmctl"], id_, cmd, raw)
        if result >= 0:
            first, *rest = unpack(theirs, raw)
            mem.write(buf, pack(ours, min(first, INT_MAX), *_cut(*rest)))
        return result
    if cmd == IPC_SET:
        perm = _perm_in(mem.read(buf, calcsize(SHMID)))
        block = perm + bytes(calcsize(HOST_SHMID) - len(perm))
        return syscall(NR["shmctl"], id_, cmd, block)
    if cmd in (IPC_STAT, SHM_STAT, SHM_STAT_ANY):
        raw = out(calcsize(HOST_SHMID))
        result = syscall(NR["shmctl"], id_, cmd, raw)
        if result >= 0:
            fields = unpack(HOST_SHMID, raw)
            times = [half for time in fields[8:11] for half in _halves(time)]
            perm_ = _perm([*fields[:7]])
            pids, count = fields[11:13], fields[13] & U32
            mem.write(buf, pack(SHMID, *perm_, fields[7] & U32, *times, *pids, count))
        return result
    return syscall(NR["shmctl"], id_, cmd, 0)


# -- i386's multiplexer

SEMOP, SEMGET, SEMCTL, SEMTIMEDOP, MSGSND, MSGRCV, MSGGET, MSGCTL = 1, 2, 3, 4, 11, 12, 13, 14
SHMAT, SHMDT, SHMGET, SHMCTL = 21, 22, 23, 24
OPERATIONS_MAX = 1 << 16


def ipc(
    task: Task, call: int, first: int, second: int, third: int, pointer: int, fifth: int
) -> int:
    """ipc(2): the upper half of the call's number is a version, which matters for msgrcv alone."""
    version, call = call >> 16, call & 0xFFFF
    mem = task.mem
    signed = second - ((second & 1 << 31) << 1)
    if call in (SEMOP, SEMTIMEDOP):
        when: bytes | int = 0
        if call == SEMTIMEDOP and fifth:
            when = pack("<2q", *unpack("<2i", mem.read(fifth & U32, 8)))
        operations = mem.host_ptr(pointer, 6 * min(second, OPERATIONS_MAX)) if pointer else 0
        return block(task, NR["semtimedop"], first, operations, second, when)
    if call == SEMGET:
        return syscall(NR["semget"], first, signed, third)
    if call == SEMCTL:
        return semctl(task, first, signed, third, mem.u32(pointer)) if pointer else -EINVAL
    if call == MSGSND:
        return msgsnd(task, first, pointer, second, third)
    if call == MSGRCV:
        kind = fifth
        if version == 0:
            if not pointer:
                return -EINVAL
            pointer, kind = unpack("<Ii", mem.read(pointer, 8))
        return msgrcv(task, first, pointer, second, kind, third)
    if call == MSGGET:
        return syscall(NR["msgget"], first, second)
    if call == MSGCTL:
        return msgctl(task, first, signed, pointer)
    if call == SHMAT:
        if version == 1:
            return -EINVAL
        at = mem.shmat(first, pointer, signed)
        if -4096 < at < 0:
            return at
        mem.put_u32(third, at)
        return 0
    if call == SHMDT:
        return mem.shmdt(pointer)
    if call == SHMGET:
        return syscall(NR["shmget"], first, second, third)
    if call == SHMCTL:
        return shmctl(task, first, signed, pointer)
    return -ENOSYS
