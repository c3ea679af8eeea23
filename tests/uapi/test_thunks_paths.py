"""Native path handling answers what the Python path handling answers, or leaves it to that.

Every case is made by both sides in folders of their own with equal contents. What only Python may
do is checked on the native side alone: it must say FALLBACK and leave no descriptor open.
"""

import ctypes
import errno
import itertools
import os
import shutil
import stat
import struct
from collections.abc import Iterator
from pathlib import Path

import pytest
from kernel.task_harness import Guest as Personality
from uapi import thunk_harness
from uapi.thunk_harness import READ_ONLY

from run32.kernel.desk import Desk
from run32.spec.desk import ENTRIES, FEW, PYTHON, ROOTED, STATE, USE
from run32.spec.syscalls import FALLBACK
from run32.uapi.consts.files import OpenFlags

AT_FDCWD = -100
SIZE = ENTRIES + 16 * 256
ROOTS = ["host", "root"]


def make_tree(top: Path) -> None:
    """Files, links of every kind and a host part beside the root directory."""
    root = top / "root"
    for folder in ("etc/alternatives", "usr/bin", "usr/lib", "only/deep", "dev/inner", "tmp"):
        (root / folder).mkdir(parents=True)
    (root / "etc/hostname").write_text("guest")
    (root / "usr/bin/mawk").write_text("mawk")
    (root / "usr/bin/mawk").chmod(0o755)
    (root / "etc/secret").write_text("s")
    (root / "etc/secret").chmod(0o200)
    (root / "etc/.hidden").write_text("h")
    for name, target in (
        ("usr/bin/awk", "/etc/alternatives/awk"),
        ("etc/alternatives/awk", "/usr/bin/mawk"),
        ("bin", "usr/bin"),
        ("lib", "/usr/lib"),
        ("etc/relative", "../usr/lib"),
        ("etc/out", "../../../../../../etc/hostname"),
        ("etc/loop", "/etc/loop"),
        ("etc/mounts", "/proc/self/mounts"),
        ("etc/memory", "/proc/self/mem"),
        ("etc/selfdir", "/proc/self"),
        ("etc/dangling", "/only/missing"),
        ("etc/null", "/dev/null"),
        ("etc/dotdev", "../dev/null"),
        ("etc/fd", "/dev/fd/0"),
        ("etc/long", "./" * 500 + "hostname"),
        ("etc/chain0", "hostname"),
        ("dev/leave", "/etc/hostname"),
    ):
        (root / name).symlink_to(target)
    for n in range(1, 45):
        (root / f"etc/chain{n}").symlink_to(f"chain{n - 1}")
    (top / "host").mkdir()
    (top / "host/file").write_text("host")
    (root / "etc/tohost").symlink_to(str(top / "host/file"))
    with open(top / "host/large", "wb") as file:
        file.truncate(1 << 32)


class Native:
    """The thunks of one ABI with a desk, and the same calls by the personality."""

    def __init__(self, thunks: thunk_harness.Thunks, top: Path, rooted: bool) -> None:
        self.k, self.guest, self.abi = thunks, thunks.guest, thunks.abi
        self.memory = ctypes.create_string_buffer(SIZE)
        self.desk = Desk(memoryview(self.memory).cast("B"))
        self.desk.loaded()  # other tests may hold descriptors
        self.top, self.root = top, top / "root" if rooted else None
        self.desk.set_root(os.fsencode(self.root) if self.root else None)
        self.python = Personality(self.abi, str(self.root) if self.root else None)
        self.use(ctypes.addressof(self.memory))

    def use(self, address: int) -> None:
        thunk_harness.use_desk(self.abi, address)

    def close(self) -> None:
        self.use(0)
        self.python.close()

    def path(self, text: str) -> str:
        """A path of the table as the guest writes it."""
        if text.startswith("H/"):
            return str(self.top / "host" / text[2:])
        if text.startswith("/") and self.root is None and not text.startswith(("/proc", "/dev")):
            return str(self.top / "root") + text
        return text

    def both(self, name: str, text: str, *args: int, dirfd: int | None = None) -> list[object]:
        """Results of both sides (FALLBACK on the native one is possible)."""
        path = os.fsencode(self.path(text)) + b"\0"
        first = [] if dirfd is None else [dirfd]
        native = getattr(self.k, name)(*first, self.guest.put(path), *args)
        python = self.python.call(name, *first, self.python.put(path), *args)
        return [native, python]


@pytest.fixture(scope="module")
def tree(tmp_path_factory: pytest.TempPathFactory) -> Path:
    top = tmp_path_factory.mktemp("tree")
    make_tree(top)
    return top


@pytest.fixture(params=ROOTS)
def n(k: thunk_harness.Thunks, tree: Path, request: pytest.FixtureRequest) -> Iterator[Native]:
    here = os.getcwd()
    os.chdir(tree / "root")
    made = Native(k, tree, request.param == "root")
    yield made
    made.close()
    os.chdir(here)


PATHS = [
    "/etc/hostname", "//etc///hostname", "/etc/./hostname", "/etc/hostname/", "/etc/hostname/.",
    "/etc/hostname/x", "/etc/missing", "/etc/missing/x", "/no/such/place", "/", "//", "/etc",
    "/etc/", "/etc/.", "/usr/bin/awk", "/bin/awk", "/bin/mawk", "/lib", "/lib/", "/lib/.", "/bin",
    "/etc/../etc/hostname", "/../../etc/hostname", "/usr/bin/../lib", "/etc/relative/../bin/awk",
    "/etc/out", "/etc/loop", "/etc/loop/x", "/etc/mounts", "/etc/dangling", "/etc/dangling/",
    "/etc/null", "/etc/dotdev", "/etc/tohost", "/etc/fd", "/etc/long", "/etc/secret",
    "/etc/.hidden", "/.hidden", "/./etc/hostname", "/etc/chain38", "/etc/chain39", "/etc/chain40",
    "/etc/chain44",
    "/dev/null", "/dev//null", "/dev/../etc/hostname", "/dev/leave", "/dev/inner", "/devx", "/sys",
    "/proc/version", "/proc/self/maps", "/proc/../etc/hostname", "/etc/selfdir/maps",
    "etc/hostname", "./etc/hostname", "etc/out", "etc/null", "usr/bin/awk", "bin/awk", "etc/loop",
    "etc/../etc/hostname", "../root/etc/hostname", "etc/missing", "etc/hostname/x", "", ".", "..",
    "H/file", "H/none", "H/large", "/etc/" + "x" * 255, "/etc/" + "x" * 256, "/" + "x/" * 600,
    "/" + "etc/../" * 100 + "etc/hostname", "/etc/self.exe", "/exe", "exe", "/usr/bin/mawk/../awk",
]  # fmt: skip
NATIVE = {"/etc/hostname", "/bin/awk", "/usr/bin/awk", "/lib/", "/no/such/place", "/etc",
          "/etc/out", "/dev/null", "etc/hostname", "etc/missing", "/usr/bin/../lib", "H/file",
          "."}  # fmt: skip
"""What programs do all the time: Python must not be needed."""


def flag(abi: str, *names: str) -> int:
    values = OpenFlags.values(abi)
    return sum(values[name] for name in names)


def kind(fd: int) -> tuple[int, ...]:
    """What a descriptor is: file, position, flags."""
    import fcntl

    st = os.fstat(fd)
    return st.st_dev, st.st_ino, fcntl.fcntl(fd, fcntl.F_GETFL), fcntl.fcntl(fd, fcntl.F_GETFD)


def check_open(n: Native, results: list[object], text: str) -> None:
    native, python = results
    try:
        if native == FALLBACK:
            return
        if native < 0 or python < 0:
            assert native == python, text
            return
        assert kind(native) == kind(python), text
        abi_flags = [n.python.call("fcntl64", fd, 3, 0) for fd in (python,)]
        st = os.fstat(native)
        noted = n.desk.noted(native)
        small = not abi_flags[0] & flag(n.abi, "O_LARGEFILE")
        assert noted == ((st.st_dev, st.st_ino) if small else (0, 0)), text
    finally:
        for fd in results:
            if fd >= 0:
                os.close(fd)


OPENS: list[tuple[str, ...]] = [
    (), ("O_LARGEFILE",), ("O_NOFOLLOW",), ("O_DIRECTORY",), ("O_CLOEXEC", "O_LARGEFILE"),
    ("O_WRONLY",), ("O_RDWR", "O_NONBLOCK"), ("O_PATH",), ("O_PATH", "O_NOFOLLOW"),
    ("O_DIRECTORY", "O_NOFOLLOW"), ("O_APPEND", "O_WRONLY"),
]  # fmt: skip


@pytest.mark.parametrize("flags", OPENS, ids="|".join)
def test_open(n: Native, flags: tuple[str, ...]) -> None:
    value = flag(n.abi, *flags)
    for text in PATHS:
        results = n.both("openat", text, value, 0, dirfd=AT_FDCWD)
        if text in NATIVE and not {"O_PATH", "O_NOFOLLOW"} & set(flags) and results[1] != -21:
            assert results[0] != FALLBACK or results[1] < 0, (text, results)
        check_open(n, results, text)


@pytest.mark.parametrize("name", ["stat64", "lstat64", "access", "readlink"])
def test_calls_on_names(n: Native, name: str) -> None:
    for text, mode in itertools.product(PATHS, (0, 1, 4, 7) if name == "access" else (0,)):
        size = 300 if name == "readlink" else 104
        out, theirs = n.guest.space(size), n.python.space(size)
        n.python.mem.write(theirs, b"\xa5" * size)
        path = os.fsencode(n.path(text)) + b"\0"
        args = [mode] if name == "access" else [0, 256] if name == "readlink" else [0]
        ours_args, their_args = list(args), list(args)
        if name != "access":
            ours_args[0], their_args[0] = out, theirs
        native = getattr(n.k, name)(n.guest.put(path), *ours_args)
        python = n.python.call(name, n.python.put(path), *their_args)
        n.guest.next = thunk_harness.PAGES
        n.python.reset()
        if text in NATIVE:
            assert native != FALLBACK, text
        if native != FALLBACK:
            assert native == python, text
            if native >= 0 and name != "access":
                ours, others = n.guest.get(out, size), n.python.mem.read(theirs, size)
                if name == "readlink":
                    assert ours == others, text
                else:  # the time of the last access may move between the two
                    at = 72 if n.abi == "arm" else 64
                    assert ours[:at] + ours[at + 8 :] == others[:at] + others[at + 8 :], text


@pytest.mark.parametrize("flags", [0, 0x100, 0x800, 0x900, 0x1000, 0x1100, 0x2000, 0x4100, 0x400])
def test_flags(n: Native, flags: int) -> None:
    for name, text in itertools.product(("fstatat64", "statx", "faccessat2"), PATHS):
        out, theirs = n.guest.space(256), n.python.space(256)
        path = os.fsencode(n.path(text)) + b"\0"
        at, their_at = n.guest.put(path), n.python.put(path)
        if name == "statx":
            native = n.k.statx(AT_FDCWD, at, flags, 0x7FF, out)
            python = n.python.call("statx", AT_FDCWD, their_at, flags, 0x7FF, theirs)
        elif name == "fstatat64":
            native = n.k.fstatat64(AT_FDCWD, at, out, flags)
            python = n.python.call("fstatat64", AT_FDCWD, their_at, theirs, flags)
        else:
            native = n.k.faccessat2(AT_FDCWD, at, 4, flags)
            python = n.python.call("faccessat2", AT_FDCWD, their_at, 4, flags)
        n.guest.next = thunk_harness.PAGES
        n.python.reset()
        if native != FALLBACK:
            assert native == python, (name, text)
            inode = slice(32, 40) if name == "statx" else slice(88, 96)
            if native == 0 and name != "faccessat2":
                assert n.guest.get(out, 256)[inode] == n.python.mem.read(theirs, 256)[inode], text


def test_directory_descriptors(n: Native, tree: Path) -> None:
    for folder in (tree / "root/etc", tree / "root/usr/bin", tree / "host", Path("/proc/self")):
        fd = os.open(folder, os.O_RDONLY)
        for text in ("hostname", "awk", "../etc/hostname", "out", "file", "mem", "maps", "exe", ".",
                     "cmdline", "/etc/hostname", "relative", "secret", "loop"):  # fmt: skip
            results = n.both("openat", text, 0, 0, dirfd=fd)
            if folder == Path("/proc/self") and not text.startswith(("/", ".")):
                assert results[0] in (FALLBACK, -errno.ENOENT), text
            check_open(n, results, text)
        os.close(fd)
        for text in ("hostname", ".", ""):
            assert n.both("openat", text, 0, 0, dirfd=fd)[0] in (-errno.EBADF, FALLBACK)
    file = os.open(tree / "host/file", os.O_RDONLY)
    check_open(n, n.both("openat", "x", 0, 0, dirfd=file), "a file as a directory")
    os.close(file)


MEMORY = [
    "/proc/self/mem", "//proc//self/mem", "/proc/thread-self/mem", "/./proc/self/mem",
    "/etc/memory", "/etc/selfdir/mem", "/etc/../proc/self/mem", "/dev/../proc/self/mem",
    "/dev/fd/../../self/mem",
    "etc/memory", "etc/selfdir/mem", "../../../../../../../../../proc/self/mem", "mem", "./mem",
    "task/../mem", "root/proc/self/mem", "cwd/mem", "fd/../mem",
]  # fmt: skip


@pytest.mark.parametrize("folder", ["root", "/proc/self", "/proc/self/fd"])
def test_host_memory_is_out_of_reach(n: Native, tree: Path, folder: str) -> None:
    os.chdir(tree / folder)
    before = set(os.listdir("/proc/self/fd"))
    for text in (*MEMORY, f"/proc/{os.getpid()}/mem", "/proc/self/maps", "/proc/self/pagemap"):
        for value in (0, flag(n.abi, "O_RDWR"), flag(n.abi, "O_LARGEFILE")):
            native = n.k.openat(AT_FDCWD, n.guest.put(os.fsencode(text) + b"\0"), value, 0)
            assert native < 0, text
            n.guest.next = thunk_harness.PAGES
    assert set(os.listdir("/proc/self/fd")) == before


def test_creating(n: Native, tree: Path, tmp_path: Path) -> None:
    made = tree / "root/tmp"
    names = ("plain", "dir/../odd", "sub/x", "link", "none/x", "plain/x", "dangling", "")
    combinations = (
        ("O_CREAT", "O_WRONLY"), ("O_CREAT", "O_EXCL", "O_WRONLY"), ("O_CREAT",),
        ("O_CREAT", "O_WRONLY", "O_TRUNC"), ("O_CREAT", "O_WRONLY", "O_TRUNC", "O_LARGEFILE"),
        ("O_TRUNC", "O_WRONLY"), ("O_TMPFILE", "O_RDWR"), ("O_CREAT", "O_DIRECTORY"),
    )  # fmt: skip
    old = os.umask(0o027)
    for name, flags, relative in itertools.product(names, combinations, (True, False)):
        found = []
        for side in (0, 1):
            shutil.rmtree(made)
            (made / "dir").mkdir(parents=True)
            (made / "sub").mkdir()
            (made / "sub/x").write_text("old")
            (made / "link").symlink_to("sub/x")
            (made / "dangling").symlink_to("sub/new")
            path = os.fsencode(("tmp/" if relative else n.path("/tmp") + "/") + name) + b"\0"
            value = flag(n.abi, *flags)
            if side:
                fd = n.python.call("openat", AT_FDCWD, n.python.put(path), value, 0o7666)
            else:
                fd = n.k.openat(AT_FDCWD, n.guest.put(path), value, 0o7666)
            left = sorted(
                (p.name, stat.S_IFMT(p.lstat().st_mode), p.stat().st_mode, p.stat().st_size)
                for p in made.rglob("*")
                if p.exists()
            )
            found.append((min(fd, 0), left))
            if fd >= 0:
                os.close(fd)
            n.guest.next = thunk_harness.PAGES
            n.python.reset()
        if found[0][0] != FALLBACK:
            assert found[0] == found[1], (name, flags, relative)
    os.umask(old)


def test_large_files_need_to_be_asked_for(n: Native) -> None:
    assert n.both("open", "H/large", 0, 0)[0] == -errno.EOVERFLOW
    fd = n.k.open(
        n.guest.put(os.fsencode(n.path("H/large")) + b"\0"), flag(n.abi, "O_LARGEFILE"), 0
    )
    assert fd >= 0
    assert n.desk.noted(fd) == (0, 0)
    os.close(fd)


def test_unknown_flags(n: Native) -> None:
    path = n.guest.put(os.fsencode(n.path("/etc/hostname")) + b"\0")
    for bits in (1 << 30, flag(n.abi, "O_PATH"), flag(n.abi, "O_TMPFILE")):
        assert n.k.openat(AT_FDCWD, path, bits, 0) == FALLBACK
    assert n.k.access(path, 8) == FALLBACK
    assert n.k.readlink(path, READ_ONLY, 0) == FALLBACK
    assert n.k.readlink(path, READ_ONLY, -1) == FALLBACK


def test_without_a_desk_it_is_python_s_turn(n: Native) -> None:
    path = n.guest.put(b"/dev/null\0")
    n.use(0)
    for name in ("open", "access", "readlink", "stat64", "clock_gettime", "clock_gettime64"):
        assert getattr(n.k, name)(path, 1, 1, 1) == FALLBACK


def test_many_descriptors_call_for_python(n: Native) -> None:
    path = n.guest.put(b"/dev/null\0")
    struct.pack_into("<I", n.memory, STATE, FEW)
    held = []
    while not n.desk.is_near:
        held.append(n.k.open(path, 0, 0))
        assert 0 <= held[-1] < 200
    assert held[-1] >= 40
    assert n.k.open(path, 0, 0) == FALLBACK
    n.desk.loaded()
    held.append(n.k.open(path, 0, 0))
    assert held[-1] > 40
    high = os.dup(held[-1])
    os.dup2(high, n.desk.count - 1)
    for fd in [*held, high, n.desk.count - 1]:
        os.close(fd)


def test_a_long_root_directory_is_python_s(tmp_path: Path) -> None:
    root = tmp_path
    while len(os.fsencode(root)) < 900:
        root = root / ("d" * 200)
    root.mkdir(parents=True)
    desk = Desk(memoryview(bytearray(SIZE)))
    desk.set_root(os.fsencode(root))
    assert desk._words[USE // 4] == PYTHON
    desk.set_root(b"/short")
    assert desk._words[USE // 4] == ROOTED
