"""User and group ids, in 16 and 32 bits (credentials(7)).

The 16-bit calls take 0xffff for "leave it" and show 65534 for an id that does not fit
(kernel/uid16.c). Changing ids may take away the right to read run32's own files, so every such call
preloads the slow path first.
"""

from __future__ import annotations

from run32.kernel import host
from run32.kernel.buf import addr, out, syscall
from run32.kernel.errno import EINVAL
from run32.kernel.lookup import pointer

TYPE_CHECKING = False
if TYPE_CHECKING:
    from run32.kernel.task import Task

NR = host.NR
OVERFLOW_ID = 65534
NGROUPS_MAX = 65536


def narrow(value: int) -> int:
    """A host id as the 16-bit calls show it."""
    return OVERFLOW_ID if value >> 16 else value


def wide(value: int) -> int:
    """A 16-bit id argument for the host."""
    value &= 0xFFFF
    return 0xFFFFFFFF if value == 0xFFFF else value


def _set(task: Task, name: str, *values: int) -> int:
    task.preload()
    return syscall(NR[name], *values)


def _set16(task: Task, name: str, *values: int) -> int:
    return _set(task, name, *(wide(value) for value in values))


def getuid(task: Task) -> int:
    """getuid(2), 16 bits."""
    return narrow(syscall(NR["getuid"]))


def getgid(task: Task) -> int:
    """getgid(2), 16 bits."""
    return narrow(syscall(NR["getgid"]))


def geteuid(task: Task) -> int:
    """geteuid(2), 16 bits."""
    return narrow(syscall(NR["geteuid"]))


def getegid(task: Task) -> int:
    """getegid(2), 16 bits."""
    return narrow(syscall(NR["getegid"]))


def setuid(task: Task, uid: int) -> int:
    """setuid(2), 16 bits."""
    return _set16(task, "setuid", uid)


def setuid32(task: Task, uid: int) -> int:
    """setuid(2)."""
    return _set(task, "setuid", uid)


def setgid(task: Task, gid: int) -> int:
    """setgid(2), 16 bits."""
    return _set16(task, "setgid", gid)


def setgid32(task: Task, gid: int) -> int:
    """setgid(2)."""
    return _set(task, "setgid", gid)


def setreuid(task: Task, real: int, effective: int) -> int:
    """setreuid(2), 16 bits."""
    return _set16(task, "setreuid", real, effective)


def setreuid32(task: Task, real: int, effective: int) -> int:
    """setreuid(2)."""
    return _set(task, "setreuid", real, effective)


def setregid(task: Task, real: int, effective: int) -> int:
    """setregid(2), 16 bits."""
    return _set16(task, "setregid", real, effective)


def setregid32(task: Task, real: int, effective: int) -> int:
    """setregid(2)."""
    return _set(task, "setregid", real, effective)


def setresuid(task: Task, real: int, effective: int, saved: int) -> int:
    """setresuid(2), 16 bits."""
    return _set16(task, "setresuid", real, effective, saved)


def setresuid32(task: Task, real: int, effective: int, saved: int) -> int:
    """setresuid(2)."""
    return _set(task, "setresuid", real, effective, saved)


def setresgid(task: Task, real: int, effective: int, saved: int) -> int:
    """setresgid(2), 16 bits."""
    return _set16(task, "setresgid", real, effective, saved)


def setresgid32(task: Task, real: int, effective: int, saved: int) -> int:
    """setresgid(2)."""
    return _set(task, "setresgid", real, effective, saved)


def setfsuid(task: Task, uid: int) -> int:
    """setfsuid(2), 16 bits: the previous id."""
    return _set16(task, "setfsuid", uid)


def setfsuid32(task: Task, uid: int) -> int:
    """setfsuid(2): the previous id."""
    return _set(task, "setfsuid", uid)


def setfsgid(task: Task, gid: int) -> int:
    """setfsgid(2), 16 bits: the previous id."""
    return _set16(task, "setfsgid", gid)


def setfsgid32(task: Task, gid: int) -> int:
    """setfsgid(2): the previous id."""
    return _set(task, "setfsgid", gid)


def _get_three(task: Task, name: str, places: tuple[int, int, int]) -> int:
    values = out(12)
    where = addr(values)
    result = syscall(NR[name], where, where + 4, where + 8)
    if result == 0:
        for index, place in enumerate(places):
            value = int.from_bytes(values[4 * index : 4 * index + 4], "little")
            task.mem.put_u16(place, narrow(value))
    return result


def getresuid(task: Task, real: int, effective: int, saved: int) -> int:
    """getresuid(2), 16 bits."""
    return _get_three(task, "getresuid", (real, effective, saved))


def getresgid(task: Task, real: int, effective: int, saved: int) -> int:
    """getresgid(2), 16 bits."""
    return _get_three(task, "getresgid", (real, effective, saved))


def getgroups(task: Task, size: int, groups: int) -> int:
    """getgroups(2), 16 bits."""
    if size < 0:
        return -EINVAL
    room = min(size, NGROUPS_MAX)
    raw = out(4 * room)
    count = syscall(NR["getgroups"], room, raw)
    if count > 0 and size:
        ids = [int.from_bytes(raw[4 * i : 4 * i + 4], "little") for i in range(count)]
        task.mem.write(groups, b"".join(narrow(gid).to_bytes(2, "little") for gid in ids))
    return count


def setgroups(task: Task, size: int, groups: int) -> int:
    """setgroups(2), 16 bits."""
    if not 0 <= size <= NGROUPS_MAX:
        return -EINVAL
    task.preload()
    raw = task.mem.read(groups, 2 * size)
    ids = [int.from_bytes(raw[i : i + 2], "little") for i in range(0, len(raw), 2)]
    block = b"".join(wide(gid).to_bytes(4, "little") for gid in ids)
    return syscall(NR["setgroups"], size, block)


def setgroups32(task: Task, size: int, groups: int) -> int:
    """setgroups(2)."""
    if not 0 <= size <= NGROUPS_MAX:
        return -EINVAL
    task.preload()
    return syscall(NR["setgroups"], size, pointer(task, groups, 4 * size))
