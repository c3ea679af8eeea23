"""Frames by their bytes, siginfo between the layouts: what a C program would only show whole."""

from __future__ import annotations

import struct
from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any

import pytest

from run32.codegen import store
from run32.kernel import host, siginfo
from run32.kernel.memory import Memory
from run32.kernel.signals import (
    SA_ONSTACK,
    SA_RESTORER,
    SA_SIGINFO,
    SS_AUTODISARM,
    SS_DISABLE,
    checked_stack,
)
from run32.kernel.task import SigAction, Signals
from run32.runtime.engine import Cpu, Engine
from run32.runtime.frames import BadFrame, Frames, on_stack
from run32.runtime.itblocks import _walk
from run32.runtime.registers import ArmRegisters

SIZE = 1 << 16
INFO = bytes(range(128))


@pytest.fixture(scope="module")
def parts(engine: Any) -> Iterator[tuple[Engine, Memory]]:
    """An engine and guest memory, without the process around them."""
    loaded = Engine(str(engine))
    memory = Memory("arm")
    yield loaded, memory
    memory.close()


@pytest.fixture
def thread(parts: tuple[Engine, Memory]) -> Any:
    engine, memory = parts
    cpu = Cpu(engine)
    cpu.set_quad("mem", memory.base)
    # without the fault handler, which would be this test process's
    copier = SimpleNamespace(
        copy=lambda cpu, dst, src, n: 4 if host.copy(dst, src, n) else 0, shadows=engine.shadows
    )
    stack = memory.mmap(0, SIZE, 3, 0x22)
    task = SimpleNamespace(signals=Signals())
    made = SimpleNamespace(
        cpu=cpu, engine=copier, memory=memory, task=task, regs=ArmRegisters(cpu), stack=stack
    )
    made.frames = Frames(made)
    for i in range(15):
        cpu.words[i] = 0x1000 + i
    made.regs["sp"] = stack + SIZE - 4
    made.regs["pc"], made.regs["cpsr"] = 0x8000, 0xA00F0010
    return made


def words(thread: Any, at: int, count: int) -> tuple[int, ...]:
    return struct.unpack(f"<{count}I", thread.memory.read(at, 4 * count))


def test_a_frame_with_siginfo(thread: Any) -> None:
    before = thread.cpu.words[:15].tolist()
    action = SigAction(0x9001, SA_SIGINFO | SA_RESTORER, 0x7777, 0)
    thread.frames.push(10, INFO, action, 0x1234500006789)
    sp = thread.regs["sp"]
    assert sp % 8 == 0 and sp == thread.stack + SIZE - 4 - 880 & ~7
    assert [thread.regs[r] for r in ("r0", "r1", "r2", "lr", "pc")] == [
        10, sp, sp + 128, 0x7777, 0x9000
    ]  # fmt: skip
    assert thread.regs["cpsr"] == 0x000F0030, "flags clear, GE kept, Thumb"
    assert thread.memory.read(sp, 128) == INFO
    context = words(thread, sp + 128, 28)
    assert context[:5] == (0, 0, 0, SS_DISABLE, 0)
    assert context[5:8] == (0, 0, 0x6789)
    assert list(context[8:23]) == before
    assert context[23:26] == (0x8000, 0xA00F0010, 0)
    assert context[26:28] == (0x6789, 0x12345)
    space = words(thread, sp + 128 + 232, 74)
    assert space[:2] == (0x56465001, 288)
    assert space[68] == 1 << 30 and space[72:] == (0, 0)


def test_a_frame_without_siginfo_is_shorter(thread: Any) -> None:
    thread.frames.push(10, INFO, SigAction(0x9000, SA_RESTORER, 0x7777), 5)
    sp = thread.regs["sp"]
    assert sp == thread.stack + SIZE - 4 - 752 & ~7
    assert words(thread, sp, 1) == (0x5AC3C35A,)
    assert (thread.regs["r1"], thread.regs["thumb"]) == (0x1001, 0)


@pytest.mark.parametrize("flags", [0, SA_SIGINFO])
def test_there_and_back(thread: Any, flags: int) -> None:
    thread.regs["fpscr"] = 0x93000011
    at = thread.cpu.at["d"]
    for i in range(64):
        thread.cpu.words[at + i] = 0xABC00000 + i
    before = thread.cpu.words[:].tolist()
    thread.frames.push(10, INFO, SigAction(0x9000, flags | SA_RESTORER, 1), 0x80)
    sp = thread.regs["sp"]
    for i in [*range(13), 14, *range(at, at + 64)]:
        thread.cpu.words[i] = 0
    thread.regs["fpscr"] = 0
    thread.regs["sp"] = sp
    assert thread.frames.pop(bool(flags)) == 0x80
    after = thread.cpu.words[:].tolist()
    kept = [*range(15), thread.cpu.at["pc"], *range(at, at + 64)]
    assert [after[i] for i in kept] == [before[i] for i in kept]
    assert thread.regs["fpscr"] == 0x93000011 and thread.regs["cpsr"] == 0xA00F0010


@pytest.mark.parametrize(
    ("offset", "value"),
    [(24 * 4, 0x13), (24 * 4, 0x90), (24 * 4, 0x1F), (24 * 4, 0), (232, 1), (236, 280)],
)
def test_bad_frames(thread: Any, offset: int, value: int) -> None:
    thread.frames.push(10, INFO, SigAction(0x9000, SA_SIGINFO | SA_RESTORER, 1), 0)
    sp = thread.regs["sp"]
    thread.memory.put_u32(sp + 128 + offset, value)
    before = thread.cpu.words[:].tolist()
    with pytest.raises(BadFrame) as refused:
        thread.frames.pop(True)
    assert refused.value.args == (sp,)
    assert thread.cpu.words[:].tolist() == before, "nothing has changed"


@pytest.mark.parametrize("sp", [4, 0x1000, 0xFFFFFFF8])
def test_no_frame(thread: Any, sp: int) -> None:
    thread.regs["sp"] = sp
    with pytest.raises(BadFrame):
        thread.frames.pop(False)


def test_the_alternate_stack(thread: Any) -> None:
    signals = thread.task.signals
    signals.altstack = (thread.stack, SS_AUTODISARM, 8192)
    action = SigAction(0x9000, SA_SIGINFO | SA_RESTORER | SA_ONSTACK, 1)
    thread.frames.push(10, INFO, action, 0)
    sp = thread.regs["sp"]
    assert sp == thread.stack + 8192 - 880
    assert signals.altstack == (0, SS_DISABLE, 0), "disarmed"
    assert words(thread, sp + 128 + 8, 3) == (thread.stack, SS_AUTODISARM, 8192)
    thread.frames.pop(True)
    assert signals.altstack == (thread.stack, SS_AUTODISARM, 8192)
    signals.altstack = (thread.stack, 0, 8192)
    thread.regs["sp"] = thread.stack + 4096
    thread.frames.push(10, INFO, action, 0)
    assert thread.regs["sp"] == thread.stack + 4096 - 880, "there already"


def test_where_a_stack_is() -> None:
    assert on_stack(0x2000, 0x1000, 0, 0x1000) and on_stack(0x1001, 0x1000, 0, 0x1000)
    assert not on_stack(0x1000, 0x1000, 0, 0x1000)
    assert not on_stack(0x1800, 0x1000, SS_AUTODISARM, 0x1000)
    assert checked_stack(1, 4, 9000) == -22
    assert checked_stack(1, 0, 2047) == -12
    assert checked_stack(1, SS_DISABLE, 7) == (0, SS_DISABLE, 0)


@pytest.mark.parametrize(
    ("code", "state"),
    [
        (b"", 0x05),
        (b"\x01\x22", 0x0A),
        (b"\x01\x22\xd0\xf8\x00\x30", 0x14),
        (b"\x01\x22" * 3, 0x08),
        (b"\x01\x22" * 4, 0),
        (b"\xd0\xf8", 0),
    ],
)
def test_itstate_inside_a_block(code: bytes, state: int) -> None:
    assert _walk(code, 0, 0x05) == state


SIGNALS = [
    # signo, code, host's union, guest's union
    (10, 0, struct.pack("<iI", 77, 1000), struct.pack("<iI", 77, 1000)),
    (10, -6, struct.pack("<iI", 77, 1000), struct.pack("<iI", 77, 1000)),
    (34, -1, struct.pack("<iIQ", 7, 8, 0xF00000009), struct.pack("<iII", 7, 8, 9)),
    (14, -2, struct.pack("<iiQ", 3, 99, 0xDEADBEEF), struct.pack("<iiI", 3, 99, 0xDEADBEEF)),
    (
        17,
        1,
        struct.pack("<iIi4xqq", 5, 6, 255, 1 << 33, 12),
        struct.pack("<iIiii", 5, 6, 255, 0, 12),
    ),
    (29, 2, struct.pack("<qi", 65, 4), struct.pack("<ii", 65, 4)),
    (11, 1, struct.pack("<Q", 0x12345678), struct.pack("<I", 0x12345678)),
    (14, 0x80, bytes(8), bytes(8)),
]


@pytest.mark.parametrize(("signo", "code", "theirs", "ours"), SIGNALS)
def test_siginfo(signo: int, code: int, theirs: bytes, ours: bytes) -> None:
    host = struct.pack("<3i4x", signo, 0, code) + theirs
    found = siginfo.to_guest(host.ljust(128, b"\0"))
    assert found == (struct.pack("<3i", signo, 0, code) + ours).ljust(128, b"\0")
    back = siginfo.to_host(found, signo)
    assert siginfo.to_guest(back) == found


def test_the_engine_is_this_one(engine: Any) -> None:
    assert store.read_meta(str(engine))["state"]["sigmask"][1] == 64
