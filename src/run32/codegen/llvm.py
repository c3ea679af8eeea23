"""LLVM, in the few calls run32 needs: IR text in, object file or assembly out.

The only module that imports llvmlite. Both back ends are in every llvmlite wheel, so each host can
emit code for the other; assembly parsers are not, so generated IR has no inline assembly (the few
instructions LLVM has no IR for are in `stubs.py`), but where the host is the same kind of machine
(`landings.py`).
"""

from __future__ import annotations

import functools

import llvmlite.binding as llvm

from run32.codegen.ir import TRIPLES

# What generated code may use: the ABI base line of each host, so that a cached blob fits any CPU.
_CPU = {"x86_64": "x86-64", "aarch64": "generic"}


# Where addresses have 32 bits, loop strength reduction gives each way out of a loop a counter.
llvm.set_option("run32", "-disable-lsr")


@functools.lru_cache(1)
def _let_schedule(wanted: bool) -> None:
    """Whether LLVM orders instructions by their latency, from now on in this process.

    That is a fifth of code generation, and regions are as fast without: hosts do it themselves.
    """
    llvm.set_option("run32", f"-enable-misched={int(wanted)}")
    llvm.set_option("run32", f"-disable-post-ra={int(not wanted)}")
    # regions' innermost loops begin at cache lines: else their speed depends on where they lie
    alignment = 4 if wanted else 6
    llvm.set_option("run32", f"-x86-experimental-pref-innermost-loop-alignment={alignment}")


@functools.cache
def _machine(host: str, features: str = "", cpu: str = "") -> llvm.TargetMachine:
    llvm.initialize_all_targets()
    llvm.initialize_all_asmprinters()
    llvm.initialize_native_asmparser()
    target = llvm.Target.from_triple(TRIPLES[host])
    return target.create_target_machine(
        cpu=cpu or _CPU[host], features=features, opt=2, reloc="pic", codemodel="small"
    )


def _optimised(text: str, machine: llvm.TargetMachine, level: int) -> llvm.ModuleRef:
    module = llvm.parse_assembly(text)
    options = llvm.create_pipeline_tuning_options(speed_level=level)
    options.loop_unrolling = False
    options.loop_vectorization = False
    options.slp_vectorization = False
    builder = llvm.create_pass_builder(machine, options)
    builder.getModulePassManager().run(module, builder)
    return module


def compile_object(text: str, host: str, *, level: int = 2, features: str = "") -> bytes:
    """Compile IR text to a relocatable ELF object for `host` (`x86_64` or `aarch64`)."""
    machine = _machine(host, features)
    _let_schedule(True)
    return bytes(machine.emit_object(_optimised(text, machine, level)))


def compile_assembly(text: str, host: str, *, level: int = 2, features: str = "") -> str:
    """The same as assembly text, for people."""
    machine = _machine(host, features)
    _let_schedule(True)
    return str(machine.emit_assembly(_optimised(text, machine, level)))


@functools.cache
def host_features() -> str:
    """What this very CPU has, in LLVM's words."""
    return str(llvm.get_host_cpu_features().flatten())


def _region_machine(host: str) -> llvm.TargetMachine:
    """For this very host; for another one what any of its CPUs can run."""
    if host != llvm.get_process_triple().split("-")[0]:
        return _machine(host)
    return _machine(host, host_features(), llvm.get_host_cpu_name())


def compile_region(text: str, host: str) -> bytes:
    """Compile a region; see `_region_machine`."""
    machine = _region_machine(host)
    _let_schedule(False)
    return bytes(machine.emit_object(run_passes(text, machine)))


def show_region(text: str, host: str) -> tuple[str, str]:
    """(IR after the passes, assembly) of what `compile_region` makes, for people."""
    machine = _region_machine(host)
    machine.set_asm_verbosity(True)
    _let_schedule(False)
    module = run_passes(text, machine)
    return str(module), str(machine.emit_assembly(module))


def run_passes(text: str, machine: llvm.TargetMachine) -> llvm.ModuleRef:
    """A region after the passes.

    Regions come by the thousand: a few passes do nearly what -O2 does, in a third of its time.
    Floating point has functions to be inlined and more to gain. LLVM's NewGVN is none of them: it
    takes two counters of one loop for the same that are counted in different cases of a switch.
    """
    if "alwaysinline" in text:
        return _optimised(text, machine, 2)
    module = llvm.parse_assembly(text)
    builder = llvm.create_pass_builder(machine, llvm.create_pipeline_tuning_options(speed_level=1))
    passes = llvm.create_new_module_pass_manager()
    passes.add_sroa_pass()
    passes.add_simplify_cfg_pass()
    passes.add_instruction_combine_pass()
    passes.add_simplify_cfg_pass()
    passes.add_aggressive_dce_pass()
    passes.run(module, builder)
    return module


def warm_up(host: str) -> None:
    """Do once what the first region would have to wait for."""
    compile_region("define void @f() {\n  ret void\n}\n", host)
