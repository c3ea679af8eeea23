"""The translator's worker processes, and what each is at."""

from __future__ import annotations

import os
import selectors
import socket
from typing import Any

from run32.codegen import worker
from run32.codegen.worker import Job, Result


class Pool:
    """As many workers as CPUs."""

    def __init__(self, selector: selectors.BaseSelector, size: int = 0) -> None:
        from run32.isa.arm.all import ARM

        ARM.decode("a32", 0xE1A00000, 0)  # builds the tables that the workers share
        self.selector = selector
        self.size = size or len(os.sched_getaffinity(0))
        self.pids: dict[socket.socket, int] = {}
        self.jobs: dict[socket.socket, Job | None] = {}
        while len(self.pids) < self.size:
            self._spawn()

    def is_free(self) -> bool:
        """Whether a job would be begun at once."""
        return len(self.pids) < self.size or None in self.jobs.values()

    def give(self, job: Job) -> None:
        """Start a job. Requires: `is_free`."""
        link = next((s for s, j in self.jobs.items() if j is None), None) or self._spawn()
        self.jobs[link] = job
        try:
            worker.send(link, job)
        except OSError:
            return  # its end will be noticed as that of any worker

    def take(self, link: socket.socket) -> tuple[Job | None, Result | None]:
        """The job of the worker behind `link`, which has something to say, and its result, or None
        if it died of it."""
        job = self.jobs[link]
        result: Any = None
        try:
            result = worker.receive(link)
        except (OSError, EOFError, ValueError):
            result = None
        if result is None:
            self._bury(link)
        else:
            self.jobs[link] = None
        return job, result

    def _spawn(self) -> socket.socket:
        ours, theirs = socket.socketpair()
        pid = os.fork()
        if pid == 0:
            ours.close()
            for link in self.pids:
                link.close()
            worker.serve(theirs)
        theirs.close()
        self.pids[ours] = pid
        self.jobs[ours] = None
        self.selector.register(ours, selectors.EVENT_READ, "worker")
        return ours

    def _bury(self, link: socket.socket) -> None:
        self.selector.unregister(link)
        link.close()
        os.waitpid(self.pids.pop(link), 0)
        del self.jobs[link]
