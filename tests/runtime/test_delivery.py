"""The host's mask follows the guest's, but not while a signal waits to be delivered."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any

import pytest

from run32.kernel.memory import Memory
from run32.kernel.task import Signals
from run32.runtime.engine import Cpu, Engine
from run32.runtime.registers import ArmRegisters
from run32.runtime.signals import Delivery


@pytest.fixture
def thread(engine: Any) -> Iterator[Any]:
    """A thread without a process, whose host mask is put back."""
    loaded = Engine(str(engine))
    memory = Memory("arm")
    cpu = Cpu(loaded)
    made = SimpleNamespace(
        cpu=cpu, engine=loaded, memory=memory, regs=ArmRegisters(cpu),
        process=SimpleNamespace(tracer=None), task=SimpleNamespace(signals=Signals()),
    )  # fmt: skip
    made.delivery = Delivery(made)
    before = signal.pthread_sigmask(signal.SIG_BLOCK, [])
    yield made
    signal.pthread_sigmask(signal.SIG_SETMASK, before)
    memory.close()


def blocked() -> set[int]:
    return set(signal.pthread_sigmask(signal.SIG_BLOCK, []))


def test_no_signal_can_come_behind_one_that_waits(thread: Any) -> None:
    words, at, delivery = thread.cpu.words, thread.cpu.at, thread.delivery
    signal.pthread_sigmask(signal.SIG_SETMASK, {signal.SIGUSR1, signal.SIGUSR2})
    words[at["signal_full"]] = words[at["pending"]] = 1
    thread.task.signals.mask = 1 << signal.SIGUSR2 - 1
    delivery.set_host_mask()
    assert blocked() == {signal.SIGUSR1, signal.SIGUSR2}, "a second one could not be kept"
    words[at["signal_info"]] = signal.SIGCHLD
    delivery.deliver()
    assert blocked() == {signal.SIGUSR2}, "taken, and ignored by default"
    assert not words[at["pending"]] and not words[at["mask_stale"]]


def test_a_mask_that_was_not_set_is_set_with_the_next_delivery(thread: Any) -> None:
    words, at, delivery = thread.cpu.words, thread.cpu.at, thread.delivery
    words[at["pending"]] = 1
    thread.task.signals.mask = 1 << signal.SIGUSR1 - 1
    delivery.set_host_mask()
    assert signal.SIGUSR1 not in blocked()
    delivery.deliver()
    assert blocked() == {signal.SIGUSR1}


@pytest.mark.parametrize("tracer", [None, object()])
def test_what_is_left_to_python(thread: Any, tracer: object) -> None:
    words, at, delivery = thread.cpu.words, thread.cpu.at, thread.delivery
    thread.process.tracer = tracer
    delivery.note_python()
    assert words[at["signal_python"]] == (tracer is not None)
    thread.task.signals.queue[11] = bytes(128)
    delivery.note_python()
    assert words[at["signal_python"]] == 1
    delivery.after_fork()
    assert words[at["signal_python"]] == (tracer is not None)
