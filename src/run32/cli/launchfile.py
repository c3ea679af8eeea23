"""Writing the launch file (`run32.start` says what it is)."""

from __future__ import annotations

import ast
import os
from importlib.machinery import ModuleSpec, SourceFileLoader
from importlib.util import find_spec
from marshal import dumps

from run32.codegen import store
from run32.start import PACKAGE, identity, launch_path, looks

TYPE_CHECKING = False
if TYPE_CHECKING:
    pass

TYPE_CHECKING = False
if TYPE_CHECKING:
    from types import CodeType

ROOTS = (
    "run32.cli.launch", "run32.cli.settings", "run32.codegen.store", "run32.runtime.process",
    "run32.runtime.frames", "run32.runtime.shown", "run32.kernel.memcalls", "run32.kernel.armcalls",
    "run32.kernel.process", "run32.kernel.links", "run32.kernel.procfs",
)  # fmt: skip
"""What a start imports, even that of a small program; with what these import."""
PARTS = ("kernel", "loader", "runtime")
"""What programs may need later: all of these."""


def write(cache: str) -> None:
    """Write the launch file for the present sources; where that cannot be, leave it."""
    path = launch_path(cache)
    work = f"{path}.{os.getpid()}"
    try:
        fd = os.open(work, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
        try:
            with open(fd, "wb") as file:
                file.write(made())
            os.rename(work, path)
        except BaseException:
            os.unlink(work)
            raise
    except OSError:
        return


def made() -> bytes:
    """The content of a launch file. Raises OSError if a source changes meanwhile."""
    specs: dict[str, ModuleSpec] = {}
    for name in ROOTS:
        _reach(name, specs)
    order = list(specs)
    for part in PARTS:
        for entry in sorted(os.listdir(f"{PACKAGE}/{part}")):
            if entry.endswith(".py") and entry != "__init__.py":
                _take(f"run32.{part}.{entry[:-3]}", specs)
    sources = [path for _, path in store.sources()]
    paths = {*sources, *map(os.path.dirname, sources), *(str(s.origin) for s in specs.values())}
    before = looks(paths)
    codes = {name: _code(spec) for name, spec in specs.items()}
    body = dumps([codes[name] for name in order])
    modules = {}
    for name, spec in specs.items():
        data = dumps(codes[name])
        is_package = spec.submodule_search_locations is not None
        modules[name] = (spec.origin, is_package, len(body), len(data))
        body += data
    index = {"identity": identity(), "stamp": store.stamp(), "modules": modules, "order": order}
    if looks(paths) != before:
        raise OSError("the sources are being changed")
    head = dumps(index | {"looks": before, "size": len(body)})
    return len(head).to_bytes(8, "little") + head + body


def _code(spec: ModuleSpec) -> CodeType:
    """The code of a module, without docstrings: they are a tenth of what is to be read."""
    assert spec.origin is not None
    with open(spec.origin, "rb") as file:
        tree = ast.parse(file.read())
    for node in ast.walk(tree):
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef):
            if ast.get_docstring(node, clean=False) is not None:
                text = node.body.pop(0)
                if not node.body:
                    node.body.append(ast.copy_location(ast.Pass(), text))
    code: CodeType = compile(tree, spec.origin, "exec", dont_inherit=True)
    return code


def _take(name: str, specs: dict[str, ModuleSpec]) -> str | None:
    """Add a module that comes from a source file; that file, if the module is a new one."""
    spec = None if name in specs else find_spec(name)
    if spec is None or not isinstance(spec.loader, SourceFileLoader):
        return None
    specs[name] = spec
    return str(spec.origin)


def _reach(name: str, specs: dict[str, ModuleSpec], within: tuple[str, ...] = ()) -> None:
    """Add a module behind what it imports as it is loaded."""
    parent = name.rpartition(".")[0]
    if name in specs or name in within:
        return
    if parent:
        _reach(parent, specs, (*within, name))
    new: dict[str, ModuleSpec] = {}
    path = _take(name, new)
    if path is None:
        return
    with open(path, "rb") as file:
        tree = ast.parse(file.read())
    for node in tree.body:
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            names = [node.module]
            if os.path.isdir(f"{PACKAGE}/../{node.module.replace('.', '/')}"):
                names += [f"{node.module}.{alias.name}" for alias in node.names]
        else:
            names = []
        for other in names:
            _reach(other, specs, (*within, name))
    specs |= new
