"""Compile the C programs of the guest tests, once: results are kept by content in `.cache/`."""

from __future__ import annotations

import hashlib
import os
import re
import shutil
import subprocess
from pathlib import Path

from tools.roots import CACHE

ARM = "arm-linux-gnueabihf-gcc"
I386 = "i686-linux-gnu-gcc"
STATIC = ("-O2", "-w", "-static")


def compile_c(source: Path, *flags: str, compiler: str = ARM) -> Path:
    """The program that `compiler` makes of `source`, with the `build: FLAGS` of its first comment.

    Requires: `compiler` is installed.
    """
    text = source.read_text()
    own = re.match(r"/\*.*?\bbuild: (.*?)\s*\*/", text, re.DOTALL)
    flags = (*flags, *(own[1].split() if own else ()))
    headers = b"".join(h.read_bytes() for h in sorted(source.parent.glob("*.h")))
    version = subprocess.run([compiler, "--version"], capture_output=True, check=True).stdout
    facts = repr((compiler, flags)).encode() + version + text.encode() + headers
    target = CACHE / "programs" / f"{source.stem}-{hashlib.sha256(facts).hexdigest()[:16]}"
    if not target.exists():
        target.parent.mkdir(parents=True, exist_ok=True)
        work = target.with_name(f"{target.name}.{os.getpid()}")
        command = [compiler, *flags, "-o", str(work), str(source), "-lm"]
        subprocess.run(command, check=True, capture_output=True)
        work.rename(target)
    return target


def installed(compiler: str = ARM) -> bool:
    return shutil.which(compiler) is not None
