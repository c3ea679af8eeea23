"""From a path to a program ready to run: `load`.

Order of work: follow `#!` lines, read and judge all headers, and only then empty guest memory and
map (the kernel's point of no return). No descriptor stays open. Sources: fs/exec.c,
fs/binfmt_elf.c, fs/binfmt_script.c, arch/arm64/kernel/vdso.c (special pages).
"""

from __future__ import annotations

import os
from stat import S_ISDIR, S_ISREG

from run32.kernel.space import Fault
from run32.kernel.task import COMM_LEN, Program
from run32.loader import kuser, script, start
from run32.loader.elf import Elf, check_ident, is_host_program, pread
from run32.loader.errors import (
    EACCES,
    ELIBBAD,
    ELOOP,
    ENOENT,
    ExecError,
    HostProgram,
    show,
)
from run32.loader.image import Image, map_interpreter, map_program

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from run32.kernel.memory import Memory
    from run32.kernel.task import Task

__all__ = ["ExecError", "HostProgram", "Image", "load"]

AT_FDCWD = -100
ADDR_NO_RANDOMIZE, ADDR_COMPAT_LAYOUT = 0x0040000, 0x0200000
READ_IMPLIES_EXEC, ADDR_LIMIT_3GB = 0x0400000, 0x8000000


def load(
    task: Task,
    path_host: bytes,
    argv: Sequence[bytes],
    envp: Sequence[bytes],
    execfn: bytes = b"",
    *,
    resolve: Callable[[bytes], bytes] | None = None,
    commit: Callable[[str], None] | None = None,
) -> Image:
    """Replace what is in `task.mem` by the program at `path_host`.

    `execfn` is the path as the guest named it (AT_EXECFN; default: the host path in the guest's
    view); `resolve` turns a path in the guest's view (interpreters) into a host path (default: the
    task's own translation). `commit(abi)` is called when only mapping is left to do. Sets
    the task's `abi`, `program` and `comm`. Raises ExecError, HostProgram included; with `is_late`
    set the old program is gone.
    """
    argv = list(argv) or [b""]
    execfn = execfn or task.paths.guest(path_host)
    if resolve is None:
        resolve = _translator(task)
    path, argv = _follow_scripts(path_host, argv, execfn, resolve)
    start.check_size(argv, envp, task.mem.limit_stack)
    fds: list[int] = []
    try:
        fd = open_program(path)
        fds.append(fd)
        elf = Elf(fd, path)
        interp, interp_path, interp_fd = None, b"", -1
        if elf.interp:
            interp_path = resolve(elf.interp)
            interp_fd = _open_interpreter(elf.interp, interp_path, path)
            fds.append(interp_fd)
            interp = _read_interpreter(interp_fd, interp_path, elf)
        image = Image(elf.abi, path)
        image.argv, image.envp, image.execfn = argv, list(envp), execfn
        image.interp_path = interp_path
        image.is_secure = _is_set_id(fd)
        if commit is not None:
            commit(elf.abi)
        try:
            _map_all(task, elf, fd, interp, interp_fd, image)
        except ExecError as error:
            error.is_late = True
            raise
    finally:
        for fd in fds:
            os.close(fd)
    task.abi = elf.abi
    _describe(task, image)
    return image


def _translator(task: Task) -> Callable[[bytes], bytes]:
    def resolve(path: bytes) -> bytes:
        return task.paths.host(AT_FDCWD, path)

    return resolve


def _describe(task: Task, image: Image) -> None:
    """Tell the task what it runs now, for /proc and prctl."""
    host_path = os.path.realpath(image.path)
    program = Program(task.paths.guest(host_path), host_path, image.argv, image.envp, image.auxv)
    program.arg_start, program.arg_end = image.arg_start, image.arg_end
    program.env_start, program.env_end = image.env_start, image.env_end
    program.start_stack = image.sp
    task.program = program
    task.comm = image.execfn.rpartition(b"/")[2][: COMM_LEN - 1]


def _map_all(
    task: Task, elf: Elf, fd: int, interp: Elf | None, interp_fd: int, image: Image
) -> None:
    """The point of no return: empty memory, map everything, build the stack."""
    mem = task.mem
    persona = task.personality
    # Without PT_GNU_STACK a program predates non-executable memory.
    old_style = elf.stack_flags < 0
    mem.reset(
        elf.abi,
        compat_layout=bool(persona & ADDR_COMPAT_LAYOUT),
        randomize=not persona & ADDR_NO_RANDOMIZE,
        limit_3gb=bool(persona & ADDR_LIMIT_3GB),
        read_implies_exec=old_style or bool(persona & READ_IMPLIES_EXEC),
    )
    size = start.strings_size(image.argv, image.envp, image.execfn)
    stack = mem.map_stack(size, executable=old_style or bool(elf.stack_flags & 1))
    top = stack.end
    try:
        map_program(mem, elf, fd, image.path, image)
        entry = image.program_entry
        if interp is not None:
            path = image.interp_path
            image.interp_base, entry = map_interpreter(mem, interp, interp_fd, path)
        image.is_thumb = elf.abi == "arm" and bool(entry & 1)
        image.entry = (entry - image.is_thumb) & 0xFFFFFFFF
        if elf.abi == "arm":
            _map_special_pages(mem, image)
        start.build(mem, image, image.argv, image.envp, image.execfn, top)
    except Fault as fault:
        message = f"{show(image.path)}: guest memory at {fault.addr:#x} cannot be written"
        raise ExecError(14, message) from None


def _map_special_pages(mem: Memory, image: Image) -> None:
    """kuser helpers at their fixed address, sigreturn stubs where there is room."""
    mem.map_special(kuser.VECTORS, kuser.vectors_page(mem.page), 5, kuser.VECTORS_NAME)
    image.sigpage = mem.place(mem.page)
    if image.sigpage < 0:
        raise ExecError(-image.sigpage, "no room for the sigreturn page")
    mem.map_special(image.sigpage, kuser.sigreturn_page(mem.page), 5, kuser.SIGPAGE_NAME)


def _follow_scripts(
    path: bytes, argv: list[bytes], execfn: bytes, resolve: Callable[[bytes], bytes]
) -> tuple[bytes, list[bytes]]:
    """Resolve `#!` lines: the host path of the program and its arguments."""
    named = execfn
    for _ in range(script.DEPTH_MAX + 1):
        fd = open_program(path)
        try:
            head = pread(fd, script.BUFFER, 0, path)
        finally:
            os.close(fd)
        if is_host_program(head):
            raise HostProgram(path, argv)
        if head[:2] != b"#!":
            check_ident(head, path)
            return path, argv
        words = script.parse(head, path)
        argv = [*words, named, *argv[1:]]
        named, asked = words[0], path
        path = resolve(named)
        if not os.path.exists(path):
            raise ExecError(
                ENOENT, f"{show(asked)}: its #! interpreter {show(named)} does not exist"
            )
    raise ExecError(ELOOP, f"{show(path)}: too many levels of #! interpreters")


def open_program(path: bytes) -> int:
    """Descriptor of an executable regular file, or ExecError with execve's errno."""
    try:
        fd = os.open(path, os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK | os.O_NOCTTY)
    except OSError as error:
        errno = error.errno or EACCES
        why = "does not exist" if errno == ENOENT else f"cannot be read: {error.strerror}"
        raise ExecError(errno, f"{show(path)}: {why}") from None
    mode = os.fstat(fd).st_mode
    problem = ""
    if S_ISDIR(mode):
        problem = "is a directory"
    elif not S_ISREG(mode):
        problem = "not a regular file"
    elif not os.access(path, os.X_OK, effective_ids=True):
        problem = "not executable; chmod +x it, unless its file system is mounted noexec"
    if problem:
        os.close(fd)
        raise ExecError(EACCES, f"{show(path)}: {problem}")
    return fd


def _open_interpreter(name: bytes, path: bytes, program: bytes) -> int:
    try:
        return open_program(path)
    except ExecError as error:
        if error.errno != ENOENT:
            raise
        hint = "; give the system it belongs to with --rootfs DIR" if path == name else ""
        message = f"{show(program)}: its interpreter {show(name)} does not exist{hint}"
        raise ExecError(ENOENT, message) from None


def _read_interpreter(fd: int, path: bytes, program: Elf) -> Elf:
    try:
        interp = Elf(fd, path)
    except ExecError as error:
        raise ExecError(ELIBBAD, f"{error.message} (as an interpreter)") from None
    if interp.abi != program.abi:
        why = f"an interpreter for {interp.abi}, the program is for {program.abi}"
        raise ExecError(ELIBBAD, f"{show(path)}: {why}")
    return interp


def _is_set_id(fd: int) -> bool:
    """Whether the file's set-id bits would change identity; run32 never gains privileges itself."""
    stat = os.fstat(fd)
    if stat.st_mode & 0o4000 and stat.st_uid != os.geteuid():
        return True
    return stat.st_mode & 0o2010 == 0o2010 and stat.st_gid != os.getegid()
