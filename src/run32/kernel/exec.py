"""execve(2) and execveat(2): arguments out of guest memory, the program's path; the runner does
the rest (`runtime/exec.py`).
"""

from __future__ import annotations

from run32.kernel.errno import (
    E2BIG,
    EACCES,
    EBADF,
    EINVAL,
    ELOOP,
    ENAMETOOLONG,
    ENOENT,
    ENOSYS,
)
from run32.kernel.lookup import translate
from run32.kernel.paths import AT_FDCWD, MAX_LINKS, PATH_MAX, fd_path, read_link
from run32.kernel.procfs import is_own_exe

TYPE_CHECKING = False
if TYPE_CHECKING:
    from run32.kernel.task import Task

AT_SYMLINK_NOFOLLOW, AT_EMPTY_PATH = 0x100, 0x1000
STRING_MAX = 32 * 4096
CHUNK = 256


def execve(task: Task, path: int, argv: int, envp: int) -> int:
    """execve(2): returns only if it fails."""
    return execveat(task, AT_FDCWD, path, argv, envp, 0)


def execveat(task: Task, dirfd: int, path: int, argv: int, envp: int, flags: int) -> int:
    """execveat(2)."""
    if flags & ~(AT_SYMLINK_NOFOLLOW | AT_EMPTY_PATH):
        return -EINVAL
    name = task.mem.read_cstr(path, PATH_MAX)
    if len(name) >= PATH_MAX:
        return -ENAMETOOLONG
    if not name and not flags & AT_EMPTY_PATH:
        return -ENOENT
    host_path = locate(task, dirfd, name, not flags & AT_SYMLINK_NOFOLLOW)
    if dirfd != AT_FDCWD and not name.startswith(b"/"):
        name = b"/dev/fd/%d" % dirfd + (b"/" + name if name else b"")
    arguments, environment = strings(task, argv), strings(task, envp)
    if task.runner is None:
        return -ENOSYS
    result: int = task.runner.execute(host_path, name, arguments, environment)
    return result


def locate(task: Task, dirfd: int, name: bytes, follow: bool) -> bytes:
    """Host path of the program. Raises OSError."""
    if not name:
        if dirfd == AT_FDCWD:
            raise OSError(EACCES, "a directory")
        link = b"/proc/self/fd/%d" % dirfd
        if not isinstance(read_link(link), bytes):
            raise OSError(EBADF, "descriptor")
        return link
    host_path = translate(task, dirfd, name, follow)
    if follow and leads_to_own_exe(dirfd, host_path):
        return task.program.exe_host
    if not host_path.startswith(b"/") and dirfd != AT_FDCWD:
        if fd_path(dirfd) is None:
            raise OSError(EBADF, "descriptor")
        host_path = b"/proc/self/fd/%d/" % dirfd + host_path
    if not follow and isinstance(read_link(host_path), bytes):
        raise OSError(ELOOP, "a symbolic link")
    return host_path


def leads_to_own_exe(dirfd: int, path: bytes) -> bool:
    """Whether a link leads to /proc/self/exe, which for the host is what runs run32."""
    for _ in range(MAX_LINKS):
        if is_own_exe(dirfd, path):
            return True
        target = read_link(path, dirfd)
        if not isinstance(target, bytes):
            return False
        folder, slash, _ = path.rpartition(b"/")
        path = target if target.startswith(b"/") else folder + slash + target
    return False


def strings(task: Task, vector: int) -> list[bytes]:
    """The strings of a NULL-ended vector of pointers; no vector is an empty one."""
    if not vector:
        return []
    mem = task.mem
    found: list[bytes] = []
    while True:
        # up to the end of the page: what follows may not be mapped
        count = min(CHUNK, (mem.page - (vector & mem.page - 1)) // 4 or 1)
        raw = mem.read(vector, 4 * count)
        for at in range(0, 4 * count, 4):
            pointer = int.from_bytes(raw[at : at + 4], "little")
            if not pointer:
                return found
            text = mem.read_cstr(pointer, STRING_MAX)
            if len(text) >= STRING_MAX:
                raise OSError(E2BIG, "string")
            found.append(text)
        vector += 4 * count
