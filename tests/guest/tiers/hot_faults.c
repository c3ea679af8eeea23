/* Faults in hot code: a handler reads and edits every register and goes on; siglongjmp; timers. */
#define _GNU_SOURCE
#include <setjmp.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/time.h>
#include <ucontext.h>
#include <unistd.h>

static volatile int faults, edits, alarms, torn;
static uint32_t sum;
static char *guard;
static sigjmp_buf out;
static int jumping;

static void on_fault(int signo, siginfo_t *info, void *context)
{
	ucontext_t *u = context;
	unsigned long *r = &u->uc_mcontext.arm_r0;
	uint16_t first;
	faults++;
	if (jumping)
		siglongjmp(out, faults);
	for (int i = 0; i < 13; i++)
		sum = sum * 31 + (i == 1 ? r[i] - (unsigned long)guard : r[i]);
	sum = sum * 31 + (u->uc_mcontext.arm_cpsr >> 28) + (char *)info->si_addr - guard;
	for (int i = 0; i < 13; i++)
		r[i] = r[i] * 3 + i;
	r[14] ^= 0x55;
	u->uc_mcontext.arm_cpsr ^= 0xF0000000;
	memcpy(&first, (void *)(u->uc_mcontext.arm_pc & ~1), 2);
	int thumb = u->uc_mcontext.arm_cpsr >> 5 & 1;
	u->uc_mcontext.arm_pc += thumb && first < 0xE800 ? 2 : 4;
	edits++;
}

/* Every register has a known value at an access that faults. */
#define HOT(name, access) \
static void __attribute__((noinline)) name(uint32_t *v) \
{ \
	asm volatile("push {r4-r11, lr}\n push {r0}\n mov lr, r0\n ldm lr, {r0-r12}\n" \
		"mov lr, #7\n cmp r2, r3\n" access "\n" \
		"push {r0}\n mrs r0, cpsr\n lsr r0, #28\n push {r0}\n ldr r0, [sp, #8]\n" \
		"stm r0!, {r1-r12, lr}\n pop {r1, r2}\n stm r0!, {r1, r2}\n" \
		"pop {r0}\n pop {r4-r11, lr}" : "+r"(v) : : "r1", "r2", "r3", "r12", "memory", "cc"); \
}
HOT(hot_ldr, "ldr r3, [r1]")
HOT(hot_str, "str r3, [r1, #4]")
HOT(hot_ldm, "ldm r1, {r4-r7}")
HOT(hot_stm, "stmdb r1!, {r4, r6, r9}")
HOT(hot_ldrd, "ldrd r4, r5, [r1, #8]")
HOT(hot_strd, "strd r6, r7, [r1]")
HOT(hot_post, "ldrb r5, [r1], #1")
HOT(hot_vldm, "vldm r1, {d0-d3}")
HOT(hot_vstr, "vstr d2, [r1, #16]")
HOT(hot_ldrex, "ldrex r4, [r1]")
HOT(hot_cond, "it gt\n ldrgt r3, [r1]")
HOT(hot_conds, "ittt ne\n addne r3, #1\n strhne r3, [r1]\n addne r4, #1")
HOT(hot_unaligned, "ittt ne\n addne r1, #2\n vldrne s1, [r1]\n addne r4, #1")

static void registers(void)
{
	static void (*const calls[])(uint32_t *) = { hot_ldr, hot_str, hot_ldm, hot_stm, hot_ldrd,
		hot_strd, hot_post, hot_vldm, hot_vstr, hot_ldrex, hot_cond, hot_conds, hot_unaligned };
	for (unsigned f = 0; f < sizeof calls / sizeof *calls; f++) {
		uint32_t seed = f + 1, all = 0;
		sum = faults = 0;
		for (int i = 0; i < 300; i++) {
			uint32_t v[20] = {0};
			for (int j = 0; j < 13; j++)
				v[j] = seed = seed * 1664525 + 1013904223;
			v[1] = (uint32_t)guard + 4096;
			uint32_t at = v[1];
			calls[f](v);
			for (int j = 0; j < 20; j++)
				all = all * 33 + (j ? v[j] : v[0] - (v[0] == at ? at : 3 * at));
		}
		printf("%u: %d faults, %08x %08x\n", f, faults, sum, all);
	}
}

static void check_edits(void)
{
	int good = 0;
	for (int i = 0; i < 2000; i++) {
		register uint32_t a asm("r4") = i, b asm("r5") = i * 7, c asm("r6");
		asm volatile("mov r12, r4\n ldr r6, [%3]\n add r6, r4, r5\n add r6, r12\n"
			: "+r"(a), "+r"(b), "=r"(c) : "r"(guard) : "r0", "r1", "r2", "r3", "r7", "r8",
			  "r9", "r10", "r11", "r12", "lr", "memory", "cc");
		good += c == (uint32_t)(i * 3 + 4) + (i * 21 + 5) + (i * 3 + 12);
	}
	printf("edited and right: %d\n", good);
}

static int __attribute__((noinline)) peek(volatile int *p, int i) { return p[i] + i; }

static void jumps(void)
{
	volatile int n = 0;
	jumping = 1;
	while (n < 10000) {
		if (!sigsetjmp(out, 1))
			for (int i = 0; i < 100000; i++)
				peek((int *)(guard - 64), i);
		n++;
	}
	jumping = 0;
	printf("jumped %d\n", n);
}

static void on_alarm(int signo)
{
	alarms++;
	asm volatile("vmov.f64 d0, #1.0\n vmov.f64 d7, #2.0\n cmp r0, r0" : : : "d0", "d7", "cc");
}

static void loops(void)
{
	struct itimerval every = {{0, 400}, {0, 400}}, never = {{0, 0}, {0, 0}};
	struct sigaction action = {.sa_handler = on_alarm, .sa_flags = SA_RESTART};
	sigaction(SIGALRM, &action, NULL);
	setitimer(ITIMER_REAL, &every, NULL);
	uint32_t first = 0;
	double before = 0;
	for (int round = 0; alarms < 300 || round < 20; round++) {
		uint32_t x = 1;
		double d = 1.5;
		for (int i = 0; i < 20000; i++) {
			x = x * 1664525 + (x > 99 ? 1013904223 : i);
			d = d * 1.0000001 + (x & 1 ? 0.25 : 0.125);
		}
		if (!round)
			first = x, before = d;
		torn += x != first || d != before;
	}
	setitimer(ITIMER_REAL, &never, NULL);
	printf("torn: %d\n", torn);
}

int main(void)
{
	struct sigaction action = {.sa_sigaction = on_fault, .sa_flags = SA_SIGINFO | SA_NODEFER};
	guard = mmap(NULL, 12288, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	/* loops become hot before there is a handler */
	int warm = 0, table[16] = {0};
	for (int i = 0; i < 300000; i++)
		warm += peek(table, i & 15);
	printf("warm %d\n", warm);
	mprotect(guard + 8192, 4096, PROT_NONE);
	sigaction(SIGSEGV, &action, NULL);
	sigaction(SIGBUS, &action, NULL);
	check_edits();
	jumps();
	loops();
	registers();
	return 0;
}
