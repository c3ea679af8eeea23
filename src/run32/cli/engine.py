"""`run32 engine`: the generated native code in the cache, and building it with progress shown."""

from __future__ import annotations

import os

from run32.cli.deletion import delete
from run32.cli.errors import Problem
from run32.cli.progress import Progress
from run32.cli.settings import Settings
from run32.codegen import store

GUESTS = ("arm", "i386")
"""Guest instruction sets that have an engine."""

HOSTS = ("x86_64", "aarch64")
"""Machines that an engine can be built for, on either of them."""


def ensure(settings: Settings, isa: str, host: str | None = None, force: bool = False) -> str:
    """Directory of the engine, built now if it is missing. Raises `Problem`."""
    found = store.find(settings.cache, isa, host)
    if found is not None and not force:
        return found
    try:
        from run32.codegen.build import build

        title = f"building the {isa} engine for {host or store.host()}, once"
        with Progress(title) as progress:
            return build(
                settings.cache,
                isa,
                host,
                lambda done, total, what: progress.update(done, total, what),
                force,
            )
    except ImportError as error:
        remedy = "install run32 with what it depends on: pip install run32"
        raise Problem("engine", f"cannot be built: {error}", remedy) from None
    except OSError as error:
        subject = str(error.filename or settings.cache)
        remedy = "name a writable directory in RUN32_CACHE"
        raise Problem(subject, error.strerror or str(error), remedy) from None


def info(settings: Settings) -> int:
    """Print where the engines are, for which hosts, and how large."""
    top = os.path.join(settings.cache, "engine")
    current = {store.find(settings.cache, isa, host) for isa in GUESTS for host in HOSTS}
    names = sorted(os.listdir(top)) if os.path.isdir(top) else []
    print(f"engines in {top}, this host is {store.host()}:")
    for name in names:
        path = os.path.join(top, name)
        blob = os.path.join(path, "blob")
        if os.path.exists(blob):
            use = "in use" if path in current else "kept" if os.path.islink(path) else "built"
            print(f"  {name}  {os.path.getsize(blob) / 1024:.0f} KiB  {use}")
    if not any(current):
        print("  none for this version; the next run builds it, or: run32 engine build")
    return 0


def clear(settings: Settings) -> int:
    """Delete all engines; programs that run at this moment go on."""
    return delete(os.path.join(settings.cache, "engine"))
