"""The `cpu` struct: everything the native code knows about one guest thread.

One layout serves the emitters, the runtime (ctypes) and the signal handler. The head is common to
all guests; the rest depends on the instruction set. Offsets are in bytes; all fields are
little-endian unsigned integers.
"""

from __future__ import annotations


class Field:
    """One field: `count` items of `width` bits from byte `offset` on."""

    __slots__ = ("count", "name", "offset", "width")

    def __init__(self, name: str, offset: int, width: int, count: int) -> None:
        self.name = name
        self.offset = offset
        self.width = width
        self.count = count


class State:
    """Fields laid out in the given order, naturally aligned."""

    def __init__(self, isa: str, fields: list[tuple[str, int, int]]) -> None:
        self.isa = isa
        self.fields: dict[str, Field] = {}
        offset = 0
        for name, width, count in fields:
            size = width // 8
            offset = -(-offset // size) * size
            if name in self.fields:
                raise ValueError(f"cpu state {isa}: field {name!r} occurs twice")
            self.fields[name] = Field(name, offset, width, count)
            offset += size * count
        self.size = -(-offset // 64) * 64

    def __getitem__(self, name: str) -> Field:
        return self.fields[name]


# name, bits, count. The order is chosen so that hot fields have one-byte displacements.
_HEAD = [
    ("r", 32, 16),  # general registers (i386 uses 8); r[15] is scratch for pc-reading prefixes
    ("n", 32, 1),  # N flag: the sign bit of this word
    ("z", 32, 1),  # Z flag: set iff this word is zero
    ("c", 32, 1),  # C flag: 0 or 1
    ("v", 32, 1),  # V flag: 0 or 1
    ("pending", 32, 1),  # non-zero: leave at the next branch
    ("exit_reason", 32, 1),
    ("exit_arg", 32, 1),
    ("pc", 32, 1),  # valid while outside guest code
    ("ip", 64, 1),  # slot of the current instruction, stored before anything that can fault
    ("mem", 64, 1),  # host address of guest address 0
    ("shadow_a", 64, 1),  # slot of guest address 0 in ARM state (stride 4 per byte)
    ("shadow_t", 64, 1),  # the same in Thumb state (stride 8 per byte)
    ("code", 64, 1),  # blob base: handler offsets are relative to it
    ("thunks", 64, 1),  # table of syscall thunk addresses
    ("thunk_count", 32, 1),
    ("thumb", 32, 1),  # valid while outside guest code: 1 in Thumb state
    ("host_sp", 64, 1),  # stack pointer of the entry stub, for leaving from a signal handler
    ("fault_addr", 64, 1),
    ("fault_host_pc", 64, 1),
    ("fault_signal", 32, 1),
    ("fault_code", 32, 1),
    ("running", 32, 1),  # what native code does (codegen/stubs.py); 0 outside
    ("fault_where", 32, 1),  # `running` when the fault happened
    ("host_fpc", 32, 1),  # floating-point control word of the host program
    ("guest_fpc", 32, 1),  # the same while guest code runs, sticky flags included
    ("single_step", 32, 1),
    ("host_fma", 32, 1),  # fused multiply-add on the host: 0 not known yet, 1 no, 2 yes
    ("table", 64, 1),  # by place in guest code: offset of its region from `region_base`, or 0
    ("region_base", 64, 1),  # the engine's `region_miss`
    ("return_base", 64, 1),  # the same, less FROM_RETURN
    ("region_pending", 64, 1),  # the engine's functions of these names
    ("region_interpret", 64, 1),
    ("code_files", 64, 1),  # start and end of mapped code files, until a start is 0
    ("fuel", 32, 1),  # branches of the interpreter until it says where it is; 0 = never
    ("result", 64, 1),  # of a thunk called on behalf of the runtime
]

_ARM = [
    ("fpscr", 32, 1),  # modes, NZCV and the sticky flags that are not in guest_fpc
    ("fpslow", 32, 1),  # non-zero: FZ or DN is set, host arithmetic does not apply
    ("q", 32, 1),
    ("ge", 32, 1),  # APSR.GE, four bits
    ("tpidruro", 32, 1),
    ("tpidrurw", 32, 1),
    ("ex_address", 32, 1),  # exclusive monitor: address of the last load-exclusive
    ("ex_size", 32, 1),  # its size in bytes, 0 = open
    ("ex_value", 64, 1),
    ("endian", 32, 1),  # CPSR.E
    ("itstate", 32, 1),  # for signal frames: derived from pc, valid while outside guest code
    ("d", 64, 32),
    ("host_crypto", 32, 1),  # what the host has (codegen/crypto.py); 0 not known yet
]

_X86 = [
    ("p", 32, 1),  # PF: parity of the low byte of this word
    ("a", 32, 1),  # AF: bit 4 of this word
    ("df", 32, 1),
    ("gs_base", 32, 1),
    ("fs_base", 32, 1),
]

# Fields whose values are narrower than their storage: what `Machine.get` and `put` take and give.
NARROW = {"c": 1, "v": 1, "q": 1, "ge": 4, "df": 1}

# Host signals that were taken and are not delivered yet: one that the host could block, and one of
# each kind that it must not (codegen/entry.py).
SIGNAL_SLOTS = 6
SIGINFO = 128
_SIGNALS = [
    ("signal_full", 32, SIGNAL_SLOTS),  # non-zero: the slot holds a signal
    ("signal_info", 64, SIGNAL_SLOTS * SIGINFO // 8),  # host siginfo_t by slot
    ("sigmask", 64, 1),  # what the guest blocks
    ("fault_error", 32, 1),  # 1: the last fault was a write
    ("signal_python", 32, 1),  # non-zero: signals are the runtime's to deliver
    ("mask_stale", 32, 1),  # non-zero: the host's mask is not the guest's, and a signal waits
    ("altstack", 32, 3),  # uc_stack: address, flags, size
    ("last_fault", 32, 2),  # fault_address and error_code of signal frames (spec/armframe.py)
    ("actions", 64, 1),  # table of dispositions (spec/armframe.py)
]

# What the runtime gives native code besides.
_GIVEN = [
    ("desk", 64, 1),  # host address of what paths and descriptors need (spec/desk.py); 0 none
    ("parallel", 32, 1),  # non-zero: other threads or processes may access the guest's memory
]

# Places that branches went to one after the other, from when `fuel` was used up.
TRAIL = 64
_TRAIL = [
    ("trail", 32, TRAIL),
    ("trail_end", 32, 1),  # where the next one goes
]

ARM = State("arm", _HEAD + _ARM + _SIGNALS + _GIVEN + _TRAIL)
X86 = State("i386", _HEAD + _X86 + _SIGNALS + _GIVEN)
