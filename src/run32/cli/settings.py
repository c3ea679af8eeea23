"""Every setting of run32, in one frozen object; `docs/settings.md` is its page.

A value comes from the command line, else from the environment, else from the default here.
Invariant: imports nothing outside this package; the launch path builds one at start-up.
"""

from __future__ import annotations

import os

from run32.cli.errors import USAGE, Problem
from run32.start import cache_dir

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

TIERS = ("mixed", "interp", "regions")
CPUS = ("v8", "v7")


class Settings:
    """One run's settings. Requires: values already checked (see `load`)."""

    __slots__ = ("cache", "cpu", "perf_map", "profile", "rootfs", "stats", "strace", "tiers")

    cache: str
    """Directory of the built engine and of downloaded package lists; absolute."""
    rootfs: str | None
    """Directory in which absolute guest paths are looked up first; absolute."""
    strace: str | None
    """None: off. "": trace to standard error. Else the file to trace to."""
    tiers: str
    """How guest code is executed: one of `TIERS`."""
    stats: bool
    """Whether counters go to standard error at the end."""
    profile: str | None
    """None: off. "": a profile into a file named by the process. Else the file."""
    perf_map: bool
    """Whether /tmp/perf-PID.map is written."""
    cpu: str
    """Which ARM machine programs are told they run on: one of `CPUS`."""

    def __init__(
        self,
        cache: str,
        rootfs: str | None,
        strace: str | None,
        tiers: str,
        stats: bool = False,
        profile: str | None = None,
        perf_map: bool = False,
        cpu: str = CPUS[0],
    ) -> None:
        set_ = object.__setattr__
        set_(self, "cache", cache)
        set_(self, "rootfs", rootfs)
        set_(self, "strace", strace)
        set_(self, "tiers", tiers)
        set_(self, "stats", stats)
        set_(self, "profile", profile)
        set_(self, "perf_map", perf_map)
        set_(self, "cpu", cpu)

    def __setattr__(self, name: str, value: object) -> None:
        raise AttributeError(f"settings are frozen; {name} is decided when run32 starts")


def load(
    environ: Mapping[str, str],
    rootfs: str | None = None,
    strace: str | None = None,
    stats: bool = False,
    profile: str | None = None,
    perf_map: bool = False,
    cpu: str | None = None,
) -> Settings:
    """The settings from `environ`, with what the command line said. Raises `Problem`."""
    tiers = environ.get("RUN32_TIERS") or "mixed"
    if tiers not in TIERS:
        remedy = "use one of " + ", ".join(TIERS)
        raise Problem("RUN32_TIERS", f"no such tier: {tiers}", remedy, USAGE)
    source = "--rootfs" if rootfs is not None else "RUN32_ROOTFS"
    chosen = rootfs if rootfs is not None else environ.get("RUN32_ROOTFS") or None
    if chosen is not None:
        if not os.path.isdir(chosen):
            remedy = f"make one with: run32 rootfs create --arch armhf {chosen or 'DIR'}"
            raise Problem(source, f"not a directory: {chosen or '(empty)'}", remedy, USAGE)
        chosen = os.path.realpath(chosen)
    source = "--cpu" if cpu is not None else "RUN32_CPU"
    cpu = cpu if cpu is not None else environ.get("RUN32_CPU") or CPUS[0]
    if cpu not in CPUS:
        raise Problem(source, f"no such CPU: {cpu}", "use one of " + ", ".join(CPUS), USAGE)
    return Settings(cache_dir(environ), chosen, strace, tiers, stats, profile, perf_map, cpu)
