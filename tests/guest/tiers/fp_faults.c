/* Faults in hot floating-point code: a handler reads and edits d0 to d31 and FPSCR through its
   ucontext, and finds the flags that were raised before the access, and no others.
   build: -mfpu=vfpv3 */
#define _GNU_SOURCE
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <ucontext.h>

struct vfp {
	uint32_t magic, size;
	uint64_t d[32];
	uint32_t fpscr;
};

static uint32_t sum, faults, edit;
static char *guard;

static uint32_t mix(uint32_t hash, const void *data, int words)
{
	for (int i = 0; i < words; i++)
		hash = (hash ^ ((const uint32_t *)data)[i]) * 16777619;
	return hash;
}

static void on_fault(int signo, siginfo_t *info, void *context)
{
	ucontext_t *u = context;
	struct vfp *vfp = (struct vfp *)u->uc_regspace;
	uint16_t first;
	faults++;
	sum = mix(sum, vfp->d, 64);
	sum = mix(sum, &vfp->fpscr, 1);
	for (int i = 0; i < 32; i++)
		vfp->d[i] ^= 0x0101010101010101ull * (i + faults);
	if (edit)
		vfp->fpscr = vfp->fpscr & ~0xF7C0009F | edit & 0xF7C0009F;
	/* the handler's own arithmetic is nobody's business */
	asm volatile("vmov.f64 d31, #1.0\n vmov.f64 d30, #3.0\n vdiv.f64 d31, d31, d30\n"
		"vmsr fpscr, %0\n vcmp.f64 d31, d30" : : "r"(0x03C00000) : "d30", "d31");
	memcpy(&first, (void *)(u->uc_mcontext.arm_pc & ~1), 2);
	u->uc_mcontext.arm_pc += u->uc_mcontext.arm_cpsr & 32 && first < 0xE800 ? 2 : 4;
}

/* All registers have known values at an access that faults, flags are raised on both sides of it. */
#define HOT(name, before, access, after) \
static void __attribute__((noinline)) name(uint64_t *v, uint32_t fpscr) \
{ \
	register uint64_t *p asm("r4") = v; \
	register char *bad asm("r5") = guard; \
	asm volatile("push {r4}\n vmsr fpscr, %2\n vldm r4!, {d0-d15}\n vldm r4, {d16-d31}\n" \
		before "\n" access "\n" after "\n pop {r4}\n vstm r4!, {d0-d15}\n vstm r4!, {d16-d31}\n" \
		"vmrs r6, fpscr\n str r6, [r4]\n vmsr fpscr, %3" \
		: "+r"(p), "+r"(bad) : "r"(fpscr), "r"(0) : "r6", "memory", "cc", \
		  "d0", "d1", "d2", "d3", "d4", "d5", "d6", "d7", "d8", "d9", "d10", "d11", "d12", "d13", \
		  "d14", "d15", "d16", "d17", "d18", "d19", "d20", "d21", "d22", "d23", "d24", "d25", \
		  "d26", "d27", "d28", "d29", "d30", "d31"); \
}
HOT(hot_ldr, "", "ldr r6, [r5]", "vadd.f64 d1, d2, d3")
HOT(hot_inexact, "vdiv.f64 d0, d1, d2", "ldr r6, [r5]", "vsqrt.f64 d3, d4")
HOT(hot_compare, "vcmp.f64 d1, d2", "strb r4, [r5]", "vmrs APSR_nzcv, fpscr\n it mi\n vmovmi.f64 d5, d6")
HOT(hot_vldr, "vmul.f32 s1, s2, s3", "vldr d7, [r5, #8]", "vadd.f32 s14, s15, s1")
HOT(hot_vstr, "vmla.f64 d20, d21, d22", "vstr s9, [r5]", "vmul.f64 d20, d20, d23")
HOT(hot_vldm, "vcvt.s32.f64 s0, d9", "vldm r5, {d8-d11}", "vcvt.f64.s32 d12, s0")
HOT(hot_vstm, "vsub.f32 s30, s31, s29", "vstm r5, {s16-s23}", "vneg.f32 s30, s30")

int main(void)
{
	static void (*const calls[])(uint64_t *, uint32_t) = { hot_ldr, hot_inexact, hot_compare,
		hot_vldr, hot_vstr, hot_vldm, hot_vstm };
	struct sigaction action = {.sa_sigaction = on_fault, .sa_flags = SA_SIGINFO};
	guard = mmap(NULL, 4096, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	sigaction(SIGSEGV, &action, NULL);
	for (unsigned f = 0; f < sizeof calls / sizeof *calls; f++) {
		uint32_t seed = f + 1, all = 0;
		sum = faults = 0;
		for (int i = 0; i < 400; i++) {
			uint64_t v[33];
			for (int j = 0; j < 32; j++) {
				double value;
				seed = seed * 1664525 + 1013904223;
				value = (int)seed * (j & 1 ? 0.001 : 1e-7);
				memcpy(v + j, &value, 8);
			}
			edit = i & 1 ? seed : 0;
			v[32] = 0;
			calls[f](v, seed >> 5 & 0x00C0009F);
			all = mix(all, v, 65);
		}
		printf("%u: %u faults, %08x %08x\n", f, faults, sum, all);
	}
	return 0;
}
