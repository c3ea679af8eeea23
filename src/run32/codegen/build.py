"""Building the engine: rows in, `blob` and `meta` out, once per version, guest and host.

Handlers are dealt to modules of about 60, traced and compiled in parallel by forked workers and
linked in a fixed order. Crash-safe: everything happens in a temporary directory that one rename
makes visible; a lock lets a second builder wait for the first and then find its result.
"""

from __future__ import annotations

import fcntl
import marshal
import multiprocessing
import os
import shutil
import tempfile
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor, as_completed
from typing import Any

from run32.codegen import (
    arm_support,
    cpuid,
    crypto,
    decoder,
    delivery,
    entry,
    fp,
    install,
    interp,
    store,
    stubs,
    support,
    thunks,
    x86_interp,
    x86_support,
)
from run32.codegen.ir import Module
from run32.codegen.link import Blob, link
from run32.spec import ioctls, syscalls
from run32.spec.rows import Isa
from run32.spec.state import ARM as ARM_STATE
from run32.spec.state import X86 as X86_STATE
from run32.spec.state import State
from run32.spec.x86 import X86Isa

Progress = Callable[[int, int, str], None]
PER_MODULE = 60
KEPT = 4  # engines of other versions that stay in the cache
AnyIsa = Isa | X86Isa

# Fields of the cpu struct that hold a shadow, and its bytes per guest byte; the last one has the
# slots whose decoding may depend on what follows.
SHADOWS = {"arm": (("shadow_a", 4), ("shadow_t", 8)), "i386": (("shadow_a", 16),)}

# What the runtime needs to find in the blob.
EXPORTS = (
    "run32_enter",
    "run32_thunk",
    "run32_copy",
    "run32_syscall",
    "run32_call",
    "run32_decode",
    "run32_on_fault",
    "run32_on_signal",
    "run32_restorer",
    "run32_fork",
    "region_miss",
    "region_pending",
    "region_interpret",
    "enter_region",
    "run32_sum",
    "run32_install",
    "run32_forget",
    "run32_forget_inner",
    "host_cpuid",
)


def isa_rows(name: str) -> tuple[Any, State]:
    """The rows and the cpu state of a guest instruction set."""
    if name == "arm":
        from run32.isa.arm.all import ARM

        return ARM, ARM_STATE
    if name == "i386":
        from run32.isa.x86.all import X86

        return X86, X86_STATE
    raise ValueError(f"no such guest instruction set: {name}")


def handler_encodings(isa: AnyIsa) -> dict[tuple[Any, ...], Any]:
    """One encoding per handler, in a fixed order."""
    found: dict[tuple[Any, ...], Any] = {}
    for set_ in isa.sets:
        for e in isa.encodings(set_):
            found.setdefault(e.key, e)
    return found


def handler_names(isa: AnyIsa) -> list[str]:
    """Symbols by handler number; number 0 is the undefined instruction."""
    return ["undefined", *(f"h{i + 1}" for i in range(len(handler_encodings(isa))))]


def emit_part(name: str, part: str, host: str) -> str:
    """IR text of one module: `support`, `entry`, `fp`, `crypto`, `thunks` or `handlers N`."""
    if part == "thunks":
        return str(thunks.module_text(name, host))
    isa, state = isa_rows(name)
    module = Module(host)
    keys = handler_encodings(isa)
    if part == "support":
        _emit_support(module, isa, state, {key: i + 1 for i, key in enumerate(keys)})
    elif part == "entry":
        entry.emit_entry(module, state)
        if name == "arm":
            delivery.emit_delivery(module)
    elif part == "fp":
        fp.emit_functions(module)
    elif part == "crypto":
        crypto.emit_functions(module)
    else:
        first = int(part.split()[1]) * PER_MODULE
        for i, e in list(enumerate(keys.values()))[first : first + PER_MODULE]:
            emit = x86_interp.emit_handler if name == "i386" else interp.emit_handler
            emit(module, f"h{i + 1}", e, state)
    module.add(interp.METADATA)
    return module.text()


def _emit_support(
    module: Module, isa: AnyIsa, state: State, numbers: dict[tuple[Any, ...], int]
) -> None:
    """Decoder, prefixes, exits, syscalls."""
    if isinstance(isa, X86Isa):
        x86_support.emit_support(module, isa, state, numbers)
        return
    tables = decoder.Decoder(module, isa, numbers)
    arm_support.emit_support(module, state, tables.roots, len(numbers) + 1)
    install.emit_install(module)
    tables.emit()


def parts(name: str) -> list[str]:
    """The modules of an engine in link order. `support` is first: see `support.decode_entry`."""
    isa, _ = isa_rows(name)
    count = -(-len(handler_encodings(isa)) // PER_MODULE)
    floating = ["fp", "crypto"] if name == "arm" else []
    return ["support", "entry", *floating, "thunks", *(f"handlers {i}" for i in range(count))]


def compile_part(name: str, part: str, host: str) -> bytes:
    """Trace and compile one module. Runs in a worker process."""
    from run32.codegen import llvm

    return llvm.compile_object(emit_part(name, part, host), host)


def compile_all(name: str, host: str, progress: Progress | None) -> list[bytes]:
    """All objects of an engine in link order."""
    todo = parts(name)
    done: dict[str, bytes] = {}
    context = multiprocessing.get_context("fork")
    with ProcessPoolExecutor(os.cpu_count() or 1, mp_context=context) as pool:
        # the largest module first, so that it does not end alone
        futures = {pool.submit(compile_part, name, part, host): part for part in todo}
        for future in as_completed(futures):
            done[futures[future]] = future.result()
            if progress is not None:
                progress(len(done), len(todo), futures[future])
    return [done[part] for part in todo]


def make(name: str, host: str, progress: Progress | None = None) -> tuple[Blob, dict[str, Any]]:
    """The linked blob and its meta data."""
    isa, state = isa_rows(name)
    objects = compile_all(name, host, progress)
    names = handler_names(isa)
    tables = {"handler_table": names}
    if name == "arm":
        tables["prefix_table"] = arm_support.PREFIXES
    blob = link(objects, [stubs.STUBS[host](state), *cpuid.STUBS[host]], tables)
    table: dict[int, Any] = {}
    offsets: dict[int, int] = {}
    for number, row in syscalls.condense(name).items():
        entry_ = (row, row, "", "", "") if isinstance(row, str) else row
        table[number] = entry_
        if entry_[1]:
            offsets[number] = blob.symbols[entry_[1]]
    meta = {
        "format": store.FORMAT,
        "isa": name,
        "host": host,
        "size": len(blob.data),
        "symbols": {symbol: blob.symbols[symbol] for symbol in EXPORTS if symbol in blob.symbols},
        "state": {f.name: (f.offset, f.width, f.count) for f in state.fields.values()},
        "state_size": state.size,
        "shadows": SHADOWS[name],
        "syscall_registers": support.SYSCALL_REGISTERS[name],
        "alt_stack": entry.ALT_STACK,
        "kick": entry.KICK,
        "syscalls": table,
        "ioctls": ioctls.condense(name, host),
        "thunks": offsets,
    }
    return blob, meta


def build(
    cache: str,
    isa: str = "arm",
    host: str | None = None,
    progress: Progress | None = None,
    force: bool = False,
) -> str:
    """Make sure that the engine exists below `cache` and return its directory.

    `progress(done, total, what)` is called as parts finish. Raises OSError where the cache cannot
    be written.
    """
    host = host or store.host()
    path = store.directory(cache, store.stamp(), isa, host)
    os.makedirs(os.path.dirname(path), mode=0o700, exist_ok=True)
    with open(os.path.join(os.path.dirname(path), f"lock-{isa}-{host}"), "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        same = store.directory(cache, store.content(), isa, host)
        if force:
            for old in (path, same):
                _remove(old)
        if not os.path.exists(os.path.join(same, "meta")):
            _remove(same)
            _build_into(same, isa, host, progress)
        if not os.path.exists(os.path.join(path, "meta")):
            _remove(path)
            os.symlink(os.path.basename(same), path)
        _prune(os.path.dirname(path), f"-{isa}-{host}", {path, same})
    return path


def _prune(top: str, ending: str, needed: set[str]) -> None:
    """Delete the engines of old versions, but for the newest few, and links to deleted ones."""
    names = [name for name in os.listdir(top) if name.endswith(ending)]
    paths = [os.path.join(top, name) for name in names if not name.startswith("lock")]
    engines = [path for path in paths if not os.path.islink(path) and path not in needed]
    engines.sort(key=os.path.getmtime, reverse=True)
    for path in engines[KEPT:]:
        _remove(path)
    for path in paths:
        if os.path.islink(path) and not os.path.exists(path):
            _remove(path)


def _remove(path: str) -> None:
    if os.path.islink(path):
        os.unlink(path)
    elif os.path.exists(path):
        shutil.rmtree(path)


def _build_into(path: str, isa: str, host: str, progress: Progress | None) -> None:
    top, prefix = os.path.dirname(path), f"building-{isa}-{host}-"
    for name in os.listdir(top):
        if name.startswith(prefix):  # of a builder that was killed: we hold the lock
            _remove(os.path.join(top, name))
    blob, meta = make(isa, host, progress)
    work = tempfile.mkdtemp(prefix=prefix, dir=top)
    try:
        _write(os.path.join(work, "blob"), blob.data)
        symbols = "".join(f"{at:08x} {name}\n" for name, at in sorted(blob.symbols.items()))
        _write(os.path.join(work, "symbols"), symbols.encode())
        _write(os.path.join(work, "meta"), marshal.dumps(meta))
        os.rename(work, path)
    except BaseException:
        shutil.rmtree(work, ignore_errors=True)
        raise


def _write(path: str, data: bytes) -> None:
    with open(path, "wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())
