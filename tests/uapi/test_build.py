"""Thunks and tables as the engine's build takes them, for both hosts."""

import marshal

import pytest
from elftools.elf.elffile import ELFFile

from run32.codegen import llvm, thunks
from run32.kernel import ioctl, netioctl
from run32.spec import ioctls, syscalls

HOSTS = ["x86_64", "aarch64"]


@pytest.mark.parametrize("host", HOSTS)
@pytest.mark.parametrize("abi", syscalls.ABIS)
def test_thunks_compile_and_need_one_symbol(abi, host, tmp_path):
    path = tmp_path / "thunks.o"
    path.write_bytes(llvm.compile_object(thunks.module_text(abi, host), host))
    with path.open("rb") as f:
        symbols = list(ELFFile(f).get_section_by_name(".symtab").iter_symbols())
    missing = {s.name for s in symbols if s["st_shndx"] == "SHN_UNDEF" and s.name}
    assert missing == {"run32_call", "run32_syscall"}
    defined = {s.name for s in symbols if s["st_shndx"] != "SHN_UNDEF"}
    for row in syscalls.table(abi).values():
        assert (f"thunk_{abi}_{row.name}" in defined) == row.thunk


@pytest.mark.parametrize("host", HOSTS)
@pytest.mark.parametrize("abi", syscalls.ABIS)
def test_every_thunk_has_a_host_call(abi, host):
    numbers = thunks.host_numbers(host)
    rows = [row for row in syscalls.table(abi).values() if row.thunk and not row.rule]
    assert {row.name: row.host for row in rows if row.host not in numbers} == {}


@pytest.mark.parametrize("abi", syscalls.ABIS)
def test_condensed_table(abi):
    found = syscalls.condense(abi)
    assert marshal.loads(marshal.dumps(found)) == found
    missing = {n for n, row in syscalls.table(abi).items() if row.status}
    assert missing.isdisjoint(found) and missing | set(found) == set(syscalls.table(abi))


@pytest.mark.parametrize("abi", syscalls.ABIS)
def test_ioctls_with_a_slow_path_have_a_conversion(abi):
    rows = ioctls.condense(abi, "x86_64")
    by_hand = [(number, slow) for number, size, slow in rows.values() if size == ioctls.BY_HAND]
    assert {number for number, slow in by_hand if slow == "ioctl"} == set(ioctl.CONVERTED)
    assert {number for number, slow in by_hand if slow == "netioctl"} > set(netioctl.REQUESTS)
    assert {slow for _, slow in by_hand} == {"ioctl", "netioctl"}
    assert (ioctl.BY_VALUE, ioctl.BY_HAND) == (ioctls.BY_VALUE, ioctls.BY_HAND)
