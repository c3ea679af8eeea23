"""`run32 rootfs create`: a directory with Debian programs of another architecture.

apt resolves and downloads, with private state: the machine's own packages, lists and
architectures stay as they are, and root is not needed. The packages are unpacked, not configured;
`var/lib/dpkg/status` in the new root records them, so that apt can add more later. A new root is
built in `DIR.partial` and renamed when complete; an interrupted one is continued.
"""

from __future__ import annotations

import fcntl
import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from run32.cli.errors import Problem
from run32.cli.progress import Progress

ARCHITECTURES = ("armhf", "armel", "i386")

DEFAULT_PACKAGES = (
    "libc6 bash coreutils busybox-static grep sed mawk findutils diffutils bc python3".split()
)

MERGED = ("bin", "sbin", "lib")
"""Top directories that are links into /usr, as in every Debian since 12."""

ALTERNATIVES = {"usr/bin/awk": "mawk", "usr/bin/lua": "lua5.4", "usr/bin/nawk": "mawk"}
ALTERNATIVES |= {f"usr/lib/*/{n}.so.3": f"{n[3:]}/{n}.so.3" for n in ("libblas", "liblapack")}
"""Links that an installation script would have made: name -> what it names, when that is there."""

STATUS = "var/lib/dpkg/status"
ARCH = "var/lib/dpkg/arch"


def create(directory: Path, arch: str, packages: list[str], cache: Path, sources: str = "") -> int:
    """Make `directory` a root for `arch` with `packages`, or add them. Raises `Problem`."""
    directory = Path(os.path.abspath(directory))
    for tool in ("apt-get", "dpkg-deb", "tar"):
        if shutil.which(tool) is None:
            remedy = "use a Debian or Ubuntu machine, or unpack a root by other means"
            raise Problem(tool, "not found; `rootfs create` works through apt", remedy)
    complete = is_usable(directory, arch)
    root = directory if complete else directory.with_name(directory.name + ".partial")
    try:
        if not complete:
            lay_out(root, arch)
        with locked(cache / f"apt-{arch}"):
            apt = Apt(cache / f"apt-{arch}", arch, root / STATUS, sources)
            count = install(apt, root, packages)
        link_alternatives(root)
        if not complete:
            root.rename(directory)
    except OSError as error:
        subject = str(error.filename or directory)
        raise Problem(subject, error.strerror or str(error)) from None
    finally:
        if not complete and (root / STATUS).exists() and not (root / STATUS).stat().st_size:
            shutil.rmtree(root)  # nothing was unpacked: nothing to continue
    print(f"{directory}: {count} package{'s' * (count != 1)} added; try:")
    print(f"  run32 --rootfs {directory} ls /")
    return 0


def is_usable(directory: Path, arch: str) -> bool:
    """Whether `directory` is a root made here. Raises `Problem` if it is anything else."""
    if not directory.is_dir():
        if directory.exists():
            raise Problem(str(directory), "is not a directory", "name another one")
        return False
    if not any(directory.iterdir()):
        return False
    if not (directory / ARCH).exists():
        remedy = "name a new or empty directory"
        raise Problem(str(directory), "has files that run32 did not put there", remedy)
    made_for = (directory / ARCH).read_text().strip()
    if made_for != arch:
        raise Problem(str(directory), f"is a root for {made_for}, not {arch}", "name another one")
    return True


def lay_out(root: Path, arch: str) -> None:
    """Make the skeleton of a root; one that is there from an interrupted run stays."""
    if (root / ARCH).exists() and (root / ARCH).read_text().strip() != arch:
        raise Problem(str(root), "is left over from another architecture", f"rm -r {root}")
    for name in MERGED:
        (root / "usr" / name).mkdir(parents=True, exist_ok=True)
        if not (root / name).is_symlink():
            (root / name).symlink_to(f"usr/{name}")
    (root / STATUS).parent.mkdir(parents=True, exist_ok=True)
    (root / STATUS).touch()
    (root / ARCH).write_text(arch + "\n")


@contextmanager
def locked(directory: Path) -> Iterator[None]:
    """Hold `directory` for this process; its package lists serve one run at a time."""
    directory.mkdir(parents=True, exist_ok=True)
    with open(directory / "lock", "w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            remedy = "wait for it to end"
            raise Problem(str(directory), "another `rootfs create` is using it", remedy) from None
        yield


def install(apt: Apt, root: Path, packages: list[str]) -> int:
    """Download and unpack `packages` and all they depend on. Returns how many were new."""
    apt.update()
    sizes = apt.plan(packages)
    if not sizes:
        return 0
    apt.download(packages, sum(sizes.values()))
    with Progress(f"unpacking {len(sizes)} packages", len(sizes)) as progress:
        for done, name in enumerate(sizes):
            progress.update(done, note=name)
            unpack(apt.archives / name, root)
    for name in sizes:
        (apt.archives / name).unlink(missing_ok=True)
    return len(sizes)


def unpack(deb: Path, root: Path) -> None:
    """Put the files of `deb` below `root` and record it as installed."""
    tar = ["tar", "-x", "--keep-directory-symlink", "--no-same-owner", "-C", str(root)]
    with subprocess.Popen(["dpkg-deb", "--fsys-tarfile", deb], stdout=subprocess.PIPE) as source:
        result = subprocess.run(tar, stdin=source.stdout, stderr=subprocess.PIPE, text=True)
    if result.returncode or source.returncode:
        reason = next(iter(result.stderr.splitlines()), "damaged package")
        remedy = "free some space and run the same command again" if "space" in reason else ""
        raise Problem(str(root), f"cannot unpack {deb.name}: {reason}", remedy)
    control = subprocess.run(["dpkg-deb", "-f", deb], stdout=subprocess.PIPE, text=True, check=True)
    with open(root / STATUS, "a") as status:
        status.write(control.stdout.rstrip("\n") + "\nStatus: install ok installed\n\n")


def link_alternatives(root: Path) -> None:
    for name, target in ALTERNATIVES.items():
        for folder in root.glob(os.path.dirname(name)):
            link = folder / os.path.basename(name)
            if (folder / target).exists() and not os.path.lexists(link):
                link.symlink_to(target)


class Apt:
    """apt-get with its state in `home`, for packages of `arch`, `status` saying what is there."""

    def __init__(self, home: Path, arch: str, status: Path, sources: str) -> None:
        self.arch = arch
        self.archives = home / "cache/archives"
        self._update_failed = ""
        for part in (home / "lists/partial", self.archives / "partial", home / "state"):
            part.mkdir(parents=True, exist_ok=True)
        options = {
            "APT::Architecture": arch,
            "APT::Architectures": arch,
            "APT::Install-Recommends": "0",
            "APT::Sandbox::User": "root",  # no privileges are dropped: the files are ours
            "APT::Keep-Downloaded-Packages": "1",
            "DPkg::Lock::Timeout": "0",
            "Dir::Cache": str(home / "cache"),
            "Dir::State": str(home / "state"),
            "Dir::State::lists": str(home / "lists"),
            "Dir::State::status": str(status),
        }
        if sources:
            options |= {"Dir::Etc::SourceList": os.path.abspath(sources)}
            options |= {"Dir::Etc::SourceParts": "-"}
        self._command = ["apt-get", "-q", *(f"-o{key}={value}" for key, value in options.items())]
        self._environ = {**os.environ, "LC_ALL": "C", "DEBIAN_FRONTEND": "noninteractive"}

    def update(self) -> None:
        """Fetch the package lists. A mirror in mid-update fails here and may do all the same."""
        with Progress(f"fetching package lists for {self.arch}", 100) as progress:
            code, _, errors = self._run(["update"], progress)
        if code:
            self._update_failed = next(iter(errors), "apt-get update failed")

    def plan(self, packages: list[str]) -> dict[str, int]:
        """Archive file name -> size of everything to fetch. Raises `Problem`."""
        code, output, errors = self._run(["-y", "--print-uris", "install", "--", *packages])
        if code:
            raise self._problem(errors)
        rows = [line.split() for line in output.splitlines() if line.startswith("'")]
        return {row[1]: int(row[2]) for row in rows}

    def download(self, packages: list[str], size: int) -> None:
        """Fetch the archives that `plan` named. Raises `Problem`."""
        with Progress(f"downloading {size / 1e6:.0f} MB", 100) as progress:
            command = ["-y", "--download-only", "install", "--", *packages]
            code, _, errors = self._run(command, progress)
            if code:
                raise self._problem(errors)

    def fetch(self, package: str, directory: Path) -> None:
        """Download the archive of one package into `directory`. Raises `Problem`."""
        code, _, errors = self._run(["download", "--", package], directory=directory)
        if code:
            raise self._problem(errors)

    def _run(
        self, command: list[str], progress: Progress | None = None, directory: Path | None = None
    ) -> tuple[int, str, list[str]]:
        """Exit status, standard output and the error lines of one apt-get call."""
        status_read, status_write = os.pipe()
        with tempfile.TemporaryFile("w+") as out, tempfile.TemporaryFile("w+") as err:
            process = subprocess.Popen(
                [*self._command, f"-oAPT::Status-Fd={status_write}", *command],
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=err,
                env=self._environ,
                cwd=directory,
                pass_fds=[status_write],
            )
            os.close(status_write)
            with open(status_read, errors="replace") as lines:
                for line in lines:  # dlstatus:NUMBER:PERCENT:TEXT
                    fields = line.rstrip("\n").split(":", 3)
                    if progress is not None and fields[0] == "dlstatus":
                        progress.update(float(fields[2]), note=fields[3])
            code = process.wait()
            out.seek(0)
            err.seek(0)
            errors = [line[3:].strip() for line in err if line.startswith("E: ")]
            return code, out.read(), errors

    def _problem(self, errors: list[str]) -> Problem:
        for error in errors:
            for marker in ("Unable to locate package ", "no installation candidate", "by regex"):
                if marker in error:
                    name = error.split("'")[1] if "'" in error else error.split()[-1]
                    remedy = "check the name"
                    if self._update_failed:
                        remedy += f", and the package lists: {self._update_failed}"
                    return Problem(name, f"no such package for {self.arch}", remedy)
            if "free space" in error or "No space left" in error:
                return Problem(str(self.archives), "no space left", "free some space there")
        reason = next(iter(errors), "failed")
        remedy = self._update_failed or "check the network and run the same command again"
        return Problem("apt-get", reason, remedy)
