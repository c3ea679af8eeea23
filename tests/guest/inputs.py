"""Deterministic input files for the jobs: every run starts from the same bytes, modes and times."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from pathlib import Path

LETTERS = "etaoinshrdlucmfwypvbgkjqxz"
EPOCH = 1_600_000_000


def numbers(seed: int) -> Iterator[int]:
    """A small linear congruential generator: the same on every machine and Python."""
    while True:
        seed = (seed * 6364136223846793005 + 1442695040888963407) % 2**64
        yield seed >> 33


def words(count: int, seed: int = 1) -> list[str]:
    values = numbers(seed)
    return [
        "".join(LETTERS[next(values) % 26 * (next(values) % 26) // 26] for _ in range(2 + n % 9))
        for n in range(count)
    ]


SCRIPTS = Path(__file__).with_name("scripts")


def make_inputs(directory: Path) -> None:
    """Fill an empty directory: data, and the scripts beside this file."""
    vocabulary = words(400)
    values = numbers(7)
    text = [" ".join(vocabulary[next(values) % 400] for _ in range(8)) for _ in range(1500)]
    changed = [line for n, line in enumerate(text[:300]) if n % 41] + ["the last line is new"]
    rows = [f"{n},{vocabulary[n % 400]},{next(values) % 1000 / 8}" for n in range(300)]
    tree = {"list": [{"n": n, "w": vocabulary[n], "x": n / 7} for n in range(60)], "ok": True}
    files: dict[str, str | bytes] = {
        "words.txt": "\n".join(text) + "\n",
        "old.txt": "\n".join(text[:300]) + "\n",
        "new.txt": "\n".join(changed) + "\n",
        "numbers.txt": "".join(f"{next(values) % 100000 - 50000}\n" for _ in range(2000)),
        "sorted.txt": "".join(f"{word}\n" for word in sorted(set(vocabulary))),
        "table.csv": "id,word,value\n" + "\n".join(rows) + "\n",
        "tree.json": json.dumps(tree, indent=1),
        "noise.bin": bytes(next(values) & 0xFF for _ in range(40000)),
        "zeros.bin": bytes(300000),
        "empty": "",
        "no-newline": "a last line without its newline",
        "utf8.txt": "grüße €5 日本語 naïve\nπ ≈ 3.14159\n",
        "crlf.txt": "one\r\ntwo\r\nthree\r\n",
        "dir/a/deep/file.c": "int main(void) { return 0; }\n",
        "dir/a/notes.txt": "some notes\n",
        "dir/b/.hidden": "hidden\n",
        "dir/b/script.sh": "#!/bin/sh\necho hello\n",
        "dir/c/large": "x" * 70000,
    }
    files |= {path.name: path.read_bytes() for path in SCRIPTS.iterdir() if path.is_file()}
    for name, content in files.items():
        path = directory / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        path.chmod(0o755 if name.endswith(".sh") else 0o644)
    (directory / "dir/link").symlink_to("a/notes.txt")
    (directory / "dir/dangling").symlink_to("nowhere")
    (directory / "dir/many").mkdir()
    for n in range(120):
        (directory / f"dir/many/entry-{n:03}").touch()
    for n, path in enumerate(sorted(directory.rglob("*"), reverse=True)):
        if path.is_dir() and not path.is_symlink():
            path.chmod(0o755)
        os.utime(path, (EPOCH + n * 1000, EPOCH + n * 1000), follow_symlinks=False)


def snapshot(directory: Path) -> dict[str, tuple[str, int, bytes]]:
    """What is in a directory afterwards: path -> kind, mode, content."""
    found: dict[str, tuple[str, int, bytes]] = {}
    for path in sorted(directory.rglob("*")):
        mode = path.lstat().st_mode & 0o7777
        name = str(path.relative_to(directory))
        if path.is_symlink():
            found[name] = ("link", 0, os.readlink(path).encode())
        elif path.is_dir():
            found[name] = ("dir", mode, b"")
        elif path.is_file():
            found[name] = ("file", mode, path.read_bytes())
        else:
            found[name] = ("other", mode, b"")
    return found
