/* A guest JIT with two threads: one rewrites functions and flushes, the other runs them. A call that
   begins after a flush is the new code's; one beside a rewrite is the old one's or the new one's.
   build: -pthread */
#define _GNU_SOURCE
#include <pthread.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>

#define FUNCTIONS 4
#define TIMES 60

typedef uint32_t (*function)(uint32_t);

static char *page;
static volatile uint32_t current[FUNCTIONS], serial[FUNCTIONS];
static volatile uint32_t ran[FUNCTIONS];
static volatile int stop, wrong, between;

/* ARM: for (i = TIMES; i; i--) r0 = callee(r0 + k); callee: r0 ^= r0 >> 3 */
static void put(int f, uint32_t k)
{
	uint32_t *at = (uint32_t *)(page + 256 * f);
	uint32_t code[] = {
		0xe52de004,          /* push {lr} */
		0xe3a01000 | TIMES,  /* mov r1, #TIMES */
		0xe2800000 | k,      /* 1: add r0, r0, #k */
		0xeb000002,          /* bl 2f */
		0xe2511001,          /* subs r1, r1, #1 */
		0x1afffffb,          /* bne 1b */
		0xe49df004,          /* pop {pc} */
		0xe02001a0,          /* 2: eor r0, r0, r0, lsr #3 */
		0xe12fff1e,          /* bx lr */
	};
	if (at[2] && f % 2)
		*(volatile uint32_t *)(at + 2) = code[2]; /* one instruction, in place */
	else
		memcpy(at, code, sizeof code);
	__builtin___clear_cache((char *)at, (char *)at + sizeof code);
}

static uint32_t value(uint32_t x, uint32_t k)
{
	for (int i = 0; i < TIMES; i++) {
		x += k;
		x ^= x >> 3;
	}
	return x;
}

static void *run(void *unused)
{
	for (uint32_t i = 0; !stop; i++) {
		int f = i % FUNCTIONS;
		uint32_t before = serial[f], k = current[f];
		__sync_synchronize();
		uint32_t found = ((function)(page + 256 * f))(i);
		__sync_synchronize();
		if (before & 1 || serial[f] != before)
			between++;
		else if (found != value(i, k))
			wrong++;
		ran[f]++;
	}
	return unused;
}

int main(void)
{
	pthread_t thread;
	page = mmap(0, 4096, 7, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	for (int f = 0; f < FUNCTIONS; f++)
		put(f, current[f] = 1);
	pthread_create(&thread, NULL, run, NULL);
	for (int i = 0; i < 1200; i++) {
		int f = i % FUNCTIONS;
		uint32_t k = i % 250 + 1;
		serial[f]++;
		__sync_synchronize();
		put(f, k);
		current[f] = k;
		__sync_synchronize();
		serial[f]++;
		uint32_t seen = ran[f];
		while (ran[f] - seen < (i % 100 ? 5 : 500))
			sched_yield();
	}
	stop = 1;
	pthread_join(thread, NULL);
	printf("wrong %d\n", wrong);
	return 0;
}
