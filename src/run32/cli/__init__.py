"""The `run32` command. `main` only decides what was asked for.

Starting a program is the launch path: its options are parsed here by hand and nothing that
is not needed for it is imported. Subcommands live in `cli.commands`, behind argparse.
"""

from __future__ import annotations

import os
import sys

from run32.cli.errors import FAILED, USAGE, Problem

COMMANDS = ("info", "show", "rootfs", "engine", "compile", "cache")

USAGE_LINE = (
    "run32 [--rootfs DIR] [--cpu v8|v7] [--strace[=FILE]] [--stats] [--profile[=FILE]]"
    " [--perf-map] PROGRAM [ARGS...]"
)

HELP = f"""\
usage: {USAGE_LINE}
       run32 info PROGRAM
       run32 show ADDRESS|SYMBOL PROGRAM
       run32 rootfs create --arch armhf|armel|i386 DIR [PACKAGE...]
       run32 engine build|info|clear
       run32 compile PROGRAM|ROOTFS
       run32 cache info|clear|verify
       run32 --version | --help

Runs a 32-bit Linux program (ARM; a little i386) on a 64-bit machine without 32-bit support.

options, before PROGRAM:
  --rootfs DIR     look absolute paths up below DIR first, then on this machine
  --cpu v8|v7      the ARM machine that programs are told they run on (v8 unless given)
  --strace[=FILE]  write a line for each system call, to standard error or FILE
  --stats          write counters of what ran how to standard error at the end
  --profile[=FILE] sample where guest code spends its time: a table, and a file for speedscope
  --perf-map       write /tmp/perf-PID.map, from which perf names generated code
  --               PROGRAM follows, whatever it is called

settings, as environment variables (docs/settings.md): RUN32_ROOTFS, RUN32_CACHE, RUN32_CPU, and
  RUN32_TIERS: mixed (hot code is translated, and kept below RUN32_CACHE; the default), interp, or
  regions
exit status: that of PROGRAM; 127 it was not found, 126 it cannot be executed,
  125 run32 failed, 2 the command line is wrong
"""


def main() -> int:
    """Entry point of the command. Returns the exit status, or never (a guest's own end)."""
    try:
        status = dispatch(sys.argv[1:])
        sys.stdout.flush()
        return status
    except Problem as problem:
        complain(str(problem))
        return problem.status
    except KeyboardInterrupt:
        die_of("SIGINT")
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)  # what is still buffered goes nowhere
        die_of("SIGPIPE")
    except (OSError, MemoryError) as error:
        complain(str(Problem(getattr(error, "filename", None) or "", describe(error))))
    return FAILED


def dispatch(args: list[str]) -> int:
    """Act on the command line. Raises `Problem`."""
    rootfs: str | None = None
    strace: str | None = None
    profile: str | None = None
    cpu: str | None = None
    stats = perf_map = False
    while args and args[0].startswith("-") and args[0] != "-":
        option = args.pop(0)
        if option == "--":
            break
        name, equals, value = option.partition("=")
        if name == "--rootfs":
            if not equals and not args:
                raise Problem("--rootfs", "needs a directory", f"usage: {USAGE_LINE}", USAGE)
            rootfs = value if equals else args.pop(0)
        elif name == "--cpu":
            if not equals and not args:
                raise Problem("--cpu", "needs v8 or v7", f"usage: {USAGE_LINE}", USAGE)
            cpu = value if equals else args.pop(0)
        elif name == "--strace":
            strace = value
            if equals and not value:
                raise Problem("--strace=", "needs a file", f"usage: {USAGE_LINE}", USAGE)
        elif name == "--profile":
            profile = value
            if equals and not value:
                raise Problem("--profile=", "needs a file", f"usage: {USAGE_LINE}", USAGE)
        elif option == "--stats":
            stats = True
        elif option == "--perf-map":
            perf_map = True
        elif option in ("--help", "-h"):
            sys.stdout.write(HELP)
            return 0
        elif option in ("--version", "-V"):
            from run32 import __version__

            sys.stdout.write(f"run32 {__version__}\n")
            return 0
        else:
            raise Problem(option, "no such option", "run32 --help lists them", USAGE)
    else:
        if args and args[0] in COMMANDS:
            from run32.cli.commands import run_command

            return run_command(args, rootfs)
    if not args:
        raise Problem("", "no program given", f"usage: {USAGE_LINE}", USAGE)
    from run32.cli.launch import launch
    from run32.cli.settings import load

    return launch(args, load(os.environ, rootfs, strace, stats, profile, perf_map, cpu))


def complain(line: str) -> None:
    """Write one line to standard error; a closed standard error is no further problem."""
    try:
        sys.stderr.write(line + "\n")
        sys.stderr.flush()
    except (OSError, ValueError, AttributeError):
        return


def describe(error: BaseException) -> str:
    """The problem part of an error line for an exception that nothing nearer explained."""
    text = getattr(error, "strerror", None) or str(error) or type(error).__name__
    return str(text).splitlines()[0]


def die_of(name: str) -> None:
    """End as a signal would, so that the parent sees the truth. Returns only if it is blocked."""
    import signal

    number = getattr(signal, name)
    signal.signal(number, signal.SIG_DFL)
    os.kill(os.getpid(), number)
