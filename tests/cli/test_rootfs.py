"""`run32 rootfs create`, and Debian programs that find their own files below the root."""

from __future__ import annotations

from pathlib import Path

import pytest
from cli.test_command_line import cli, one_line
from tools.guests import run32

from run32.cli.rootfs import link_alternatives


def test_refuses_what_it_did_not_make(tmp_path: Path) -> None:
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine/file").write_text("precious")
    status, _, err = cli("rootfs", "create", "--arch", "armhf", tmp_path / "mine", cwd=tmp_path)
    assert status == 125
    one_line(err, "mine", "did not put there")
    (tmp_path / "plain").write_text("")
    status, _, err = cli("rootfs", "create", "--arch", "armhf", tmp_path / "plain", cwd=tmp_path)
    assert status == 125
    one_line(err, "plain", "not a directory")
    assert (tmp_path / "mine/file").read_text() == "precious"


def test_unknown_package_leaves_nothing(armhf_root: Path, tmp_path: Path) -> None:
    command = ("rootfs", "create", "--arch", "armhf", tmp_path / "new", "no-such-package-32")
    status, _, err = cli(*command, cwd=tmp_path)
    assert status == 125
    assert "no-such-package-32: no such package for armhf" in err.splitlines()[-1]
    assert not list(tmp_path.glob("new*"))


def test_no_apt(tmp_path: Path) -> None:
    status, _, err = cli(
        "rootfs", "create", "--arch", "i386", tmp_path / "new", cwd=tmp_path, PATH=""
    )
    assert status == 125
    one_line(err, "apt-get", "Debian")


def test_alternatives(tmp_path: Path) -> None:
    """What `update-alternatives` would have linked is linked, once, where it exists."""
    libraries = tmp_path / "usr/lib/arm-linux-gnueabihf"
    for name in ("blas/libblas.so.3", "lapack/none"):
        (libraries / name).parent.mkdir(parents=True)
        (libraries / name).write_text("library")
    (tmp_path / "usr/bin").mkdir()
    (tmp_path / "usr/bin/mawk").write_text("program")
    for _ in range(2):
        link_alternatives(tmp_path)
    assert (libraries / "libblas.so.3").readlink() == Path("blas/libblas.so.3")
    assert (tmp_path / "usr/bin/awk").readlink() == Path("mawk")
    assert not (libraries / "liblapack.so.3").is_symlink()
    assert not (tmp_path / "usr/bin/lua").is_symlink()


def test_root_is_merged_and_recorded(armhf_root: Path) -> None:
    assert (armhf_root / "bin").readlink() == Path("usr/bin")
    assert (armhf_root / "var/lib/dpkg/arch").read_text() == "armhf\n"
    assert "\nPackage: libc6\n" in (armhf_root / "var/lib/dpkg/status").read_text()


@pytest.mark.parametrize(
    ("argv", "expected"),
    [
        (("python3.11", "-c", "import mmap; print(mmap.__file__)"),
         "/usr/lib/python3.11/lib-dynload/mmap.cpython-311-arm-linux-gnueabihf.so\n"),
        (("python3.11", "-c", "import sys; print(sys.executable, sys.prefix)"),
         "/usr/bin/python3.11 /usr\n"),
        (("readlink", "/proc/self/exe"), "/usr/bin/readlink\n"),
        (("perl", "-e", "print $INC[-1], ' ', $^X, qq{\\n}"),
         "/usr/local/lib/site_perl /usr/bin/perl\n"),
        (("realpath", "/bin/ls"), "/usr/bin/ls\n"),
        (("dpkg-architecture-is-not-there",), None),
    ],
)  # fmt: skip
def test_own_files(
    argv: tuple[str, ...], expected: str | None, armhf_root: Path, engine: Path, tmp_path: Path
) -> None:
    result = run32(list(argv), cwd=tmp_path, rootfs=armhf_root)
    if expected is None:
        assert result.status == 127
    else:
        assert (result.status, result.stdout.decode()) == (0, expected), result.stderr.decode()
