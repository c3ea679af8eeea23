"""`run32 show`."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from tools.guests import environment, execute, run32_command

from run32.codegen.landings import available
from run32.codegen.store import host


def show(*args: str | Path, cwd: Path) -> tuple[int, str, str]:
    command = [*run32_command(), "show", *map(str, args)]
    result = execute(command, cwd=cwd, env=environment(cwd), timeout=120)
    return result.status, result.stdout.decode(), result.stderr.decode()


@pytest.mark.parametrize("options", [(), ("--raw",), ("--exact",)])
@pytest.mark.parametrize("name", ["hot_loop", "a32_loop"])
def test_three_languages(
    hot: Path, engine: Path, tmp_path: Path, name: str, options: tuple[str, ...]
) -> None:
    status, out, err = show(*options, name, hot, cwd=tmp_path)
    assert (status, err) == (0, "")
    assert out.startswith(f"region {name}")
    blocks = re.findall(r"^=== block b_[0-9a-f]+: .*", out, re.MULTILINE)
    assert len(blocks) >= 2
    guest = out[out.index("--- guest") :]
    assert "mul" in guest or "eor" in guest
    assert re.search(r"^define hidden .* @e_[0-9a-f]{8}\(", out, re.MULTILINE)
    # the loop's own block is there in all three languages
    assert re.search(r"--- IR\n(?!  \(merged).*", out)
    assert len(re.findall(r"^\s+(ret|jmp|b|br|jmpq)\b", out, re.MULTILINE)) >= 1


def test_landings_stand_with_the_blocks_they_belong_to(
    hot: Path, engine: Path, tmp_path: Path
) -> None:
    if not available(host()):
        pytest.skip("no landings on this kind of host")
    _, out, _ = show("--exact", "main", hot, cwd=tmp_path)
    assert "callbr" in out
    block = ""
    for line in out.splitlines():
        if line.startswith("=== block"):
            block = line
        elif re.match(r"\.LBB\S+ +# %landing", line):
            assert block, "before the first block"
    assert not re.search(r"\.long|#APP|^ +\.text|Ltmp", out)


def test_inside_of_a_function(hot: Path, engine: Path, tmp_path: Path) -> None:
    _, whole, _ = show("hot_loop", hot, cwd=tmp_path)
    addresses = re.findall(r"^ +([0-9a-f]+):  ", whole, re.MULTILINE)
    status, out, _ = show("0x" + addresses[-1], hot, cwd=tmp_path)
    assert status == 0 and f"{addresses[-1]}:  " in out
    status, out, _ = show("hot_loop+2", hot, cwd=tmp_path)
    assert status == 0 and "hot_loop" in out


def test_errors(hot: Path, engine: Path, tmp_path: Path) -> None:
    script = tmp_path / "script"
    script.write_text("#!/bin/sh\n")
    wide = tmp_path / "wide"
    wide.write_bytes(b"\x7fELF\x02\x01\x01" + bytes(60))
    for args, status, part in (
        (("hot_lop", hot), 125, "did you mean hot_loop"),
        (("0x10", hot), 125, "not an executable address"),
        (("no such thing", hot), 125, "no such symbol"),
        (("main", script), 126, "a script"),
        (("main", wide), 126, "64-bit"),
        (("main", tmp_path / "none"), 127, "no such file"),
    ):
        found, out, err = show(*args, cwd=tmp_path)
        assert (found, out) == (status, ""), err
        assert err.startswith("run32: ") and err.count("\n") == 1
        assert part in err
