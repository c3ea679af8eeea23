"""Regions under test: a cache directory, its code files, and its translator."""

from __future__ import annotations

import os
import signal
import time
from dataclasses import dataclass
from pathlib import Path

from tools.guests import Result, run32

PATIENCE = 60.0


@dataclass
class Place:
    """Where a test runs programs: `cache` is its own."""

    cache: Path
    cwd: Path
    env: dict[str, str]

    def run(self, *argv: str, tier: str = "mixed", rootfs: Path | None = None) -> Result:
        """Run a program in a tier."""
        env = {**self.env, "RUN32_TIERS": tier}
        return run32(list(argv), cwd=self.cwd, env=env, rootfs=rootfs, timeout=300)

    def stats(self, *argv: str, tier: str = "mixed") -> tuple[Result, dict[str, int]]:
        """Run a program with --stats; the counters that tests ask for."""
        env = {**self.env, "RUN32_TIERS": tier}
        result = run32(list(argv), cwd=self.cwd, env=env, options=("--stats",), timeout=300)
        text = result.stderr.decode()
        words = text.replace("(", " ").replace(",", " ").replace(":", " ").split()
        found = {"installed": int(words[words.index("installed") + 1])}
        found["asked"] = int(words[words.index("asked") + 2])
        found["samples"] = int(words[words.index("samples") + 1])
        found["hits"] = int(words[words.index("cache") - 3 + 0])
        return result, found

    def code_files(self) -> list[Path]:
        """The files with code."""
        return sorted(self.cache.glob("regions/*/code/*"))

    def fill(self, *argv: str) -> Result:
        """Run a program until there is code of it, and the translator has nothing left to do."""
        until = time.monotonic() + PATIENCE
        while True:
            result = self.run(*argv)
            if any(f.stat().st_size > 4096 for f in self.code_files()):
                break
            assert time.monotonic() < until, "nothing was translated"
        self.wait_for_end()
        return result

    def wait_for_code(self) -> None:
        """Until there is code: a program may end before the translator runs that it started."""
        until = time.monotonic() + PATIENCE
        while not any(f.stat().st_size > 4096 for f in self.code_files()):
            assert time.monotonic() < until, "nothing was translated"
            time.sleep(0.1)

    def wait_for_end(self) -> None:
        """Until no translator runs."""
        until = time.monotonic() + PATIENCE
        while translators(self.cache):
            assert time.monotonic() < until, "the translator does not leave"
            time.sleep(0.1)


def translators(cache: Path) -> list[int]:
    """Ids of the translators of a cache, workers included."""
    found = []
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                words = (entry / "cmdline").read_bytes().split(b"\0")
            except OSError:
                continue
            if os.fsencode(cache) in words and any(b"codegen.translator" in w for w in words):
                found.append(int(entry.name))
    return sorted(found)


def untranslated(cache: Path) -> list[str]:
    """What translators have noted of code that they could not translate: errors of ours. Tests kill
    workers, and write programs anew while they run."""
    return [
        line
        for log in sorted(cache.glob("regions/*/log"))
        for line in log.read_text().splitlines()
        if not line.endswith("the worker died") and ": OSError: " not in line
    ]


def end_translators(cache: Path) -> None:
    """Kill the translators of a cache, and wait until there is none, nor what one just forked."""
    while left := translators(cache):
        for pid in left:
            try:
                os.kill(pid, signal.SIGKILL)
            except ProcessLookupError:
                continue
        time.sleep(0.02)
