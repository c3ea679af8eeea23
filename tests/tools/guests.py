"""Run 32-bit programs: under run32, and under the oracle, with the same environment and files."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from tools.roots import CACHE, CHECKOUT

from run32.start import cache_dir

ENGINE_CACHE = Path(cache_dir(os.environ))
TEST_CACHE = ENGINE_CACHE if CACHE in ENGINE_CACHE.parents else CACHE / "run32"
"""What guests of tests translate is kept here, beside the engine that the user has."""

TIMEOUT = 60.0
"""Seconds after which a guest counts as hanging."""
REGIONS_TIMEOUT = 300.0
"""The same where every place is waited for until it is translated."""


@dataclass(frozen=True)
class Result:
    """How a program ended. `status` is negative for death by a signal."""

    status: int
    stdout: bytes
    stderr: bytes


def environment(home: Path, **more: str) -> dict[str, str]:
    """The same for run32 and oracle: nothing of the machine's own shows through.

    `RUN32_TIERS` does, so that all guest tests can be run in one tier.
    """
    return {
        "PATH": "/usr/local/bin:/usr/bin:/bin",
        "HOME": str(home),
        "LC_ALL": "C",
        "TZ": "UTC",
        "PYTHONHASHSEED": "0",
        "PYTHONDONTWRITEBYTECODE": "1",
        "PERL_HASH_SEED": "0",
        "RUN32_CACHE": str(TEST_CACHE),
        "RUN32_TRANSLATOR_IDLE": "5",
        **{name: os.environ[name] for name in ("RUN32_TIERS",) if name in os.environ},
        **more,
    }


def make_test_cache() -> None:
    """Make `TEST_CACHE`, which leads to the engines in `ENGINE_CACHE`."""
    TEST_CACHE.mkdir(mode=0o700, parents=True, exist_ok=True)
    link = TEST_CACHE / "engine"
    if ENGINE_CACHE.resolve() == TEST_CACHE.resolve() or link.is_dir() and not link.is_symlink():
        return
    wanted = str(ENGINE_CACHE / "engine")
    if not link.is_symlink() or os.readlink(link) != wanted:
        new = TEST_CACHE / f"engine.{os.getpid()}"
        new.symlink_to(wanted)
        new.rename(link)


def library_environment(rootfs: Path) -> dict[str, str]:
    """Where Python and Perl of a Debian root find their libraries, by host path.

    `qemu-arm -L` does not redirect statx(2), which these two look their files up with.
    """
    base = next((rootfs / "usr/lib").glob("*/perl-base"), rootfs / "usr/lib/none").parent.name
    perl = (f"lib/{base}/perl/5.36", "share/perl/5.36", f"lib/{base}/perl-base")
    return {
        "PYTHONHOME": str(rootfs / "usr"),
        "PERL5LIB": ":".join(str(rootfs / "usr" / part) for part in perl),
    }


MAIN = f"import sys; sys.path.insert(0, {str(CHECKOUT / 'src')!r}); import run32.cli as c; "


def run32_command() -> list[str]:
    """The installed command beside this Python, else the package in this checkout."""
    script = Path(sys.executable).with_name("run32")
    if script.exists():
        return [str(script)]
    return [sys.executable, "-I", "-c", MAIN + "sys.exit(c.main())"]


def execute(
    command: list[str],
    *,
    cwd: Path,
    stdin: Path | None = None,
    env: dict[str, str] | None = None,
    timeout: float = TIMEOUT,
) -> Result:
    """Run `command` in a session of its own; a timeout is an error of the test, not a result.

    Children that outlive a command that was killed are killed too: they hold its output open.
    """
    env = env or environment(cwd)
    if env.get("RUN32_TIERS") == "regions":
        timeout = max(timeout, REGIONS_TIMEOUT)
    with (
        open(stdin or os.devnull, "rb") as source,
        subprocess.Popen(
            command,
            cwd=cwd,
            stdin=source,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            env=env,
            start_new_session=True,
        ) as process,
    ):
        try:
            output, errors = process.communicate(timeout=timeout)
        except BaseException:
            os.killpg(process.pid, signal.SIGKILL)
            raise
    return Result(process.returncode, output, errors)


def run32(
    argv: list[str],
    *,
    cwd: Path,
    rootfs: Path | None = None,
    options: tuple[str, ...] = (),
    stdin: Path | None = None,
    env: dict[str, str] | None = None,
    timeout: float = TIMEOUT,
) -> Result:
    """Run `argv` under run32."""
    root = ["--rootfs", str(rootfs)] if rootfs else []
    command = [*run32_command(), *root, *options, "--", *argv]
    return execute(command, cwd=cwd, stdin=stdin, env=env, timeout=timeout)


def qemu_arm(
    argv: list[str],
    *,
    cwd: Path,
    rootfs: Path | None = None,
    stdin: Path | None = None,
    env: dict[str, str] | None = None,
    timeout: float = TIMEOUT,
) -> Result:
    """Run `argv` under qemu-arm. Requires: `has_qemu_arm()`."""
    program = argv[0]
    command = ["qemu-arm"]
    if rootfs is not None:
        command += ["-L", str(rootfs), "-0", argv[0]]
        if "/" not in program:
            program = next(
                str(rootfs / folder / program)
                for folder in ("usr/bin", "bin")
                if (rootfs / folder / program).exists()
            )
    return execute([*command, program, *argv[1:]], cwd=cwd, stdin=stdin, env=env, timeout=timeout)


def stop_ignoring_signals() -> None:
    """Guests inherit ignored signals, and shells make background jobs ignore some: undo that."""
    for number in (signal.SIGHUP, signal.SIGINT, signal.SIGQUIT, signal.SIGTERM):
        if signal.getsignal(number) is signal.SIG_IGN:
            default = signal.default_int_handler if number == signal.SIGINT else signal.SIG_DFL
            signal.signal(number, default)


def has_qemu_arm() -> bool:
    return shutil.which("qemu-arm") is not None
