"""The Debian roots that guest tests run programs from, made once by run32's own command.

They are kept in `.cache/`; a package added to a list is added to a root that is there already.
The first has interpreters and tools; the second a compiler, make and servers, and its own `sh`,
which the first takes from the host. The third has soft-float programs (armel),
the fourth what uses Advanced SIMD and floating point much. `python tests/tools/roots.py` makes all,
with progress on standard error.
"""

from __future__ import annotations

import fcntl
import shutil
import subprocess
import sys
from pathlib import Path

CHECKOUT = Path(__file__).resolve().parents[2]
CACHE = CHECKOUT / ".cache"
ARMHF_ROOT = CACHE / "armhf-test-root"
TOOLS_ROOT = CACHE / "armhf-tools-root"
FLOAT_ROOT = CACHE / "armhf-float-root"
ARMEL_ROOT = CACHE / "armel-test-root"

PACKAGES = (
    "bash bc busybox-static bzip2 coreutils diffutils file findutils git grep gzip jq libc6"
    " lua5.4 mawk openssl perl python3.11 sed sqlite3 tar xz-utils"
).split()

TOOLS_PACKAGES = (
    "bash bzip2 coreutils dash diffutils findutils gcc git grep gzip libc6-dev make mawk nginx"
    " openssl perl procps python3.11 redis-server sed sqlite3 tar util-linux xz-utils"
).split()

ARMEL_PACKAGES = "bc busybox-static jq lua5.4 mawk perl python3.11 sqlite3".split()

FLOAT_PACKAGES = (
    "ffmpeg libpython3.11-testsuite python3-hypothesis python3-numpy python3-pytest python3.11"
).split()


def ensure_armhf_root() -> Path | str:
    """The root with interpreters and tools, or the reason why there is none."""
    return ensure(ARMHF_ROOT, PACKAGES)


def ensure_tools_root() -> Path | str:
    """The root with a compiler and servers, or the reason why there is none."""
    return ensure(TOOLS_ROOT, TOOLS_PACKAGES)


def ensure_armel_root() -> Path | str:
    """The root with soft-float programs, or the reason why there is none."""
    return ensure(ARMEL_ROOT, ARMEL_PACKAGES, "armel")


def ensure_float_root() -> Path | str:
    """The root with ffmpeg, numpy and their like, or the reason why there is none."""
    return ensure(FLOAT_ROOT, FLOAT_PACKAGES)


def ensure(root: Path, packages: list[str], arch: str = "armhf") -> Path | str:
    stamp = root / ".packages"
    wanted = " ".join(packages)
    CACHE.mkdir(exist_ok=True)
    # one lock for all: they share apt's lists
    with open(CACHE / "armhf-test-root.lock", "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if stamp.exists() and stamp.read_text() == wanted:
            return root
        if shutil.which("apt-get") is None:
            return f"no apt-get on this machine to make a Debian {arch} root with"
        command = [sys.executable, "-c", "import run32.cli as c; raise SystemExit(c.main())"]
        command += ["rootfs", "create", "--arch", arch, str(root), *packages]
        result = subprocess.run(command, stdout=subprocess.DEVNULL)  # progress: standard error
        if result.returncode:
            return f"no Debian {arch} root {root.name}: `run32 rootfs create` failed, see above"
        stamp.write_text(wanted)
    return root


if __name__ == "__main__":
    print(ensure_armhf_root(), ensure_tools_root(), sep="\n")
    print(ensure_armel_root(), ensure_float_root(), sep="\n")
