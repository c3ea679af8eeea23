/* Flags on their way through calls: functions that take their caller's, keep them, change some of
   them, or return their own; called directly, by pointer, through veneers, and seldom another one
   than before. */
#include <stdint.h>
#include <stdio.h>

#define NAKED __attribute__((naked, noinline, used))

typedef uint32_t function(uint32_t a, uint32_t b, uint32_t c);

NAKED uint32_t keeps(uint32_t a, uint32_t b, uint32_t c) { asm("add r2, r2, #1\n bx lr"); }
NAKED uint32_t takes(uint32_t a, uint32_t b, uint32_t c) { asm("adc r2, r2, r2\n bx lr"); }
NAKED uint32_t sets(uint32_t a, uint32_t b, uint32_t c) { asm("cmp r1, r0\n bx lr"); }
NAKED uint32_t changes(uint32_t a, uint32_t b, uint32_t c) { asm("movs r2, r2\n bx lr"); }
NAKED uint32_t jumps(uint32_t a, uint32_t b, uint32_t c) { asm("b takes"); }

NAKED uint32_t nests(uint32_t a, uint32_t b, uint32_t c)
{
	asm("push {r4, lr}\n bl keeps\n adc r2, r2, r2\n pop {r4, pc}");
}
NAKED uint32_t wraps(uint32_t a, uint32_t b, uint32_t c)
{
	asm("push {r4, lr}\n bl changes\n pop {r4, pc}");
}
NAKED uint32_t asks(uint32_t a, uint32_t b, uint32_t c)
{
	asm("push {r0, r7}\n mov r7, #64\n svc 0\n pop {r0, r7}\n bx lr");
}
NAKED uint32_t branches(uint32_t a, uint32_t b, uint32_t c)
{
	asm("bcs 1f\n add r2, r2, #3\n bx lr\n 1: sub r2, r2, #3\n bx lr");
}

/* Both ways to the last part know other flags than the way that leaves before it. */
NAKED uint32_t forks(uint32_t a, uint32_t b, uint32_t c)
{
	asm("tst r2, #1\n beq 1f\n tst r2, #2\n beq 1f\n add r2, r2, #5\n bx lr\n"
	    "1: movs r2, r2\n bx lr");
}

function *slot = keeps, *other = keeps;
NAKED uint32_t goes(uint32_t a, uint32_t b, uint32_t c)
{
	asm("cmp r1, r0\n movw ip, #:lower16:other\n movt ip, #:upper16:other\n ldr ip, [ip]\n bx ip");
}

static function *const functions[] = {keeps, takes, sets, changes, jumps, nests, wraps, branches, asks, forks, goes};
#define MANY (sizeof functions / sizeof *functions)

/* What linkers make for calls of other files. */
NAKED uint32_t veneer(uint32_t a, uint32_t b, uint32_t c)
{
	asm("movw ip, #:lower16:slot\n movt ip, #:upper16:slot\n ldr pc, [ip]");
}
NAKED uint32_t tail(uint32_t a, uint32_t b, uint32_t c)
{
	asm("movw ip, #:lower16:slot\n movt ip, #:upper16:slot\n ldr ip, [ip]\n bx ip");
}

/* Flags are those of a - b; what the result is made of: r2 and the flags behind the call. */
#define CALLER(name, call) \
	NAKED static uint32_t name(uint32_t a, uint32_t b, function *f) \
	{ \
		asm("push {r4, lr}\n mov r3, r2\n mov r2, r0\n cmp r0, r1\n" call \
		    "\n mrs r0, apsr\n add r0, r2, r0, lsr #28\n pop {r4, pc}"); \
	}
/* The same, but flags are different ones on two ways to the call, and read by a condition. */
#define JOINED(name, call) \
	NAKED static uint32_t name(uint32_t a, uint32_t b, function *f) \
	{ \
		asm("push {r4, lr}\n mov r3, r2\n mov r2, r0\n cmp r0, r1\n bhi 1f\n adds r2, r2, r1\n 1:" call \
		    "\n bmi 2f\n adc r2, r2, #7\n 2: mov r0, r2\n pop {r4, pc}"); \
	}
CALLER(direct_keeps, "bl keeps")
CALLER(direct_takes, "bl takes")
CALLER(direct_sets, "bl sets")
CALLER(direct_changes, "bl changes")
CALLER(direct_jumps, "bl jumps")
CALLER(direct_nests, "bl nests")
CALLER(direct_wraps, "bl wraps")
CALLER(direct_branches, "bl branches")
CALLER(direct_forks, "bl forks")
CALLER(direct_goes, "bl goes")
CALLER(indirect, "blx r3")
CALLER(by_veneer, "bl veneer")
CALLER(by_tail, "bl tail")
JOINED(joined_keeps, "bl keeps")
JOINED(joined_takes, "bl takes")
JOINED(joined_nests, "bl nests")
JOINED(joined_indirect, "blx r3")
JOINED(joined_veneer, "bl veneer")

/* Nobody reads flags behind these. */
#define DEAF(name, call) \
	NAKED static uint32_t name(uint32_t a, uint32_t b, function *f) \
	{ \
		asm("push {r4, lr}\n mov r3, r2\n mov r2, r0\n cmp r0, r1\n bhi 1f\n adds r2, r2, r1\n 1:" call \
		    "\n adds r0, r2, #1\n pop {r4, pc}"); \
	}
DEAF(deaf_takes, "bl takes")
DEAF(deaf_nests, "bl nests")
DEAF(deaf_indirect, "blx r3")
DEAF(deaf_veneer, "bl veneer")
DEAF(deaf_tail, "bl tail")

static uint32_t (*const callers[])(uint32_t, uint32_t, function *) = {
	direct_keeps, direct_takes, direct_sets, direct_changes, direct_jumps, direct_nests,
	direct_wraps, direct_branches, direct_forks,
	direct_goes, indirect, by_veneer, by_tail, joined_keeps, joined_takes,
	joined_nests, joined_indirect, joined_veneer, deaf_takes, deaf_nests, deaf_indirect,
	deaf_veneer, deaf_tail};

int main(void)
{
	uint32_t state = 2463534242u;
	for (unsigned c = 0; c < sizeof callers / sizeof *callers; c++)
		for (unsigned f = 0; f < MANY; f++) {
			uint32_t sum = 0;
			for (int i = 0; i < 4000; i++) {
				state ^= state << 13, state ^= state >> 17, state ^= state << 5;
				/* another one now and then, so that code is made for the usual one */
				function *g = functions[i % 512 == 511 ? (f + i / 512) % MANY : f];
				slot = g;
				other = functions[i % 1024 == 1023];
				uint32_t b = i & 1 ? state >> 7 : state << (i & 31);
				sum = sum * 31 + callers[c](state, b, g);
			}
			printf("%u %u %08x\n", c, f, sum);
		}
	return 0;
}
