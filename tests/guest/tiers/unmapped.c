/* Hot code whose accesses fault in pages where they did not before: unmapped, protected, a file that
   ends, moved, given back by brk, across the end of a mapping, below a stack. A handler prints every
   register and repairs the page, or skips the instruction. */
#define _GNU_SOURCE
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <ucontext.h>
#include <unistd.h>

enum { PAGE = 4096 };

static uint32_t base;
static int faults, skips;

/* Where memory lies is no matter: r8, r9 and addresses are counted from there. */
static uint32_t relative(uint32_t value)
{
	return value - base;
}

static void on_fault(int signo, siginfo_t *info, void *context)
{
	ucontext_t *u = context;
	unsigned long *r = &u->uc_mcontext.arm_r0;
	uint16_t first;
	memcpy(&first, (void *)(u->uc_mcontext.arm_pc & ~1), 2);
	printf("  %d at %x, code %04x flags %lx:", signo, relative((uint32_t)info->si_addr), first,
	       u->uc_mcontext.arm_cpsr >> 28);
	for (int i = 0; i < 15; i++)
		if (i != 13 && (i != 11 || r[11] == 11)) /* nor where the stack is */
			printf(" %x", i == 8 || i == 9 ? relative(r[i]) : r[i]);
	printf("\n");
	faults++;
	if (!skips && mmap((void *)((uint32_t)info->si_addr & -PAGE), PAGE, PROT_READ | PROT_WRITE,
			   MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0) != MAP_FAILED)
		return;
	u->uc_mcontext.arm_pc += u->uc_mcontext.arm_cpsr & 32 && first < 0xE800 ? 2 : 4;
	u->uc_mcontext.arm_cpsr ^= 0x60000000;
	r[6] ^= faults;
}

/* `n` rounds with known registers, flags made before `access`, which is the one of interest. v[0] to
   v[6] come in and go out; r8 and r9 are where memory is. */
#define HOT(name, access) \
static void __attribute__((noinline)) name(uint32_t *v, char *p, char *q, int n) \
{ \
	register uint32_t *r0 asm("r0") = v; \
	register char *r1 asm("r1") = p, *r2 asm("r2") = q; \
	register int r3 asm("r3") = n; \
	asm volatile("push {r4-r11, lr}\n push {r0}\n mov r8, r1\n mov r9, r2\n mov r10, r3\n" \
		"ldm r0, {r0-r6}\n mov r7, #7\n mov lr, #9\n mov r11, #11\n mov r12, #12\n" \
		"1: adds r2, r2, r3\n eor r3, r3, r2, lsl #3\n subs r4, r4, r2\n" access "\n" \
		"adc r5, r5, r6\n subs r10, r10, #1\n bne 1b\n" \
		"pop {r7}\n stm r7, {r0-r6}\n pop {r4-r11, lr}" \
		: "+r"(r0), "+r"(r1), "+r"(r2), "+r"(r3) : : "r12", "memory", "cc"); \
}
HOT(word, "ldr r6, [r8, #8]\n str r4, [r9, #4]\n str r5, [r9, #12]")
HOT(many, "ldm r8, {r6, r7, r12, lr}\n cmp r6, r7\n stm r9, {r4-r6}")
HOT(across, "ldr r6, [r8, #-2]\n adds r7, r7, r6\n strh r4, [r9, #-3]\n str r4, [r9, #-2]")
HOT(ends, "ldmdb r8!, {r6, r7}\n add r8, r8, #8\n add r9, r9, #4\n stm r9!, {r4, r5, r6}\n sub r9, r9, #16")
HOT(stack, "mov r11, sp\n mov sp, r9\n push {r4, r5}\n sub sp, sp, #16\n str r2, [sp, #8]\n"
	"ldrd r6, r7, [sp, #16]\n push {r3}\n add sp, sp, #28\n mov sp, r11\n mov r11, #11")
HOT(vector, "vldm r8, {d0-d3}\n vmov r6, s3\n vstm r9!, {d0-d1}\n sub r9, r9, #16")

typedef void code(uint32_t *, char *, char *, int);

static struct { const char *name; code *run; int p, q; } cases[] = {
	{"word", word, 16, PAGE + 16}, {"many", many, PAGE - 8, 2 * PAGE - 8},
	{"across", across, PAGE, 2 * PAGE}, {"ends", ends, PAGE + 4, 2 * PAGE - 12},
	{"stack", stack, 16, PAGE + 28}, {"vector", vector, PAGE - 16, 2 * PAGE - 8},
};

static char file[] = "unmapped-XXXXXX";
static int fd;

static char *fresh(void)
{
	char *at = mmap(NULL, 6 * PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	munmap(at + 4 * PAGE, 2 * PAGE);
	munmap(at, PAGE);
	for (int i = PAGE; i < 4 * PAGE; i += 4)
		*(uint32_t *)(at + i) = i * 0x9E3779B1;
	base = (uint32_t)at;
	return at + PAGE;
}

static void unmap(char *at, int i) { munmap(at + i * PAGE, PAGE); }
static void protect(char *at, int i) { mprotect(at + i * PAGE, PAGE, i & 1 ? PROT_READ : PROT_NONE); }
static void over(char *at, int i)
{
	mmap(at + i * PAGE, PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_FIXED, fd, PAGE);
}
static void shared(char *at, int i)
{
	ftruncate(fd, 2 * PAGE);
	mmap(at + i * PAGE, PAGE, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_FIXED, fd, PAGE);
	*(volatile char *)(at + i * PAGE) = 1;
	ftruncate(fd, PAGE);
}
static void move(char *at, int i)
{
	char *to = mmap(NULL, PAGE, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	mremap(at + i * PAGE, PAGE, PAGE, MREMAP_MAYMOVE | MREMAP_FIXED, to);
}
static void shrink(char *at, int i) { mremap(at + i * PAGE, (3 - i) * PAGE, PAGE, 0); unmap(at, i); }

static struct { const char *name; void (*change)(char *, int); } changes[] = {
	{"unmap", unmap}, {"protect", protect}, {"file over it", over}, {"truncated", shared},
	{"moved", move}, {"shrunk", shrink},
};

static void show(const char *when, const uint32_t *v)
{
	uint32_t sum = 0;
	for (int i = 0; i < 7; i++)
		sum = sum * 31 + v[i];
	printf(" %s: %d faults, %08x\n", when, faults, sum);
	faults = 0;
}

static void round_(unsigned c, unsigned k)
{
	for (int page = 0; page < 3; page++) {
		uint32_t v[7] = {1, 2, 3, 4, 5, 6, 7};
		char *at = fresh();
		printf("%s, %s %d\n", cases[c].name, changes[k].name, page);
		cases[c].run(v, at + cases[c].p, at + cases[c].q, 3000);
		show("before", v);
		changes[k].change(at, page);
		skips = (page + k) & 1;
		cases[c].run(v, at + cases[c].p, at + cases[c].q, 3);
		show("behind", v);
		munmap(at, 3 * PAGE);
	}
}

static void give_back(void)
{
	uint32_t v[7] = {7, 6, 5, 4, 3, 2, 1};
	char *end = sbrk(0), *at;
	sbrk(-(uint32_t)end & (PAGE - 1));
	at = sbrk(3 * PAGE);
	base = (uint32_t)at;
	memset(at, 5, 3 * PAGE);
	skips = 1;
	for (unsigned c = 0; c < 2; c++) {
		cases[c].run(v, at + cases[c].p, at + cases[c].q, 3000);
		show("heap", v);
		sbrk(-2 * PAGE);
		cases[c].run(v, at + cases[c].p, at + cases[c].q, 3);
		show("given back", v);
		sbrk(2 * PAGE);
	}
}

int main(void)
{
	static char other[65536];
	stack_t stack_ = {.ss_sp = other, .ss_size = sizeof other};
	struct sigaction action = {.sa_sigaction = on_fault, .sa_flags = SA_SIGINFO | SA_ONSTACK};
	sigaltstack(&stack_, NULL);
	sigaction(SIGSEGV, &action, NULL);
	sigaction(SIGBUS, &action, NULL);
	fd = mkstemp(file);
	unlink(file);
	ftruncate(fd, PAGE);
	for (unsigned c = 0; c < sizeof cases / sizeof *cases; c++)
		for (unsigned k = 0; k < sizeof changes / sizeof *changes; k++)
			round_(c, k);
	give_back();
	return 0;
}
