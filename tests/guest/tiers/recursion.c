/* Recursion of 100,000 levels in hot code, returned from and jumped out of: on the main stack, on the
   stack of a thread, through pointers, with floating point and with more arguments than registers.
   build: -pthread */
#define _GNU_SOURCE
#include <pthread.h>
#include <setjmp.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>

#define DEEP 100000

typedef uint32_t (*function)(uint32_t, uint32_t);
static jmp_buf out;
static function volatile next[3];

static inline uint32_t keep(uint32_t x)
{
	asm volatile("" : "+r"(x)); /* GCC would make loops of recursion */
	return x;
}

static uint32_t __attribute__((noinline)) down(uint32_t n, uint32_t x)
{
	if (!n)
		return x;
	return keep(down(n - 1, x * 31 + n)) * 3 + (x >> 7);
}

static uint32_t __attribute__((noinline)) even(uint32_t n, uint32_t x)
{
	return n ? keep(next[1](n - 1, x ^ n)) + 1 : x;
}

static uint32_t __attribute__((noinline)) odd(uint32_t n, uint32_t x)
{
	return n ? keep(next[0](n - 1, x * 5)) ^ n : x;
}

static double __attribute__((noinline)) numbers(int n, double x, double y)
{
	double below = n ? numbers(n - 1, y + 0.5, x * 0.25) : y;
	asm volatile("" : "+m"(below));
	return below + x;
}

static uint32_t __attribute__((noinline)) many(int a, int b, int c, int d, int e, int f, int n)
{
	return n ? keep(many(f, a ^ n, b, c, d + b, e, n - 1)) + a : a + 2 * b + 3 * c + 4 * d + 5 * e + f;
}

static void __attribute__((noinline)) dive(int n, volatile uint32_t *seen)
{
	*seen += n;
	if (!n)
		longjmp(out, 7);
	dive(n - 1, seen);
	*seen = 0; /* not reached: no tail call */
}

static void *work(void *unused)
{
	uint32_t sum = 0;
	volatile uint32_t seen = 0;
	volatile int jumped = 0;
	for (int i = 0; i < 5; i++) {
		sum = sum * 7 + down(DEEP - i, i);
		sum = sum * 7 + even(DEEP - i, i);
		sum = sum * 7 + (uint32_t)(int64_t)numbers(DEEP / 2, i, 2);
		sum = sum * 7 + many(i, 2, 3, 4, 5, 6, DEEP / 2);
	}
	for (volatile int i = 0; i < 5; i++)
		if (!setjmp(out))
			dive(DEEP, &seen);
		else
			jumped++;
	for (volatile int i = 0; i < 20000; i++) { /* out of little, often */
		volatile uint32_t little = 0;
		if (!setjmp(out))
			dive(i % 17, &little);
		seen += little;
	}
	printf("%08x %u %d\n", sum, seen, jumped);
	return unused;
}

static sigjmp_buf over;
static void on_overflow(int signo, siginfo_t *info, void *context) { siglongjmp(over, 1); }

int main(void)
{
	pthread_attr_t attributes;
	pthread_t thread;
	next[0] = even;
	next[1] = odd;
	work(NULL);
	pthread_attr_init(&attributes);
	pthread_attr_setstacksize(&attributes, 64 << 20);
	for (int i = 0; i < 2; i++) {
		pthread_create(&thread, &attributes, work, NULL);
		pthread_join(thread, NULL);
	}
	/* without an end: a handler on its own stack gets out */
	stack_t stack = {.ss_sp = malloc(65536), .ss_size = 65536};
	struct sigaction action = {.sa_sigaction = on_overflow, .sa_flags = SA_SIGINFO | SA_ONSTACK};
	sigaltstack(&stack, NULL);
	sigaction(SIGSEGV, &action, NULL);
	volatile int overflows = 0;
	while (overflows < 3)
		if (!sigsetjmp(over, 1))
			down(0xFFFFFFFF, 1);
		else
			overflows++;
	printf("%d overflows\n", overflows);
	work(NULL);
	return 0;
}
