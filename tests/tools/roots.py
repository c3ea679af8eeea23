"""The Debian armhf root that guest tests run programs from, made once by run32's own command.

It is kept in `.cache/`; a package added to `PACKAGES` is added to a root that is there already.
`python tests/tools/roots.py` makes it, with progress on standard error.
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

PACKAGES = (
    "bash bc busybox-static bzip2 coreutils diffutils file findutils git grep gzip jq libc6"
    " lua5.4 mawk openssl perl python3.11 sed sqlite3 tar xz-utils"
).split()


def ensure_armhf_root() -> Path | str:
    """The root, or the reason why there is none."""
    stamp = ARMHF_ROOT / ".packages"
    wanted = " ".join(PACKAGES)
    CACHE.mkdir(exist_ok=True)
    with open(CACHE / "armhf-test-root.lock", "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if stamp.exists() and stamp.read_text() == wanted:
            return ARMHF_ROOT
        if shutil.which("apt-get") is None:
            return "no apt-get on this machine to make a Debian armhf root with"
        command = [sys.executable, "-c", "import run32.cli as c; raise SystemExit(c.main())"]
        command += ["rootfs", "create", "--arch", "armhf", str(ARMHF_ROOT), *PACKAGES]
        result = subprocess.run(command, stdout=subprocess.DEVNULL)  # progress: standard error
        if result.returncode:
            return "no Debian armhf root: `run32 rootfs create` failed, see above"
        stamp.write_text(wanted)
    return ARMHF_ROOT


if __name__ == "__main__":
    print(ensure_armhf_root())
