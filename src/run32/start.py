"""How the `run32` command starts: with its modules out of one file, where there is one.

Finding and reading sixty modules costs Python more than what is in them. The *launch file*, beside
the engine in the cache, has the code of all modules that a guest may need, and how each file that
it or the engine was made from looked then: path, time and size. If one looks different the launch
file counts for nothing, all is imported as ever, and `cli.launchfile` writes a new one.

Layout, all but the first marshalled: the length of the index (8 bytes), the index, the code of what
every start needs in one list, the code of each module.

Invariants: a launch file changes nothing but the time that a start takes; like the engine, it is
used only if it belongs to this user or to root; its descriptor is closed before a guest runs.
"""

import os
import sys
from marshal import loads

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from importlib.machinery import ModuleSpec
    from types import CodeType, ModuleType
    from typing import Any

FORMAT = 1
OPEN = os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK | os.O_NOCTTY
WRITABLE_BY_OTHERS = 0o022
DAMAGED = (ValueError, EOFError, TypeError, LookupError)
PACKAGE = os.path.dirname(os.path.abspath(__file__))


def main() -> None:
    """The command. Does not return."""
    LaunchFile.current = LaunchFile.open(launch_path(cache_dir(os.environ)))
    from run32.cli import main

    sys.exit(main())


def cache_dir(environ: "Mapping[str, str]") -> str:
    """RUN32_CACHE, else run32 below XDG_CACHE_HOME, else ~/.cache/run32."""
    if environ.get("RUN32_CACHE"):
        return os.path.abspath(environ["RUN32_CACHE"])
    base = environ.get("XDG_CACHE_HOME", "")
    if not base.startswith("/"):  # the XDG specification: a relative path is to be ignored
        base = os.path.expanduser("~/.cache")
    return os.path.join(base, "run32")


def launch_path(cache: str) -> str:
    """Path of the launch file for this package and this Python."""
    st = os.stat(PACKAGE)
    name = f"launch-{st.st_dev:x}-{st.st_ino:x}-{sys.implementation.cache_tag}"
    return f"{cache}/engine/{name}"


def looks(paths: "Iterable[str]") -> dict[str, tuple[int, int]]:
    """Time and size of each of these files. Raises OSError."""
    found = {}
    for path in paths:
        st = os.stat(path)
        found[path] = (st.st_mtime_ns, st.st_size)
    return found


def identity() -> tuple[object, ...]:
    """Which Python compiled the code in a launch file, and which package it is from."""
    return (FORMAT, PACKAGE, sys.version, sys.flags.optimize)


class LaunchFile:
    """An open launch file: a finder and loader of modules."""

    current: "LaunchFile | None" = None
    """The one that this process began with."""

    def __init__(self, path: str, fd: int, index: "dict[str, Any]", at: int) -> None:
        self.path = path
        self.fd = fd
        self.stamp: str = index["stamp"]
        """`codegen.store.stamp()`, which need not be found out again."""
        self.at = at
        self.modules: dict[str, tuple[str, bool, int, int]] = index["modules"]
        """Path, whether it is a package, place and size of the code."""
        self.order: list[str] = index["order"]
        self.made = self._made(fd)

    @classmethod
    def open(cls, path: str) -> "LaunchFile | None":
        """The launch file at `path`, ready to import from, if it fits what is installed."""
        try:
            fd = os.open(path, OPEN)
        except OSError:
            return None
        try:
            st = os.fstat(fd)
            is_ours = st.st_uid in (0, os.geteuid()) and not st.st_mode & WRITABLE_BY_OTHERS
            size = int.from_bytes(os.read(fd, 8), "little") if is_ours else 0
            if 0 < size < st.st_size:
                index = loads(os.read(fd, size))
                if (
                    index["size"] == st.st_size - size - 8
                    and index["identity"] == identity()
                    and looks(index["looks"]) == index["looks"]
                ):
                    file = cls(path, fd, index, 8 + size)
                    sys.meta_path.insert(0, file)
                    return file
        except (OSError, EOFError, ValueError, TypeError, LookupError):
            pass
        os.close(fd)
        return None

    @staticmethod
    def _made(fd: int) -> tuple[int, int]:
        st = os.fstat(fd)
        return st.st_ino, st.st_mtime_ns

    def load_all(self) -> None:
        """Import what every start needs, dependencies first, and close the file.

        A damaged file is removed, and Python imports as ever.
        """
        modules = sys.modules
        try:
            codes = loads(os.pread(self.fd, self.modules[self.order[0]][2], self.at))
            if len(codes) != len(self.order):
                raise ValueError("the launch file has other modules than it says")
        except DAMAGED:
            self.give_up()
            return
        new = [name for name in self.order if name not in modules]
        for name in new:
            modules[name] = self._module(name)
        for name, code in zip(self.order, codes, strict=True):
            if name not in new:
                continue
            module = modules[name]
            exec(code, module.__dict__)
            parent, _, child = name.rpartition(".")
            if parent:
                setattr(modules[parent], child, module)
        os.close(self.fd)
        self.fd = -1

    def give_up(self) -> None:
        """Use the file no more, nor let others use it."""
        try:
            os.unlink(self.path)
        except OSError:
            pass  # it stays, and is found damaged each time
        sys.meta_path.remove(self)
        LaunchFile.current = None
        os.close(self.fd)
        self.fd = -1

    def _module(self, name: str) -> "ModuleType":
        """An empty module, as the import system would make it."""
        spec = self.find_spec(name)
        assert spec is not None
        module = type(sys)(name)
        module.__spec__, module.__file__, module.__loader__ = spec, spec.origin, spec.loader
        module.__package__ = spec.parent
        if spec.submodule_search_locations is not None:
            module.__path__ = spec.submodule_search_locations
        return module

    def _code(self, name: str) -> "CodeType":
        _, _, at, size = self.modules[name]
        code: CodeType = loads(os.pread(self.fd, size, self.at + at))
        return code

    # -- what the import system asks of a finder and of a loader
    def find_spec(self, name: str, path: "Any" = None, target: "Any" = None) -> "ModuleSpec | None":
        """How to import `name`, or None: then Python looks for it as ever."""
        found = self.modules.get(name)
        if found is None:
            return None
        origin, is_package, _, _ = found
        made: Any = type(sys.__spec__)
        spec: ModuleSpec = made(name, self, origin=origin, is_package=is_package)
        spec.has_location = True
        if spec.submodule_search_locations is not None:
            spec.submodule_search_locations.append(os.path.dirname(origin))
        return spec

    def create_module(self, spec: "ModuleSpec") -> None:
        """None: the import system makes the module."""

    def exec_module(self, module: "ModuleType") -> None:
        """Fill a module."""
        name = module.__name__
        try:
            code = self._code(name) if self.fd >= 0 else self._code_later(name)
        except (OSError, *DAMAGED):
            code = None
        if code is None:
            with open(self.modules[name][0], "rb") as file:
                code = compile(file.read(), self.modules[name][0], "exec", dont_inherit=True)
        exec(code, module.__dict__)

    def _code_later(self, name: str) -> "CodeType | None":
        """From the file, opened again; None if there is another file by now."""
        _, _, at, size = self.modules[name]
        fd = os.open(self.path, OPEN)
        try:
            if self._made(fd) != self.made:
                return None
            found: CodeType = loads(os.pread(fd, size, self.at + at))
            return found
        finally:
            os.close(fd)
