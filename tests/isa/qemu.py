"""qemu-arm -cpu max as an engine of the oracle harness: the ARMv8 additions, which Unicorn lacks.

A small guest program executes what it is told: every state goes in through a signal frame and comes
out through the next one, so nothing of the program itself is between the two. The program is built
with the cross compiler; `missing` says what is not installed.
"""

from __future__ import annotations

import functools
import shutil
import struct
import subprocess
import tempfile
from dataclasses import replace
from pathlib import Path

from oracle import CODE, CODE_SIZE, DATA, DATA_SIZE, FILLER, Cpu, Engine

SIGILL, SIGTRAP, SIGBUS, SIGSEGV = 4, 5, 7, 11
_STATE = struct.Struct("<17I 32Q I I")  # r0-r15, cpsr, d0-d31, fpscr, signal
_HEAD = struct.Struct("<4I 64s")  # has data, fill, place, length, code
_GCC = "arm-linux-gnueabihf-gcc"

_C = r"""
#include <signal.h>
#include <stdint.h>
#include <string.h>
#include <sys/mman.h>
#include <ucontext.h>
#include <unistd.h>
#define CODE 0x%(code)xu
#define CODE_SIZE 0x%(code_size)xu
#define DATA 0x%(data)xu
#define DATA_SIZE 0x%(data_size)xu
struct state { uint32_t r[17]; uint32_t pad; uint64_t d[32]; uint32_t fpscr, signal; };
struct head { uint32_t with_data, fill, place, length; unsigned char code[64]; };
struct vfp { uint32_t magic, size; uint64_t d[32]; uint32_t fpscr; };
static struct head head;
static unsigned char filler[CODE_SIZE], data[DATA_SIZE];
static char stack[65536];
static int started;

static void all(int fd, void *to, size_t n, int out) {
  while (n) {
    ssize_t k = out ? write(fd, to, n) : read(fd, to, n);
    if (k <= 0) _exit(0);
    to = (char *)to + k;
    n -= k;
  }
}

static void handler(int number, siginfo_t *info, void *context) {
  ucontext_t *u = context;
  uint32_t *r = (uint32_t *)&u->uc_mcontext.arm_r0, *cpsr = (uint32_t *)&u->uc_mcontext.arm_cpsr;
  uint32_t *area = (uint32_t *)u->uc_regspace;
  while (*area != 0x56465001) area += area[1] / 4;
  struct vfp *v = (struct vfp *)area;
  static struct state s;
  if (started) {
    memcpy(s.r, r, 64);
    s.r[16] = *cpsr;
    memcpy(s.d, v->d, 256);
    s.fpscr = v->fpscr;
    s.signal = number;
    all(1, s.r, 68, 1);
    all(1, s.d, 256 + 8, 1);
    if (head.with_data) all(1, (void *)DATA, DATA_SIZE, 1);
    memcpy((void *)(CODE + head.place), filler + head.place, head.length);
  }
  started = 1;
  all(0, &head, sizeof head, 0);
  if (head.fill) {
    all(0, filler, CODE_SIZE, 0);
    memcpy((void *)CODE, filler, CODE_SIZE);
  }
  memcpy((void *)(CODE + head.place), head.code, head.length);
  all(0, s.r, 68, 0);
  all(0, s.d, 256 + 8, 0);
  if (head.with_data) {
    all(0, data, DATA_SIZE, 0);
    memcpy((void *)DATA, data, DATA_SIZE);
  }
  memcpy(r, s.r, 64);
  *cpsr = s.r[16];
  memcpy(v->d, s.d, 256);
  v->fpscr = s.fpscr;
}

int main(void) {
  stack_t alt = { .ss_sp = stack, .ss_size = sizeof stack };
  struct sigaction act = { .sa_sigaction = handler, .sa_flags = SA_SIGINFO | SA_ONSTACK };
  mmap((void *)CODE, CODE_SIZE, 7, MAP_FIXED | MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  mmap((void *)DATA, DATA_SIZE, 3, MAP_FIXED | MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  sigaltstack(&alt, 0);
  sigaction(SIGILL, &act, 0);
  sigaction(SIGTRAP, &act, 0);
  sigaction(SIGBUS, &act, 0);
  sigaction(SIGSEGV, &act, 0);
  __asm__ volatile(".inst 0xe7f000f0");
  return 0;
}
"""


def missing() -> list[str]:
    """The tools that are not installed."""
    return [t for t in (_GCC, "qemu-arm") if not shutil.which(t)]


@functools.cache
def _program() -> Path:
    """The guest program, built once."""
    folder = Path(tempfile.mkdtemp(prefix="run32-qemu-oracle-"))
    source = folder / "oracle.c"
    names = {"code": CODE, "code_size": CODE_SIZE, "data": DATA, "data_size": DATA_SIZE}
    source.write_text(_C % names)
    command = [_GCC, "-O1", "-static", "-marm", "-Wl,-Ttext-segment=0x10000000"]
    subprocess.run([*command, "-o", folder / "oracle", source], check=True, timeout=120)
    return folder / "oracle"


class QemuEngine(Engine):
    """A running qemu-arm. Memory is compared for states that say so (`with_data`)."""

    name = "qemu-arm"

    def __init__(self, *, with_data: bool = False) -> None:
        command = ["qemu-arm", "-cpu", "max", str(_program())]
        self.process = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, bufsize=1 << 16
        )
        self.with_data = with_data
        self.filler = b""

    def close(self) -> None:
        """End the guest program."""
        assert self.process.stdin is not None
        self.process.stdin.close()
        self.process.wait(10)

    def run_code(self, set_: str, code: bytes, state: Cpu) -> Cpu:
        process = self.process
        assert process.stdin is not None and process.stdout is not None
        fill = FILLER[set_] is not self.filler
        self.filler = FILLER[set_]
        place = state.pc - CODE
        parts = [_HEAD.pack(self.with_data, fill, place, len(code), code)]
        if fill:
            parts.append(self.filler)
        cpsr = 0x10 | state.nzcv << 28 | state.q << 27 | state.ge << 16 | state.thumb << 5
        cpsr |= (state.it & 3) << 25 | state.it >> 2 << 10
        parts.append(_STATE.pack(*state.r, state.pc, cpsr, *state.d, state.fpscr, 0))
        if self.with_data:
            parts.append(state.data)
        process.stdin.write(b"".join(parts))
        process.stdin.flush()
        raw = process.stdout.read(_STATE.size)
        data = process.stdout.read(DATA_SIZE) if self.with_data else state.data
        return self._after(state, len(code), raw, data)

    def _after(self, state: Cpu, length: int, raw: bytes, data: bytes) -> Cpu:
        values = _STATE.unpack(raw)
        r, pc, cpsr, d, (fpscr, number) = (
            values[:15],
            values[15],
            values[16],
            values[17:49],
            values[49:],
        )
        outcome = ""
        if state.pc <= pc < state.pc + length:
            outcome = {SIGILL: "undefined", SIGTRAP: "breakpoint", SIGBUS: "alignment"}.get(
                number, "fault"
            )
        return replace(
            state,
            r=list(r),
            pc=pc if cpsr >> 5 & 1 else pc & ~3,
            thumb=bool(cpsr >> 5 & 1),
            it=cpsr >> 25 & 3 | (cpsr >> 10 & 0x3F) << 2,
            nzcv=cpsr >> 28,
            q=cpsr >> 27 & 1,
            ge=cpsr >> 16 & 15,
            d=list(d),
            fpscr=fpscr,
            outcome=outcome,
            data=data,
        )
