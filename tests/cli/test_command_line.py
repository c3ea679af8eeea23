"""The command line: options, program lookup, statuses, and one line for every error."""

from __future__ import annotations

import os
import signal
import subprocess
import time
from pathlib import Path

import pytest
from tools.guests import environment, execute, run32_command
from tools.roots import CHECKOUT

EXAMPLES = CHECKOUT / "src/run32/examples"
PRIMES = EXAMPLES / "primes-arm"


def cli(*args: str | Path, cwd: Path, **env: str) -> tuple[int, str, str]:
    command = [*run32_command(), *map(str, args)]
    result = execute(command, cwd=cwd, env=environment(cwd, **env))
    return result.status, result.stdout.decode(), result.stderr.decode()


def one_line(text: str, *parts: str) -> None:
    assert text.endswith("\n") and text.count("\n") == 1, text
    assert text.startswith("run32: ")
    for part in parts:
        assert part in text


def test_help_and_version(tmp_path: Path) -> None:
    status, out, err = cli("--help", cwd=tmp_path)
    assert (status, err) == (0, "") and "--rootfs DIR" in out
    status, out, err = cli("--version", cwd=tmp_path)
    assert (status, err) == (0, "") and out.startswith("run32 ")


@pytest.mark.parametrize(
    ("args", "part"),
    [
        ((), "no program"),
        (("--nope", "x"), "--nope"),
        (("--rootfs",), "--rootfs"),
        (("--rootfs", "/nowhere", "x"), "/nowhere"),
        (("--strace=", "x"), "--strace"),
        (("rootfs",), "rootfs"),
        (("rootfs", "create", "--arch", "mips", "d"), "mips"),
        (("engine", "burn"), "burn"),
        (("info",), "info"),
    ],
)
def test_usage_errors(args: tuple[str, ...], part: str, tmp_path: Path) -> None:
    status, out, err = cli(*args, cwd=tmp_path)
    assert (status, out) == (2, "")
    one_line(err, part)


def test_bad_tier(tmp_path: Path) -> None:
    status, _, err = cli(PRIMES, cwd=tmp_path, RUN32_TIERS="warp")
    assert status == 2
    one_line(err, "RUN32_TIERS", "warp", "interp")


def test_runs_the_shipped_example(engine: Path, tmp_path: Path) -> None:
    status, out, err = cli(PRIMES, cwd=tmp_path)
    assert (status, err) == (0, "")
    assert out.endswith("primes below 100000: 9592\nthis program runs on Linux armv8l\n")


def test_runs_the_i386_example(engine: Path, tmp_path: Path) -> None:
    assert cli(EXAMPLES / "hello-i386", cwd=tmp_path) == (0, "Hello from a 32-bit program.\n", "")


@pytest.mark.parametrize("tier", ["mixed", "interp", ""])
def test_tiers(tier: str, engine: Path, tmp_path: Path) -> None:
    assert cli(PRIMES, cwd=tmp_path, RUN32_TIERS=tier)[0] == 0


def test_program_lookup(engine: Path, tmp_path: Path) -> None:
    (tmp_path / "bin").mkdir()
    program = tmp_path / "bin/info"
    program.write_bytes(PRIMES.read_bytes())
    program.chmod(0o755)
    path = f"/nowhere:{tmp_path}/bin"
    assert "primes" in cli("--", "info", cwd=tmp_path, PATH=path)[1]
    assert "primes" in cli("bin/info", cwd=tmp_path)[1]
    status, _, err = cli("infos", cwd=tmp_path, PATH=path)
    assert status == 127
    one_line(err, "infos", "not found")
    status, _, err = cli("./infos", cwd=tmp_path, PATH=path)
    assert status == 127
    one_line(err, "./infos")


def test_rootfs_is_searched_first(engine: Path, tmp_path: Path) -> None:
    root = tmp_path / "root"
    (root / "usr/bin").mkdir(parents=True)
    program = root / "usr/bin/uname"
    program.write_bytes(PRIMES.read_bytes())
    program.chmod(0o755)
    (root / "usr/bin/linked").symlink_to("/usr/bin/uname")
    for name in ("uname", "/usr/bin/uname", "linked"):
        assert "primes" in cli("--rootfs", root, name, cwd=tmp_path)[1]
    assert "primes" in cli("uname", cwd=tmp_path, RUN32_ROOTFS=str(root))[1]
    assert "primes" in cli(f"--rootfs={root}", "uname", cwd=tmp_path)[1]
    assert cli("--rootfs", root, "basename", "a/b", cwd=tmp_path)[:2] == (0, "b\n")


def test_environment_is_handed_on_as_it_is(tmp_path: Path) -> None:
    """Nothing added (PEP 538 sets LC_CTYPE), nothing heeded that is meant for a guest's Python."""
    env = {"PATH": "/usr/bin:/bin", "PYTHONPATH": "/nowhere", "PYTHONVERBOSE": "1", "A": "b=c"}
    result = execute([*run32_command(), "env"], cwd=tmp_path, env=env)
    assert result.stdout.decode().splitlines() == [f"{k}={v}" for k, v in env.items()]
    assert result.stderr == b""


def test_64_bit_programs_run_natively(tmp_path: Path) -> None:
    assert cli("sh", "-c", "echo $0 $((6 * 7)); exit 3", "me", cwd=tmp_path)[:2] == (3, "me 42\n")
    status, out, _ = cli("sh", "-c", "kill -TERM $$", cwd=tmp_path)
    assert (status, out) == (-signal.SIGTERM, "")


def elf(machine: int = 40, bits: int = 1, order: int = 1, kind: int = 2) -> bytes:
    """A 32-bit ELF header that says what the arguments say, with no program headers."""
    head = b"\x7fELF" + bytes([bits, order, 1]) + bytes(9)
    fields = [kind, machine], [1, 0x10000, 52, 0, 0x5000400], [52, 32, 0, 40, 0, 0]
    return head + b"".join(
        n.to_bytes(size, "little") for size, ns in zip((2, 4, 2), fields, strict=True) for n in ns
    )


def broken(tmp_path: Path) -> dict[str, tuple[bytes, str]]:
    """File name -> content and a word that the message must have."""
    whole = PRIMES.read_bytes()
    other64 = 243 if os.uname().machine != "riscv64" else 62
    first_load = 52
    overlap = bytearray(whole)
    overlap[first_load + 32 + 8 : first_load + 32 + 12] = (0x10000).to_bytes(4, "little")
    beyond = bytearray(whole)
    beyond[first_load + 32 + 8 : first_load + 32 + 12] = (0xFFFFF000).to_bytes(4, "little")
    return {
        "empty": (b"", "empty"),
        "text": (b"hello, this is no program\n", ""),
        "binary": (bytes(range(256)), ""),
        "truncated-header": (whole[:40], ""),
        "truncated-segments": (whole[:300], ""),
        "truncated-table": (whole[:70], ""),
        "wrong-machine": (elf(machine=8), ""),
        "big-endian": (elf(order=2), ""),
        "object-file": (elf(kind=1), ""),
        "no-segments": (elf(), ""),
        "other-64-bit": (
            b"\x7fELF\x02\x01\x01" + bytes(9) + b"\2\0" + bytes([other64, 0]) + bytes(44),
            "",
        ),
        "overlapping": (bytes(overlap), ""),
        "beyond-4-gib": (bytes(beyond), ""),
        "missing-shebang": (b"#!/nowhere/interpreter\n", "/nowhere/interpreter"),
        "empty-shebang": (b"#!\n", ""),
    }


BROKEN = list(broken(Path()))


@pytest.mark.parametrize("name", BROKEN)
def test_bad_files(name: str, engine: Path, tmp_path: Path) -> None:
    content, word = broken(tmp_path)[name]
    (tmp_path / name).write_bytes(content)
    (tmp_path / name).chmod(0o755)
    status, out, err = cli(f"./{name}", cwd=tmp_path)
    assert (status, out) == (127 if name == "missing-shebang" else 126, ""), err
    one_line(err, name, word)


def test_missing_interpreter(engine: Path, tmp_path: Path) -> None:
    interpreter = b"/nowhere/ld.so\0"
    header = bytearray(elf())
    header[28:32] = (52).to_bytes(4, "little")
    header[44:46] = (2).to_bytes(2, "little")
    interp = [3, 116, 0x10074, 0, len(interpreter), len(interpreter), 4, 1]
    load = [1, 0, 0x10000, 0, 200, 200, 5, 0x1000]
    headers = b"".join(n.to_bytes(4, "little") for n in interp + load)
    (tmp_path / "dynamic").write_bytes(bytes(header) + headers + interpreter + bytes(100))
    (tmp_path / "dynamic").chmod(0o755)
    status, out, err = cli("./dynamic", cwd=tmp_path)
    assert (status, out) == (127, "")
    one_line(err, "dynamic", "/nowhere/ld.so")


def test_what_is_no_file(tmp_path: Path) -> None:
    (tmp_path / "directory").mkdir()
    os.mkfifo(tmp_path / "pipe", 0o755)
    (tmp_path / "loop").symlink_to("loop")
    (tmp_path / "dangling").symlink_to("nothing")
    (tmp_path / "plain").write_bytes(PRIMES.read_bytes())
    (tmp_path / "plain").chmod(0o644)
    for name, expected, word in [
        ("directory", 126, "directory"),
        ("pipe", 126, "regular"),
        ("loop", 126, "symbolic links"),
        ("dangling", 127, "no such file"),
        ("plain", 126, "chmod +x"),
        ("plain/below", 126, "directory"),
        ("directory/nothing", 127, "no such file"),
    ]:
        status, out, err = cli(f"./{name}", cwd=tmp_path)
        assert (status, out) == (expected, ""), name
        one_line(err, name, word)


def test_unreadable(engine: Path, tmp_path: Path) -> None:
    program = tmp_path / "secret"
    program.write_bytes(PRIMES.read_bytes())
    program.chmod(0o111)
    command: list[str] = []
    if os.geteuid() == 0:  # without the privileges that read everything
        caps = "-dac_override,-dac_read_search"
        command = ["setpriv", f"--inh-caps={caps}", f"--bounding-set={caps}"]
    command += [*run32_command(), str(program)]
    result = execute(command, cwd=tmp_path)
    assert result.status == 126
    one_line(result.stderr.decode(), "secret", "readable")


def test_strange_names_stay_on_one_line(tmp_path: Path) -> None:
    status, _, err = cli("./a\nb\x1b[31m", cwd=tmp_path)
    assert status == 127
    one_line(err, r"a\nb\x1b[31m")


def test_closed_pipe_and_interrupt_show_no_traceback(tmp_path: Path) -> None:
    command = [*run32_command(), "--help"]
    reader, writer = os.pipe()
    os.close(reader)
    done = subprocess.run(command, stdout=writer, stderr=subprocess.PIPE, env=environment(tmp_path))
    os.close(writer)
    assert (done.returncode, done.stderr) == (-signal.SIGPIPE, b"")
    closed = subprocess.run(
        [*command[:-1], "--nope"], preexec_fn=lambda: os.close(2), env=environment(tmp_path)
    )
    assert closed.returncode == 2


def test_guest_meets_a_closed_pipe(engine: Path, tmp_path: Path) -> None:
    reader, writer = os.pipe()
    os.close(reader)
    command = [*run32_command(), str(PRIMES)]
    done = subprocess.run(command, stdout=writer, stderr=subprocess.PIPE, env=environment(tmp_path))
    os.close(writer)
    assert (done.returncode, done.stderr) == (-signal.SIGPIPE, b"")


def heed_interrupts() -> None:
    """Undo what a shell does to its background jobs."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)


def test_interrupt_of_an_engine_build(tmp_path: Path) -> None:
    env = environment(tmp_path, RUN32_CACHE=str(tmp_path / "cache"))
    command = [*run32_command(), "engine", "build"]
    build = subprocess.Popen(
        command,
        stderr=subprocess.PIPE,
        env=env,
        start_new_session=True,
        preexec_fn=heed_interrupts,
    )
    assert build.stderr is not None
    assert build.stderr.readline().startswith(b"run32: building the arm engine")
    time.sleep(1)
    os.killpg(build.pid, signal.SIGINT)
    _, err = build.communicate(timeout=60)
    assert (build.returncode, err) == (-signal.SIGINT, b"")
    assert not list((tmp_path / "cache/engine").glob("*/meta"))


def test_interrupt_of_a_guest(engine: Path, tmp_path: Path, arm_gcc: str) -> None:
    from tools.build import STATIC, compile_c

    source = tmp_path / "wait.c"
    source.write_text(
        '/* waits */\n#include <unistd.h>\nint main(void){write(1,"up\\n",3);for(;;)pause();}'
    )
    program = compile_c(source, *STATIC)
    guest = subprocess.Popen(
        [*run32_command(), str(program)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env=environment(tmp_path),
        preexec_fn=heed_interrupts,
    )
    assert guest.stdout is not None and guest.stdout.read(3) == b"up\n"
    guest.send_signal(signal.SIGINT)
    _, err = guest.communicate(timeout=20)
    assert (guest.returncode, err) == (-signal.SIGINT, b"")


def test_info(tmp_path: Path) -> None:
    status, out, err = cli("info", PRIMES, cwd=tmp_path)
    assert (status, err) == (0, "") and "ARM" in out and "static" in out
    status, out, err = cli("info", EXAMPLES / "primes.c", cwd=tmp_path)
    assert status == 126
    one_line(err, "primes.c")
    status, out, err = cli("info", "./nothing", cwd=tmp_path)
    assert status == 127
    one_line(err, "nothing")


def test_engine_info(engine: Path, tmp_path: Path) -> None:
    status, out, err = cli("engine", "info", cwd=tmp_path)
    assert (status, err) == (0, "") and "in use" in out
    built = cli("engine", "build", cwd=tmp_path)[1].splitlines()
    assert engine.resolve() in [Path(line).resolve() for line in built]


def test_cache_that_cannot_be_written(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    status, out, err = cli(PRIMES, cwd=tmp_path, RUN32_CACHE=str(tmp_path / "file"))
    assert (status, out) == (125, "")
    assert "RUN32_CACHE" in err.splitlines()[-1]
    assert "Traceback" not in err
