"""The translator: one process per cache and engine that turns hot guest code into regions.

Guests start it when they find nobody listening (`runtime/translator.py`). It takes requests over a
socket, keeps workers busy (`codegen/worker.py`), appends results to the cache's code files, and
leaves when there was nothing to do for a while. Guests only ever read files, so it may die at any
moment; a lock makes sure that one at a time is there.

A request is a 32-bit length, that many bytes of fields separated by NUL bytes, and a payload:
magic, `wait` or `go`, mode, `file` or `memory`, numbers of the file's identity, places with how
often each was seen, places with where control went from there, path. The
payload is a window of memory. Whoever says `wait` is answered when all its places are settled.

Invariant: nothing that a client sends or fails to send stops it.
"""

from __future__ import annotations

import contextlib
import errno
import fcntl
import os
import resource
import selectors
import signal
import socket
import struct
import sys
import time
from collections.abc import Container

from run32.codegen import regionfile, store

MAGIC = b"run32 translate 2"
IDLE = 30.0
BACKLOG = 128
MESSAGE = 1 << 18
MAX_PLACES = 4096
MAX_STEPS = 1 << 18  # known of a file
MOST_WISHES = 2000
TOGETHER = 16  # places in a job
LOG = 1 << 20
TALK = 5.0  # seconds that a client has for its message
NO_ROOM = (errno.ENOSPC, errno.EDQUOT, errno.EROFS)


class BadRequest(Exception):
    """A message that makes no sense."""


class Request:
    """A parsed message."""

    __slots__ = ("data", "fields", "mode", "path", "places", "steps", "waits")

    def __init__(self, message: bytes) -> None:
        """Raises BadRequest."""
        size = int.from_bytes(message[:4], "little")
        parts = message[4 : 4 + size].split(b"\0")
        if len(message) < 4 + size or len(parts) != 8 or parts[0] != MAGIC:
            raise BadRequest("not a request")
        _, waits, mode, kind, numbers, places, steps, self.path = parts
        self.data = message[4 + size :] if kind == b"memory" else b""
        try:
            self.fields = tuple(int(n) for n in numbers.split(b",") if n)
            pairs = [item.split(b":") for item in places.split(b",")]
            self.places = {int(place): int(weight) for place, weight in pairs}
            ways = [item.split(b":") for item in steps.split(b",") if item]
            self.steps = [(int(place, 16), int(after, 16)) for place, after in ways]
            self.mode = mode.decode()
        except ValueError:
            raise BadRequest("numbers") from None
        self.waits = waits == b"wait"
        if self.mode not in regionfile.MODES:
            raise BadRequest("mode")
        if len(self.places) > MAX_PLACES or not all(0 <= p < 1 << 32 for p in self.places):
            raise BadRequest("places")
        if kind == b"file":
            if len(self.fields) != 5 or not self.path.startswith(b"/"):
                raise BadRequest("a file without identity")
        elif kind != b"memory" or not self.data:
            raise BadRequest("kind")


class Wish:
    """A place that waits for a worker."""

    __slots__ = ("request", "since", "weight")

    def __init__(self, request: Request, since: int) -> None:
        self.request = request
        self.since = since
        self.weight = 0

    def rank(self) -> tuple[bool, int, int]:
        """What is greatest goes first."""
        return self.request.waits, self.weight, -self.since


class Client:
    """A connection: until its message is there, or, if it waits, until it is answered."""

    def __init__(self, link: socket.socket) -> None:
        self.link = link
        self.since = time.monotonic()
        self.left: set[tuple[str, int]] = set()


class Service:
    """Requests in, code files out."""

    def __init__(self, cache: str, stamp: str, engine: str) -> None:
        from run32.codegen.pool import Pool
        from run32.codegen.regionfiles import Files

        self.directory = f"{regionfile.top(cache)}/{stamp}"
        self.cache = cache
        self.stamp = stamp
        self.engine = engine
        self.selector = selectors.DefaultSelector()
        # a core is the guest's; two workers at one file would often make the same code
        self.pool = Pool(self.selector, max(1, len(os.sched_getaffinity(0)) - 1))
        self.clients: dict[socket.socket, Client] = {}
        self.files = Files(self.directory, stamp, engine)
        self.queue: dict[tuple[str, int], Wish] = {}
        self.running: dict[tuple[str, int], Wish] = {}
        self.steps: dict[str, dict[int, frozenset[int]]] = {}
        """By code file: where control was seen to go."""
        self.count = 0
        self.idle_after = float(os.environ.get("RUN32_TRANSLATOR_IDLE") or IDLE)
        self.last = time.monotonic()
        self.is_useless = False
        """Whether what is made cannot be kept."""

    # -- clients ----------------------------------------------------------------------------------
    def accept(self, listener: socket.socket) -> None:
        """Take new connections."""
        while True:
            try:
                link, _ = listener.accept()
            except OSError:
                return
            link.setblocking(False)
            raw = link.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, 12)
            if struct.unpack("iII", raw)[1] not in (0, os.geteuid()):
                link.close()
                continue
            self.clients[link] = Client(link)
            self.selector.register(link, selectors.EVENT_READ, "client")
            self.hear(link)

    def hear(self, link: socket.socket) -> None:
        """A client's message, or its end."""
        try:
            message = link.recv(MESSAGE)
        except BlockingIOError:
            return
        except OSError:
            message = b""
        client = self.clients[link]
        try:
            if not message or client.left:
                raise BadRequest("the end")
            request = Request(message)
            self.last = time.monotonic()
            client.left = self.take(request)
            if request.waits and client.left:
                return
            if request.waits:
                link.send(b"done")
        except (BadRequest, OSError):
            pass
        self.drop(link)

    def read_left(self) -> None:
        """Take messages of processes that ended before somebody listened."""
        folder = f"{self.directory}/left"
        with contextlib.suppress(OSError):
            for name in os.listdir(folder):
                path = f"{folder}/{name}"
                if name.endswith("~") and time.time() - os.stat(path).st_mtime < TALK:
                    continue
                with contextlib.suppress(OSError, BadRequest), open(path, "rb") as file:
                    if not name.endswith("~"):
                        self.take(Request(file.read(MESSAGE)))
                os.unlink(path)

    def drop(self, link: socket.socket) -> None:
        """Forget a client."""
        del self.clients[link]
        self.selector.unregister(link)
        link.close()

    def settle(self, task: tuple[str, int]) -> None:
        """Tell clients that nothing more will come of `task`."""
        for client in list(self.clients.values()):
            if task in client.left:
                client.left.discard(task)
                if not client.left:
                    with contextlib.suppress(OSError):
                        client.link.send(b"done")
                    self.drop(client.link)

    # -- work -------------------------------------------------------------------------------------
    def take(self, request: Request) -> set[tuple[str, int]]:
        """Queue what is not known yet; the tasks that somebody who waits has to wait for."""
        try:
            key = self.files.key(request.path, request.fields, request.data, request.mode)
            known = self.files.known(key)
        except OSError:
            return set()
        if not request.waits:
            self.learn(key, request.steps)
            self.cool(key, request.places)
        tasks = {(key, p) for p in request.places if p not in known}
        for task in tasks:
            if task in self.running:
                continue
            wish = self.queue.get(task)
            if wish is None:
                self.count += 1
                wish = self.queue[task] = Wish(request, self.count)
            wish.weight += request.places[task[1]]
        while len(self.queue) > MOST_WISHES:
            self.forget(min(self.queue, key=lambda task: self.queue[task].rank()))
        return tasks

    def cool(self, key: str, places: Container[int]) -> None:
        """Make wishes that are not repeated count for less: a program's beginning is over soon."""
        for (other, place), wish in self.queue.items():
            if other == key and place not in places:
                wish.weight -= wish.weight >> 3

    def learn(self, key: str, steps: list[tuple[int, int]]) -> None:
        """Note where control goes in a file."""
        known = self.steps.setdefault(key, {})
        if len(known) > MAX_STEPS:
            known.clear()
        for place, after in steps:
            known[place] = known.get(place, frozenset()) | {after}

    def forget(self, task: tuple[str, int]) -> None:
        """Whatever is to be done for `task` is done, or will not be."""
        self.queue.pop(task, None)
        self.settle(task)

    def start_jobs(self) -> None:
        """Give wishes to workers that are free, those first that were seen most often."""
        from run32.codegen.worker import Job

        while self.queue and self.pool.is_free():
            key, place = task = max(self.queue, key=lambda task: self.queue[task].rank())
            request = self.queue[task].request
            known = self.files.known(key)
            if place in known:
                self.forget(task)
                continue
            tasks = [task]
            if not request.waits:
                others = [t for t in self.queue if t[0] == key and t[1] not in known]
                others.sort(key=lambda task: self.queue[task].rank(), reverse=True)
                tasks = others[:TOGETHER]
            for task in tasks:
                self.running[task] = self.queue.pop(task)
            job = Job(key, [place for _, place in tasks], request.mode, self.engine)
            job.path, job.fields, job.data = request.path, request.fields, request.data
            job.steps = {} if request.waits else self.steps.get(key, {})
            job.known = frozenset(p for p, at in known.items() if at)
            self.pool.give(job)

    def finish(self, link: socket.socket) -> None:
        """A worker has a result, or is dead."""
        job, result = self.pool.take(link)
        if job is None:
            return
        wishes = {place: self.running.pop((job.key, place)) for place in job.places}
        error = "the worker died" if result is None else result.error
        if error:
            self.log(f"{job.key} {job.path!r} {job.places[0]:#x}: {error}")
        self.last = time.monotonic()
        left = job.places[1:] if result is None else result.left
        tried = [place for place in job.places if place not in left]
        try:
            self.files.add(job.key, tried, result)
        except OSError as problem:
            self.is_useless |= problem.errno in NO_ROOM
        for place in tried:
            self.settle((job.key, place))
        for place in left:
            self.queue.setdefault((job.key, place), wishes[place])
        if result is not None:
            # what was seen inside of this may not be seen again
            for covered in result.covered:
                if not (wish := self.queue.get((job.key, covered))) or not wish.request.waits:
                    self.forget((job.key, covered))

    def log(self, line: str) -> None:
        """Note what went wrong, for people."""
        with contextlib.suppress(OSError), open(f"{self.directory}/log", "a") as file:
            if file.tell() < LOG:
                file.write(line + "\n")

    def serve(self, listener: socket.socket) -> None:
        """Work until there was nothing to do for a while."""
        self.selector.register(listener, selectors.EVENT_READ, "listener")
        from run32.codegen.regionfiles import tidy

        indexed = True
        self.read_left()
        while True:
            self.start_jobs()
            for key, _ in self.selector.select(0.5):
                link = key.fileobj
                assert isinstance(link, socket.socket)
                if key.data == "listener":
                    self.accept(link)
                elif key.data == "client":
                    if link in self.clients:
                        self.hear(link)
                else:
                    self.finish(link)
                    indexed = False
            if self.is_useless:
                return
            now = time.monotonic()
            for client in list(self.clients.values()):
                if not client.left and now - client.since > TALK:
                    self.drop(client.link)
            is_busy = bool(self.queue or self.running)
            if is_busy:
                continue
            self.read_left()
            if not indexed and now - self.last > 1:
                self.files.index()
                with contextlib.suppress(OSError):
                    tidy(self.cache, self.directory)
                indexed = True
            if now - self.last > self.idle_after:
                return


def settle_down() -> None:
    """Become independent of whoever started this."""
    for number in (signal.SIGINT, signal.SIGHUP, signal.SIGCHLD, signal.SIGPIPE, signal.SIGALRM):
        signal.signal(number, signal.SIG_IGN if number == signal.SIGPIPE else signal.SIG_DFL)
    signal.pthread_sigmask(signal.SIG_SETMASK, [])
    os.umask(0o077)
    os.chdir("/")
    for which in (resource.RLIMIT_AS, resource.RLIMIT_DATA, resource.RLIMIT_STACK,
                  resource.RLIMIT_NOFILE, resource.RLIMIT_CPU, resource.RLIMIT_FSIZE):  # fmt: skip
        with contextlib.suppress(OSError, ValueError):
            hard = resource.getrlimit(which)[1]
            resource.setrlimit(which, (hard, hard))
    with contextlib.suppress(OSError):
        os.sched_setaffinity(0, range(os.cpu_count() or 1))


def listen(directory: str) -> tuple[socket.socket, int] | None:
    """The socket in `directory` and the lock that says it is ours; None if it is another's."""
    for sub in ("id", "code"):
        os.makedirs(os.path.join(directory, sub), 0o700, exist_ok=True)
    st = os.stat(directory)
    if st.st_uid != os.geteuid() or st.st_mode & 0o022:
        raise OSError(1, "the directory is not this user's alone", directory)
    lock = os.open(os.path.join(directory, "lock"), os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(lock)
        return None
    listener = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    here = os.open(directory, os.O_PATH | os.O_DIRECTORY | os.O_CLOEXEC)
    name = f"/proc/self/fd/{here}/sock"  # a path of any length
    with contextlib.suppress(FileNotFoundError):
        os.unlink(name)
    listener.bind(name)
    listener.listen(BACKLOG)
    listener.setblocking(False)
    os.close(here)
    return listener, lock


def main() -> None:
    """`CACHE STAMP` are the arguments: for which cache, and which engine and host."""
    cache, stamp = sys.argv[1:3]
    settle_down()
    engine = store.find(cache, "arm")
    if engine is None or not stamp.startswith(regionfile.name_of_engine(engine) + "-"):
        return  # our sources are of another version than the guest's
    got = listen(f"{regionfile.top(cache)}/{stamp}")
    if got is not None:
        Service(cache, stamp, engine).serve(got[0])
