"""Programs print the same in every tier, cold and warm, whatever they do to their code."""

from __future__ import annotations

import resource
import subprocess
from pathlib import Path

import pytest
from tools.build import STATIC, compile_c
from tools.guests import run32_command
from tools.tiers import Place, translators, untranslated

HERE = Path(__file__).parent
PROGRAMS = ["mix", "jit", "forks", "patch", "atomic", "recursion"]


@pytest.fixture
def programs(arm_gcc: str) -> dict[str, str]:
    """The programs of this directory, compiled."""
    return {n: str(compile_c(HERE / f"{n}.c", *STATIC, "-pthread")) for n in PROGRAMS}


@pytest.mark.parametrize("name", PROGRAMS)
def test_same_output(name: str, programs: dict[str, str], place: Place) -> None:
    program = programs[name]
    expected = place.run(program, tier="interp")
    assert expected.status == 0
    for tier in ("mixed", "regions", "mixed", "regions"):
        found = place.run(program, tier=tier)
        assert (found.status, found.stdout) == (0, expected.stdout), (tier, found.stderr)
    assert place.code_files()
    assert not untranslated(place.cache)


def test_counters_of_one_loop(arm_gcc: str, place: Place) -> None:
    flags = ("-mthumb", "-O2", "-fomit-frame-pointer", "-nostdlib", "-ffreestanding", "-static")
    program = str(compile_c(HERE / "counters.c", *flags))
    command = [*run32_command(), "compile", program]
    subprocess.run(command, env=place.env, check=True, capture_output=True, timeout=300)
    assert place.code_files()
    assert place.run(program, tier="interp").status == 0
    assert place.run(program).status == 0


def test_compile_of_a_real_program(armhf_root: Path, place: Place) -> None:
    """Some function of it calls another twice; both calls lead on once."""
    program = str(armhf_root / "usr/bin/lua5.4")
    command = [*run32_command(), "compile", program]
    done = subprocess.run(command, env=place.env, capture_output=True, timeout=300)
    assert done.returncode == 0, done.stderr.decode()
    assert b"left to the interpreter" not in done.stderr
    assert done.stdout.startswith(b"1 files, ")
    hello = ["/usr/bin/lua5.4", "-e", "print(('x'):rep(3), 7 // 2)"]
    assert place.run(*hello, rootfs=armhf_root).stdout == b"xxx\t3\n"


def test_interpreter_leaves_the_cache_alone(programs: dict[str, str], place: Place) -> None:
    assert place.run(programs["mix"], tier="interp").status == 0
    assert not (place.cache / "regions").exists()
    assert not translators(place.cache)


def test_warm_start_asks_for_nothing(programs: dict[str, str], place: Place) -> None:
    program = programs["forks"]
    place.run(program, tier="regions")
    place.wait_for_end()
    assert place.run(program, tier="regions").status == 0
    place.wait_for_end()
    _, counters = place.stats(program)
    assert counters["installed"] > 0
    assert counters["hits"] == 1


def test_libraries_come_and_go(arm_gcc: str, armhf_root: Path, place: Place) -> None:
    program = compile_c(HERE / "dlopen.c", "-O2")
    libraries = []
    for version in (1, 2):
        flags = ("-O2", "-shared", "-fPIC", f"-DVERSION={version}")
        libraries.append(str(compile_c(HERE / "library.c", *flags)))
    for tier in ("mixed", "regions", "mixed"):
        found = place.run(str(program), *libraries, tier=tier, rootfs=armhf_root)
        assert (found.status, found.stdout) == (0, b"wrong: 0\n"), (tier, found.stderr)


def test_same_library_in_two_roots(programs: dict[str, str], place: Place) -> None:
    """Code is known by content: a copy of a program finds what the first one had translated."""
    place.run(programs["forks"], tier="regions")
    place.wait_for_end()
    before = place.code_files()
    copy = place.cwd / "copy"
    copy.write_bytes(Path(programs["forks"]).read_bytes())
    copy.chmod(0o755)
    assert place.run(str(copy), tier="regions").status == 0
    assert [f for f in place.code_files() if f in before] == before
    sizes = {f.stat().st_size for f in place.code_files()}
    assert len(place.code_files()) - len(before) <= len(sizes)
    names = {link.readlink().name for link in place.cache.glob("regions/*/id/*")}
    assert len(names) == 1


def test_one_run_of_a_brief_program_is_enough(arm_gcc: str, place: Place) -> None:
    program = str(compile_c(HERE / "brief.c", *STATIC))
    assert place.run(program).status == 0
    place.wait_for_code()
    place.wait_for_end()
    result, counters = place.stats(program)
    assert result.status == 0
    assert counters["hits"] == 1
    assert counters["installed"] > 0


CRASH = """
#include <sys/mman.h>
int main(void)
{
    unsigned x = 1, size = 64 << 20;
    unsigned char *p = mmap(0, size + 4096, 3, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    mprotect(p + size, 4096, PROT_NONE);
    for (;;)
        x = x * 31 + *(volatile unsigned char *)p++;
}
"""


def test_pc_of_a_fatal_fault(arm_gcc: str, place: Place) -> None:
    """It is exact where a core file may be left, and else said to be where the region begins."""
    source, program = place.cwd / "crash.c", place.cwd / "crash"
    source.write_text(CRASH)
    subprocess.run([arm_gcc, *STATIC, "-o", program, source], check=True)
    exact = place.run(str(program), tier="interp").stderr.partition(b": address")[0]
    assert b"segmentation fault at pc 0x" in exact
    place.fill(str(program))
    found = place.run(str(program), tier="mixed").stderr
    assert b"segmentation fault in the translated code that begins at pc 0x" in found
    hard = resource.getrlimit(resource.RLIMIT_CORE)[1]
    if hard != resource.RLIM_INFINITY:
        pytest.skip("the hard limit on core files is too low (ulimit -Hc)")
    resource.setrlimit(resource.RLIMIT_CORE, (hard, hard))
    try:
        for tier in ("regions", "mixed"):
            assert place.run(str(program), tier=tier).stderr.startswith(exact + b": ")
    finally:
        resource.setrlimit(resource.RLIMIT_CORE, (0, hard))


LATE = """
#include <unistd.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
static void handler(int number) { _exit(number); }
static __attribute__((noinline)) unsigned work(unsigned x, unsigned times)
{
    for (; times; times--)
        x = x * 31 + (x >> 7 & times);
    return x;
}
int main(int argc, char **argv)
{
    unsigned x = 1;
    for (unsigned i = 0; i < 10; i++) {
        x = work(x, i ? atoi(argv[1]) : 100);
        signal(SIGSEGV, handler);
    }
    printf("%u\\n", x);
    return 0;
}
"""


def test_a_handler_that_comes_late(arm_gcc: str, place: Place) -> None:
    """Exact regions are found where the interpreter was already."""
    source, program = place.cwd / "late.c", place.cwd / "late"
    source.write_text(LATE)
    subprocess.run([arm_gcc, *STATIC, "-o", program, source], check=True)
    place.fill(str(program), "4000000")
    little, much = (place.stats(str(program), times)[1] for times in ("1000", "4000000"))
    assert much["samples"] <= little["samples"] + 5
