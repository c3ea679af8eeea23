"""qemu-arm for programs that execute others: inside a root, with its own binfmt_misc.

In a user namespace, the root is the lower layer of an overlay, qemu-arm is what the kernel runs
32-bit ARM programs with (its libraries are bound into the root), and chroot does the rest: here
every child is a program of the root, where `qemu-arm -L` would execute the host's.
Requires: qemu-arm, util-linux, and a kernel that allows this (Linux 6.7 on).
"""

from __future__ import annotations

import functools
import os
import shutil
import subprocess
import tempfile
from pathlib import Path

from tools.guests import TIMEOUT, Result, execute

MAGIC = r"\\x7fELF\\x01\\x01\\x01" + r"\\x00" * 9 + r"\\x02\\x00\\x28\\x00"
MASK = r"\\xff" * 7 + r"\\x00" + r"\\xff" * 8 + r"\\xfe" + r"\\xff" * 3

ENTER = f"""set -e
mount -t binfmt_misc none "$1"
printf ':arm:M::{MAGIC}:{MASK}:/usr/bin/qemu-arm:PF' > "$1"/register
mount -t overlay -o lowerdir="$2",upperdir="$3"/upper,workdir="$3"/work none "$3"/root
root=$3/root; directory=$4; shift 4
for d in lib64 usr/lib/x86_64-linux-gnu proc dev tmp "$directory"; do mkdir -p "$root/$d"; done
mount --bind /lib64 "$root/lib64"
mount --bind /usr/lib/x86_64-linux-gnu "$root/usr/lib/x86_64-linux-gnu"
mount --rbind /proc "$root/proc"
mount --rbind /dev "$root/dev"
mount --bind "$directory" "$root/$directory"
PATH=$PATH:/usr/sbin; exec chroot "$root" /usr/bin/env -C "$directory" "$@"
"""


def enter(root: Path, scratch: Path, cwd: Path, argv: list[str]) -> list[str]:
    """The command that runs `argv` in `root`; `scratch` is an empty directory."""
    for name in ("binfmt", "upper", "work", "root"):
        (scratch / name).mkdir()
    inside = [str(scratch / "binfmt"), str(root), str(scratch), str(cwd)]
    return ["unshare", "-Urm", "sh", "-c", ENTER, "sh", *inside, *argv]


def qemu_root(
    argv: list[str],
    *,
    cwd: Path,
    rootfs: Path,
    stdin: Path | None = None,
    env: dict[str, str] | None = None,
    timeout: float = TIMEOUT,
) -> Result:
    """Run `argv` under qemu-arm in `rootfs`. Requires: `refused(rootfs)` said ""."""
    with tempfile.TemporaryDirectory(prefix="qemu-root-") as folder:
        command = enter(rootfs.resolve(), Path(folder), cwd, argv)
        result = execute(command, cwd=cwd, stdin=stdin, env=env, timeout=timeout)
        for path in Path(folder).glob("work/*"):
            path.chmod(0o700)  # overlayfs leaves it without permissions
        return result


@functools.cache
def refused(rootfs: Path) -> str:
    """Why this machine cannot do it, or ""."""
    for tool in ("qemu-arm", "unshare"):
        if shutil.which(tool) is None:
            return f"no {tool}"
    if os.uname().machine != "x86_64":
        return "only laid out for x86-64 hosts"
    with tempfile.TemporaryDirectory() as folder:
        try:
            result = qemu_root(["uname", "-m"], cwd=Path(folder), rootfs=rootfs)
        except (OSError, subprocess.SubprocessError) as error:
            return f"no namespace for qemu-arm: {error}"
    if result.stdout != b"armv7l\n":
        return f"no namespace for qemu-arm: {result.stderr.decode()[-300:]}"
    return ""
