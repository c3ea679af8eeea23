"""proc(5) as the guest must see it: its own process as a 32-bit one, the machine as a 32-bit one.

An opened descriptor is recognised by what it is (a procfs file, by statfs and by the link of its
descriptor), not by the path that led there: relative names, links, bind mounts and
/proc/thread-self all arrive here. Files of the guest's own process that describe memory or program
are replaced by a snapshot (a memfd under the same descriptor number, `proctext`); /proc/PID/mem
becomes an O_PATH descriptor, on which the host refuses every read and write with EBADF, so that
such calls come to `rw` and are served from guest memory only. Nothing here ever opens host memory
for the guest: mem of another run32 process is refused, and so is a procfs file that cannot be
identified.
"""

from __future__ import annotations

import os
from struct import unpack_from

from run32.kernel import host
from run32.kernel.buf import addr, out, syscall
from run32.kernel.errno import EACCES
from run32.kernel.oflags import O_CLOEXEC, O_PATH
from run32.kernel.paths import AT_FDCWD, fd_path, read_link

TYPE_CHECKING = False
if TYPE_CHECKING:
    from run32.kernel.task import Task

NR = host.NR
PROC_MAGIC = 0x9FA0
HIDDEN = frozenset((b"pagemap", b"clear_refs", b"numa_maps", b"stack", b"syscall", b"timers_mem"))
LINKS = frozenset((b"exe", b"cwd", b"root"))


def is_procfs(fd: int) -> bool:
    """Whether a descriptor is on a proc file system."""
    raw = out(120)
    return syscall(NR["fstatfs"], fd, raw) == 0 and unpack_from("<I", raw)[0] == PROC_MAGIC


def place(link: bytes) -> tuple[int, bytes]:
    """(process id or 0, name below that process's directory) of a procfs path.

    A thread's directory counts as its process's.
    """
    parts = link.split(b"/")
    for index, part in enumerate(parts):
        if part.isdigit():
            rest = parts[index + 1 :]
            if len(rest) >= 2 and rest[0] == b"task" and rest[1].isdigit():
                rest = rest[2:]
            return int(part), b"/".join(rest)
    return 0, parts[-1]


def opened(task: Task, fd: int, flags: int) -> int:
    """The descriptor (or -errno) that an open of `fd` on a memory-backed file system gives."""
    if not is_procfs(fd):
        return fd
    link = read_link(b"/proc/self/fd/%d" % fd)
    if not isinstance(link, bytes) or link.startswith(b"/proc/self/fd"):
        return _refuse(fd)
    pid, name = place(link)
    if name == b"mem":
        return _open_mem(task, fd, flags, pid, link)
    if pid == os.getpid():
        if name in HIDDEN:
            return _refuse(fd)
    elif pid or name != b"cpuinfo":
        return fd
    if flags & O_PATH:
        return fd
    from run32.kernel import proctext

    text = proctext.contents(task, name, fd)
    return fd if text is None else _substitute(fd, name, text, flags)


def _refuse(fd: int) -> int:
    syscall(NR["close"], fd)
    return -EACCES


def _substitute(fd: int, name: bytes, text: bytes, flags: int) -> int:
    """Put a read-only file with `text` in the place of descriptor `fd`."""
    made = syscall(NR["memfd_create"], name, 1)
    if made < 0:
        syscall(NR["close"], fd)
        return made
    done = 0
    while done < len(text):
        n = syscall(NR["write"], made, addr(text) + done, len(text) - done)
        if n <= 0:
            break
        done += n
    path = b"/proc/self/fd/%d" % made
    reader = syscall(NR["openat"], AT_FDCWD, path, O_CLOEXEC, 0)
    syscall(NR["close"], made)
    if reader >= 0:
        made = syscall(NR["dup3"], reader, fd, flags & O_CLOEXEC)
        syscall(NR["close"], reader)
    if reader < 0 or made < 0 or done < len(text):
        syscall(NR["close"], fd)
        return -EACCES
    return fd


def _open_mem(task: Task, fd: int, flags: int, pid: int, link: bytes) -> int:
    """/proc/PID/mem: ours becomes a special descriptor; another run32 process's is refused."""
    if pid != os.getpid():
        theirs = read_link(link.rpartition(b"/")[0] + b"/exe")
        return _refuse(fd) if theirs == read_link(b"/proc/self/exe") else fd
    from run32.kernel.rw import note_mem

    if flags & O_PATH:
        note_mem(task, fd, flags)
        return fd
    inert = syscall(NR["openat"], AT_FDCWD, link, O_PATH | O_CLOEXEC, 0)
    if inert < 0:
        syscall(NR["close"], fd)
        return inert
    result = syscall(NR["dup3"], inert, fd, flags & O_CLOEXEC)
    syscall(NR["close"], inert)
    if result < 0:
        return _refuse(fd)
    note_mem(task, fd, flags)
    return fd


def own_entry(dirfd: int, path: bytes) -> bytes | None:
    """Name below the guest's own /proc directory that `path` spells, or None.

    Only spelling counts here: /proc/self/x, /proc/PID/x, /proc/thread-self/x, or x below a
    descriptor (or working directory) of that directory.
    """
    if not path.startswith(b"/"):
        base = fd_path(dirfd)
        if base is None:
            return None
        path = base + b"/" + path
    parts = [part for part in path.split(b"/") if part and part != b"."]
    if len(parts) < 3 or parts[0] != b"proc" or b".." in parts:
        return None
    if parts[1] in (b"self", b"thread-self") or parts[1] == b"%d" % os.getpid():
        rest = parts[2:]
        if len(rest) >= 2 and rest[0] == b"task":
            rest = rest[2:]
        return b"/".join(rest)
    return None


def is_own_exe(dirfd: int, path: bytes) -> bool:
    """Whether `path` is the guest's own /proc/self/exe."""
    return path.rpartition(b"/")[2] == b"exe" and own_entry(dirfd, path) == b"exe"


def link_contents(task: Task, dirfd: int, path: bytes, contents: bytes) -> bytes:
    """What readlink shows for a link that holds an absolute path."""
    name = own_entry(dirfd, path)
    if name is None:
        return contents
    if name == b"exe":
        return task.program.exe or contents
    if name in LINKS or name.startswith((b"fd/", b"map_files/")):
        return task.paths.guest(contents)
    return contents
