"""The kernel's code pages: documented addresses, executed by another CPU engine."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path
from struct import pack, unpack

import pytest

from run32.loader import kuser

unicorn = pytest.importorskip("unicorn")
from unicorn import arm_const as regs  # noqa: E402

DATA, CODE_END = 0x20000, 0x30000
CARRY = 1 << 29


def call(address: int, memory: bytes = b"", **values: int) -> tuple[dict[str, int], bytes]:
    """Call a helper with `blx`; returns registers and the memory at DATA afterwards."""
    machine = unicorn.Uc(unicorn.UC_ARCH_ARM, unicorn.UC_MODE_ARM)
    machine.mem_map(kuser.VECTORS, 0x1000)
    machine.mem_write(kuser.VECTORS, kuser.vectors_page(4096))
    machine.mem_map(DATA, 0x1000)
    machine.mem_map(CODE_END, 0x1000)
    machine.mem_write(DATA, memory)
    machine.reg_write(regs.UC_ARM_REG_SP, DATA + 0x800)
    machine.reg_write(regs.UC_ARM_REG_LR, CODE_END)
    machine.reg_write(regs.UC_ARM_REG_C13_C0_3, 0x12345678)
    for name, value in values.items():
        machine.reg_write(getattr(regs, f"UC_ARM_REG_{name.upper()}"), value)
    machine.emu_start(address, CODE_END, count=100)
    names = ("r0", "r1", "r2", "r4", "r5", "r6", "r7", "sp", "pc", "cpsr")
    out = {n: machine.reg_read(getattr(regs, f"UC_ARM_REG_{n.upper()}")) for n in names}
    assert out["pc"] == CODE_END
    assert out["sp"] == DATA + 0x800
    return out, bytes(machine.mem_read(DATA, 64))


def test_version_and_size() -> None:
    page = kuser.vectors_page(4096)
    assert len(page) == 4096 and unpack("<I", page[-4:]) == (5,)
    assert len(kuser.vectors_page(65536)) == 65536
    assert kuser.vectors_page(65536)[:4096] == page
    assert len(kuser.sigreturn_page(16384)) == 16384


def test_get_tls() -> None:
    assert call(0xFFFF0FE0)[0]["r0"] == 0x12345678


def test_memory_barrier_changes_nothing() -> None:
    out, _ = call(0xFFFF0FA0, r0=1, r1=2)
    assert (out["r0"], out["r1"]) == (1, 2)


@pytest.mark.parametrize(("old", "stored"), [(7, True), (8, False)])
def test_cmpxchg(old: int, stored: bool) -> None:
    out, memory = call(0xFFFF0FC0, pack("<I", 7), r0=old, r1=99, r2=DATA)
    assert memory[:4] == pack("<I", 99 if stored else 7)
    assert (out["r0"] == 0) == bool(out["cpsr"] & CARRY) == stored


@pytest.mark.parametrize(
    ("old", "stored"),
    [(0x1122334455667788, True), (0x1122334455667789, False), (0x1022334455667788, False)],
)
def test_cmpxchg64(old: int, stored: bool) -> None:
    now, new = 0x1122334455667788, 0xAABBCCDDEEFF0011
    memory = pack("<QQQ", now, old, new)
    kept = {"r4": 4, "r5": 5, "r6": 6, "r7": 7}
    out, after = call(0xFFFF0F60, memory, r0=DATA + 8, r1=DATA + 16, r2=DATA, **kept)
    assert after[:8] == pack("<Q", new if stored else now)
    assert (out["r0"] == 0) == bool(out["cpsr"] & CARRY) == stored
    assert {name: out[name] for name in kept} == kept


def test_words_are_what_the_assembler_says(tmp_path: Path) -> None:
    objdump = shutil.which("arm-linux-gnueabihf-objdump")
    if objdump is None:
        pytest.skip("arm-linux-gnueabihf-objdump missing: comments not checked")
    image = tmp_path / "page"
    image.write_bytes(kuser.vectors_page(4096))
    done = subprocess.run(
        [objdump, "-D", "-b", "binary", "-m", "arm", "--adjust-vma=0xffff0000", image],
        capture_output=True, text=True, timeout=30, check=True,
    )  # fmt: skip
    listing = {}
    for line in done.stdout.splitlines():
        address, _, rest = line.partition(":\t")
        if rest and address.strip().startswith("ffff"):
            listing[int(address, 16)] = rest.split("\t", 1)[1].split("@")[0].split(";")[0].strip()
    assert listing[0xFFFF0FDC].split()[1] == "0xffff0fa0"
    assert listing[0xFFFF0F84].split()[1] == "0xffff0f70"
    assert listing[0xFFFF0FD4].split()[1] == "0xffff0fc4"
    assert listing[0xFFFF0FE0] == "mrc\t15, 0, r0, cr13, cr0, {3}"
    assert listing[0xFFFF0F7C - 8].startswith("eors")


def test_sigreturn_stubs_load_the_right_number() -> None:
    page = kuser.sigreturn_page(4096)
    for offset, thumb, number in (
        (kuser.SIGRETURN_ARM, False, 119),
        (kuser.SIGRETURN_THUMB, True, 119),
        (kuser.RT_SIGRETURN_ARM, False, 173),
        (kuser.RT_SIGRETURN_THUMB, True, 173),
    ):
        mode = unicorn.UC_MODE_THUMB if thumb else unicorn.UC_MODE_ARM
        machine = unicorn.Uc(unicorn.UC_ARCH_ARM, mode)
        machine.mem_map(DATA, 0x1000)
        machine.mem_write(DATA, page)
        seen: list[int] = []

        def stop(uc: object, number: int, _: object, seen: list[int] = seen) -> None:
            seen.append(uc.reg_read(regs.UC_ARM_REG_R7))  # type: ignore[attr-defined]
            uc.emu_stop()  # type: ignore[attr-defined]

        machine.hook_add(unicorn.UC_HOOK_INTR, stop)
        machine.emu_start(DATA + offset + thumb, DATA + 0x1000, count=2)
        assert seen == [number]
