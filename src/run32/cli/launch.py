"""From PROGRAM on the command line to a running program.

PROGRAM is found as execvp(3) finds it, below the rootfs first. A 64-bit ELF is executed by
the host itself; everything else goes to the runtime, whose loader judges the file.
Invariant: imports nothing heavy; the engine is built here when this machine has none yet.
"""

from __future__ import annotations

import errno
import gc
import os
import stat

from run32.cli.errors import CANNOT_EXECUTE, NOT_FOUND, Problem
from run32.start import LaunchFile

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

    from run32.cli.settings import Settings

DEFAULT_PATH = "/usr/local/bin:/usr/bin:/bin"


def launch(argv: list[str], settings: Settings) -> int:
    """Run `argv` and return its exit status; a guest's own end never returns here."""
    path = find_program(argv[0], settings.rootfs, os.environ.get("PATH", DEFAULT_PATH))
    host_path = host_view(path, settings.rootfs)
    check_executable(argv[0], host_path)
    if is_elf64(argv[0], host_path):
        return exec_natively(host_path, argv)
    return run_guest(path, host_path, argv, settings)


def find_program(name: str, rootfs: str | None, search: str) -> str:
    """The guest's path of `name`, as execvp(3) finds it. Raises `Problem` (status 127)."""
    if "/" in name:
        return name
    if not name:
        raise Problem("", "the program's name is empty", "", NOT_FOUND)
    folders = search.split(":")
    candidates = [os.path.join(folder or ".", name) for folder in folders]
    refused = None
    for below in (True, False) if rootfs is not None else (False,):
        for path in candidates:
            host_path = host_view(path, rootfs if below else None)
            if below and not host_path.startswith(f"{rootfs}/"):
                continue
            if os.path.isfile(host_path):
                if os.access(host_path, os.X_OK):
                    return path
                refused = refused or path
    if refused is not None:
        return refused
    remedy = f"give its path, for example ./{name}" if os.path.exists(name) else ""
    where = f"not found in PATH, neither below {rootfs} nor here" if rootfs else "not found in PATH"
    raise Problem(name, where, remedy, NOT_FOUND)


def host_view(path: str, rootfs: str | None) -> str:
    """Where guest path `path` is on the host."""
    if rootfs is None:
        return path
    from run32.kernel.paths import AT_FDCWD, Paths

    return os.fsdecode(Paths(os.fsencode(rootfs)).host(AT_FDCWD, os.fsencode(path)))


def check_executable(name: str, host_path: str) -> None:
    """Refuse what execve(2) refuses before it reads the file. Raises `Problem`."""
    try:
        mode = os.stat(host_path).st_mode
    except OSError as error:
        status = NOT_FOUND if error.errno == errno.ENOENT else CANNOT_EXECUTE
        text = "no such file" if status == NOT_FOUND else os.strerror(error.errno or 0)
        raise Problem(name, text, "", status) from None
    if stat.S_ISDIR(mode):
        raise Problem(name, "is a directory", "name a program inside it", CANNOT_EXECUTE)
    if not stat.S_ISREG(mode):
        raise Problem(name, "not a regular file", "", CANNOT_EXECUTE)
    if not os.access(host_path, os.X_OK):
        raise Problem(name, "is not executable", f"chmod +x {name}", CANNOT_EXECUTE)
    if not os.access(host_path, os.R_OK):
        remedy = f"run32 must read what it runs: chmod +r {name}"
        raise Problem(name, "is not readable", remedy, CANNOT_EXECUTE)


def is_elf64(name: str, host_path: str) -> bool:
    """Whether the host itself has to run this file."""
    try:
        with open(host_path, "rb", 0) as file:
            return (file.read(5) or b"") == b"\x7fELF\x02"
    except OSError as error:
        raise Problem(name, os.strerror(error.errno or 0), "", CANNOT_EXECUTE) from None


def exec_natively(host_path: str, argv: list[str]) -> int:
    """Become a 64-bit program. Returns only by raising `Problem`."""
    restore_signals()
    try:
        os.execve(host_path, argv, environment())
    except OSError as error:
        if error.errno == errno.ENOEXEC:
            problem = "a 64-bit ELF file that this machine cannot execute"
        else:
            problem = f"a 64-bit ELF file: {os.strerror(error.errno or 0)}"
        status = NOT_FOUND if error.errno == errno.ENOENT else CANNOT_EXECUTE
        raise Problem(argv[0], problem, "", status) from None


def environment() -> Mapping[str, str]:
    """The environment that run32 was given: Python may have added LC_CTYPE (PEP 538)."""
    if "LC_CTYPE" in os.environ:
        with open("/proc/self/environ", "rb", 0) as file:
            given = b"\0" + (file.read() or b"")
        if b"\0LC_CTYPE=" not in given:
            return {name: value for name, value in os.environ.items() if name != "LC_CTYPE"}
    return os.environ


def restore_signals() -> None:
    """Undo what Python did to signals at start-up, before another program takes over."""
    import signal

    for number in (signal.SIGPIPE, signal.SIGXFSZ):
        signal.signal(number, signal.SIG_DFL)
    # an ignored SIGINT is the parent's wish (nohup, background jobs), and Python left it so
    if signal.getsignal(signal.SIGINT) is signal.default_int_handler:
        signal.signal(signal.SIGINT, signal.SIG_DFL)


def run_guest(path: str, host_path: str, argv: list[str], settings: Settings) -> int:
    """Hand over to the runtime, with an engine built if there is none."""
    gc.disable()  # until the guest runs: nothing that a start makes is garbage
    began = LaunchFile.current
    if began is not None:
        began.load_all()
    from run32.codegen import store
    from run32.kernel.space import ReservationError
    from run32.loader.errors import ENOENT, ExecError, HostProgram
    from run32.runtime.engine import EngineError
    from run32.runtime.process import guest_isa, main

    isa = guest_isa(host_path)
    try:
        engine = store.find(settings.cache, isa, key=began.stamp if began is not None else None)
        if engine is None:
            from run32.cli.engine import ensure

            gc.enable()
            engine = ensure(settings, isa)
        if began is None:
            from run32.cli.launchfile import write

            write(settings.cache)
        return main(
            engine,
            path,
            argv,
            environment(),
            settings.rootfs,
            settings.strace,
            settings.tiers,
            settings.cache,
            settings.stats,
            settings.profile,
            settings.perf_map,
            settings.cpu,
        )
    except HostProgram as program:
        return exec_natively(os.fsdecode(program.path), [os.fsdecode(a) for a in program.argv])
    except ExecError as error:
        status = NOT_FOUND if error.errno == ENOENT else CANNOT_EXECUTE
        raise Problem("", error.message, "", status) from None
    except (EngineError, ReservationError, store.UnusableEngine) as error:
        raise Problem("", str(error)) from None
