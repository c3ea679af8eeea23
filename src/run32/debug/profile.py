"""`--profile`: where a guest spends its CPU time, by function.

A host thread makes every guest thread look up (`Delivery.poke`) a thousand times a second. A guest
thread then leaves native code at the next branch that asks for it, with an exact pc; there the CPU
time since its last sample is counted for the function that the pc is in. No signal is sent and no
timer is the guest's, so a program sees nothing of it but one more host thread; a thread that waits
in the host's kernel is left to wait and costs nothing.

Time that was spent before a call is noticed at the first instruction of what is called: such a
sample is the caller's. A function without calls and loops is noticed behind its end, in its caller.

Every process writes a file of its own for https://speedscope.app; the first one prints a table.
"""

from __future__ import annotations

import _thread
import json
import os
import sys
import time

from run32.debug.symbols import SymbolFiles
from run32.kernel import host
from run32.kernel.buf import out, syscall
from run32.kernel.space import Fault

TYPE_CHECKING = False
if TYPE_CHECKING:
    from run32.runtime.process import Process
    from run32.runtime.thread import Thread

NR = host.NR
PERIOD = 0.001
NEVER = 1000.0
FIRST_SAVE = 1.0
"""Seconds until the file is written for the first time; then after twice as long, and so on: a
signal that kills leaves no time to do it."""
ALL_SIGNALS = bytes([0xFF] * 8)
SIG_SETMASK = 2
ROWS = 25
LEAST_SHARE = 0.001
LR = 14
Named = dict[int, list[tuple[tuple[str, str], int]]]
"""By thread: function and file of each sample, and its nanoseconds."""
Place = tuple[bytes, int]
"""What is mapped there, and where: a path and a file offset, or another name and an address."""


class Profile:
    """The samples of one process; a forked one begins with none."""

    def __init__(self, process: Process, path: str) -> None:
        self.process = process
        self.path = os.path.abspath(path or f"run32-profile.{os.getpid()}.speedscope.json")
        self.is_first = True
        self.stop = False
        self.poked: set[int] = set()
        """Addresses of `cpu` structs whose threads were made to look up."""
        self.used: dict[int, int] = {}
        """CPU time of each thread when it was sampled last."""
        self.samples: dict[int, list[tuple[Place, Place | None, int]]] = {}
        """By thread: where, where calls there return to, and nanoseconds."""
        self.symbols = SymbolFiles()
        enter = process.engine.enter

        def sampled(cpu: int) -> int:
            reason: int = enter(cpu)
            if cpu in self.poked:
                self.poked.discard(cpu)
                self._sample(cpu)
            return reason

        process.engine.enter = sampled
        # A thread that asks for the interpreter's lock and is gone after a fork would be waited
        # for: nobody asks. The lock is free whenever native code runs.
        sys.setswitchinterval(NEVER)
        self._begin()

    def _begin(self) -> None:
        """Start the thread that keeps time; it takes no signal."""
        mask = out(8)
        syscall(NR["rt_sigprocmask"], SIG_SETMASK, ALL_SIGNALS, mask, 8)
        _thread.start_new_thread(self._keep_time, ())
        syscall(NR["rt_sigprocmask"], SIG_SETMASK, mask, 0, 8)

    def _keep_time(self) -> None:
        pause, begun = FIRST_SAVE, time.monotonic()
        while not self.stop:
            time.sleep(PERIOD)
            if time.monotonic() - begun > pause:
                self.save()
                pause *= 2
            for task in list(self.process.task.shared.tasks.values()):
                thread = task.runner
                self.poked.add(thread.cpu.address)
                thread.delivery.poke()

    def after_fork(self) -> None:
        """In a child: nothing was sampled, and nobody keeps time."""
        base = self.path.removesuffix(".speedscope.json")
        base = base.rpartition(".")[0] if base.rpartition(".")[2].isdigit() else base
        self.path = f"{base}.{os.getpid()}.speedscope.json"
        self.is_first = False
        self.poked.clear()
        self.samples.clear()
        self.used.clear()
        self._begin()

    # -- samples ----------------------------------------------------------------------------------
    def _sample(self, address: int) -> None:
        """The thread with the `cpu` struct at `address`, which is this one, has looked up."""
        tid, now = _thread.get_native_id(), time.thread_time_ns()
        before = self.used.get(tid)
        self.used[tid] = now
        thread = self._thread(address)
        if before is None or thread is None:
            return
        cpu = thread.cpu
        pc = cpu.get("pc")
        caller = cpu.words[LR] & ~1 if cpu.meta["isa"] == "arm" else 0
        found = self._place(pc), self._place(caller) if caller else None, now - before
        self.samples.setdefault(tid, []).append(found)

    def _thread(self, address: int) -> Thread | None:
        for task in list(self.process.task.shared.tasks.values()):
            if task.runner.cpu.address == address:
                found: Thread = task.runner
                return found
        return None

    def _place(self, address: int) -> Place:
        try:
            vma = self.process.memory.table.at(address)
        except Fault:
            vma = None
        if vma is None:
            return b"[nothing]", address
        if vma.path[:1] == b"/":
            return vma.path, vma.offset + address - vma.start
        return vma.path or b"[anonymous memory]", address

    # -- names ------------------------------------------------------------------------------------
    def name(self, sample: tuple[Place, Place | None, int]) -> tuple[str, str]:
        """(function, file) of a sample."""
        place, caller, _ = sample
        name, file, is_start = self._name(place)
        if is_start and caller is not None:
            other = self._name(caller)
            name, file = other[:2]
        return name, file

    def _name(self, place: Place) -> tuple[str, str, bool]:
        path, at = place
        file = os.path.basename(os.fsdecode(path))
        symbols = self.symbols.of(path) if path[:1] == b"/" else None
        if symbols is None:
            return f"{file} {at & ~0xFFF:#x}", file, False
        address = symbols.address(at)
        if address is None:
            return file, file, False
        function = symbols.at(address)
        if function is None:
            return f"{file}+{address & ~0xFF:#x}", file, False
        return function.name, file, function.start == address

    # -- the end ----------------------------------------------------------------------------------
    def save(self) -> None:
        """Write what there is so far."""
        named = self._named()
        if named:
            self._write(named)

    def finish(self) -> None:
        """Write the file and, from the first process, the table."""
        self.stop = True
        syscall(NR["rt_sigprocmask"], SIG_SETMASK, ALL_SIGNALS, 0, 8)  # also what writing may raise
        named = self._named()
        problem = self._write(named) if named else "nothing was sampled: it ended too early"
        if self.is_first:
            text = "".join(f"run32: {line}\n" for line in [*table(named), problem])
            data = text.encode(errors="replace")
            syscall(NR["write"], 2, data, len(data))

    def _named(self) -> Named:
        return {
            tid: [(self.name(sample), sample[2]) for sample in list(samples)]
            for tid, samples in list(self.samples.items())
        }

    def _write(self, named: Named) -> str:
        """The file; a line that says where it is, or why it is not."""
        data = json.dumps(speedscope(named, os.fsdecode(self.process.task.comm)))
        part = f"{self.path}.{os.getpid()}"
        try:
            with open(part, "w", encoding="utf-8") as file:
                file.write(data)
            os.replace(part, self.path)
        except OSError as error:
            return f"{self.path}: cannot write the profile: {error.strerror}"
        return f"profile for https://speedscope.app: {self.path}"


def speedscope(named: Named, title: str) -> dict[str, object]:
    """The file format of speedscope: one profile for each thread, weights in nanoseconds.

    Source: https://www.speedscope.app/file-format-schema.json.
    """
    frames: dict[tuple[str, str], int] = {}
    profiles = []
    for tid, samples in named.items():
        indices = [[frames.setdefault(name, len(frames))] for name, _ in samples]
        weights = [weight for _, weight in samples]
        profiles.append(
            {
                "type": "sampled",
                "name": f"{title} thread {tid}",
                "unit": "nanoseconds",
                "startValue": 0,
                "endValue": sum(weights),
                "samples": indices,
                "weights": weights,
            }
        )
    return {
        "$schema": "https://www.speedscope.app/file-format-schema.json",
        "name": title,
        "exporter": "run32",
        "activeProfileIndex": 0,
        "shared": {"frames": [{"name": name, "file": file} for name, file in frames]},
        "profiles": profiles,
    }


def table(named: Named) -> list[str]:
    """The hottest functions over all threads, as lines."""
    total: dict[tuple[str, str], int] = {}
    count = 0
    for samples in named.values():
        for name, weight in samples:
            total[name] = total.get(name, 0) + weight
            count += 1
    whole = sum(total.values())
    if not whole:
        return []
    lines = [f"{count} samples, {whole / 1e9:.3f} s of CPU time", "   share  seconds  function"]
    for (function, file), weight in sorted(total.items(), key=lambda item: -item[1])[:ROWS]:
        if weight >= LEAST_SHARE * whole:
            where = "" if function.startswith(file) else f"  ({file})"
            lines.append(f"  {weight / whole:6.1%} {weight / 1e9:8.3f}  {function}{where}")
    return lines
