"""An emulated AArch64 host: qemu-aarch64 runs Python there, and so what run32 makes for such hosts.

    python tests/tools/arm64_user.py -m pytest tests/isa/test_rows_native.py

Python is that of `arm64_guest`'s machine; system calls are this kernel's, which makes it no witness
of what that machine cannot do. Everything is about 16 times slower than on this host, so engines
are built here, and `tests/fuzz` has LLVM translate here too. They are kept in `.cache/arm64/run32`.
Requires: qemu-aarch64, and apt-get and pip for the first time.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

if __name__ == "__main__":
    sys.path[:0] = [str(Path(__file__).resolve().parents[n]) for n in (1, 2)]

from tools import arm64_guest
from tools.roots import CHECKOUT

CACHE = arm64_guest.HOME / "run32"
TEST_PACKAGES = "opt/tests"
"""Below the root: what tests import, for that Python."""
TESTS_IMPORT = ("pytest", "pluggy", "iniconfig", "packaging", "pygments", "unicorn")

# what that Python writes an engine's key with, whatever Python this host has
BUILD = (
    "import sys; sys.implementation.cache_tag = 'cpython-311'; "
    f"sys.path.insert(0, {str(CHECKOUT / 'src')!r}); sys.argv[1:] = ['engine', 'build',"
    "'--host', 'aarch64']; import run32.cli as c; sys.exit(c.main())"
)
MAIN = "from run32.start import main; main()"


def ensure() -> str:
    """Make what is missing. Returns "" or why that cannot be."""
    if shutil.which("qemu-aarch64") is None:
        return "no qemu-aarch64: apt-get install qemu-user"
    return (
        arm64_guest.ensure_root()
        or arm64_guest.ensure_translator()
        or arm64_guest.ensure_packages(TEST_PACKAGES, TESTS_IMPORT)
    )


def build_engines(cache: Path = CACHE) -> None:
    """Build the engines for AArch64 hosts in a cache, on this host."""
    cache.mkdir(mode=0o700, parents=True, exist_ok=True)
    command = [sys.executable, "-c", BUILD]
    env = {**os.environ, "RUN32_CACHE": str(cache)}
    subprocess.run(command, env=env, check=True, stdout=subprocess.DEVNULL,
                   stderr=subprocess.DEVNULL)  # fmt: skip


def environment() -> dict[str, str]:
    """What Python there needs to know. Nothing it writes is read by the Python of this host."""
    root = arm64_guest.ROOT
    paths = (CHECKOUT / "src", root / arm64_guest.PYTHON_PACKAGES, root / TEST_PACKAGES)
    return {
        "PYTHONPATH": os.pathsep.join(map(str, paths)),
        "PYTHONPYCACHEPREFIX": str(arm64_guest.HOME / "pycache"),
        "RUN32_CACHE": str(CACHE),
        "LC_ALL": "C.UTF-8",
    }


def python() -> list[str]:
    """The command that runs Python there. Requires: `ensure()` said ""."""
    root = str(arm64_guest.ROOT)
    return ["qemu-aarch64", "-L", root, f"{root}/usr/bin/python3.11"]


def run32_command() -> tuple[str, ...]:
    """The command that runs a guest there, in `environment`."""
    return (*python(), "-S", "-c", MAIN)


def main() -> int:
    reason = ensure()
    if reason:
        print(reason, file=sys.stderr)
        return 125
    build_engines()
    command = [*python(), *sys.argv[1:]]
    return subprocess.run(command, env={**os.environ, **environment()}).returncode


if __name__ == "__main__":
    sys.exit(main())
