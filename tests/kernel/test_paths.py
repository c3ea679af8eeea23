"""Paths below a root directory: links, `..`, what is the host's, where things are made."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from kernel.task_harness import Guest

ENOENT, ELOOP, ENOTDIR, ENAMETOOLONG, EFAULT = 2, 40, 20, 36, 14
AT_FDCWD = -100


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A small root directory, and a host directory beside it."""
    made = tmp_path / "root"
    for folder in ("etc/alternatives", "usr/bin", "usr/lib", "only/deep", "etc/dir.d"):
        (made / folder).mkdir(parents=True)
    (made / "etc/hostname").write_text("guest")
    (made / "usr/bin/mawk").write_text("mawk")
    (made / "usr/bin/awk").symlink_to("/etc/alternatives/awk")
    (made / "etc/alternatives/awk").symlink_to("/usr/bin/mawk")
    (made / "bin").symlink_to("usr/bin")
    (made / "etc/relative").symlink_to("../usr/lib")
    (made / "etc/out").symlink_to("../../../../../../etc/hostname")
    (made / "etc/loop").symlink_to("/etc/loop")
    (made / "etc/mounts").symlink_to("/proc/self/mounts")
    (made / "etc/dangling").symlink_to("/only/missing")
    (made / "etc/tohost").symlink_to(str(tmp_path / "host" / "file"))
    (tmp_path / "host").mkdir()
    (tmp_path / "host" / "file").write_text("host")
    return made


@pytest.fixture
def g(root: Path) -> Iterator[Guest]:
    here = os.getcwd()
    made = Guest(rootfs=str(root))
    yield made
    made.close()
    os.chdir(here)


def read(g: Guest, path: str, flags: int = 0, dirfd: int = AT_FDCWD) -> "str | int":
    fd = g.call("openat", dirfd, g.str(path), flags, 0)
    if fd < 0:
        return fd
    try:
        return os.read(fd, 100).decode()
    finally:
        os.close(fd)


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("/etc/hostname", "guest"),
        ("//etc///hostname", "guest"),
        ("/etc/../etc/./hostname", "guest"),
        ("/../../etc/hostname", "guest"),
        ("/usr/bin/awk", "mawk"),
        ("/bin/awk", "mawk"),
        ("/etc/out", "guest"),
        ("/etc/relative/../bin/awk", "mawk"),
        ("/proc/../etc/hostname", "guest"),
        ("/dev/../usr/../etc/hostname", "guest"),
        ("/etc/tohost", "host"),
        ("/proc/sys/kernel/ostype", "Linux\n"),
        ("/etc/loop", -ELOOP),
        ("/etc/hostname/x", -ENOTDIR),
        ("/no/such/file/anywhere", -ENOENT),
        ("", -ENOENT),
    ],
)
def test_lookup(g: Guest, path: str, text: "str | int") -> None:
    assert read(g, path) == text


def test_host_files_show_through(g: Guest, root: Path, tmp_path: Path) -> None:
    assert read(g, str(tmp_path / "host" / "file")) == "host"
    assert read(g, "/etc/passwd") == Path("/etc/passwd").read_text()[:100]
    (root / "etc/passwd").write_text("mine")
    assert read(g, "/etc/passwd") == "mine"
    assert read(g, "/etc/mounts")


def test_links_are_not_followed_where_the_call_says_so(g: Guest) -> None:
    o_nofollow = 0o100000
    assert read(g, "/usr/bin/awk", o_nofollow) == -ELOOP
    buf = g.space(256)
    n = g.call("readlink", g.str("/usr/bin/awk"), buf, 256)
    assert g.mem.read(buf, n) == b"/etc/alternatives/awk"
    assert g.call("lstat64", g.str("/usr/bin/awk"), buf) == 0
    assert g.words(buf + 16, "I")[0] & 0o170000 == 0o120000
    assert g.call("stat64", g.str("/usr/bin/awk"), buf) == 0
    assert g.words(buf + 16, "I")[0] & 0o170000 == 0o100000
    assert g.call("readlink", g.str("/bin"), buf, 3) == 3


def test_where_new_names_go(g: Guest, root: Path, tmp_path: Path) -> None:
    assert g.call("mkdir", g.str("/only/deep/new"), 0o755) == 0
    assert (root / "only/deep/new").is_dir()
    assert g.call("mkdir", g.str(tmp_path / "host" / "new"), 0o755) == 0
    assert (tmp_path / "host" / "new").is_dir()
    fd = g.call("open", g.str("/etc/dangling"), 0o102, 0o644)
    assert fd >= 0
    assert (root / "only/missing").exists()
    assert g.call("rename", g.str("/only/deep/new"), g.str("/only/renamed")) == 0
    assert (root / "only/renamed").is_dir()
    assert g.call("symlink", g.str("/etc/hostname"), g.str("/only/link")) == 0
    assert os.readlink(root / "only/link") == "/etc/hostname"
    assert read(g, "/only/link") == "guest"
    assert g.call("link", g.str("/etc/hostname"), g.str("/only/hard")) == 0
    assert os.path.samefile(root / "only/hard", root / "etc/hostname")
    assert g.call("unlink", g.str("/only/link")) == 0
    assert not (root / "only/link").is_symlink()
    assert (root / "etc/hostname").exists()
    assert g.call("mkdir", g.str("/only/no/such"), 0o755) == -ENOENT


def test_working_directory_is_shown_without_the_root(g: Guest, root: Path, tmp_path: Path) -> None:
    buf = g.space(4096)
    for path, shown in (
        ("/etc/alternatives", b"/etc/alternatives\0"),
        ("/", b"/\0"),
        ("..", b"/\0"),
        ("../..", b"/\0"),
        ("usr/bin", b"/usr/bin\0"),
        ("../lib", b"/usr/lib\0"),
        (str(tmp_path / "host"), os.fsencode(tmp_path / "host") + b"\0"),
    ):
        assert g.call("chdir", g.str(path)) == 0
        assert g.call("getcwd", buf, 4096) == len(shown)
        assert g.mem.read(buf, len(shown)) == shown
    assert g.call("chdir", g.str("/etc")) == 0
    assert g.call("getcwd", buf, 4) == -34
    assert g.call("getcwd", 0x10, 4096) == -EFAULT


def test_relative_names_obey_the_root(g: Guest, root: Path) -> None:
    assert g.call("chdir", g.str("/etc/alternatives")) == 0
    assert read(g, "awk") == "mawk"
    assert read(g, "../hostname") == "guest"
    assert read(g, "../../../../etc/hostname") == "guest"
    fd = g.call("openat", AT_FDCWD, g.str("/etc"), 0o40000, 0)
    assert read(g, "alternatives/awk", dirfd=fd) == "mawk"
    assert read(g, "hostname", dirfd=fd) == "guest"
    assert read(g, "../../../etc/out", dirfd=fd) == "guest"
    assert g.call("mkdirat", fd, g.str("made"), 0o700) == 0
    assert (root / "etc/made").is_dir()


def test_trailing_slashes_ask_for_directories(g: Guest) -> None:
    assert read(g, "/etc/hostname/") == -ENOTDIR
    buf = g.space(256)
    assert g.call("lstat64", g.str("/bin/"), buf) == 0
    assert g.words(buf + 16, "I")[0] & 0o170000 == 0o040000


def test_bad_pointers_and_long_names(g: Guest) -> None:
    assert g.call("open", 0x10, 0, 0) == -EFAULT
    assert g.call("open", 0xFFFFFFF0, 0, 0) == -EFAULT
    assert read(g, "/" + "x" * 4094) == -ENAMETOOLONG
    assert read(g, "/" + "y/" * 2047) == -ENOENT
    assert read(g, "/" + "y/" * 2048) == -ENAMETOOLONG
    assert read(g, "x" * 256) == -ENAMETOOLONG


def test_a_missing_root_entry_needs_no_openat2(g: Guest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Old kernels and sandboxes: the walk alone gives the same answers."""
    from run32.kernel import paths

    monkeypatch.setattr(paths, "probe", lambda *args, **more: -38)
    assert read(g, "/bin/awk") == "mawk"
    assert read(g, "/etc/out") == "guest"
    assert read(g, "/etc/loop") == -ELOOP
    assert g.call("chdir", g.str("/etc/alternatives")) == 0
    assert read(g, "awk") == "mawk"


def test_without_a_root_paths_are_untouched(guest: Guest, tmp_path: Path) -> None:
    (tmp_path / "f").write_text("x")
    assert read(guest, str(tmp_path / "f")) == "x"
    assert guest.task.paths.host(-100, b"/etc/../x") == b"/etc/../x"
