"""The subcommands: `info`, `rootfs` and `engine`. Nothing here is on the launch path."""

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
    if options.command == "rootfs":
        from run32.cli.rootfs import DEFAULT_PACKAGES, create

        packages = options.package or list(DEFAULT_PACKAGES)
        return create(options.dir, options.arch, packages, Path(settings.cache), options.sources)
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
    return parser
