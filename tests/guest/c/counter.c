/* The generic timer's virtual counter and its frequency, as Linux lets programs read them: also in
   hot code, and under a condition (in an IT block, qemu-system-aarch64 7.2 crashes the program). */
#include <stdint.h>
#include <stdio.h>
#include <time.h>

#ifdef __thumb__
#define IF(cc, not) "b" not " 1f\n\tmrrc"
#else
#define IF(cc, not) "mrrc" cc
#endif

static uint64_t count(void)
{
	uint32_t low, high;
	__asm__ volatile("mrrc p15, 1, %0, %1, c14" : "=r"(low), "=r"(high));
	return (uint64_t)high << 32 | low;
}

static uint64_t nanoseconds(void)
{
	struct timespec t;
	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec * 1000000000ull + t.tv_nsec;
}

int main(void)
{
	uint32_t frequency, low = 1, high = 2, backwards = 0;
	__asm__ volatile("mrc p15, 0, %0, c14, c0, 0" : "=r"(frequency));
	printf("frequency %d\n", frequency >= 1000000 && frequency <= 1000000000);
	uint64_t begin = nanoseconds(), first = count(), last = first;
	for (int i = 0; i < 20000; i++) {
		uint64_t now = count();
		backwards += now < last;
		last = now;
	}
	while (nanoseconds() - begin < 20000000)
		;
	uint64_t counted = (count() - first) * 1000000000.0 / frequency, passed = nanoseconds() - begin;
	printf("backwards %u, too much %d, too little %d\n", backwards, counted > passed, counted < passed / 2);
	__asm__ volatile("cmp %0, #1\n\t" IF("ne", "eq") " p15, 1, %0, %1, c14\n1:" : "+r"(low), "+r"(high) : : "cc");
	printf("not read: %u %u\n", low, high);
	__asm__ volatile("cmp %0, #1\n\t" IF("eq", "ne") " p15, 1, %0, %1, c14\n1:" : "+r"(low), "+r"(high) : : "cc");
	printf("read: %d\n", ((uint64_t)high << 32 | low) > last);
	return 0;
}
