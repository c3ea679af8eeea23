"""What translation costs and gives: `python bench/compile.py [--mode MODE] [--speed NAME...]`.

Without `--speed`: CPU microseconds per guest instruction of each step, and host bytes, for units at
functions spread evenly over the code of python3.11 and libc; with code generation as it is, and at
level 0 (no register allocation to speak of). MODE is fast or exact code.

With `--speed`: CPU seconds of workloads in each *tier* when all that is hot is translated, and
the CPU seconds that their translation took:

- `interpreter`
- `stencils`: what a baseline tier would reach that copies one piece of ready code per guest
  instruction: operands are constants, registers and flags live in memory, nothing is kept from one
  instruction to the next. Made by the region translator, so only its speed means anything.
- `level 0`: regions whose code is generated without optimisation, after the usual passes
- `regions`

Requires: a Debian armhf root; with `--speed`, arm-linux-gnueabihf-gcc and a quiet machine.
"""

from __future__ import annotations

import argparse
import os
import re
import signal
import sys
import time
from collections.abc import Callable
from pathlib import Path

import llvmlite.binding as binding
from rich.console import Console
from rich.table import Table

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE.parent), str(HERE.parent / "tests"), str(HERE.parent / "src")]

from tools.guests import ENGINE_CACHE  # noqa: E402
from tools.roots import CACHE, ensure_armhf_root  # noqa: E402

from bench.catalog import PROGRAMS, WORKLOADS  # noqa: E402
from bench.measure import Helpers, measure  # noqa: E402
from bench.ways import Place  # noqa: E402
from run32.cli.compile import stamp_of, starts  # noqa: E402
from run32.codegen import llvm, regionfile, regionfunction, store, translate, translator, worker  # noqa: E402
from run32.codegen.link import link  # noqa: E402
from run32.codegen.unit import Unit  # noqa: E402
from run32.isa.arm.all import ARM  # noqa: E402

FILES = ("usr/bin/python3.11", "lib/arm-linux-gnueabihf/libc.so.6")
RUNS = 4
TIERS = ("interpreter", "stencils", "level 0", "regions")
now = time.process_time


def make_engine() -> str:
    """The engine's directory."""
    from run32.codegen import build

    build.build(str(ENGINE_CACHE), "arm")
    engine = store.find(str(ENGINE_CACHE), "arm")
    assert engine is not None
    return engine


def units(root: Path, count: int) -> list[Callable[[], Unit]]:
    """Functions that make a unit each, for `count` functions of each file."""
    found = []
    for name in FILES:
        path = str(root / name)
        st = os.stat(path)
        fields = (st.st_dev, st.st_ino, st.st_size, st.st_mtime_ns, st.st_ctime_ns)
        guest = worker.Guest(worker.read_code(os.fsencode(path), fields))
        places = sorted(set(starts(path)))
        step = len(places) // count

        for place in places[step // 2 :: step][:count]:

            def make(guest: worker.Guest = guest, place: int = place) -> Unit:
                unit = Unit(ARM, guest.read, biased=True)
                unit.discover([place])
                return unit

            found.append(make)
    return found


def machine(level: int) -> binding.TargetMachine:
    """This host's code generator at a level."""
    llvm.warm_up(store.host())
    target = binding.Target.from_triple(binding.get_process_triple())
    features = llvm.host_features()
    return target.create_target_machine(
        cpu=binding.get_host_cpu_name(),
        features=features,
        opt=level,
        reloc="pic",
        codemodel="small",
    )


def costs(makers: list[Callable[[], Unit]], engine: str, level: int, mode: str) -> dict[str, float]:
    """CPU seconds of each step over all units, instructions, and bytes of host code."""
    spent: dict[str, float] = {}
    symbols = worker.engine_symbols(engine)
    generator = machine(level)

    def timed(step: str, function: Callable[..., object], *args: object, **more: object) -> object:
        begin = now()
        result = function(*args, **more)
        spent[step] = spent.get(step, 0) + now() - begin
        return result

    size = insns = 0
    for make in makers:
        unit: Unit = timed("discover", make)  # type: ignore[assignment]
        if not unit.blocks:
            continue
        fma = worker.has_fma()
        text, _ = timed(  # type: ignore[misc]
            "emit", translate.emit_unit, unit, store.host(), symbols, biased=True, mode=mode,
            fma=fma,
        )  # fmt: skip
        module = timed("parse and passes", llvm.run_passes, text, generator)
        code = bytes(timed("codegen", generator.emit_object, module))  # type: ignore[call-overload]
        blob = timed("link", link, [code], known={regionfunction.BIAS: -regionfile.PAGE})
        size += len(blob.data)  # type: ignore[attr-defined]
        insns += unit.size
    return spent | {"insns": insns, "bytes": size}


def show_costs(count: int, mode: str, console: Console) -> None:
    """Measure and print the table of costs."""
    root = ensure_armhf_root()
    if isinstance(root, str):
        raise SystemExit(root)
    engine = make_engine()
    makers = units(root, count)
    table = Table(title="CPU microseconds per guest instruction")
    columns = ("discover", "emit", "parse and passes", "codegen", "link")
    for name in ("code generation", *columns, "all", "host bytes"):
        table.add_column(name, justify="left" if name == "code generation" else "right")
    for make in makers:  # whatever is done once is done now
        make()
    levels = [("as it is", 2)]
    if mode == "fast":  # without optimisation LLVM has no code for landings
        levels.append(("level 0", 0))
    for label, level in levels:
        found = costs(makers, engine, level, mode)
        n = found["insns"]
        steps = [found[name] / n * 1e6 for name in columns]
        cells = [f"{us:.0f}" for us in (*steps, sum(steps))]
        table.add_row(label, *cells, f"{found['bytes'] / n:.1f}")
    console.print(table)
    console.print(f"{len(makers)} units, {n:.0f} guest instructions, {mode} code")


# -- speed ----------------------------------------------------------------------------------------
_VARIABLE = re.compile(r"(load|store) (?=[^\n]*ptr %v\.)")


def as_stencils(text: str) -> str:
    """IR in which variables stay in memory."""
    return _VARIABLE.sub(lambda found: f"{found[1]} volatile ", text)


def change(tier: str) -> None:
    """Make the workers of this process compile for a tier."""
    if tier == "regions":
        return
    generator = machine(0 if tier == "level 0" else 2)

    def compile_region(text: str, host: str) -> bytes:
        text = as_stencils(text) if tier == "stencils" else text
        return bytes(generator.emit_object(llvm.run_passes(text, generator)))

    llvm.compile_region = compile_region


def serve(tier: str, cache: Path, engine: str) -> int:
    """Start a translator of a tier; its process id, which is its group's."""
    pid = os.fork()
    if pid:
        os.setpgid(pid, pid)
        return pid
    os.setpgid(0, 0)
    change(tier)
    os.environ["RUN32_TRANSLATOR_IDLE"] = "600"
    stamp = stamp_of(engine)
    got = translator.listen(f"{regionfile.top(str(cache))}/{stamp}")
    assert got is not None
    translator.Service(str(cache), stamp, engine).serve(got[0])
    os._exit(0)


def speed(names: list[str], console: Console) -> None:
    """Measure and print the table of speeds."""
    place = Place(CACHE / "bench-compile", ensure_armhf_root())
    engine = make_engine()
    helpers = Helpers()
    table = Table(title="CPU seconds (and of the translator)")
    for column in ("workload", "qemu-arm", *TIERS):
        table.add_column(column, justify="left" if column == "workload" else "right")
    for workload in [row for row in WORKLOADS + PROGRAMS if row.name in names]:
        way = "qemu-arm"
        command = place.command(way, workload, False)
        env = place.environment(way, workload, None)
        cells = [measure(command, cwd=place.work, env=env, helpers=helpers).cpu]
        texts = [f"{cells[0]:.2f}"]
        for tier in TIERS:
            cache = place.new_cache()
            way = "interpreter" if tier == "interpreter" else "warm"
            command = place.command(way, workload, False)
            env = place.environment(way, workload, cache)
            pid = serve(tier, cache, engine) if way == "warm" else 0
            try:
                time.sleep(1 if pid else 0)
                before = helpers.cpu()
                for _ in range(RUNS if pid else 0):
                    measure(command, cwd=place.work, env=env, helpers=helpers)
                    helpers.settle()
                spent = helpers.cpu() - before
                cpu = measure(command, cwd=place.work, env=env, helpers=helpers).cpu
            finally:
                if pid:
                    os.killpg(pid, signal.SIGKILL)
                    os.waitpid(pid, 0)
            texts.append(f"{cpu:.2f}" + (f" ({spent:.1f})" if pid else ""))
        table.add_row(workload.name, *texts)
        console.print(f"{workload.name}: {' '.join(texts)}")
    console.print(table)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--units", type=int, default=20, help="of each file")
    parser.add_argument("--mode", choices=regionfile.MODES, default="fast", help="of the code")
    parser.add_argument("--speed", nargs="+", default=[], metavar="NAME")
    options = parser.parse_args()
    console = Console(width=None if sys.stdout.isatty() else 120)
    if options.speed:
        speed(options.speed, console)
    else:
        show_costs(options.units, options.mode, console)
    return 0


if __name__ == "__main__":
    sys.exit(main())
