"""A dying guest process leaves its core file: its threads stop, their registers are read.

The thread that got the signal holds `process.dumping` from then on; the others are kicked out of
guest code and calls as for execve(2), and stay where they are (`stop`).
"""

from __future__ import annotations

from struct import pack

from run32.kernel import host
from run32.kernel.buf import syscall
from run32.kernel.dispatch import load
from run32.kernel.siginfo import SI_KERNEL, SIZE
from run32.kernel.signals import FAULT_MASK, MASK64, SIG_SETMASK
from run32.runtime.itblocks import itstate_at

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, NoReturn

    from run32.kernel.task import Killed
    from run32.runtime.thread import Thread

NR = host.NR
ALL_BUT_FAULTS = (MASK64 & ~FAULT_MASK).to_bytes(8, "little")
"""What is blocked from then on; native copies of guest memory still catch faults."""
PATIENCE = 0.01  # seconds between kicks
MOST = 300
"""Kicks after which a thread that waits in the host without an end is left alone."""
NO_CALL = 0xFFFFFFFF
"""orig_r0 outside a system call."""

_stopped: list[Thread] = []


def leave(thread: Thread, killed: Killed) -> None:
    """Stop the other threads and write the core file. Does not return if another thread does it."""
    process, task = thread.process, thread.task
    syscall(NR["rt_sigprocmask"], SIG_SETMASK, ALL_BUT_FAULTS, 0, 8)
    if not process.dumping.acquire(False):
        stop(thread)
    if task.abi != "arm":
        return
    tasks = task.shared.tasks
    if len(tasks) > 1:
        _stop_others(thread)
    found = [
        (t, registers(t.runner)) for t in (task, *(t for t in tasks.values() if t is not task))
    ]
    info = killed.info or pack("<3i", killed.signo, 0, SI_KERNEL).ljust(SIZE, b"\0")
    load("coredump").write(task, killed.signo, info, found)


def _stop_others(thread: Thread) -> None:
    from time import sleep

    from run32.runtime.threads import kick

    thread.process.ending = thread
    others = [task for task in list(thread.task.shared.tasks.values()) if task is not thread.task]
    for _ in range(MOST):
        moving = [task for task in others if task.runner not in _stopped]
        if not moving:
            return
        for task in moving:
            kick(task, thread.engine.meta["kick"])
        sleep(PATIENCE)


def stop(thread: Thread) -> NoReturn:
    """`thread` runs no more, and the core file shows where it stood."""
    _stopped.append(thread)
    park(thread.process.dumping)


def park(dumping: Any) -> NoReturn:
    """Wait for the end of the process. Requires: `dumping` is held."""
    syscall(NR["rt_sigprocmask"], SIG_SETMASK, ALL_BUT_FAULTS, 0, 8)
    while True:
        dumping.acquire()


def registers(thread: Thread) -> tuple[list[int], bytes]:
    """r0 to r15, cpsr and orig_r0; then 32 double words and fpscr."""
    cpu, regs = thread.cpu, thread.regs
    pc = cpu.get("pc")
    if cpu.get("thumb"):
        cpu.set("itstate", itstate_at(thread, pc))
    words = [*cpu.words[:15], pc, regs["cpsr"], NO_CALL]
    at = cpu.quad_at["d"]
    return words, cpu.quads[at : at + 32].tobytes() + pack("<I", regs["fpscr"])
