"""Small cases over processes, signals, threads and IPC: run32 prints what Linux prints.

`diff/NAME.expected` is the output of `diff/NAME.c` on a real arm64 kernel that executes AArch32, in
an emulated machine (`--bless` rewrites the files there). Every line begins with its case's name;
a case that differs is in `diff/known.py` with the reason.
"""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from guest.diff.known import KNOWN
from tools import arm64_guest
from tools.build import STATIC, compile_c
from tools.guests import run32

FOLDER = Path(__file__).with_name("diff")
PROGRAMS = sorted(FOLDER.glob("*.c"))
FLAGS = (*STATIC, "-marm", "-pthread")

ON_LINUX = """
busybox ifconfig lo up
for program in /host/bin/*; do
    name=${program##*/}
    mkdir /tmp/$name; cd /tmp/$name
    timeout 90 busybox linux32 $program </dev/null >/tmp/output 2>&1
    echo "status $?" >>/tmp/output
    cp /tmp/output /host/out/$name
done
"""


def on_linux(share: Path) -> dict[str, str]:
    """What each program prints in the machine; `share` is an empty directory."""
    reason = arm64_guest.ensure()
    if reason:
        pytest.skip(reason)
    (share / "bin").mkdir()
    (share / "out").mkdir()
    for source in PROGRAMS:
        program = share / "bin" / source.stem
        program.write_bytes(compile_c(source, *FLAGS).read_bytes())
        program.chmod(0o755)
    result = arm64_guest.run(ON_LINUX, share, cpu="neoverse-n1")
    assert result.status == 0, result.stderr.decode()
    return {path.name: path.read_text() for path in (share / "out").iterdir()}


@pytest.fixture(scope="session")
def blessed(bless: bool, arm_gcc: str, tmp_path_factory: pytest.TempPathFactory) -> None:
    """With --bless, the `.expected` files are what Linux says now."""
    if bless:
        for name, text in on_linux(tmp_path_factory.mktemp("bless-diff")).items():
            (FOLDER / f"{name}.expected").write_text(text)


def by_case(text: str) -> dict[str, str]:
    cases: dict[str, str] = {}
    for line in text.splitlines(keepends=True):
        name = line.split(":")[0].strip()
        cases[name] = cases.get(name, "") + line
    return cases


@pytest.mark.parametrize("source", PROGRAMS, ids=lambda path: path.stem)
def test_cases(source: Path, blessed: None, engine: Path, arm_gcc: str, tmp_path: Path) -> None:
    program = tmp_path / source.stem
    shutil.copy(compile_c(source, *FLAGS), program)
    result = run32([str(program)], cwd=tmp_path, timeout=300)
    found = by_case(result.stdout.decode() + f"status {result.status}\n")
    expected = by_case(source.with_suffix(".expected").read_text())
    for name in KNOWN.get(source.stem, {}):
        assert name in expected and found.pop(name, "") != expected.pop(name), f"{name} agrees"
    assert "".join(found.values()) == "".join(expected.values())


def test_there_are_enough() -> None:
    cases = {source.stem: source.read_text().count("\nCASE(") for source in PROGRAMS}
    assert sum(cases.values()) >= 150
    for name, count in cases.items():
        known = KNOWN.get(name, {})
        assert len(known) < count / 4 and all(known.values()), name


@pytest.mark.slow
@pytest.mark.arm64
def test_expectations_are_what_linux_says(arm_gcc: str, tmp_path: Path) -> None:
    found = on_linux(tmp_path)
    assert found == {s.stem: s.with_suffix(".expected").read_text() for s in PROGRAMS}
