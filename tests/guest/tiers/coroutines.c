/* Coroutines in hot code: generators, a ring, contexts that move between threads, and signals all
   the while.
   build: -pthread */
#define _GNU_SOURCE
#include <pthread.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/time.h>
#include <ucontext.h>

#define RING 20

static ucontext_t home, ring[RING];
static volatile uint32_t value;
static volatile int alarms;
static uint32_t total;

static void on_alarm(int signo) { alarms++; }

static uint32_t __attribute__((noinline)) step(uint32_t x, uint32_t y)
{
	for (int i = 0; i < 30; i++)
		x = x * 1664525 + (x & 4 ? y : i);
	return x;
}

/* Local state, in registers and floating point, survives every switch. */
static void generator(int number, int rounds)
{
	uint32_t x = number, first = number * 77;
	double d = number;
	for (int i = 0; i < rounds; i++) {
		x = step(x, first + i);
		d = d * 0.75 + i;
		value = x;
		if (i % 3)
			swapcontext(&ring[number], &ring[(number + 1) % RING]);
		else
			for (int k = 0; k < 3; k++)
				x ^= step(k, x);
	}
	total = total * 33 + x + (uint32_t)d;
	if (number + 1 < RING)
		setcontext(&ring[number + 1]);
}

static void spin(int rounds)
{
	for (int i = 0; i < RING; i++) {
		getcontext(&ring[i]);
		ring[i].uc_stack.ss_sp = malloc(32768);
		ring[i].uc_stack.ss_size = 32768;
		ring[i].uc_link = &home;
		makecontext(&ring[i], (void (*)(void))generator, 2, i, rounds);
	}
	swapcontext(&home, &ring[0]);
	for (int i = 0; i < RING; i++)
		free(ring[i].uc_stack.ss_sp);
	printf("%08x %08x\n", total, value);
}

/* One coroutine is run by two threads in turn. */
static ucontext_t moving, runners[2];
static volatile int turn, done;
static uint32_t moved;

static void mover(void)
{
	uint32_t x = 5;
	double d = 0.5;
	for (int i = 0; i < 4000; i++) {
		x = step(x, i);
		d = d * 0.5 + (x & 1);
		swapcontext(&moving, &runners[turn]);
	}
	moved = x + (uint32_t)(d * 1024);
	done = 1;
	setcontext(&runners[turn]);
}

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t changed = PTHREAD_COND_INITIALIZER;

static void *run(void *which)
{
	int me = (int)(intptr_t)which;
	pthread_mutex_lock(&lock);
	while (!done) {
		while (turn != me && !done)
			pthread_cond_wait(&changed, &lock);
		for (int i = 0; i < 50 && !done; i++)
			swapcontext(&runners[me], &moving);
		turn = 1 - me;
		pthread_cond_broadcast(&changed);
	}
	pthread_mutex_unlock(&lock);
	return NULL;
}

int main(void)
{
	struct itimerval every = {{0, 500}, {0, 500}}, never = {{0, 0}, {0, 0}};
	struct sigaction action = {.sa_handler = on_alarm, .sa_flags = SA_RESTART};
	pthread_t threads[2];
	spin(300);
	sigaction(SIGALRM, &action, NULL);
	setitimer(ITIMER_REAL, &every, NULL);
	for (int i = 0; i < 20; i++)
		spin(150);
	setitimer(ITIMER_REAL, &never, NULL);
	getcontext(&moving);
	moving.uc_stack.ss_sp = malloc(32768);
	moving.uc_stack.ss_size = 32768;
	makecontext(&moving, mover, 0);
	for (int i = 0; i < 2; i++)
		pthread_create(&threads[i], NULL, run, (void *)(intptr_t)i);
	for (int i = 0; i < 2; i++)
		pthread_join(threads[i], NULL);
	printf("moved %08x, interrupted %d\n", moved, alarms > 0);
	return 0;
}
