/* Registers are right at faults that another thread causes by unmapping what hot code reads and
   writes, although the code became hot while there was one thread, which handles SIGSEGV.
   build: -pthread */
#define _GNU_SOURCE
#include <pthread.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <ucontext.h>
#include <unistd.h>

static char *page;
static volatile int faults, wrong, stop;

static void on_fault(int signo, siginfo_t *info, void *context)
{
	ucontext_t *u = context;
	unsigned long *r = &u->uc_mcontext.arm_r0;
	/* the loop keeps r5 = 3 * r4, r7 = r4 ^ 0x55 and compares r4 with itself */
	faults++;
	wrong += r[5] != 3 * r[4] || r[7] != (r[4] ^ 0x55) || u->uc_mcontext.arm_cpsr >> 28 != 6;
	mmap(page, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0);
}

static void __attribute__((noinline)) hot(int n)
{
	asm volatile("1: add r4, r4, #1\n add r5, r4, r4, lsl #1\n eor r7, r4, #0x55\n cmp r4, r4\n"
		"ldr r6, [%0, #8]\n str r4, [%0, #4]\n subs %1, %1, #1\n bne 1b"
		: "+r"(page), "+r"(n) : : "r4", "r5", "r6", "r7", "memory", "cc");
}

static void *meddle(void *unused)
{
	while (!stop) {
		munmap(page, 4096);
		usleep(500);
	}
	return unused;
}

int main(void)
{
	struct sigaction action = {.sa_sigaction = on_fault, .sa_flags = SA_SIGINFO};
	pthread_t thread;
	page = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	sigaction(SIGSEGV, &action, NULL);
	for (int i = 0; i < 50; i++)
		hot(20000);
	munmap(page, 4096);
	hot(3000);
	printf("alone: %d %d\n", faults, wrong);
	pthread_create(&thread, NULL, meddle, NULL);
	while (faults < 200)
		hot(2000);
	stop = 1;
	pthread_join(thread, NULL);
	printf("wrong: %d\n", wrong);
	return 0;
}
