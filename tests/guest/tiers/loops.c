/* Short loops that end after any number of rounds, chains of comparisons of all pairs of conditions,
   tables whose index is small, and pointers that move with each access. */
#include <stdint.h>
#include <stdio.h>
#include <string.h>

enum { ROUNDS = 3000, WORDS = 64 };

static uint32_t words[WORDS];
static uint8_t bytes[260];
static float floats[WORDS];

#define PAIR(c, d)                                                                        \
	static __attribute__((noinline)) int c##_##d(int a, int b, int e, int g)          \
	{                                                                                 \
		int r = 5;                                                                \
		asm volatile("cmp %1, %2\n it " #c "\n cmp" #c " %3, %4\n b" #d " 1f\n"       \
		    "mov %0, #0\n 1: nop\n"                                               \
		    : "+r"(r) : "r"(a), "r"(b), "r"(e), "r"(g) : "cc");                    \
		return r;                                                                 \
	}
#define THREE(c, d)                                                                       \
	static __attribute__((noinline)) int three_##c##_##d(int a, int b, int e, int g)  \
	{                                                                                 \
		int r = 5;                                                                \
		asm volatile("cmp %1, %2\n it " #c "\n tst" #c " %3, %4\n it " #c "\n"          \
		    "teq" #c " %1, %4\n it " #d "\n add" #d " %0, %0, #1\n b" #d " 1f\n"         \
		    "mov %0, #0\n 1: it " #d "\n add" #d " %0, %0, #2\n"                        \
		    : "+r"(r) : "r"(a), "r"(b), "r"(e), "r"(g) : "cc");                    \
		return r;                                                                 \
	}
#define OF(M, c) M(c, eq) M(c, ne) M(c, cs) M(c, cc) M(c, mi) M(c, pl) M(c, vs) M(c, vc)  \
	M(c, hi) M(c, ls) M(c, ge) M(c, lt) M(c, gt) M(c, le)
#define ALL(M) OF(M, eq) OF(M, ne) OF(M, cs) OF(M, cc) OF(M, mi) OF(M, pl) OF(M, vs)      \
	OF(M, vc) OF(M, hi) OF(M, ls) OF(M, ge) OF(M, lt) OF(M, gt) OF(M, le)
ALL(PAIR)
ALL(THREE)

typedef int chain(int a, int b, int e, int g);
#define NAME(c, d) c##_##d, three_##c##_##d,
static chain *const chains[] = {ALL(NAME)};

static uint32_t chained(void)
{
	static const int values[] = {0, 1, -1, 7, INT32_MAX, INT32_MIN};
	uint32_t sum = 1;
	for (unsigned i = 0; i < sizeof chains / sizeof *chains; i++)
		for (unsigned k = 0; k < 6 * 6 * 6 * 6; k += 1 + (k & 3))
			sum = sum * 31 + chains[i](values[k % 6], values[k / 6 % 6],
			                           values[k / 36 % 6], values[k / 216]);
	return sum;
}

/* Each loop is one block; `n` rounds, or as many as it takes. The carry is that of the last sum. */
static __attribute__((noinline)) uint32_t forth(uint32_t *p, int n)
{
	uint32_t sum = 0, word, carries = 0;
	asm volatile("1: ldr %2, [%1], #4\n subs %3, %3, #1\n adc %4, %4, #0\n add %0, %0, %2\n"
	    "bne 1b\n" : "+r"(sum), "+r"(p), "=&r"(word), "+r"(n), "+r"(carries) : : "cc", "memory");
	return sum ^ carries << 20 ^ (uint32_t)(p - words) << 26;
}
static __attribute__((noinline)) uint32_t back(uint32_t *p, int n)
{
	uint32_t sum = 0, word;
	asm volatile("1: ldr %2, [%1, #-4]!\n adds %0, %0, %2\n adc %0, %0, #1\n str %0, [%1]\n"
	    "cmp %1, %3\n bhi 1b\n it cs\n addcs %0, %0, #9\n"
	    : "+r"(sum), "+r"(p), "=&r"(word) : "r"(words + WORDS - n) : "cc", "memory");
	return sum;
}
static __attribute__((noinline)) uint32_t far(uint32_t *p, int n)
{
	uint32_t sum = 0, word;
	asm volatile("1: ldr %2, [%1, #-8]\n sub %1, %1, #3072\n add %0, %0, %2\n"
	    "ldr %2, [%1, #3080]\n add %1, %1, #3072\n add %1, %1, #4\n eor %0, %0, %2\n"
	    "subs %3, %3, #1\n bne 1b\n"
	    : "+r"(sum), "+r"(p), "=&r"(word), "+r"(n) : : "cc", "memory");
	return sum;
}
static __attribute__((noinline)) uint32_t looked_up(const uint32_t *table, uint32_t x, int n)
{
	uint32_t index = 0, word = 0;
	asm volatile("1: and %1, %0, #63\n ldr %2, [%4, %1, lsl #2]\n eor %0, %2, %0, ror #7\n"
	    "cmp %2, #0\n it mi\n movmi %1, #3\n ldrb %2, [%5, %1]\n uxtb %1, %0\n add %0, %0, %2\n"
	    "ldrb %1, [%5, %1]\n add %0, %0, %1\n lsrs %1, %0, #26\n ldr %2, [%4, %1, lsl #2]\n"
	    "add %0, %0, %2\n subs %3, %3, #1\n bne 1b\n"
	    : "+r"(x), "+r"(index), "+r"(word), "+r"(n) : "r"(table), "r"(bytes) : "cc", "memory");
	return x;
}
static __attribute__((noinline)) uint32_t either(uint32_t *p, uint32_t x, int n)
{
	uint32_t index, word;
	asm volatile("1: uxtb %1, %0\n rsb %1, %1, #0\n ands %2, %0, #64\n it eq\n"
	    "moveq %1, #3\n ldrb %2, [%5, %1]\n eor %0, %2, %0, ror #3\n tst %0, #4\n it ne\n"
	    "ldrne %2, [%4, #8]\n add %4, %4, #4\n ldr %1, [%4]\n add %0, %0, %1\n"
	    "sub %4, %4, #4\n eor %0, %0, %2\n subs %3, %3, #1\n bne 1b\n"
	    : "+r"(x), "=&r"(index), "=&r"(word), "+r"(n), "+r"(p) : "r"(bytes + 256) : "cc", "memory");
	return x;
}
static __attribute__((noinline)) uint32_t pairs(const uint32_t *p, uint32_t x, int n)
{
#ifdef __thumb__
	for (; n; n--)
		x = (x >> 9) + p[x & 30] - p[(x & 30) + 1];
	return x;
#else
	p -= 2;
	register uint32_t one asm("r4"), two asm("r5");
	uint32_t index;
	asm volatile("1: and %5, %0, #30\n lsl %5, %5, #2\n add %4, %4, #8\n ldrd %1, %2, [%4, %5]\n"
	    "sub %4, %4, #8\n add %0, %1, %0, lsr #9\n sub %0, %0, %2\n subs %3, %3, #1\n bne 1b\n"
	    : "+r"(x), "=&r"(one), "=&r"(two), "+r"(n), "+r"(p), "=&r"(index) : : "cc", "memory");
	return x;
#endif
}
static __attribute__((noinline)) uint32_t added(const float *p, int n)
{
	float sum = 0.1f, one = 0;
	uint32_t result;
	asm volatile("1: vldmia %1!, {%3}\n vadd.f32 %0, %0, %3\n vmul.f32 %3, %3, %0\n"
	    "subs %2, %2, #1\n bne 1b\n vadd.f32 %0, %0, %3\n"
	    : "+t"(sum), "+r"(p), "+r"(n), "+t"(one) : : "cc", "memory");
	memcpy(&result, &sum, sizeof result);
	return result;
}

int main(void)
{
	uint32_t x = 1, sums[7] = {0};
	for (int round = 0; round < ROUNDS; round++) {
		for (int i = 0; i < WORDS; i++) {
			x = x * 1664525 + 1013904223;
			words[i] = x;
			floats[i] = (int32_t)x * 0x1p-28f;
		}
		for (int i = 0; i < 256; i++)
			bytes[i] = words[i % WORDS] >> i % 24;
		int n = 1 + round % 19;
		sums[0] = sums[0] * 31 + forth(words + round % 7, n);
		sums[1] = sums[1] * 31 + looked_up(words, x, n);
		sums[2] = sums[2] * 31 + far(words + 2, n);
		sums[3] = sums[3] * 31 + added(floats, n);
		sums[5] = sums[5] * 31 + either(words, x, n);
		sums[6] = sums[6] * 31 + pairs(words, x, n);
		sums[4] = sums[4] * 31 + back(words + WORDS, n);
	}
	for (int i = 0; i < 7; i++)
		printf("%08x ", sums[i]);
	for (int i = 0; i < 40; i++)
		x = chained();
	printf("%08x\n", x);
}
