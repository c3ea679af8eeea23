"""What the host's CPU can do beyond the base line that the engine is compiled for.

Machine code, because LLVM IR expresses neither CPUID nor reading a system register. The answer is
found when it is first needed and kept in the `cpu` struct: a cached engine may move to another
machine. Sources: Intel SDM 1, 14.5.3 (detection of FMA), SDM 2 (CPUID, XGETBV), Linux
Documentation/arch/arm64/cpu-feature-registers.rst.
"""

from __future__ import annotations

from run32.codegen.link import Raw

# `int host_has_fma(void)`: 1 where FMA instructions exist and the kernel saves their registers.
_HAS_FMA = bytes.fromhex(
    "53"  # push rbx
    "b801000000"  # mov eax, 1
    "31c9"  # xor ecx, ecx
    "0fa2"  # cpuid
    "5b"  # pop rbx
    "31c0"  # xor eax, eax
    "81e100100018"  # and ecx, FMA | OSXSAVE | AVX
    "81f900100018"  # cmp ecx, FMA | OSXSAVE | AVX
    "7511"  # jne out
    "31c9"  # xor ecx, ecx
    "0f01d0"  # xgetbv
    "83e006"  # and eax, SSE state | AVX state
    "83f806"  # cmp eax, SSE state | AVX state
    "0f94c0"  # sete al
    "0fb6c0"  # movzx eax, al
    "c3"  # out: ret
)

# `void host_cpuid(uint32_t leaf, uint32_t sub, uint32_t out[4])`
_CPUID = bytes.fromhex(
    "53"  # push rbx
    "4989d0"  # mov r8, rdx
    "89f8"  # mov eax, edi
    "89f1"  # mov ecx, esi
    "0fa2"  # cpuid
    "418900"  # mov [r8], eax
    "41895804"  # mov [r8 + 4], ebx
    "41894808"  # mov [r8 + 8], ecx
    "4189500c"  # mov [r8 + 12], edx
    "5b"  # pop rbx
    "c3"  # ret
)

# `uint64_t host_isar0(void)`: ID_AA64ISAR0_EL1, which Linux lets programs read.
_ISAR0 = bytes.fromhex(
    "000638d5"  # mrs x0, ID_AA64ISAR0_EL1
    "c0035fd6"  # ret
)

STUBS = {
    "x86_64": [
        Raw(62, _HAS_FMA, {"host_has_fma": 0}, []),
        Raw(62, _CPUID, {"host_cpuid": 0}, []),
    ],
    "aarch64": [Raw(183, _ISAR0, {"host_isar0": 0}, [])],
}
