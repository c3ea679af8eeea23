"""The guests that live as long as a stress run, and what is asked of them."""

from __future__ import annotations

import itertools
import os
import socket
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

from stress.watch import MARK, Growth, clear
from tools.build import STATIC, compile_c
from tools.guests import environment, library_environment, run32_command

HERE = Path(__file__).parent
PATIENCE = 120.0
"""Seconds that an answer may take."""

Exchange = tuple[bytes, bytes]
"""A request and its answer."""


def python_exchanges() -> Iterator[Exchange]:
    """What `programs/server.py` is asked; its actions by name."""
    answers = {
        "fork": lambda n: n % 200,
        "threads": lambda n: n * 190,
        "memory": lambda n: n + (3 << 20),
        "pipes": lambda n: n * 20 + 20,
        "descriptors": lambda n: n,
        "kill": lambda n: n,
        "command": lambda n: n,
    }
    for number in itertools.count():
        for name, answer in answers.items():
            n = number % 100_000
            yield b"%s %d\n" % (name.encode(), n), b"%d\n" % answer(n)


def memory_sum(n: int) -> int:
    """What `do_memory` of server.c adds up: byte 100 of area i is i."""
    return sum(range(30))


def code_sum(n: int) -> int:
    return sum((n + i) & 0xFF for i in range(16))


def c_exchanges() -> Iterator[Exchange]:
    """What `programs/server.c` is asked; its actions by number."""
    answers = [
        lambda n: 20 * (n + 1), lambda n: n, lambda n: n % 200, lambda n: n % 200,
        lambda n: n % 200, memory_sum, code_sum, lambda n: n + 1, lambda n: n + 3,
        lambda n: n + 20, lambda n: n,
    ]  # fmt: skip
    for number in itertools.count():
        for action, answer in enumerate(answers):
            n = number % 10_000
            yield b"%d %d\n" % (action, n), b"%d\n" % answer(n)


def redis_exchanges() -> Iterator[Exchange]:
    """Inline commands; the background save now and then forks the server."""
    yield b"FLUSHALL\n", b"+OK\r\n"
    for number in itertools.count():
        key = b"key%d" % (number % 50)
        value = b"v%d" % number * 200
        yield b"SET %s %s\n" % (key, value), b"+OK\r\n"
        yield b"GET %s\n" % key, b"$%d\r\n%s\r\n" % (len(value), value)
        yield b"INCR count\n", b":%d\r\n" % (number + 1)
        yield b"LPUSH list a b c\n", b":3\r\n"
        yield b"DEL list\n", b":1\r\n"
        if number % 500 == 250:
            yield b"SAVE\n", b"+OK\r\n"
        if number % 500 == 0:
            yield b"BGSAVE\n", b"+Background saving started\r\n"
            time.sleep(3)


class Server:
    """A guest, and one client of it."""

    def __init__(
        self,
        name: str,
        argv: list[str],
        root: Path | None,
        work: Path,
        exchanges: Iterator[Exchange],
        pause: float,
    ) -> None:
        self.path = work / f"{name}.sock"
        self.mark = f"{os.getpid()}-{name}"
        self.exchanges = exchanges
        self.pause = pause
        self.requests = 0
        option = ["--rootfs", str(root)] if root else []
        more = library_environment(root) if root else {}
        with open(work / f"{name}.log", "wb") as log:
            self.process = subprocess.Popen(
                [*run32_command(), *option, "--", *(a.format(path=self.path) for a in argv)],
                cwd=work,
                env=environment(work, TMPDIR=str(work), **more) | {MARK: self.mark},
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        self.growth = Growth(name, self.process.pid)
        self.log = work / f"{name}.log"
        end = time.monotonic() + PATIENCE
        while not self.path.exists() and time.monotonic() < end:
            time.sleep(0.05)

    def request(self) -> str:
        """Make a connection and a request. Returns what is wrong with the answer, or ""."""
        asked, expected = next(self.exchanges)
        try:
            with socket.socket(socket.AF_UNIX) as client:
                client.settimeout(PATIENCE)
                client.connect(str(self.path))
                client.sendall(asked)
                got = b""
                while len(got) < len(expected) and (part := client.recv(65536)):
                    got += part
        except OSError as error:
            return f"{asked!r}: {error!r}; log: {self.log.read_text()[-2000:]}"
        self.requests += 1
        time.sleep(self.pause)
        return "" if got == expected else f"{asked!r}: {got!r}, not {expected!r}"

    def stop(self) -> list[str]:
        """End it as its user would. Returns what is wrong about that."""
        self.process.terminate()
        with socket.socket(socket.AF_UNIX) as client:
            client.connect_ex(str(self.path))  # one that was between two waits looks up
        problems = []
        try:
            status = self.process.wait(PATIENCE)
            if status:
                problems.append(f"status {status}: {self.log.read_text()[-2000:]}")
        except subprocess.TimeoutExpired:
            problems.append("does not end on SIGTERM")
        return problems + [f"left: {text}" for text in clear(self.mark, self.process.pid)]


def all_servers(root: Path, tools: Path, work: Path) -> list[Server]:
    program = str(compile_c(HERE / "programs/server.c", *STATIC))
    python = ["python3.11", str(HERE / "programs/server.py"), "{path}"]
    redis = ["redis-server", "--port", "0", "--save", "", "--unixsocket", "{path}"]
    return [
        Server("python-server", python, root, work, python_exchanges(), 0.05),
        Server("c-server", [program, "{path}"], None, work, c_exchanges(), 0.02),
        Server("redis-server", redis, tools, work, redis_exchanges(), 0.01),
    ]
