"""What is wrong in the cache is never executed; a translator may die at any moment."""

from __future__ import annotations

import os
import random
import signal
import socket
import subprocess
import threading
import time
from pathlib import Path

import pytest
from tools.build import STATIC, compile_c
from tools.guests import run32_command
from tools.tiers import Place, translators

HERE = Path(__file__).parent


@pytest.fixture
def program(arm_gcc: str) -> str:
    return str(compile_c(HERE / "mix.c", *STATIC, "-pthread"))


@pytest.fixture
def warm(program: str, place: Place) -> tuple[Place, bytes]:
    """A cache with code of the program, and what that prints."""
    place.run(program, tier="regions")
    place.wait_for_end()
    expected = place.run(program, tier="interp").stdout
    assert place.code_files()
    return place, expected


def test_damaged_files(program: str, warm: tuple[Place, bytes]) -> None:
    place, expected = warm
    file = place.code_files()[0]
    good = file.read_bytes()
    rng = random.Random(7)
    for _ in range(6):
        data = bytearray(good)
        for _ in range(rng.choice((1, 1, 20))):
            data[rng.randrange(len(data))] ^= 1 << rng.randrange(8)
        file.write_bytes(data)
        assert place.run(program).stdout == expected
    for size in (0, 1, 4095, 4096, 4097, 4200, len(good) // 2, len(good) - 1):
        file.write_bytes(good[:size])
        assert place.run(program).stdout == expected
    file.write_bytes(os.urandom(len(good)))
    assert place.run(program).stdout == expected


def test_verify_finds_and_deletes(program: str, warm: tuple[Place, bytes]) -> None:
    place, _ = warm
    command = [*run32_command(), "cache"]

    def cache(verb: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run([*command, verb], env=place.env, capture_output=True, text=True)

    assert cache("verify").returncode == 0
    assert "in use" in cache("info").stdout
    file = place.code_files()[0]
    data = bytearray(file.read_bytes())
    data[len(data) // 2] ^= 4
    file.write_bytes(data)
    found = cache("verify")
    assert found.returncode == 125
    assert str(file) in found.stdout
    assert not file.exists()
    assert cache("clear").returncode == 0
    assert not (place.cache / "regions").exists()


def test_files_of_others(program: str, warm: tuple[Place, bytes]) -> None:
    place, expected = warm
    file = place.code_files()[0]
    file.chmod(0o666)
    result, counters = place.stats(program)
    assert result.stdout == expected
    if os.geteuid() == 0:
        file.chmod(0o600)
        os.chown(file, 12345, 12345)
        result, counters = place.stats(program)
        assert result.stdout == expected
        # what a user other than root reads is not installed; root's own translator replaces it
        assert file.stat().st_uid in (0, 12345)
    del counters


def test_another_programs_code(arm_gcc: str, program: str, warm: tuple[Place, bytes]) -> None:
    """Links that lead to good code of another engine's are seen through."""
    place, expected = warm
    file = place.code_files()[0]
    data = bytearray(file.read_bytes())
    data[30] ^= 1  # the key
    file.write_bytes(data)
    assert place.run(program).stdout == expected
    for link in place.cache.glob("regions/*/id/*"):
        link.unlink()
        link.symlink_to("/etc/passwd")
    assert place.run(program).stdout == expected


def test_changed_program(arm_gcc: str, place: Place) -> None:
    """A program that was compiled again is another one."""
    for value in (1, 2, 3):
        source = place.cwd / "p.c"
        source.write_text(
            "#include <stdio.h>\n"
            "unsigned f(unsigned x) { for (int i = 0; i < 3000000; i++)"
            f" x = x * 31 + {value}; return x; }}\n"
            'int main(int c, char **v) { printf("%u\\n", f(c)); return 0; }\n'
        )
        path = place.cwd / "p"
        subprocess.run([arm_gcc, *STATIC, "-o", path, source], check=True)
        expected = place.run(str(path), tier="interp").stdout
        for _ in range(2):
            assert place.run(str(path), tier="regions").stdout == expected


def test_killed_translators(program: str, place: Place) -> None:
    expected = place.run(program, tier="interp").stdout
    stop = threading.Event()
    killed = []

    def kill() -> None:
        rng = random.Random(3)
        while not stop.is_set():
            time.sleep(rng.uniform(0.05, 0.6))
            for pid in translators(place.cache)[: rng.choice((1, 1, 3))]:
                try:
                    os.kill(pid, signal.SIGKILL)
                    killed.append(pid)
                except ProcessLookupError:
                    continue

    thread = threading.Thread(target=kill)
    thread.start()
    try:
        for _ in range(8):
            result = place.run(program)
            assert (result.status, result.stdout) == (0, expected), result.stderr
    finally:
        stop.set()
        thread.join()
    assert place.run(program).stdout == expected


def test_two_cold_processes(program: str, place: Place) -> None:
    expected = place.run(program, tier="interp").stdout
    env = {**place.env, "RUN32_TIERS": "regions"}
    command = [*run32_command(), program]
    both = [subprocess.Popen(command, env=env, stdout=subprocess.PIPE) for _ in range(2)]
    assert [p.communicate(timeout=300)[0] for p in both] == [expected, expected]
    place.wait_for_end()
    assert place.run(program).stdout == expected


def test_translator_leaves_no_child(program: str, arm_gcc: str, place: Place) -> None:
    """The guest that starts a translator does not see it."""
    source = place.cwd / "w.c"
    source.write_text(
        "#include <errno.h>\n#include <stdio.h>\n#include <sys/wait.h>\n#include <unistd.h>\n"
        "int main(void) { unsigned x = 1; for (int i = 0; i < 40000000; i++) x = x * 31 + i;\n"
        ' int r = waitpid(-1, 0, __WALL | WNOHANG); printf("%d %d %u\\n", r, errno == ECHILD, x);\n'
        " return 0; }\n"
    )
    path = place.cwd / "w"
    subprocess.run([arm_gcc, *STATIC, "-o", path, source], check=True)
    assert place.run(str(path)).stdout.startswith(b"-1 1 ")
    assert translators(place.cache)
    place.wait_for_end()


def test_unwritable_cache(program: str, place: Place) -> None:
    expected = place.run(program, tier="interp").stdout
    (place.cache / "regions").write_text("in the way")
    assert place.run(program).stdout == expected


def test_full_disk(program: str, place: Place) -> None:
    if os.geteuid() != 0:
        pytest.skip("needs root, to mount a small file system")
    expected = place.run(program, tier="interp").stdout
    regions = place.cache / "regions"
    regions.mkdir(mode=0o700)
    mount = ["mount", "-t", "tmpfs", "-o", "size=64k,mode=700", "none", str(regions)]
    if subprocess.run(mount, capture_output=True).returncode:
        pytest.skip("mount(8) is not permitted here")
    try:
        for tier in ("mixed", "mixed", "regions"):  # which waits for nothing that cannot come
            result = place.run(program, tier=tier)
            assert (result.status, result.stdout) == (0, expected), result.stderr
        place.wait_for_end()
    finally:
        subprocess.run(["umount", "-l", str(regions)], check=True)


def test_malformed_requests(program: str, warm: tuple[Place, bytes]) -> None:
    place, expected = warm
    env = {**place.env, "RUN32_TRANSLATOR_IDLE": "20"}
    place.env.update(env)
    for file in place.code_files():
        file.unlink()
    place.run(program)
    served = translators(place.cache)
    assert served
    address = str(next(iter(place.cache.glob("regions/*/sock"))))
    rng = random.Random(11)
    head = b"run32 translate 1\0go\0fast\0file\0" + b"1,2,3,4,5\0" + b"16:1\0" + b"/etc/passwd"
    for i in range(60):
        link = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        here = os.open(os.path.dirname(address), os.O_PATH)
        link.connect(f"/proc/self/fd/{here}/sock")
        os.close(here)
        message = bytearray(len(head).to_bytes(4, "little") + head)
        if i % 3 == 1:
            message[rng.randrange(len(message))] = rng.randrange(256)
        elif i % 3 == 2:
            message = bytearray(rng.randbytes(rng.randrange(1, 3000)))
        if i % 7:
            link.send(bytes(message))
        link.close()
    assert served[0] in translators(place.cache)
    assert place.run(program).stdout == expected
