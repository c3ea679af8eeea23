"""Host memory as C data, and native functions: the small part of ctypes that run32 needs.

The same names and meanings as in ctypes, made from the module that ctypes is made from. Importing
all of ctypes costs a program 1.5 ms at its start, mostly for types that nobody asks for.
"""

from __future__ import annotations

from _ctypes import (
    FUNCFLAG_CDECL,
    FUNCFLAG_PYTHONAPI,
    FUNCFLAG_USE_ERRNO,
    CFuncPtr,
    _SimpleCData,
    addressof,
    dlopen,
    dlsym,
    get_errno,
    set_errno,
)

TYPE_CHECKING = False
if TYPE_CHECKING:
    import ctypes
    from ctypes import c_char, c_int64, c_uint32, c_uint64, c_void_p
    from typing import Any

    Buffer = ctypes.Array[c_char]
else:

    class c_char(_SimpleCData):
        _type_ = "c"

    class c_uint32(_SimpleCData):
        _type_ = "I"

    class c_int64(_SimpleCData):
        _type_ = "l"  # a long: hosts are LP64

    class c_uint64(_SimpleCData):
        _type_ = "L"

    class c_void_p(_SimpleCData):
        _type_ = "P"


__all__ = [
    "CFUNCTYPE", "PYFUNCTYPE", "addressof", "c_char", "c_int64", "c_uint32", "c_uint64", "c_void_p",
    "create_string_buffer", "get_errno", "memmove", "set_errno", "symbol",
]  # fmt: skip

_prototypes: dict[tuple[Any, ...], Any] = {}


def _prototype(flags: int, result: Any, types: tuple[Any, ...]) -> Any:
    key = (flags, result, types)
    if key not in _prototypes:

        class Function(CFuncPtr):
            _flags_ = flags
            _restype_ = result
            _argtypes_ = types

        _prototypes[key] = Function
    return _prototypes[key]


def CFUNCTYPE(result: Any, *types: Any, use_errno: bool = False) -> Any:
    """The type of native functions that are called without the interpreter's lock."""
    flags = FUNCFLAG_CDECL | (FUNCFLAG_USE_ERRNO if use_errno else 0)
    return _prototype(flags, result, types)


def PYFUNCTYPE(result: Any, *types: Any) -> Any:
    """The type of native functions that are called with the interpreter's lock held."""
    return _prototype(FUNCFLAG_CDECL | FUNCFLAG_PYTHONAPI, result, types)


def symbol(name: str) -> int:
    """Host address of a function of the C library or of Python. Raises OSError."""
    return dlsym(dlopen(None, 0), name)  # type: ignore[arg-type]


def create_string_buffer(init: int | bytes, size: int = 0) -> Buffer:
    """`init` zero bytes, or `size` bytes that begin with `init`."""
    if isinstance(init, int):
        return (c_char * init)()
    return (c_char * size).from_buffer_copy(init.ljust(size, b"\0"))


def memmove(at: int, data: bytes | bytearray | memoryview, size: int) -> None:
    """Store `data`, which has `size` bytes, at a host address that is known to be writable."""
    memoryview((c_char * size).from_address(at)).cast("B")[:] = data
