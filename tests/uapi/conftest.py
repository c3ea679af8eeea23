"""The thunks of both ABIs, compiled in memory for this machine."""

import ctypes
from collections.abc import Iterator

import llvmlite.binding as llvm
import pytest
from uapi.thunk_harness import HOST, PAGES, SIZE, Guest, Thunks, syscall_stubs

from run32.codegen import thunks
from run32.codegen.ir import TRIPLES
from run32.spec import syscalls


@pytest.fixture(scope="session")
def engines() -> dict[str, llvm.ExecutionEngine]:
    llvm.initialize_all_targets()
    llvm.initialize_all_asmprinters()
    for name, address in syscall_stubs().items():
        llvm.add_symbol(name, address)
    found = {}
    for abi in syscalls.ABIS:
        text = thunks.module_text(abi, HOST).replace("declare hidden", "declare")
        module = llvm.parse_assembly(f'target triple = "{TRIPLES[HOST]}"\n{text}')
        machine = llvm.Target.from_triple(TRIPLES[HOST]).create_target_machine(
            opt=1, reloc="pic", jit=True, codemodel="jitdefault"
        )
        found[abi] = llvm.create_mcjit_compiler(module, machine)
        found[abi].finalize_object()
    return found


@pytest.fixture(scope="session")
def space() -> Guest:
    return Guest()


@pytest.fixture
def guest(space: Guest) -> Iterator[Guest]:
    space.next = PAGES
    ctypes.memset(space.base + PAGES, 0, SIZE)
    yield space


@pytest.fixture(params=syscalls.ABIS)
def abi(request: pytest.FixtureRequest) -> str:
    return request.param


@pytest.fixture
def k(engines, guest, abi) -> Thunks:
    return Thunks(engines[abi], abi, guest)
