/* State is complete at accesses from the moment on that somebody may look at it: code that became hot
   before there was a handler is stopped and made anew. The handler is installed by the thread itself, by
   another thread, in a forked child, after execve, for its own stack; and a mapping grows below.
   build: -pthread */
#define _GNU_SOURCE
#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <ucontext.h>
#include <unistd.h>

static volatile uint32_t good[16], *volatile target = good;
static volatile int faults, ready, running;
static char *guard;
static char stack[65536];
static volatile int on_stack;

static uint32_t answer(uint32_t x, uint32_t i, uint32_t nzcv) { return x * 3 + i * 5 + nzcv; }

static void on_fault(int signo, siginfo_t *info, void *context)
{
	ucontext_t *u = context;
	unsigned long *r = &u->uc_mcontext.arm_r0;
	uint16_t first;
	char here;
	faults++;
	on_stack += &here > stack && &here < stack + sizeof stack;
	r[6] = answer(r[4], r[5], u->uc_mcontext.arm_cpsr >> 28);
	memcpy(&first, (void *)(u->uc_mcontext.arm_pc & ~1), 2);
	u->uc_mcontext.arm_pc += u->uc_mcontext.arm_cpsr & 32 && first < 0xE800 ? 2 : 4;
}

static void install(int flags)
{
	struct sigaction action = {.sa_sigaction = on_fault, .sa_flags = SA_SIGINFO | flags};
	sigaction(SIGSEGV, &action, NULL);
}

/* Until `n` rounds are done, or, with 0, until loads from `target` fail. */
static uint32_t __attribute__((noinline)) hot(uint32_t x, uint32_t n)
{
	uint32_t limit = n ? n : 200000000;
	for (uint32_t i = 0; i < limit && (n || !faults); i++) {
		register uint32_t a asm("r4") = x, b asm("r5") = i, c asm("r6");
		asm volatile("cmp r4, r5\n ldr %0, [%3]" : "=r"(c) : "r"(a), "r"(b), "r"(target) : "cc",
			"memory");
		x = x * 31 + c + 1;
	}
	return x;
}

static uint32_t expected(uint32_t x, uint32_t n)
{
	for (uint32_t i = 0; i < n; i++) {
		uint32_t d = x - i, v = ((x ^ i) & (x ^ d)) >> 31;
		x = x * 31 + answer(x, i, d >> 31 << 3 | !d << 2 | (x >= i) << 1 | v) + 1;
	}
	return x;
}

static int works(void)
{
	target = (void *)guard;
	faults = 0;
	uint32_t x = hot(11, 3000);
	int right = x == expected(11, 3000) && faults == 3000;
	target = good;
	return right;
}

static void *meddle(void *unused)
{
	while (!running)
		sched_yield();
	usleep(30000);
	install(0);
	target = (void *)guard;
	return unused;
}

static uint32_t __attribute__((noinline)) fill(volatile char *top, int n)
{
	uint32_t x = 1, y = 2, z = 3;
	for (int i = 0; i < n; i++) {
		x = x * 31 + y, y ^= z + i, z = z << 3 | z >> 29;
		top[-i] = x;
	}
	return x ^ y * 3 ^ z * 7;
}

static void *map_growing(void)
{
	int size = 32 << 20, page = 4096;
	char *at = mmap(NULL, size, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	munmap(at, size);
	return mmap(at + size - page, page, PROT_READ | PROT_WRITE,
		    MAP_PRIVATE | MAP_ANONYMOUS | MAP_GROWSDOWN | MAP_FIXED, -1, 0) + page - 1;
}

static int grows(void)
{
	int n = 3 << 20;
	char *plain = malloc(n);
	uint32_t right = fill(plain + n - 1, n);
	for (int i = 0; i < 4; i++)
		right = fill(plain + n - 1, n);
	char *top = map_growing();
	uint32_t found = fill(top, n);
	int same = found == right && !memcmp(top - n + 1, plain, n);
	free(plain);
	return same;
}

static int child(int (*what)(void), int flags)
{
	pid_t pid = fork();
	int status;
	if (!pid) {
		if (flags >= 0)
			install(flags);
		_exit(what() ? 7 : 1);
	}
	while (waitpid(pid, &status, 0) < 0)
		;
	return status == 7 << 8;
}

int main(int argc, char **argv)
{
	stack_t other = {.ss_sp = stack, .ss_size = sizeof stack};
	guard = mmap(NULL, 4096, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	hot(1, 2000000);
	printf("growing: %d\n", child(grows, -1));
	printf("child: %d\n", child(works, 0));
	hot(1, 200000);
	fflush(stdout);
	if (argc > 1 && !strcmp(argv[1], "again")) {
		install(0);
		printf("executed: %d\n", works());
		return 0;
	}
	/* nobody can look at what dies */
	pid_t pid = fork();
	int status;
	if (!pid) {
		freopen("/dev/null", "w", stderr);
		close(2);
		target = (void *)guard;
		hot(1, 100);
		_exit(0);
	}
	waitpid(pid, &status, 0);
	printf("dies: %d\n", WTERMSIG(status));
	pthread_t thread;
	pthread_create(&thread, NULL, meddle, NULL);
	running = 1;
	hot(5, 0);
	pthread_join(thread, NULL);
	printf("another thread: %d %d\n", faults > 0, works());
	sigaltstack(&other, NULL);
	install(SA_ONSTACK);
	on_stack = 0;
	printf("another stack: %d", works());
	printf(" %d\n", on_stack);
	printf("growing, exact: %d\n", grows());
	fflush(stdout);
	execl("/proc/self/exe", argv[0], "again", NULL);
	perror("execl");
	return 1;
}
