"""How a guest process speaks to the translator: one message, no waiting, no descriptor kept.

A message goes over a socket in the cache directory. What cannot be sent at once is dropped: the
guest only stays slower. Where nobody listens a translator is started, as a process that is no
child of the guest's: it has no exit signal, closes what it inherits, and lives on.

Invariant: nothing here raises, and nothing here is imported before the first message.
"""

from __future__ import annotations

import _socket
import errno
import os
import sys
import time

from run32.kernel import dispatch, host
from run32.kernel.buf import addr, out, syscall
from run32.runtime.fork import ALL_SIGNALS, SIG_SETMASK, prepared

TYPE_CHECKING = False
if TYPE_CHECKING:
    from run32.runtime.regions import Cache
    from run32.runtime.thread import Thread

NR = host.NR
MAGIC = b"run32 translate 2"
WCLONE, WNOHANG = 0x80000000, 1
PATIENCE = 0.25  # seconds until the process that starts the translator is left to itself
PAUSE = 2.0  # seconds between attempts to start it
ANSWER = 20.0  # seconds to wait for, where answers are waited for
CLOSE_ALL = 3
ROOM = 1 << 20  # bytes that a file system must have left for a translator to be of use
PROGRAM = "import sys; sys.path[:] = {path!r}; from run32.codegen.translator import main; main()"


class Link:
    """One process's way to the translator."""

    def __init__(self, cache: Cache, directory: str) -> None:
        self.cache = cache
        self.top = directory
        self.started = 0.0
        self.sent = self.failed = self.starts = 0

    def is_there(self, thread: Thread) -> bool:
        """Whether a translator listens; if not, one is started."""
        found = self._try(b"", 0)
        if found is None:
            self._start(thread)
        return bool(found)

    def send(
        self,
        thread: Thread,
        fields: list[bytes],
        payload: bytes = b"",
        wait: bool = False,
        last: bool = False,
    ) -> bool:
        """Send a request; whether it was taken. With `wait`, return when it was answered; the
        `last` one waits on disk if need be.

        Raises OSError if a translator can do nothing here.
        """
        head = b"\0".join([MAGIC, b"wait" if wait else b"go", *fields])
        message = len(head).to_bytes(4, "little") + head + payload
        until = time.monotonic() + (ANSWER if wait else 0)
        while True:
            taken = self._try(message, until if wait else 0)
            if taken:
                self.sent += 1
                return True
            if taken is None:
                self._start(thread)
            if time.monotonic() >= until:
                self.failed += 1
                return last and self._leave(message)
            time.sleep(0.02)

    def _leave(self, message: bytes) -> bool:
        """Put a message where a translator that has just been started finds it."""
        name = f"{self.cache.directory}/left/{os.getpid()}.{time.monotonic_ns()}"
        try:
            os.makedirs(f"{self.cache.directory}/left", 0o700, exist_ok=True)
            fd = os.open(name + "~", os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
            try:
                os.write(fd, message)
            finally:
                os.close(fd)
            os.rename(name + "~", name)
        except OSError:
            return False
        return True

    def _try(self, message: bytes, until: float) -> bool | None:
        """Whether the message was taken, or, if it is empty, would be; None if nobody listens."""
        try:
            where = os.open(self.cache.directory, os.O_PATH | os.O_DIRECTORY | os.O_CLOEXEC)
        except OSError:
            return None
        kind = _socket.SOCK_SEQPACKET | _socket.SOCK_NONBLOCK | _socket.SOCK_CLOEXEC
        link = None
        try:
            link = _socket.socket(_socket.AF_UNIX, kind)
            link.setsockopt(_socket.SOL_SOCKET, _socket.SO_SNDBUF, 1 << 18)
            link.connect(f"/proc/self/fd/{where}/sock")
            if message:
                link.send(message)
            if until:
                link.settimeout(max(until - time.monotonic(), 0.01))
                return link.recv(16) != b""  # else it has died
            return True
        except (FileNotFoundError, ConnectionRefusedError):
            return None
        except OSError:
            return False
        finally:
            os.close(where)
            if link is not None:
                link.close()

    def _start(self, thread: Thread) -> None:
        """Start a translator, unless that was just tried. Raises OSError if it could do nothing."""
        now = time.monotonic()
        if self.started and now - self.started < PAUSE * (1 << min(self.starts, 6)):
            return
        self.started = now
        self.starts += 1
        os.stat(self.cache.engine.path)  # not below another root directory, nor without rights
        os.makedirs(self.cache.directory, 0o700, exist_ok=True)
        left = os.statvfs(self.cache.directory)
        if left.f_bavail * left.f_frsize < ROOM:
            raise OSError(errno.ENOSPC, "no room for translated code")
        launch(thread, self.top, self.cache.stamp)


def command(cache: str, stamp: str) -> tuple[list[bytes], list[bytes]]:
    """Arguments and environment of a translator."""
    program = PROGRAM.format(path=[p for p in sys.path if p])
    argv = [sys.executable, "-c", program, cache, stamp]
    env = [os.fsencode(k) + b"=" + os.fsencode(v) for k, v in os.environ.items()]
    return [os.fsencode(a) for a in argv], env


def launch(thread: Thread, cache: str, stamp: str) -> None:
    """Start a translator that has nothing to do with this process."""
    argv, env = command(cache, stamp)
    vectors = [b"".join(addr(s).to_bytes(8, "little") for s in v) + bytes(8) for v in (argv, env)]
    mask = out(8)
    syscall(NR["rt_sigprocmask"], SIG_SETMASK, ALL_SIGNALS, mask, 8)
    with dispatch.importing, thread.memory.lock:
        pid = prepared(thread, 0)
        if pid == 0:
            _become(argv[0], vectors)
    syscall(NR["rt_sigprocmask"], SIG_SETMASK, mask, 0, 8)
    until = time.monotonic() + PATIENCE
    while pid > 0 and time.monotonic() < until:
        if syscall(NR["wait4"], pid, 0, WCLONE | WNOHANG, 0):
            return
        time.sleep(0.001)


def _become(program: bytes, vectors: list[bytes]) -> None:
    """In the new process: leave everything behind, and let another one be the translator."""
    if syscall(NR["close_range"], CLOSE_ALL, 0xFFFFFFFF, 0) < 0:
        for name in os.listdir("/proc/self/fd"):
            if int(name) >= CLOSE_ALL:
                syscall(NR["close"], int(name))
    null = syscall(NR["openat"], -100, b"/dev/null\0", os.O_RDWR, 0)
    for fd in range(CLOSE_ALL):
        if null >= 0:
            syscall(NR["dup3"], null, fd, 0)
        else:
            syscall(NR["close"], fd)
    if null >= CLOSE_ALL:
        syscall(NR["close"], null)
    syscall(NR["chdir"], b"/\0")
    if syscall(NR["clone"], 0, 0, 0, 0, 0):
        os._exit(0)
    syscall(NR["setsid"])
    syscall(NR["rt_sigprocmask"], SIG_SETMASK, bytes(8), 0, 8)
    syscall(NR["execve"], program + b"\0", *vectors)
    os._exit(127)
