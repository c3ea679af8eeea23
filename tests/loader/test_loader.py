"""Loading programs: where segments, heap and stack go, what the stack holds, what is refused."""

from __future__ import annotations

import errno
import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path
from struct import unpack

import pytest
from loader.elf_files import DYN, EXEC, I386, LOAD, ehdr, phdr, program, write

from run32.kernel import host
from run32.kernel.memory import Fault, Memory
from run32.kernel.task import Task
from run32.loader import ExecError, HostProgram, Image, load

PAGE = host.PAGE_SIZE
NO_RANDOM = 0x0040000
pytestmark = pytest.mark.skipif(PAGE != 4096, reason="expects the layout of 4 KiB pages")


@pytest.fixture
def task() -> Iterator[Task]:
    mem = Memory("arm", stack_limit=8 << 20, mmap_min_addr=4096)
    yield Task("arm", mem, {}, personality=NO_RANDOM)
    mem.close()


def run(task: Task, path: bytes, *argv: bytes, env: tuple[bytes, ...] = (b"A=b",)) -> Image:
    return load(task, path, argv or (path,), env)


def refusal(task: Task, path: bytes, *argv: bytes) -> ExecError:
    with pytest.raises(ExecError) as caught:
        run(task, path, *argv)
    message = str(caught.value)
    assert message and "\n" not in message
    return caught.value


def areas(task: Task) -> list[tuple[int, int, int]]:
    return [(v.start, v.end, v.prot) for v in task.mem.vmas()]


def auxv_of(data: bytes) -> dict[int, int]:
    words = unpack(f"<{len(data) // 4}I", data)
    return dict(zip(words[::2], words[1::2], strict=True))


# -- segments


def test_static_program(task: Task, tmp_path: Path) -> None:
    path = write(tmp_path / "prog", program())
    image = run(task, path)
    assert areas(task)[:3] == [
        (0x10000, 0x11000, 5),
        (0x12000, 0x13000, 3),
        (0x13000, 0x16000, 3),
    ]
    mem = task.mem
    assert mem.read(0x10900, 12) == b"program text"
    assert mem.read(0x12100, 0x234) == b"D" * 0x234
    assert mem.read(0x12334, 0x16000 - 0x12334) == bytes(0x16000 - 0x12334)
    assert (image.entry, image.is_thumb, image.interp_base) == (0x10100, True, 0)
    assert (image.phdr, image.phnum) == (0x10034, 3)
    assert mem.brk(0) == image.brk == 0x16000
    assert mem.brk(0x18000) == 0x18000
    with pytest.raises(Fault):
        mem.write(0x10000, b"x")
    assert task.program.exe == path
    assert task.comm == b"prog"


def test_static_pie_goes_to_the_mmap_area(task: Task, tmp_path: Path) -> None:
    path = write(tmp_path / "pie", program(kind=DYN, base=0))
    image = run(task, path)
    base = task.mem.layout.mmap_base - 0x6000
    assert areas(task)[0] == (base, base + 0x1000, 5)
    assert image.program_entry == base + 0x101
    assert image.brk == task.mem.layout.dyn_base
    assert image.phdr == base + 0x34


def test_pie_with_interpreter(task: Task, tmp_path: Path) -> None:
    interp = write(tmp_path / "ld.so", program(kind=DYN, base=0, entry=0x200))
    path = write(tmp_path / "pie", program(kind=DYN, base=0, interp=interp))
    image = run(task, path)
    base = task.mem.layout.dyn_base & -PAGE
    assert image.program_entry == base + 0x101
    assert image.interp_base == task.mem.layout.mmap_base - 0x6000
    assert image.entry == image.interp_base + 0x200
    assert not image.is_thumb
    assert image.brk == base + 0x6000
    aux = auxv_of(image.auxv)
    assert (aux[7], aux[9], aux[3]) == (image.interp_base, base + 0x101, base + 0x34)


def test_randomised_load_addresses(tmp_path: Path, task: Task) -> None:
    task.personality = 0
    interp = write(tmp_path / "ld.so", program(kind=DYN, base=0))
    path = write(tmp_path / "pie", program(kind=DYN, base=0, interp=interp))
    seen = set()
    for _ in range(8):
        image = run(task, path)
        assert image.sp % 16 == 0
        seen.add((image.program_entry, image.interp_base, image.brk, image.sp))
    assert all(len(set(column)) > 4 for column in zip(*seen, strict=True))


def test_segment_alignment_is_kept(task: Task, tmp_path: Path) -> None:
    data = bytearray(program(kind=DYN, base=0))
    for i in range(2):
        data[52 + 32 * i + 28 : 52 + 32 * i + 32] = (0x10000).to_bytes(4, "little")
    image = run(task, write(tmp_path / "aligned", bytes(data)))
    assert (image.program_entry - 0x101) % 0x10000 == 0


def test_zero_file_size_segment(task: Task, tmp_path: Path) -> None:
    data = ehdr(EXEC, 2, entry=0x10000) + phdr(LOAD, 0, 0x10000, 0x74, 0x74, 5)
    data += phdr(LOAD, 0, 0x20010, 0, 0x1000, 6)
    run(task, write(tmp_path / "bss", data))
    assert task.mem.read(0x20000, 0x2000) == bytes(0x2000)


def test_pages_larger_than_the_program_was_linked_for(tmp_path: Path) -> None:
    """Segments that share a page are copied, and the page has the protection of both."""
    mem = Memory("arm", page_size=4 * PAGE, stack_limit=8 << 20)
    task = Task("arm", mem, {}, personality=NO_RANDOM)
    data = bytearray(program())
    data[52 + 32 + 8 : 52 + 32 + 16] = (0x14100).to_bytes(4, "little") * 2
    for base, image_data in ((0x12100, program()), (0x14100, bytes(data))):
        image = run(task, write(tmp_path / "prog", image_data))
        assert mem.read(0x10900, 12) == b"program text"
        assert mem.read(base, 0x234) == b"D" * 0x234
        end = base + 0x234 + 0x3000
        assert mem.read(base + 0x234, end - base - 0x234) == bytes(end - base - 0x234)
        mem.write(end - 1, b"x")
        prots = {v.prot for v in mem.vmas() if v.start < 0x18000}
        assert prots == ({7, 3} if base == 0x12100 else {5, 3})
        assert auxv_of(image.auxv)[6] == 4 * PAGE
        assert image.brk % (4 * PAGE) == 0
    mem.close()


def test_executable_stack_and_old_programs(task: Task, tmp_path: Path) -> None:
    def stack_prot() -> int:
        return next(v.prot for v in task.mem.vmas() if v.path == b"[stack]")

    run(task, write(tmp_path / "a", program(stack=6)))
    assert stack_prot() == 3 and not task.mem.read_implies_exec
    run(task, write(tmp_path / "b", program(stack=7)))
    assert stack_prot() == 7 and not task.mem.read_implies_exec
    run(task, write(tmp_path / "c", program(stack=None)))
    assert stack_prot() == 7 and task.mem.read_implies_exec
    assert next(v.prot for v in task.mem.vmas() if v.start == 0x12000) == 7


def test_code_pages_of_the_kernel(task: Task, tmp_path: Path) -> None:
    image = run(task, write(tmp_path / "prog", program()))
    assert task.mem.u32(0xFFFF0FFC) == 5
    assert task.mem.u32(0xFFFF0FE0) == 0xEE1D0F70
    assert task.mem.read(image.sigpage, 8) == bytes.fromhex("7770a0e3770000ef")
    names = {v.path: v.prot for v in task.mem.vmas()}
    assert names[b"[vectors]"] == names[b"[sigpage]"] == 5
    run(task, write(tmp_path / "x86", program(machine=I386)))
    assert {v.path for v in task.mem.vmas()}.isdisjoint({b"[vectors]", b"[sigpage]"})
    assert task.abi == task.mem.abi == "i386"


def test_no_descriptor_stays_open(task: Task, tmp_path: Path) -> None:
    before = set(os.listdir("/proc/self/fd"))
    interp = write(tmp_path / "ld.so", program(kind=DYN, base=0))
    run(task, write(tmp_path / "pie", program(kind=DYN, base=0, interp=interp)))
    refusal(task, write(tmp_path / "bad", program()[:60]))
    assert set(os.listdir("/proc/self/fd")) == before


# -- the initial stack


def test_initial_stack(task: Task, tmp_path: Path) -> None:
    path = write(tmp_path / "prog", program())
    argv, env = [b"prog", b"", b"two words"], [b"HOME=/x", b"B=" + b"y" * 300]
    image = load(task, path, argv, env, b"./prog")
    mem = task.mem
    assert image.sp % 16 == 0
    words = unpack("<64I", mem.read(image.sp, 256))
    assert words[0] == 3
    assert [mem.read_cstr(a) for a in words[1:4]] == argv
    assert words[4] == 0
    assert [mem.read_cstr(a) for a in words[5:7]] == env
    assert words[7] == 0
    aux = auxv_of(mem.read(image.sp + 32, len(image.auxv)))
    assert list(aux) == [16, 6, 17, 3, 4, 5, 7, 8, 9, 11, 12, 13, 14, 23, 25, 26, 31, 15, 0]
    assert aux[6] == PAGE and aux[17] == 100 and aux[4] == 32 and aux[8] == 0
    assert (aux[11], aux[12], aux[13], aux[14]) == (
        os.getuid(), os.geteuid(), os.getgid(), os.getegid(),
    )  # fmt: skip
    assert aux[23] == 0
    assert mem.read_cstr(aux[31]) == b"./prog"
    assert mem.read_cstr(aux[15]) == b"v7l"
    assert aux[16] == 0x1FB0D6 and aux[16] & 1 << 12, "NEON"
    assert len(set(mem.read(aux[25], 16))) > 4
    assert mem.read(0xFFFEFFF8, 8) == bytes(8)
    assert aux[31] + len(b"./prog") + 1 == 0xFFFEFFF8
    assert image.auxv == mem.read(image.sp + 32, len(image.auxv))
    strings = mem.read(image.arg_start, image.env_end - image.arg_start)
    assert strings == b"".join(s + b"\0" for s in (*argv, *env))
    assert mem.start_stack == image.sp


def test_empty_argv_becomes_one_empty_string(task: Task, tmp_path: Path) -> None:
    image = load(task, write(tmp_path / "prog", program()), [], [])
    assert task.mem.u32(image.sp) == 1
    assert task.mem.read_cstr(task.mem.u32(image.sp + 4)) == b""


def test_argument_limits(task: Task, tmp_path: Path) -> None:
    path = write(tmp_path / "prog", program())
    image = run(task, path, b"p", b"x" * 131071)
    assert len(task.mem.read_cstr(task.mem.u32(image.sp + 8), 1 << 20)) == 131071
    assert refusal(task, path, b"p", b"x" * 131072).errno == errno.E2BIG
    many = [b"y" * 1000] * 2000
    image = run(task, path, *many)
    assert task.mem.u32(image.sp) == 2000
    assert refusal(task, path, *many, *many).errno == errno.E2BIG


def test_secure_mode_for_set_id_programs(task: Task, tmp_path: Path) -> None:
    image = run(task, write(tmp_path / "plain", program()))
    assert auxv_of(image.auxv)[23] == 0
    path = tmp_path / "suid"
    write(path, program())
    if os.geteuid():
        pytest.skip("only root can make another user's program")
    os.chown(path, 12345, -1)
    path.chmod(0o4755)
    assert auxv_of(run(task, os.fsencode(path)).auxv)[23] == 1


# -- scripts


def script_argv(task: Task, tmp_path: Path, text: bytes, *argv: bytes) -> list[bytes]:
    script = write(tmp_path / "script", text)
    image = load(task, script, argv or (b"script",), (), b"script")
    assert image.execfn == b"script"
    assert task.comm == b"script"
    return image.argv


def test_scripts(task: Task, tmp_path: Path) -> None:
    prog = write(tmp_path / "prog", program())
    assert script_argv(task, tmp_path, b"#!" + prog + b"\n") == [prog, b"script"]
    found = script_argv(task, tmp_path, b"#! \t" + prog + b" -a  -b \t\nx", b"zero", b"one")
    assert found == [prog, b"-a  -b", b"script", b"one"]
    assert script_argv(task, tmp_path, b"#!" + prog) == [prog, b"script"]
    assert task.program.exe == prog


def test_nested_scripts(task: Task, tmp_path: Path) -> None:
    prog = write(tmp_path / "prog", program())
    inner = write(tmp_path / "s0", b"#!" + prog + b" -i\n")
    image = load(task, write(tmp_path / "s1", b"#!" + inner + b"\n"), [b"s1", b"x"], ())
    assert image.argv == [prog, b"-i", inner, os.fsencode(tmp_path / "s1"), b"x"]
    for i in range(2, 7):
        before = os.fsencode(tmp_path / f"s{i - 1}")
        write(tmp_path / f"s{i}", b"#!" + before + b"\n")
    run(task, os.fsencode(tmp_path / "s4"))
    assert refusal(task, os.fsencode(tmp_path / "s5")).errno == errno.ELOOP
    loop = tmp_path / "loop"
    assert refusal(task, write(loop, b"#!" + os.fsencode(loop) + b"\n")).errno == errno.ELOOP


@pytest.mark.parametrize(
    ("text", "code"),
    [
        (b"#!\n", errno.ENOEXEC),
        (b"#!", errno.EACCES),
        (b"#!   \t \nx", errno.ENOEXEC),
        (b"#!" + b"/x" * 200 + b"\n", errno.ENOEXEC),
        (b"#!/nowhere/at/all\n", errno.ENOENT),
        (b"#!/tmp\n", errno.EACCES),
    ],
)
def test_bad_scripts(task: Task, tmp_path: Path, text: bytes, code: int) -> None:
    assert refusal(task, write(tmp_path / "script", text)).errno == code


def test_long_script_line_keeps_its_interpreter(task: Task, tmp_path: Path) -> None:
    """The kernel reads 256 bytes: an argument may be cut, the interpreter may not."""
    prog = write(tmp_path / "p", program())
    argv = script_argv(task, tmp_path, b"#!" + prog + b" " + b"a" * 300 + b"\n")
    assert argv == [prog, b"a" * (255 - 3 - len(prog)), b"script"]


# -- what is refused


def patched(offset: int, value: int, size: int = 4, data: bytes | None = None) -> bytes:
    out = bytearray(program() if data is None else data)
    out[offset : offset + size] = value.to_bytes(size, "little")
    return bytes(out)


WITH_INTERP = program(kind=DYN, base=0, interp=b"/no/such/ld.so")
FIRST, SECOND = 52, 52 + 32


@pytest.mark.parametrize(
    ("data", "code", "words"),
    [
        (b"", errno.ENOEXEC, "empty"),
        (b"hello\nworld\n", errno.ENOEXEC, "text"),
        (b"\x00\x01\x02\x03" * 20, errno.ENOEXEC, "unknown"),
        (program()[:16], errno.ENOEXEC, "truncated"),
        (program()[:40], errno.ENOEXEC, "truncated"),
        (program()[:80], errno.ENOEXEC, "truncated"),
        (program()[:0x1200], errno.ENOEXEC, "truncated"),
        (patched(18, 8, 2), errno.ENOEXEC, "MIPS"),
        (patched(18, 62, 2), errno.ENOEXEC, "x32"),
        (patched(18, 999, 2), errno.ENOEXEC, "machine 999"),
        (patched(16, 1, 2), errno.ENOEXEC, "object"),
        (patched(16, 4, 2), errno.ENOEXEC, "core"),
        (patched(5, 2, 1), errno.ENOEXEC, "big-endian"),
        (patched(4, 7, 1), errno.ENOEXEC, "class 7"),
        (patched(36, 0x400), errno.ENOEXEC, "OABI"),
        (patched(42, 56, 2), errno.ENOEXEC, "program headers of 56"),
        (patched(44, 0, 2), errno.ENOEXEC, "0 program headers"),
        (patched(44, 999, 2), errno.ENOEXEC, "999 program headers"),
        (patched(28, 0x7FFFFFFF), errno.ENOEXEC, "cut off"),
        (patched(FIRST, 0, data=patched(SECOND, 0)), errno.ENOEXEC, "no loadable"),
        (patched(SECOND + 20, 0x100), errno.ENOEXEC, "more bytes in the file"),
        (patched(SECOND + 8, 0xFFFFF100), errno.ENOEXEC, "leaves the 4 GiB"),
        (patched(SECOND + 8, 0x10100), errno.ENOEXEC, "overlap"),
        (patched(SECOND + 8, 0x12101), errno.ENOEXEC, "disagree"),
        (WITH_INTERP, errno.ENOENT, "/no/such/ld.so"),
        (patched(FIRST + 16, 5000, data=WITH_INTERP), errno.ENOEXEC, "interpreter name"),
        (patched(FIRST + 16, 3, data=WITH_INTERP), errno.ENOEXEC, "NUL"),
    ],
)
def test_refused_files(task: Task, tmp_path: Path, data: bytes, code: int, words: str) -> None:
    path = write(tmp_path / "bad", data)
    before = run(task, write(tmp_path / "good", program()))
    error = refusal(task, path)
    assert (error.errno, words in str(error)) == (code, True), str(error)
    assert os.fsdecode(path) in str(error)
    assert not error.is_late
    assert task.mem.read_cstr(task.mem.u32(before.sp + 4)), "the old program is untouched"


def test_refused_kinds_of_file(task: Task, tmp_path: Path) -> None:
    assert refusal(task, os.fsencode(tmp_path)).errno == errno.EACCES
    assert refusal(task, os.fsencode(tmp_path / "nothing")).errno == errno.ENOENT
    assert refusal(task, write(tmp_path / "plain", program(), 0o644)).errno == errno.EACCES
    os.mkfifo(tmp_path / "fifo", 0o755)
    assert refusal(task, os.fsencode(tmp_path / "fifo")).errno == errno.EACCES
    odd = refusal(task, write(tmp_path / "new\nline\x1b", b"text"))
    assert "\\n" in str(odd) and "\x1b" not in str(odd)


def test_unreadable_file(task: Task) -> None:
    folder = Path(tempfile.mkdtemp())
    path = write(folder / "secret", program(), 0o111)
    folder.chmod(0o755)
    uid = os.geteuid()
    try:
        if not uid:
            os.seteuid(65534)
        error = refusal(task, path)
    finally:
        os.seteuid(uid)
        shutil.rmtree(folder)
    assert error.errno == errno.EACCES and "cannot be read" in str(error)


def test_interpreter_must_fit(task: Task, tmp_path: Path) -> None:
    other = write(tmp_path / "ld386", program(kind=DYN, base=0, machine=I386))
    error = refusal(task, write(tmp_path / "a", program(kind=DYN, base=0, interp=other)))
    assert error.errno == errno.ELIBBAD and "i386" in str(error)
    text = write(tmp_path / "ldtext", b"not a program")
    error = refusal(task, write(tmp_path / "b", program(kind=DYN, base=0, interp=text)))
    assert error.errno == errno.ELIBBAD and "text" in str(error)


def test_late_failures_say_so(task: Task, tmp_path: Path) -> None:
    low = write(tmp_path / "top", program(base=0xFFFFA000))
    error = refusal(task, low)
    assert error.is_late and error.errno == errno.ENOMEM and "segment" in str(error)


def test_programs_of_the_host(task: Task, tmp_path: Path) -> None:
    machine = {"x86_64": 62, "aarch64": 183}[host.ARCH]
    data = bytearray(program())
    data[4] = 2
    data[18:20] = machine.to_bytes(2, "little")
    path = write(tmp_path / "host64", bytes(data))
    error = refusal(task, path)
    assert isinstance(error, HostProgram)
    assert error.path == path
    script = write(tmp_path / "script", b"#!" + path + b" -x\n")
    error = refusal(task, script, b"script", b"y")
    assert isinstance(error, HostProgram)
    assert (error.path, error.argv) == (path, [path, b"-x", script, b"y"])
    data[18:20] = (243).to_bytes(2, "little")
    foreign = refusal(task, write(tmp_path / "riscv", bytes(data)))
    assert not isinstance(foreign, HostProgram)
    assert "64-bit" in str(foreign) and "RISC-V" in str(foreign)


def test_interpreter_below_the_rootfs(tmp_path: Path) -> None:
    root = tmp_path / "root"
    (root / "lib").mkdir(parents=True)
    interp = write(root / "lib" / "ld.so", program(kind=DYN, base=0))
    path = write(root / "prog", program(kind=DYN, base=0, interp=b"/lib/ld.so"))
    mem = Memory("arm", stack_limit=8 << 20)
    task = Task("arm", mem, {}, os.fspath(root), personality=NO_RANDOM)
    image = load(task, path, [b"prog"], [])
    assert image.interp_path == interp
    assert image.execfn == task.program.exe == b"/prog"
    assert task.program.exe_host == path
    mem.close()
