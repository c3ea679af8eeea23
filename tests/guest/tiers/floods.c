/* 10,000 asynchronous signals in hot loops: by tgkill from another thread, queued real-time ones, and
   from a timer. None is lost, none changes a register, a flag, or the floating-point state.
   build: -pthread -mfpu=vfpv3 */
#define _GNU_SOURCE
#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <unistd.h>

#define SENT 4000
#define QUEUED 4000
#define TICKS 2000

static volatile uint32_t got, queued, ticks;
static volatile uint64_t values;
static volatile int wrong, order, stop;
static int main_tid;
static uint32_t noise = 1;

static void spoil(void)
{
	noise = noise * 1664525 + 1013904223;
	double d = (int)noise * 1e-3 / 7;
	asm volatile("vmsr fpscr, %1\n vmov.f64 d3, %P0\n vmov.f64 d17, %P0\n vcmp.f64 %P0, #0\n"
		"adds r0, %1, %1\n" : : "w"(d), "r"(noise & 0x00C0009F) : "r0", "d3", "d17", "cc");
}

static void on_sent(int signo) { got++; spoil(); }
static void on_tick(int signo) { ticks++; spoil(); }

static void on_queued(int signo, siginfo_t *info, void *context)
{
	static int last = -1;
	order += info->si_value.sival_int != last + 1;
	last = info->si_value.sival_int;
	values += last;
	queued++;
	spoil();
}

static void *sender(void *unused)
{
	for (int i = 0; i < SENT || i < QUEUED; i++) {
		if (i < QUEUED) {
			union sigval value = {.sival_int = i};
			while (sigqueue(getpid(), SIGRTMIN + 1, value))
				usleep(50);
		}
		if (i < SENT) {
			syscall(SYS_tgkill, getpid(), main_tid, SIGUSR1);
			while (got != i + 1) /* signals of this kind are not queued */
				sched_yield();
		}
		if (i % 64 == 0)
			usleep(100);
	}
	while (queued < QUEUED)
		sched_yield();
	stop |= 1;
	return NULL;
}

/* Carries that live in the flags, and in registers, from one round to the next. */
static uint64_t __attribute__((noinline)) carries(uint32_t n, uint32_t a, uint32_t b)
{
	uint32_t low = a, high = b, count = 0;
	asm volatile("adds r0, r0, #0\n"
		"1: adcs %0, %0, %3\n adcs %1, %1, %4\n adc %2, %2, #0\n"
		"sub %5, %5, #1\n teq %5, #0\n bne 1b\n"
		: "+r"(low), "+r"(high), "+r"(count), "+r"(a), "+r"(b), "+r"(n) : : "r0", "cc");
	return (uint64_t)(high ^ count) << 32 | low;
}

/* Flags that a loop keeps from before its first round: only branches on a register. */
static uint32_t __attribute__((noinline)) kept(uint32_t n, int32_t a, int32_t b)
{
	uint32_t bad = 0;
	for (uint32_t i = 0; i < n; i++) {
		uint32_t before, after, x = i;
		asm volatile("cmp %3, %4\n mrs %0, cpsr\n b 2f\n"
			"1: eor %2, %2, %3\n mrs %1, cpsr\n b 3f\n"
			"2: eor %2, %2, %4\n b 1b\n 3:\n"
			: "=&r"(before), "=&r"(after), "+r"(x) : "r"(a + (int32_t)i), "r"(b) : "cc");
		bad += (before ^ after) >> 28 != 0 || x != (i ^ (a + i) ^ b);
	}
	return bad;
}

/* Inexact and exact arithmetic with modes of its own: results, flags and modes stay. */
static double __attribute__((noinline)) numbers(uint32_t n, uint32_t mode, uint32_t *flags)
{
	double x = 1.0, third = 1.0 / 3;
	float y = 0.5f;
	asm volatile("vmsr fpscr, %0" : : "r"(mode));
	for (uint32_t i = 0; i < n; i++) {
		x = x * 0.999 + third;
		y = y * 0.5f + 0.25f;
		asm volatile("" : "+w"(x), "+t"(y));
	}
	asm volatile("vmrs %0, fpscr" : "=r"(*flags) : "w"(x), "t"(y));
	asm volatile("vmsr fpscr, %0" : : "r"(0));
	return x + y;
}

int main(void)
{
	struct sigaction action = {.sa_flags = SA_RESTART};
	struct itimerval every = {{0, 300}, {0, 300}}, never = {{0, 0}, {0, 0}};
	uint64_t expected[4];
	double results[4];
	uint32_t flags[4], now, rounds = 0, seed = 7;
	pthread_t thread;
	for (int i = 0; i < 4; i++) {
		expected[i] = carries(3000 + i, 0x9E3779B9 * (i + 1), 0x85EBCA6B + i);
		results[i] = numbers(2000 + i, i << 22, flags + i);
	}
	wrong += kept(3000, 5, 9);
	main_tid = syscall(SYS_gettid);
	action.sa_handler = on_sent;
	sigaction(SIGUSR1, &action, NULL);
	action.sa_handler = on_tick;
	sigaction(SIGALRM, &action, NULL);
	action.sa_flags |= SA_SIGINFO;
	action.sa_sigaction = on_queued;
	sigaction(SIGRTMIN + 1, &action, NULL);
	sigset_t set;
	sigfillset(&set);
	sigprocmask(SIG_BLOCK, &set, NULL);
	pthread_create(&thread, NULL, sender, NULL);
	sigprocmask(SIG_UNBLOCK, &set, NULL);
	setitimer(ITIMER_REAL, &every, NULL);
	while (stop != 1 || ticks < TICKS) {
		int i = rounds++ & 3;
		wrong += carries(3000 + i, 0x9E3779B9 * (i + 1), 0x85EBCA6B + i) != expected[i];
		wrong += kept(3000, seed = seed * 69069 + 1, 9) != 0;
		wrong += numbers(2000 + i, i << 22, &now) != results[i] || now != flags[i];
	}
	setitimer(ITIMER_REAL, &never, NULL);
	pthread_join(thread, NULL);
	printf("sent %u queued %u in order %d sum %d ticks %d wrong %d\n", got, queued, !order,
	       values == (uint64_t)QUEUED * (QUEUED - 1) / 2, ticks >= TICKS, wrong);
	return 0;
}
