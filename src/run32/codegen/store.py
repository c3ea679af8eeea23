"""Where the built engine lives on disk, and whether what lies there may be executed.

One directory per content of the engine's sources, guest instruction set and host:
`CACHE/engine/<key>-<isa>-<host>/` with `blob` (native code) and `meta` (marshalled offsets and the
syscall table). It appears by one rename, so it is complete or absent. The key follows from names,
sizes and times of the source files, which costs little at every start; a build whose sources have
the content of an existing engine links to that one instead.
Invariant: imports nothing heavy; this is on the launch path.
"""

from __future__ import annotations

import marshal
import os
import sys

from run32 import __version__

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

FORMAT = 1
_PACKAGE = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
_SOURCES = ("spec", "isa", "uapi", "codegen")


class UnusableEngine(Exception):
    """An engine directory that must not be used; the message says why."""


def host() -> str:
    """This machine: `x86_64` or `aarch64`."""
    machine = os.uname().machine
    return {"arm64": "aarch64", "amd64": "x86_64"}.get(machine, machine)


def sources() -> list[tuple[str, str]]:
    """(name, path) of every file that the engine is made from, in order."""
    found = []
    pending = [(name, os.path.join(_PACKAGE, name)) for name in _SOURCES]
    while pending:
        name, path = pending.pop()
        with os.scandir(path) as entries:
            for entry in entries:
                if entry.name.endswith(".py"):
                    found.append((f"{name}/{entry.name}", entry.path))
                elif entry.name != "__pycache__" and entry.is_dir():
                    pending.append((f"{name}/{entry.name}", entry.path))
    return sorted(found)


def stamp() -> str:
    """A key of the sources by name, size and time."""
    facts = [f"{__version__} {FORMAT} {sys.implementation.cache_tag}"]
    for name, path in sources():
        st = os.stat(path)
        facts.append(f"{name} {st.st_size} {st.st_mtime_ns}")
    return digest("\n".join(facts).encode())


def content() -> str:
    """A key of the sources by content."""
    facts = [f"{__version__} {FORMAT} {sys.implementation.cache_tag}".encode()]
    for name, path in sources():
        with open(path, "rb") as file:
            facts += [name.encode(), file.read()]
    return digest(b"\0".join(facts))


def digest(data: bytes) -> str:
    """20 hexadecimal digits of SHA-1; from the built-in module, which costs no OpenSSL at start."""
    try:
        from _sha1 import sha1
    except ImportError:
        from hashlib import sha1
    return str(sha1(data).hexdigest())[:20]


def directory(cache: str, key: str, isa: str, host_: str) -> str:
    """The engine directory for a key."""
    return os.path.join(cache, "engine", f"{key}-{isa}-{host_}")


def find(cache: str, isa: str, host_: str | None = None, key: str | None = None) -> str | None:
    """The directory of a complete engine for the present sources, or None.

    `key` is their `stamp`, if it is known.
    """
    path = directory(cache, key or stamp(), isa, host_ or host())
    return path if os.path.exists(os.path.join(path, "meta")) else None


def read_meta(path: str) -> dict[str, Any]:
    """The facts beside the blob. Raises UnusableEngine, naming the file and the remedy."""
    name = os.path.join(path, "meta")
    try:
        with open(name, "rb") as file:
            if os.fstat(file.fileno()).st_uid not in (0, os.geteuid()):
                raise UnusableEngine(f"{name} belongs to another user; remove it")
            meta: dict[str, Any] = marshal.loads(file.read())  # `load` takes small bites
    except (OSError, EOFError, ValueError, TypeError) as error:
        raise UnusableEngine(f"{name}: {error}; run: run32 engine build") from None
    if meta.get("format") != FORMAT:
        raise UnusableEngine(f"{name} has another format; run: run32 engine build")
    return meta
