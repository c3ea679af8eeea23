"""`run32 info PROGRAM`: what a program file is and needs, without running it."""

from __future__ import annotations

import os

from run32.cli.errors import CANNOT_EXECUTE, NOT_FOUND, Problem
from run32.cli.launch import DEFAULT_PATH, find_program, host_view
from run32.cli.settings import Settings
from run32.loader.errors import ENOENT, ExecError
from run32.loader.inspect import info


def show(program: str, settings: Settings) -> int:
    """Print what the loader sees in `program`. Raises `Problem`."""
    path = find_program(program, settings.rootfs, os.environ.get("PATH", DEFAULT_PATH))
    host_path = host_view(path, settings.rootfs)
    try:
        print(f"file: {host_path}")
        for line in info(host_path):
            print(line)
    except ExecError as error:
        status = NOT_FOUND if error.errno == ENOENT else CANNOT_EXECUTE
        raise Problem("", error.message, "", status) from None
    return 0
