"""Translated blocks as an engine of the oracle harness: constant operands, one function a block.

The block is compiled, linked against the engine and put behind its first instruction's slot, as a
region translator will do it; the interpreter executes what follows.
"""

from __future__ import annotations

import ctypes

from native import NativeEngine
from oracle import CODE, CODE_SIZE, FILLER, Cpu

from run32.codegen import interp, llvm, region, store
from run32.codegen.ir import Module
from run32.codegen.link import link
from run32.isa.arm.all import ARM
from run32.runtime.engine import NR

ROOM = 1 << 20


class TranslatedEngine(NativeEngine):
    """The built engine with a translated block in front."""

    name = "translated"

    def __init__(self, path: str) -> None:
        super().__init__(path)
        size = self._find_place()
        with open(f"{path}/symbols") as lines:
            symbols = {name: int(at, 16) for at, name in (line.split() for line in lines)}
        self.known = {name: at - size for name, at in symbols.items()}
        self.offset = size
        self.blocks = 0

    def _find_place(self) -> int:
        """Map room for one block within reach of a handler offset; its distance from the blob."""
        fixed = 0x100022  # MAP_FIXED_NOREPLACE | MAP_PRIVATE | MAP_ANONYMOUS
        first = -(-self.engine.meta["size"] // ROOM) * ROOM
        for distance in range(first, 3 << 30, 16 * ROOM):
            place = self.engine.code + distance
            if self.engine.syscall(NR["mmap"], place, ROOM, 7, fixed, -1, 0) == place:
                self.place = place
                return distance
        raise AssertionError("no free address space behind the blob")

    def run_code(self, set_: str, code: bytes, state: Cpu) -> Cpu:
        if not state.it:
            self._translate(set_, code, state)
        return super().run_code(set_, code, state)

    def _translate(self, set_: str, code: bytes, state: Cpu) -> None:
        window = bytearray(FILLER[set_])
        window[state.pc - CODE : state.pc - CODE + len(code)] = code

        def read(address: int) -> int:
            at = (address - CODE) % CODE_SIZE
            return int.from_bytes(window[at : at + 2], "little")

        insns = [
            i
            for i in region.decode_block(ARM, read, state.pc, state.thumb)
            if i.pc < state.pc + len(code)
        ]
        if not insns:
            return
        module = Module(store.host())
        region.emit_block(module, "block", insns)
        module.add(interp.METADATA)
        blob = link([llvm.compile_object(module.text(), store.host())], known=self.known)
        ctypes.memmove(self.place, blob.data, len(blob.data))
        self.blocks += 1
        self.pending_slot = (self.offset + blob.symbols["block"], state)

    def _poke(self, address: int, data: bytes) -> None:
        super()._poke(address, data)
        pending = getattr(self, "pending_slot", None)
        if pending is not None and address == pending[1].pc:
            offset, state = pending
            shadow, scale = self.engine.shadows[state.thumb]
            ctypes.c_uint32.from_address(shadow + state.pc * scale).value = offset
            del self.pending_slot
