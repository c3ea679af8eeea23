"""An emulated AArch64 Linux machine, in which a test runs a shell script.

    python tests/tools/arm64_guest.py [--cpu CPU] [--share DIR] -- COMMAND...

`a64fx` cannot execute AArch32: its kernel refuses a 32-bit program with ENOEXEC, which makes it
the machine that run32 exists for. `neoverse-n1` can: there the kernel's own compatibility layer
answers, and is the oracle for what a program must see.

The machine has Debian's arm64 kernel and Python, unpacked below `.cache/arm64` with apt's help; no
root is needed. Inside, `/host` is the shared directory (writable, the working directory) and
`/run32` this checkout. Everything goes through one initramfs, whose init mounts the rest over 9p.
Requires: qemu-system-aarch64, and apt-get for the first time.
"""

from __future__ import annotations

import argparse
import fcntl
import glob
import lzma
import re
import shlex
import shutil
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Callable, Iterable
from importlib import metadata
from pathlib import Path

from tools.guests import Result
from tools.roots import CACHE, CHECKOUT

HOME = CACHE / "arm64"
ROOT = HOME / "root"
KERNEL = HOME / "kernel"
PYTHON_PACKAGES = "opt/python"
"""Below ROOT: what `run32 compile` needs, for the Python of the machine."""
PACKAGES = ["busybox-static", "python3.11", "libstdc++6"]
MODULES = ["virtio_pci", "9pnet_virtio", "9p"]
TIMEOUT = 300.0

INIT = """#!/bin/busybox sh
b=/bin/busybox
for d in proc sys dev new; do $b mkdir -p /$d; done
$b mount -t proc proc /proc; $b mount -t sysfs sys /sys; $b mount -t devtmpfs dev /dev
for m in {modules}; do $b insmod /lib/$m; done
o=trans=virtio,version=9p2000.L,msize=262144
$b mount -t 9p -o $o,cache=loose,ro root /new
$b mount -t 9p -o $o,cache=mmap share /new/host
$b mount -t 9p -o $o,cache=loose,ro checkout /new/run32
for d in proc sys dev; do $b mount --bind /$d /new/$d; done
$b mkdir -p /dev/shm /dev/pts; $b mount -t devpts pts /dev/pts
$b mount -t tmpfs tmp /new/tmp
$b chroot /new /usr/bin/busybox sh /host/{name}/script \\
    >/new/host/{name}/stdout 2>/new/host/{name}/stderr </dev/null
echo $? >/new/host/{name}/status
$b sync; $b poweroff -f
"""

PROLOGUE = """export PATH=/usr/bin:/bin HOME=/tmp LC_ALL=C.UTF-8 PYTHONPATH=/run32/src
cd /host
"""


def ensure() -> str:
    """Make the machine's files if they are missing. Returns "" or why that cannot be."""
    if shutil.which("qemu-system-aarch64") is None:
        return "no qemu-system-aarch64: apt-get install qemu-system-arm"
    return ensure_root() or once("ready", set_up_kernel)


def ensure_root() -> str:
    """Make the root file system if it is missing. Returns "" or why that cannot be."""
    return once("root-ready", set_up_root)


def once(stamp: str, set_up: Callable[[], None]) -> str:
    """Do it unless it is done. Returns "" or why that cannot be."""
    HOME.mkdir(parents=True, exist_ok=True)
    with open(HOME / "lock", "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if (HOME / stamp).exists():
            return ""
        if shutil.which("apt-get") is None:
            return "no apt-get to make an arm64 machine with"
        from run32.cli.errors import Problem

        try:
            set_up()
        except (Problem, subprocess.CalledProcessError) as problem:
            return f"no arm64 machine: {problem}"
        (HOME / stamp).touch()
    return ""


def set_up_root() -> None:
    """Download and unpack the root file system. Raises `Problem`."""
    from run32.cli import rootfs

    rootfs.create(ROOT, "arm64", PACKAGES, CACHE / "run32")
    for name in ("host", "run32", "proc", "sys", "dev", "tmp"):
        (ROOT / name).mkdir(exist_ok=True)


def set_up_kernel() -> None:
    """Download and unpack the kernel. Raises `Problem`."""
    from run32.cli import rootfs

    apt = rootfs.Apt(CACHE / "run32/apt-arm64", "arm64", ROOT / rootfs.STATUS, "")
    image = next(n for n in apt.plan(["linux-image-arm64"]) if re.match(r"linux-image-\d", n))
    with tempfile.TemporaryDirectory(dir=HOME) as folder:
        apt.fetch(image.split("_")[0], Path(folder))
        deb = next(Path(folder).glob("*.deb"))
        subprocess.run(["dpkg-deb", "-x", deb, KERNEL], check=True)


def ensure_translator() -> str:
    """Unpack the packages of `run32 compile` for the machine.

    Returns "" or why that cannot be. Requires: `ensure_root()` said "".
    """
    return ensure_packages(PYTHON_PACKAGES, ("llvmlite", "pyelftools"))


def ensure_packages(folder: str, names: Iterable[str]) -> str:
    """Unpack Python packages, in the versions here, below ROOT. See `ensure_translator`."""
    wanted = {name: metadata.version(name) for name in names}
    made = ROOT / folder
    with open(HOME / "lock", "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if all((made / f"{n}-{version}.dist-info").exists() for n, version in wanted.items()):
            return ""
        shutil.rmtree(made, ignore_errors=True)
        command = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps"]
        command += ["--only-binary=:all:", "--python-version=3.11"]
        command += [f"--platform=manylinux_2_{minor}_aarch64" for minor in (28, 27, 17)]
        command += [f"{name}=={version}" for name, version in wanted.items()]
        with tempfile.TemporaryDirectory(dir=HOME) as unpacked:
            try:
                subprocess.run([*command, "--dest", unpacked], check=True, timeout=600)
            except (OSError, subprocess.SubprocessError) as problem:
                return f"no {' or '.join(wanted)} for aarch64: {problem}"
            for path in Path(unpacked).glob("*.whl"):
                with zipfile.ZipFile(path) as wheel:
                    wheel.extractall(Path(unpacked) / "packages")
            made.parent.mkdir(exist_ok=True)
            (Path(unpacked) / "packages").rename(made)
    return ""


def module_bytes(path: str) -> bytes:
    data = Path(path).read_bytes()
    return lzma.decompress(data) if path.endswith(".xz") else data


def modules_in_order() -> list[tuple[str, bytes]]:
    """The wanted kernel modules and what they depend on, dependencies first."""
    files = glob.glob(f"{KERNEL}/**/modules/*/kernel/**/*.ko*", recursive=True)
    known = {Path(f).name.split(".ko")[0].replace("-", "_"): f for f in files}
    order: dict[str, bytes] = {}

    def add(name: str) -> None:
        path = known.get(name.replace("-", "_"))
        if path is None or name in order:  # built into the kernel, or there already
            return
        data = module_bytes(path)
        depends = re.search(rb"\0depends=([^\0]+)\0", data)
        for other in depends[1].decode().split(",") if depends else []:
            add(other)
        order[name] = data

    for name in MODULES:
        add(name)
    return list(order.items())


def cpio(entries: list[tuple[str, int, bytes]]) -> bytes:
    """An initramfs in the "newc" format (kernel: early-userspace/buffer-format)."""
    out = bytearray()
    for inode, (name, mode, data) in enumerate([*entries, ("TRAILER!!!", 0, b"")], 1):
        raw = name.encode() + b"\0"
        header = (inode, mode, 0, 0, 1, 0, len(data), 0, 0, 0, 0, len(raw), 0)
        out += b"070701" + b"".join(b"%08X" % field for field in header) + raw
        out += bytes(-len(out) % 4) + data
        out += bytes(-len(out) % 4)
    return bytes(out)


def initramfs(name: str) -> bytes:
    modules = modules_in_order()
    init = INIT.format(modules=" ".join(f"{m}.ko" for m, _ in modules), name=name)
    busybox = (ROOT / "usr/bin/busybox").read_bytes()
    return cpio(
        [("bin", 0o40755, b""), ("lib", 0o40755, b""), ("dev", 0o40755, b"")]
        + [("bin/busybox", 0o100755, busybox), ("init", 0o100755, init.encode())]
        + [(f"lib/{module}.ko", 0o100644, data) for module, data in modules]
    )


def share_option(tag: str, path: Path, readonly: bool) -> list[str]:
    mode = ",readonly=on" if readonly else ""
    return [
        "-fsdev",
        f"local,id={tag},path={path},security_model=none,multidevs=remap{mode}",
        "-device",
        f"virtio-9p-pci,fsdev={tag},mount_tag={tag}",
    ]


def run(script: str, share: Path, cpu: str = "a64fx", timeout: float = TIMEOUT) -> Result:
    """Boot, run `script` with busybox sh in `share`, power off. Requires: `ensure()` said ""."""
    with tempfile.TemporaryDirectory(prefix=".arm64-", dir=share) as folder:
        work = Path(folder)
        (work / "script").write_text(PROLOGUE + script)
        (work / "initramfs").write_bytes(initramfs(work.name))
        kernel = next((KERNEL / "boot").glob("vmlinuz-*"))
        # a64fx needs the third generation of interrupt controller: it does not boot with another
        command = ["qemu-system-aarch64", "-M", "virt,gic-version=3", "-cpu", cpu, "-m", "1500"]
        command += ["-accel", "tcg,thread=multi", "-nodefaults", "-nographic", "-no-reboot"]
        command += ["-serial", "stdio", "-kernel", str(kernel), "-initrd", str(work / "initramfs")]
        command += ["-append", "console=ttyAMA0 quiet loglevel=2 panic=-1 rdinit=/init"]
        command += share_option("root", ROOT, True) + share_option("checkout", CHECKOUT, True)
        command += share_option("share", share, False)
        try:
            console = subprocess.run(
                command,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                timeout=timeout,
            ).stdout
        except subprocess.TimeoutExpired as expired:
            console = (expired.stdout or b"") + b"\nthe machine took too long"
        if not (work / "status").exists() or not (work / "status").read_text().strip():
            return Result(125, b"", b"no status from the machine; console:\n" + console[-3000:])
        status = int((work / "status").read_text())
        return Result(status, (work / "stdout").read_bytes(), (work / "stderr").read_bytes())


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--cpu", default="a64fx")
    parser.add_argument("--share", type=Path, default=Path.cwd())
    parser.add_argument("command", nargs="+")
    options = parser.parse_args()
    reason = ensure()
    if reason:
        print(reason, file=sys.stderr)
        return 125
    result = run(shlex.join(options.command) + "\n", options.share.resolve(), options.cpu)
    sys.stdout.buffer.write(result.stdout)
    sys.stderr.buffer.write(result.stderr)
    return result.status


if __name__ == "__main__":
    sys.exit(main())
