"""Accesses of the guest in regions: addresses, what is atomic, and when state must be complete.

Accesses are volatile. In exact regions they have landings (`codegen/landings.py`), or what has
changed is stored before them, unless all since it was last stored may be executed again.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from run32.codegen import landings
from run32.codegen.fpfast import FLOAT
from run32.codegen.places import NEAR, Place, Sum
from run32.codegen.regionfloat import FloatMachine
from run32.codegen.regionfunction import BIAS, INTERPRET, SYNC, Changes, RegionFunction
from run32.codegen.regionstores import RecentStores
from run32.codegen.unit import Block, it_start
from run32.spec.bits import Bits
from run32.spec.errors import RowError
from run32.spec.rows import Decoded
from run32.spec.state import ARM

if TYPE_CHECKING:
    from run32.codegen.translate import Region


class MemoryMachine(FloatMachine):
    """The part of `RegionMachine` that accesses memory."""

    def __init__(self, f: RegionFunction, region: Region) -> None:
        super().__init__(f, ARM, 1, None)
        self.region = region
        self.block: Block
        self.insn: Decoded
        self.changes = Changes(set())
        self.is_conditional = 0
        self.has_synced = False
        self.can_repeat = False
        """Whether all since the last place where state was stored may be executed again."""
        self.needed: frozenset[str] = frozenset()
        """Flags that the instruction or what follows it reads."""
        self.stores = RecentStores()
        self._is_landing = False
        self._landing = ""
        """The landing of the instruction's accesses so far."""
        self.writes = 0
        """How often the instruction has written a register."""

    # -- places -----------------------------------------------------------------------------------
    @property
    def thumb(self) -> int:
        """1 in Thumb code."""
        return self.block.start & 1

    def value_of(self, place: int) -> Bits:
        """A place of the unit as a run-time value."""
        if not self.region.biased:
            return Bits(32, place)
        if not self._is_landing:
            return Place(self.f, place)
        # seldom executed: the bias is not worth a register all the time
        f = self.f
        f.module.declare(BIAS, f"@{BIAS} = external hidden global i32")
        return f.value(32, f.temp(f"load volatile i32, ptr @{BIAS}, align 4")) + place

    def here(self) -> Bits:
        """The place of this instruction."""
        return self.value_of(self.insn.pc | self.thumb)

    # -- memory -----------------------------------------------------------------------------------
    def _guest(self, address: Bits) -> str:
        """The host's address. Small numbers are added behind the 32-bit address: what then lies
        outside of the guest's 4 GiB meets a guard, as it meets nothing where it really is."""
        if isinstance(address, Sum):
            f = self.f
            base, index, offset = address.apart()
            if not -NEAR <= offset <= NEAR - (f.limit(index) if index else 0):
                base, index, offset = address.base, "", address.offset
            if abs(offset) <= NEAR:
                pointer = f.address("%mem", f.temp(f"zext i32 {base} to i64"))
                if index:
                    pointer = f.address(pointer, f.temp(f"zext i32 {index} to i64"))
                return f.address(pointer, offset)
        return super()._guest(address)

    def load(self, address: Bits, width: int) -> Bits:
        constant = self.region.literal(address, width)
        if constant is not None:
            return Bits(width, constant)
        lands = self._can_land()
        pointer = self._guest(address)
        known = self.stores.load(self.f, address, width)
        if known is not None:
            self._load(pointer, 32, lands)
            return known
        if width == 64 and not self._is_vfp(width):
            return self._load_pair(pointer, lands)
        return self._load(pointer, width, lands)

    def _load(self, pointer: str, width: int, lands: bool) -> Bits:
        is_vfp = width <= 64 and self._is_vfp(width)
        if lands:
            return landings.load(self.f, pointer, width, self._land, is_vfp=is_vfp)
        if not is_vfp:
            return self.f.load(width, pointer, align=1, volatile=True)
        kind = FLOAT[width]
        number = self.f.temp(f"load volatile {kind}, ptr {pointer}, align 1")
        return self.f.value(width, self.f.temp(f"bitcast {kind} {number} to i{width}"))

    def _load_pair(self, pointer: str, lands: bool) -> Bits:
        """Two words (LDRD): by one access if others write to memory as well, which must not be seen
        to have written one of them. By two otherwise: hosts are slow to load at once what was
        stored in two pieces a moment ago, as words on a guest's stack are."""
        f = self.f
        shared, alone, after = (f.new_label(s) for s in ("shared", "alone", "after"))
        f.line(f"br i1 {self._is_alone()}, label %{alone}, label %{shared}, !prof !2")
        f.label(shared)
        both = self._load(pointer, 64, lands)
        low, high = f.ref(both.trunc(32)), f.ref((both >> 32).trunc(32))
        shared = f.last_label()
        f.line(f"br label %{after}")
        f.label(alone)
        words = [self._load(p, 32, lands) for p in (pointer, f.address(pointer, 4))]
        alone = f.last_label()
        f.line(f"br label %{after}")
        f.label(after)
        first, second = (
            f.value(32, f.temp(f"phi i32 [ {one}, %{shared} ], [ {f.ref(word)}, %{alone} ]"))
            for one, word in zip((low, high), words, strict=True)
        )
        return first.zext(64) | second.zext(64) << 32

    def store(self, address: Bits, value: Bits) -> None:
        lands = self._can_land()
        pointer = self._guest(address)
        what = self.f.stored(value)
        if value.width <= 64 and what[0] == "i" and self._is_vfp(value.width):
            kind = FLOAT[value.width]
            what = f"{kind} {self.f.temp(f'bitcast {what} to {kind}')}"
        if lands:
            landings.store(self.f, pointer, what, value.width, self._land)
        else:
            self.f.line(f"store volatile {what}, ptr {pointer}, align 1")
        self.can_repeat = False
        if self.is_conditional:
            self.stores.forget()
        else:
            self.stores.store(address, value)

    def load_acquire(self, address: Bits, width: int) -> Bits:
        self._fault_point()
        value = super().load_acquire(address, width)
        self.can_repeat = False
        self.stores.forget()
        return value

    def _is_vfp(self, width: int) -> bool:
        """Whether an access goes straight from or to the host's floating-point registers."""
        return width >= 32 and self.insn.encoding.row.name[0] == "v"

    def compare_exchange(self, address: Bits, expected: Bits, new: Bits) -> Bits:
        """Memory that nobody else accesses needs no atomic operation: no signal comes between."""
        f = self.f
        self.can_repeat = False  # or only one of the ways would store the state
        self._fault_point()
        names = ("shared", "alone", "loaded", "same", "after")
        shared, alone, loaded, same, after = (f.new_label(s) for s in names)
        f.line(f"br i1 {self._is_alone()}, label %{alone}, label %{shared}")
        f.label(alone)
        found = self.load(address, new.width).eq(expected)
        f.line(f"br label %{loaded}")
        f.label(loaded)
        f.line(f"br i1 {f.ref(found)}, label %{same}, label %{after}")
        f.label(same)
        self.store(address, new)
        f.line(f"br label %{after}")
        f.label(shared)
        done = f.ref(super().compare_exchange(address, expected, new))
        f.line(f"br label %{after}")
        f.label(after)
        self.can_repeat = False
        self.stores.forget()
        ways = f"[ false, %{loaded} ], [ true, %{same} ], [ {done}, %{shared} ]"
        return f.value(1, f.temp(f"phi i1 {ways}"))

    def store_release(self, address: Bits, value: Bits) -> None:
        f = self.f
        self.can_repeat = False
        self._fault_point()
        shared, alone, after = (f.new_label(s) for s in ("shared", "alone", "after"))
        f.line(f"br i1 {self._is_alone()}, label %{alone}, label %{shared}")
        f.label(alone)
        self.store(address, value)
        f.line(f"br label %{after}")
        f.label(shared)
        super().store_release(address, value)
        f.line(f"br label %{after}")
        f.label(after)
        self.can_repeat = False
        self.stores.forget()

    def fence(self) -> None:
        f = self.f
        shared, after = f.new_label("shared"), f.new_label("after")
        f.line(f"br i1 {self._is_alone()}, label %{after}, label %{shared}")
        f.label(shared)
        super().fence()
        f.line(f"br label %{after}")
        f.label(after)
        self.can_repeat = False
        self.stores.forget()

    def _is_alone(self) -> str:
        """Whether nobody else accesses memory that the guest writes to."""
        return self.f.ref(self.f.load(32, self.f.field(ARM, "parallel")).eq(0))

    def load_multiple(self, address: Bits, registers: Bits) -> None:
        numbers = [n for n in range(16) if registers.value >> n & 1]
        values = [self.load(address + 4 * i, 32) for i in range(len(numbers))]
        for number, value in zip(numbers, values, strict=True):
            self.set_reg(Bits(8, number), value)

    def store_multiple(self, address: Bits, registers: Bits) -> None:
        numbers = [n for n in range(16) if registers.value >> n & 1]
        for i, number in enumerate(numbers):
            self.store(address + 4 * i, self.reg(Bits(8, number)))

    def _can_land(self) -> bool:
        """Whether the access that follows gets a landing; if not, state is as it must be."""
        if not self.region.lands or self.has_synced:
            self._fault_point()
            return False
        if self.writes:
            raise RowError("a register is written before an access")
        return True

    def _land(self) -> str:
        """The landing for an access of this instruction: it is executed again."""
        if not self._landing:
            f = self.f
            self._landing = f.new_label("landing")
            f.lines.append(f"{self._landing}:")
            self._is_landing = True
            self._interpret()
            self._is_landing = False
            f.exits[-1].needed = self.needed
        return self._landing

    def _fault_point(self) -> None:
        """State is complete here, or was where all since may be repeated: an access follows.

        Loads may, and what changes registers; a store only as the last. A place where control
        comes from elsewhere says so itself, as going on from there would lead here again.
        """
        if self.region.lands and not self.has_synced:
            self._sync()
            self.has_synced = True
            return
        if not self.region.exact or self.has_synced or self.can_repeat:
            return
        self._sync()
        if not self.is_conditional:
            self.has_synced = True
            self.changes = Changes(set(), True)
            self.can_repeat = self.insn.pc | self.thumb not in self.region.unit.entries

    def _sync(self) -> None:
        start = it_start(self.block, self.insn) if self.thumb else 0
        if start:  # `runtime/faults.py` makes ITSTATE of it
            pointer = self.f.address("%cpu", ARM["exit_arg"].offset)
            where = self.f.typed(self.value_of(start))
            self.f.line(f"store volatile {where}, ptr {pointer}, align 4")
        self.leave(SYNC, self.here())

    def when(self, cond: Bits, body: Callable[[], None]) -> None:
        self.is_conditional += 1
        super().when(cond, body)
        self.is_conditional -= 1

    def require_aligned(self, address: Bits, size: int | Bits) -> None:
        wrong = (address & (size - 1)).ne(0)
        if wrong.is_const and not wrong.value:
            return
        bad, good = self.f.new_label("unaligned"), self.f.new_label("aligned")
        self.f.line(f"br i1 {self.f.ref(wrong)}, label %{bad}, label %{good}, !prof !0")
        self.f.label(bad)
        self._interpret()
        self.f.label(good)

    def _interpret(self) -> None:
        """Leave this instruction to the interpreter, which knows an IT block by its beginning."""
        start = it_start(self.block, self.insn) if self.thumb else 0
        if start:
            name = "run32_decode_it"
            declared = f"declare hidden void @{name}(ptr, i32, i32) cold nounwind"
            self.f.module.declare(name, declared)
            places = (self.f.typed(self.value_of(p)) for p in (start, self.insn.pc))
            given = ", ".join(["ptr %cpu", *places])
            self.f.line(f"call {self.f.module.rare} void @{name}({given}) cold")
        self.leave(INTERPRET, self.here())
