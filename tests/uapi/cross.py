"""C compilers for every data model, as judges of layouts and constants."""

import re
import shutil
import subprocess

import pytest

COMPILERS = {
    "arm": "arm-linux-gnueabihf-gcc",
    "i386": "i686-linux-gnu-gcc",
    "x86_64": "x86_64-linux-gnu-gcc",
    "aarch64": "aarch64-linux-gnu-gcc",
}


def compiler(model: str) -> str:
    """The compiler for a data model; skips the test where it is not installed."""
    found = shutil.which(COMPILERS[model])
    if not found:
        pytest.skip(
            f"{COMPILERS[model]} is not installed: {model} is NOT checked against C headers"
        )
    return found


def failures(model: str, source: str) -> list[str]:
    """Messages of the static assertions that fail, and any other error."""
    done = subprocess.run(
        [compiler(model), "-fsyntax-only", "-w", "-x", "c", "-"],
        input=source,
        capture_output=True,
        text=True,
        timeout=60,
    )
    return [line for line in done.stderr.splitlines() if "error:" in line]


def macros(model: str, source: str) -> dict[str, str]:
    """Every macro that `source` leaves defined."""
    done = subprocess.run(
        [compiler(model), "-dM", "-E", "-x", "c", "-"],
        input=source,
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    return dict(re.findall(r"^#define (\w+) (.*)$", done.stdout, re.MULTILINE))


def check(condition: str, message: str) -> str:
    """A static assertion."""
    return f'_Static_assert({condition}, "{message}");\n'
