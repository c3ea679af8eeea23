"""`--cpu` decides what programs are told; what they then use gives the same results."""

from __future__ import annotations

from pathlib import Path
from random import Random

import pytest
from tools.guests import environment, library_environment, qemu_arm, run32

KEY, IV = "00112233445566778899aabbccddeeff", "f0e1d2c3b4a5968778695a4b3c2d1e0f"
OPENSSL = {
    "sha256": ("dgst", "-sha256"),
    "sha1": ("dgst", "-sha1"),
    "aes-128-cbc": ("enc", "-aes-128-cbc", "-K", KEY, "-iv", IV),
    "aes-128-cbc backwards": ("enc", "-d", "-nopad", "-aes-128-cbc", "-K", KEY, "-iv", IV),
    "aes-256-ctr": ("enc", "-aes-256-ctr", "-K", KEY + KEY, "-iv", IV),
}
HWCAPS = {"v7": 0x1FB0D6, "v8": 0x3D7B0D6}
SHOW = """
import ctypes, os
g = ctypes.CDLL(None).getauxval
g.restype = ctypes.c_ulong
print(hex(g(16)), hex(g(26)), ctypes.string_at(g(15)).decode(), os.uname().machine)
print([l for l in open("/proc/cpuinfo") if l.startswith(("Features", "model", "CPU arch"))][:3])
"""


@pytest.mark.parametrize(("cpu", "hwcap2"), [("v7", 0), ("v8", 0x3F)])
def test_what_programs_are_told(
    cpu: str, hwcap2: int, engine: Path, armhf_root: Path, tmp_path: Path
) -> None:
    argv = ["/usr/bin/python3.11", "-c", SHOW]
    result = run32(argv, cwd=tmp_path, rootfs=armhf_root, options=("--cpu", cpu))
    first, second = result.stdout.decode().splitlines()
    assert first.split() == [hex(HWCAPS[cpu]), hex(hwcap2), f"{cpu}l", f"arm{cpu}l"]
    assert f"ARM{cpu} Processor rev 1 ({cpu}l)" in second and f"architecture: {cpu[1]}" in second
    features = " fphp asimdhp asimddp asimdfhm aes pmull sha1 sha2 crc32 sb"
    assert (features in second) == (cpu == "v8")


@pytest.mark.parametrize("tiers", ["interp", "mixed"])
@pytest.mark.parametrize("what", OPENSSL)
def test_openssl(
    what: str, tiers: str, engine: Path, oracle: None, armhf_root: Path, tmp_path: Path
) -> None:
    """With the instructions and without, and on the CPU of the oracle."""
    (tmp_path / "data").write_bytes(Random(what).randbytes(160_000))
    argv = ["/usr/bin/openssl", *OPENSSL[what]]
    env = environment(tmp_path, RUN32_TIERS=tiers)
    data = tmp_path / "data"
    results = [
        run32(argv, cwd=tmp_path, rootfs=armhf_root, options=("--cpu", cpu), env=env, stdin=data)
        for cpu in ("v8", "v7")
    ]
    argv[0] = str(armhf_root / "usr/bin/openssl")
    oracle_env = environment(tmp_path, **library_environment(armhf_root), QEMU_CPU="max")
    results.append(qemu_arm(argv, cwd=tmp_path, rootfs=armhf_root, env=oracle_env, stdin=data))
    assert [r.status for r in results] == [0, 0, 0], [r.stderr for r in results]
    assert results[0].stdout == results[1].stdout == results[2].stdout != b""
