"""The subcommands, such as `info` and `cache`. Nothing here is on the launch path."""

from __future__ import annotations

import argparse
import os
from pathlib import Path
from typing import NoReturn

from run32.cli.errors import USAGE, Problem
from run32.cli.settings import Settings, load


class Parser(argparse.ArgumentParser):
    """argparse whose errors are one line, like every other error of run32."""

    def error(self, message: str) -> NoReturn:
        raise Problem(self.prog.removeprefix("run32 "), message, f"see {self.prog} --help", USAGE)


def run_command(args: list[str], rootfs: str | None) -> int:
    """Run one subcommand; `args[0]` is its name. Raises `Problem`."""
    options = build_parser().parse_args(args)
    settings = load(os.environ, rootfs)
    if options.command == "info":
        from run32.cli.info import show

        return show(options.program, settings)
    if options.command == "show":
        from run32.cli.show import show as show_code

        return show_code(options.where, options.program, settings, options.raw, options.mode)
    if options.command == "rootfs":
        from run32.cli.rootfs import DEFAULT_PACKAGES, create

        packages = options.package or list(DEFAULT_PACKAGES)
        return create(options.dir, options.arch, packages, Path(settings.cache), options.sources)
    if options.command == "compile":
        from run32.cli.compile import compile_all

        return compile_all(options.program, settings)
    if options.command == "cache":
        from run32.cli import cache

        verbs = {"info": cache.info, "clear": cache.clear, "verify": cache.verify}
        return verbs[options.verb](settings)
    return engine(options, settings)


def engine(options: argparse.Namespace, settings: Settings) -> int:
    """`run32 engine ...`."""
    from run32.cli import engine as verbs

    if options.verb == "build":
        for isa in verbs.GUESTS:
            print(verbs.ensure(settings, isa, options.host, options.force))
        return 0
    return verbs.info(settings) if options.verb == "info" else verbs.clear(settings)


def build_parser() -> Parser:
    """The command lines of all subcommands."""
    from run32.cli.engine import HOSTS
    from run32.cli.rootfs import ARCHITECTURES, DEFAULT_PACKAGES

    parser = Parser(prog="run32", allow_abbrev=False)
    commands = parser.add_subparsers(dest="command", required=True)

    info = commands.add_parser("info", help="say what a program file is and needs")
    info.add_argument("program", help="file, or name to find in PATH")

    show = commands.add_parser(
        "show",
        help="guest code, IR and host code of a region",
        description="Print the region that a place in an ARM file is translated in, by basic block:"
        " the guest's instructions, LLVM's IR and this machine's instructions.",
    )
    show.add_argument("where", metavar="ADDRESS|SYMBOL", help="as in the file; SYMBOL+N is fine")
    show.add_argument("program", help="program or library: file, or name to find in PATH")
    show.add_argument("--raw", action="store_true", help="IR before LLVM's passes, not after")
    show.add_argument(
        "--exact", dest="mode", action="store_const", const="exact", default="fast",
        help="as for programs that catch faults (docs/architecture.md)",
    )  # fmt: skip

    rootfs = commands.add_parser("rootfs", help="directories with 32-bit programs")
    verbs = rootfs.add_subparsers(dest="verb", required=True)
    create = verbs.add_parser(
        "create",
        help="make one through apt, or add packages to one",
        description="Download Debian packages of another architecture, with all they depend on, and"
        " unpack them into DIR. This machine's own packages stay as they are.",
    )
    create.add_argument("--arch", required=True, choices=ARCHITECTURES)
    create.add_argument("--sources", default="", metavar="FILE", help="a sources.list to use")
    create.add_argument("dir", type=Path, metavar="DIR")
    standard = " ".join(DEFAULT_PACKAGES)
    create.add_argument(
        "package", nargs="*", default=[], metavar="PACKAGE", help=f"default: {standard}"
    )

    engine_ = commands.add_parser("engine", help="the generated native code")
    verbs = engine_.add_subparsers(dest="verb", required=True)
    build = verbs.add_parser("build", help="generate it now instead of at the first run")
    build.add_argument("--host", choices=HOSTS, help="default: this machine")
    build.add_argument("--force", action="store_true", help="even if it is there")
    verbs.add_parser("info", help="where it is and how large")
    verbs.add_parser("clear", help="delete it; the next run builds it again")

    compile_ = commands.add_parser(
        "compile",
        help="translate a program and its libraries, or all of a root, before they run",
    )
    compile_.add_argument("program", metavar="PROGRAM|ROOTFS")

    cache = commands.add_parser("cache", help="translated code")
    verbs = cache.add_subparsers(dest="verb", required=True)
    verbs.add_parser("info", help="where it is and how large")
    verbs.add_parser("clear", help="delete it")
    verbs.add_parser("verify", help="check it, and delete what is damaged")
    return parser
