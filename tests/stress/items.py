"""What a stress run mixes: programs and scripts of the guest tests, and heavier ones of its own."""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from pathlib import Path

from guest.inputs import make_inputs
from guest.jobs import INTERPRETERS, PROCESSES, Job
from tools.build import STATIC, compile_c
from tools.guests import environment, library_environment, run32_command

HERE = Path(__file__).parent
GUEST = HERE.parent / "guest"


@dataclass(frozen=True)
class Item:
    """One command that a round runs; without `expected`, its first output is what later ones are
    compared with."""

    name: str
    argv: tuple[str, ...]
    root: Path | None
    expected: bytes | None
    script: Path | None = None
    """A script that runs among the files of `make_inputs`."""
    status: int = 0

    def command(self) -> list[str]:
        root = ["--rootfs", str(self.root)] if self.root else []
        return [*run32_command(), *root, "--", *self.argv]

    def environ(self, directory: Path) -> dict[str, str]:
        more = library_environment(self.root) if self.root else {}
        return environment(directory, TMPDIR=str(directory), **more)

    def prepare(self, directory: Path) -> None:
        directory.mkdir()
        if self.script:
            make_inputs(directory)
            if self.script.is_dir():
                shutil.copytree(self.script, directory, dirs_exist_ok=True)
            else:
                shutil.copy(self.script, directory)


def program(source: Path) -> Item:
    binary = compile_c(source, *STATIC)
    output, _, status = source.with_suffix(".expected").read_text().rpartition("status")
    name = f"{source.parent.name}-{source.stem}"
    number = int(status)  # as a shell has it: 128 and the signal
    number = 128 - number if number > 128 else number
    return Item(name, (str(binary),), None, output.encode(), status=number)


def script(path: Path, root: Path) -> Item:
    """A script; without expected output, it may use the files of `make_inputs`."""
    expected = path.with_name(path.name + ".expected")
    text = expected.read_bytes() if expected.exists() else None
    argv = (INTERPRETERS[path.suffix], str(path))
    inputs = None if text else path
    return Item(f"{path.parent.name}-{path.name}", argv, root, text, inputs)


def job_item(job: Job, root: Path) -> Item:
    return Item(f"job-{job.name}", job.argv, root, None, job.script, job.status)


def all_items(root: Path, tools: Path) -> list[Item]:
    """Every item; `root` has interpreters and git, `tools` a compiler and servers."""
    topics = ("ipc", "processes", "threads", "signals")
    programs = [path for topic in topics for path in sorted((GUEST / topic).glob("*.c"))]
    items = [program(path) for path in [*programs, *sorted(HERE.glob("programs/*.c"))]
             if path.with_suffix(".expected").exists()]  # fmt: skip
    items += [script(path, root) for path in sorted((GUEST / "processes/scripts").glob("*.??"))]
    items += [script(path, root) for path in sorted((GUEST / "net").iterdir())]
    items += [job_item(job, tools) for job in PROCESSES]
    return items
