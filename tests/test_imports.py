"""Imports go one way, and starting a program imports little.

`spec <- isa, uapi <- codegen, kernel, loader <- runtime <- debug, cli`: a package may import what
is left of it. The launch path must reach neither LLVM nor a fact file.
"""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

import pytest

PACKAGE = Path(__file__).resolve().parents[1] / "src/run32"

ALLOWED = {
    "": set(),
    "spec": {"spec"},
    "isa": {"spec", "isa"},
    "uapi": {"spec", "uapi"},
    "codegen": {"spec", "isa", "uapi", "codegen"},
    "kernel": {"spec", "uapi", "kernel"},
    "loader": {"spec", "uapi", "kernel", "loader"},
    "runtime": {"spec", "isa", "uapi", "codegen", "kernel", "loader", "runtime"},
    "debug": {"spec", "isa", "uapi", "codegen", "kernel", "loader", "runtime", "debug"},
    "cli": {"spec", "isa", "uapi", "codegen", "kernel", "loader", "runtime", "debug", "cli"},
    "examples": set(),
}

EXCEPTIONS = {
    ("", "runtime"): "run32.Gate, imported when it is asked for",
    ("", "cli"): "run32.start: the command itself",
    ("runtime", "debug"): "--strace: the tracer is imported when a trace is asked for",
}

HEAVY = {"llvmlite", "rich", "argparse", "dataclasses", "typing", "enum", "re", "subprocess",
         "pathlib", "importlib.metadata", "inspect", "tempfile", "logging", "socket"}  # fmt: skip
FACTS = ("run32.isa", "run32.uapi", "run32.spec.rows", "run32.spec.syscalls", "run32.codegen.build")


def part_of(module: str) -> str:
    return module.split(".")[1] if module.count(".") else ""


def imports_of(path: Path) -> set[str]:
    """The parts of run32 that a file imports, anywhere in it."""
    found = set()
    for node in ast.walk(ast.parse(path.read_text())):
        names: list[str] = []
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: imports are absolute here"
            names = [node.module or ""]
            if node.module == "run32":
                names = [f"run32.{alias.name}" for alias in node.names]
        found |= {part_of(n) for n in names if n == "run32" or n.startswith("run32.")}
    return {part for part in found if (PACKAGE / part).is_dir()}


FILES = sorted(p.relative_to(PACKAGE) for p in PACKAGE.rglob("*.py"))


@pytest.mark.parametrize("name", FILES, ids=str)
def test_direction(name: Path) -> None:
    part = name.parts[0] if len(name.parts) > 1 else ""
    for other in imports_of(PACKAGE / name) - {""}:
        assert other in ALLOWED[part] or (part, other) in EXCEPTIONS, f"{part} imports {other}"


def test_only_codegen_uses_llvm() -> None:
    users = {
        name.parts[0] for name in FILES if "import llvmlite" in (PACKAGE / name).read_text()
    } | {name.parts[0] for name in FILES if "from llvmlite" in (PACKAGE / name).read_text()}
    assert users <= {"codegen"}


def imported_by(code: str) -> set[str]:
    """All modules in memory after `code` ran in a bare interpreter with this package."""
    script = f"import sys\nbefore = set(sys.modules)\n{code}\nprint(*(set(sys.modules) - before))"
    command = [
        sys.executable,
        "-S",
        "-E",
        "-c",
        f"import sys; sys.path.insert(0, {str(PACKAGE.parent)!r})\n{script}",
    ]
    return set(subprocess.run(command, capture_output=True, text=True, check=True).stdout.split())


def test_launch_path_is_light() -> None:
    modules = imported_by(
        "import run32.cli, run32.cli.launch, run32.cli.settings\n"
        "import run32.codegen.store, run32.runtime.engine, run32.runtime.process, run32.loader"
    )
    assert "run32.runtime.process" in modules
    assert not modules & HEAVY
    assert not [m for m in modules if m.startswith(FACTS)]
