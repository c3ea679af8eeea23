"""Guest paths to host paths: path_resolution(7) over a rootfs that overlays the host.

With `--rootfs DIR` an absolute guest path is looked up below DIR first, then on the host. Symbolic
links met below DIR resolve inside DIR, absolute ones too, and `..` stops at DIR. A path that exists
in neither goes to the host unchanged, except when its parent directory exists only below DIR: then
it is created there. `/proc`, `/dev` and `/sys` are always the host's. Relative paths start at the
real working directory; while that is below DIR they obey the same link and `..` rules.

One probe decides the common case: openat2(2) with RESOLVE_NO_SYMLINKS proves that DIR + path means
what it says (or that a component is missing). Only paths with links are walked, component by
component. Nothing is cached, so nothing goes stale; no descriptor stays open.

Invariant: guest paths are bytes. Errors are returned by raising OSError as the kernel would.
"""

from __future__ import annotations

import os

from run32.kernel import host
from run32.kernel.buf import out, syscall
from run32.kernel.errno import (
    EACCES,
    EINVAL,
    ELOOP,
    EMFILE,
    ENFILE,
    ENOENT,
    ENOSYS,
    EPERM,
    EXDEV,
)

TYPE_CHECKING = False
if TYPE_CHECKING:
    from run32.kernel.desk import Desk

AT_FDCWD = -100
PATH_MAX = 4096
MAX_LINKS = 40
HOST_TOP = (b"proc", b"dev", b"sys")

_O_PROBE = 0o10000000 | 0o2000000  # O_PATH | O_CLOEXEC, the same on both hosts
_O_NOFOLLOW = 0o400000 if host.ARCH in ("x86_64", "amd64") else 0o100000
_NO_SYMLINKS, _BENEATH = 0x04, 0x08
_OPENAT2, _CLOSE, _READLINKAT = host.NR["openat2"], host.NR["close"], host.NR["readlinkat"]
_FACCESSAT = host.NR["faccessat"]


def _how(flags: int, resolve: int) -> bytes:
    return flags.to_bytes(8, "little") + (0).to_bytes(8, "little") + resolve.to_bytes(8, "little")


_HOW = {
    (follow, beneath): _how(
        _O_PROBE | (0 if follow else _O_NOFOLLOW), _NO_SYMLINKS | (_BENEATH if beneath else 0)
    )
    for follow in (False, True)
    for beneath in (False, True)
}

_DOTS = frozenset((b".", b".."))


def probe(dirfd: int, path: bytes, follow: bool, beneath: bool = False) -> int:
    """0 if `path` exists and leads through no symbolic link, else -errno of openat2(2)."""
    how = _HOW[follow, beneath]
    fd = syscall(_OPENAT2, dirfd, path, how, 24)
    if fd < 0:
        return fd
    syscall(_CLOSE, fd)
    return 0


def read_link(path: bytes, dirfd: int = AT_FDCWD) -> bytes | int:
    """Contents of a symbolic link, or -errno."""
    buffer = out(PATH_MAX)
    n = syscall(_READLINKAT, dirfd, path, buffer, PATH_MAX)
    return buffer[:n] if n >= 0 else n


def exists(path: bytes) -> bool:
    """Whether something is at `path`, a dangling link included."""
    result = read_link(path)
    return isinstance(result, bytes) or result in (-EINVAL, -EACCES)


class Paths:
    """Path translation of one task. `root` is None, or a real absolute directory without links."""

    __slots__ = ("desk", "root")

    def __init__(self, root: bytes | None, desk: Desk | None = None) -> None:
        if root is not None:
            root = os.path.realpath(root)
        self.desk = desk
        self.set_root(None if root == b"/" else root)

    def set_root(self, root: bytes | None) -> None:
        """Change the root directory, for native code too."""
        self.root = root
        if self.desk is not None:
            self.desk.set_root(root)

    def host(self, dirfd: int, path: bytes, follow: bool = True, create: bool = False) -> bytes:
        """The host path for guest `path` relative to `dirfd`; follow its last component or not.

        With `create` the last component may be missing (it is about to be made).
        """
        if self.root is None or not path:
            return path
        if path[0] == 47:
            return self._absolute(path, follow, create)
        return self._relative(dirfd, path, follow, create)

    def guest(self, path: bytes) -> bytes:
        """The guest's view of a host path: the rootfs prefix removed."""
        root = self.root
        if root is not None and path.startswith(root):
            if len(path) == len(root):
                return b"/"
            if path[len(root)] == 47:
                return path[len(root) :]
        return path

    def is_inside(self, path: bytes) -> bool:
        """Whether host path `path` is the rootfs or below it."""
        root = self.root
        return root is not None and (path == root or path.startswith(root + b"/"))

    def _absolute(self, path: bytes, follow: bool, create: bool) -> bytes:
        first = path.lstrip(b"/").partition(b"/")[0]
        if first in HOST_TOP and b".." not in path:
            return path
        assert self.root is not None
        dotted = b".." in path
        if not dotted and first not in HOST_TOP:
            inside = self.root + path
            if len(inside) < PATH_MAX:
                result = probe(AT_FDCWD, inside, follow)
                if result == 0:
                    return inside
                if result == -ENOENT:
                    return self._missing(path, inside, path, create)
        return self._walk(path, follow, create)

    def _relative(self, dirfd: int, path: bytes, follow: bool, create: bool) -> bytes:
        result = probe(dirfd, path, follow, beneath=True)
        if result not in (-ELOOP, -EXDEV, -ENOSYS, -EPERM, -EMFILE, -ENFILE):
            return path
        base = fd_path(dirfd)
        if base is None or not self.is_inside(base):
            return path
        return self._walk(self.guest(base) + b"/" + path, follow, create)

    def _walk(self, path: bytes, follow: bool, create: bool) -> bytes:
        """Resolve an absolute guest path component by component below the rootfs."""
        root = self.root
        assert root is not None
        done: list[bytes] = []
        todo = path.split(b"/")
        slash = b"/" if path.endswith((b"/", b"/.")) else b""
        todo.reverse()
        links = 0
        while todo:
            name = todo.pop()
            if not name or name == b".":
                continue
            if name == b"..":
                if done:
                    done.pop()
                continue
            if not done and name in HOST_TOP:
                if not _leave(todo):
                    return b"/" + b"/".join([name, *reversed(todo)])
                continue
            here = b"/".join([root, *done, name])
            target = read_link(here)
            last = not any(part and part != b"." for part in todo)
            if isinstance(target, bytes) and (not last or follow or slash):
                links += 1
                if links > MAX_LINKS:
                    raise OSError(ELOOP, "too many links")
                if target.startswith(b"/"):
                    done = []
                todo.extend(reversed(target.split(b"/")))
                ahead = [*done, *(part for part in reversed(todo) if part)]
                if ahead and ahead[0] not in HOST_TOP and not _DOTS.intersection(todo):
                    # most often there are no more links
                    wanted = b"/" + b"/".join(ahead) + slash
                    result = probe(AT_FDCWD, root + wanted, follow)
                    if result == 0:
                        return root + wanted
                    if result == -ENOENT:
                        return self._missing(wanted, root + wanted, path, create)
                continue
            if target == -ENOENT:
                rest = [part for part in reversed(todo) if part and part != b"."]
                wanted = b"/" + b"/".join([*done, name, *rest]) + slash
                if b".." in rest:  # only the host can tell where that leads
                    return path
                return self._missing(wanted, root + wanted, path, create)
            if isinstance(target, int) and target not in (-EINVAL, -ENOENT):
                rest = [part for part in reversed(todo) if part]
                return b"/".join([here, *rest]) + slash
            done.append(name)
        return b"/".join([root, *done]) + (slash if done else b"/")

    def _missing(self, wanted: bytes, inside: bytes, path: bytes, create: bool) -> bytes:
        """Where a path that is not below the rootfs goes; `wanted` is it with links resolved."""
        if exists(wanted):
            return wanted
        if wanted != path and b"/../" not in path and exists(path):
            return path
        parent = wanted.rstrip(b"/").rpartition(b"/")[0] or b"/"
        if not exists(parent) and exists(inside.rstrip(b"/").rpartition(b"/")[0]):
            return inside
        return wanted if create else path


def _leave(todo: list[bytes]) -> bool:
    """Drop from `todo` (reversed) what stays below a host directory, if `..` climbs out of it."""
    depth = 1
    for index in range(len(todo) - 1, -1, -1):
        name = todo[index]
        if name == b"..":
            depth -= 1
            if depth == 0:
                del todo[index:]
                return True
        elif name and name != b".":
            depth += 1
    return False


def fd_path(dirfd: int) -> bytes | None:
    """Host path of an open directory (AT_FDCWD: the working directory), or None if unknown."""
    if dirfd == AT_FDCWD:
        try:
            return os.getcwdb()
        except OSError:
            return None
    link = read_link(b"/proc/self/fd/%d" % dirfd)
    return link if isinstance(link, bytes) and link.startswith(b"/") else None
