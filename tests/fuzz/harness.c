/* Executes instruction words from a file, natively or under any emulator of 32-bit ARM.
 *
 *   harness verdict BATCH OUT         one byte for each word: the signal that it raises by itself,
 *                                     64 more for SIGILL with another code than ILL_ILLOPC
 *   harness states BATCH OUT SEED N FIRST 0       sums of N states, and signals, for each case
 *   harness states BATCH OUT SEED N FIRST COUNT   all states of COUNT cases, before and after
 *
 * A further argument: no case raises a signal. OUT is appended to. The layout of batches is in batches.py. Build: arm-linux-gnueabihf-gcc -O2 -marm -static
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <ucontext.h>
#include <unistd.h>

#define CODE 0x20000000u
#define DATA 0x60000000u
#define DATA_SIZE 0x2000u
#define SLOT 64
#define OTHER_CODE 64 /* with SIGILL: si_code is not ILL_ILLOPC */

typedef uint32_t u32;
typedef uint64_t u64;

struct state {
	u32 r[15], pc, cpsr, fpscr;
	u64 d[32];
};

struct head {
	u32 magic, cases, code_at, code_size, table_at, words_at, pool_at, pool_size;
};

struct item {
	u32 thumb, floats, stores, aimed, small, even, skipped, reserved;
};

struct state in, out;
u32 saved_sp;
static volatile sig_atomic_t inside, signo;
static volatile u32 signal_pc;
static volatile u32 *progress;
static u32 tick_at = ~0u;

void enter(struct state *);
void back(void);
void resume(void);

asm(".text\n.arm\n.fpu neon\n.arch_extension idiv\n"
    ".global enter, back, resume\n"
    ".type enter, %function\n.type back, %function\n.type resume, %function\n"
    "enter:\n"
    "	push {r3-r12, lr}\n	vpush {d8-d15}\n"
    "	ldr r2, =saved_sp\n	str sp, [r2]\n"
    "	add r2, r0, #72\n	vldm r2!, {d0-d15}\n	vldm r2, {d16-d31}\n"
    "	ldr r2, [r0, #68]\n	vmsr fpscr, r2\n"
    "	ldr r2, [r0, #64]\n	msr APSR_nzcvqg, r2\n"
    "	ldm r0, {r0-r15}\n"
    "back:\n"
    "	mcr p15, 0, r0, c13, c0, 2\n"
    "	ldr r0, =out\n"
    "	stmib r0, {r1-r14}\n"
    "	mrs r1, cpsr\n	str r1, [r0, #64]\n"
    "	mrc p15, 0, r1, c13, c0, 2\n	str r1, [r0]\n"
    "	vmrs r1, fpscr\n	str r1, [r0, #68]\n"
    "	add r1, r0, #72\n	vstm r1!, {d0-d15}\n	vstm r1, {d16-d31}\n"
    "resume:\n"
    "	ldr r1, =saved_sp\n	ldr sp, [r1]\n"
    "	mov r1, #0\n	vmsr fpscr, r1\n"
    "	vpop {d8-d15}\n	pop {r3-r12, pc}\n"
    "	.ltorg\n");

static void fail(const char *what)
{
	fprintf(stderr, "harness: %s: %s\n", what, strerror(errno));
	exit(3);
}

static void leave(ucontext_t *uc)
{
	uc->uc_mcontext.arm_pc = (u32)resume;
	uc->uc_mcontext.arm_cpsr &= ~(0x0600FC20u | 1u << 9);
	inside = 0;
}

static void on_signal(int number, siginfo_t *info, void *context)
{
	ucontext_t *uc = context;
	if (!inside)
		_exit(100 + number);
	signo = number | (number == SIGILL && info->si_code != ILL_ILLOPC ? OTHER_CODE : 0);
	signal_pc = uc->uc_mcontext.arm_pc;
	leave(uc);
}

/* A word that loops is left after two ticks. */
static void on_tick(int number, siginfo_t *info, void *context)
{
	(void)info;
	if (inside && tick_at == *progress) {
		signo = number;
		signal_pc = 0;
		leave(context);
	}
	tick_at = *progress;
}

static void catch(int number, void (*handler)(int, siginfo_t *, void *))
{
	struct sigaction act = { 0 };
	act.sa_sigaction = handler;
	act.sa_flags = SA_SIGINFO | SA_ONSTACK | SA_NODEFER;
	if (sigaction(number, &act, 0))
		fail("sigaction");
}

static void start_ticks(void)
{
	struct itimerval tick = { { 0, 15000 }, { 0, 15000 } };
	catch(SIGPROF, on_tick);
	setitimer(ITIMER_PROF, &tick, 0); /* of CPU time: other processes do not matter */
}

static void catch_all(void)
{
	static char stack[65536];
	stack_t alt = { .ss_sp = stack, .ss_size = sizeof stack };
	if (sigaltstack(&alt, 0))
		fail("sigaltstack");
	catch(SIGILL, on_signal);
	catch(SIGSEGV, on_signal);
	catch(SIGBUS, on_signal);
	catch(SIGTRAP, on_signal);
	catch(SIGFPE, on_signal);
}

static void run(void)
{
	signo = signal_pc = 0;
	inside = 1;
	enter(&in);
	inside = 0;
}

static void *map(u32 address, u32 size, int prot, int flags, int fd, u32 offset)
{
	void *p = mmap((void *)address, size, prot, flags | (address ? MAP_FIXED : 0), fd, offset);
	if (p == MAP_FAILED)
		fail("mmap");
	return p;
}

/* -- verdicts ------------------------------------------------------------------------------- */
#define WINDOW 0x20000u
#define GROUP 8192u
#define VERDICT_SLOT 32

static void fill_slot(u32 *at, u32 kind, u32 word)
{
	u32 i;
	uint16_t *half = (uint16_t *)at;
	if (kind == 0) {
		at[0] = word;
		at[1] = at[2] = 0xE320F000;
		at[3] = 0xE51FF004;
		at[4] = (u32)back;
		at[5] = at[6] = at[7] = 0xE7F000F0;
		return;
	}
	for (i = 0; i < 16; i++)
		half[i] = i < 6 ? 0xBF00 : 0xDE00;
	if (kind == 2)
		*half++ = word >> 16;
	*half = word;
	at[3] = 0xF000F8DF;
	at[4] = (u32)back;
}

static const u32 passing[16] = { 4, 0, 2, 0, 8, 0, 1, 0, 2, 0, 0, 8, 0, 4, 0, 0 };

static void verdicts_of(const u32 *words, uint8_t *verdicts, u32 kind, u32 first, u32 end)
{
	u32 i, n = end - first, size = (n * VERDICT_SLOT + 4095) & -4096u;
	u32 *code = map(CODE, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	map(DATA, WINDOW, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	for (i = 0; i < n; i++)
		fill_slot(code + i * (VERDICT_SLOT / 4), kind, words[first + i]);
	if (mprotect(code, size, PROT_READ | PROT_EXEC))
		fail("mprotect");
	catch_all();
	start_ticks();
	for (i = first; i < end; i++) {
		u32 at = CODE + (i - first) * VERDICT_SLOT, k;
		*progress = i;
		for (k = 0; k < 15; k++)
			in.r[k] = DATA + WINDOW / 2;
		in.pc = at | (kind != 0);
		in.cpsr = kind ? 0 : passing[words[i] >> 28] << 28;
		run();
		verdicts[i] = signo && signal_pc == at ? signo : 0;
	}
	*progress = end;
	_exit(0);
}

static void verdicts(const char *base, const struct head *h, int fd)
{
	u32 from = 0, total = h->cases, kind = h->code_at;
	const u32 *words = (const u32 *)(base + h->words_at);
	uint8_t *shared;
	if (ftruncate(fd, total))
		fail("ftruncate");
	shared = map(0, total, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	progress = map(0, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	while (from < total) {
		u32 end = from + GROUP < total ? from + GROUP : total;
		int status;
		pid_t pid = fork();
		if (pid < 0)
			fail("fork");
		*progress = from;
		if (!pid)
			verdicts_of(words, shared, kind, from, end);
		if (waitpid(pid, &status, 0) != pid)
			fail("waitpid");
		if (*progress == from && *progress < end)
			shared[from++] = 255; /* first in a new process, and it ended it: it exists */
		else
			from = *progress;
	}
}

/* -- states --------------------------------------------------------------------------------- */
struct pools {
	u32 any[1024], aimed[256], even[256], small[256], fpscr[256];
	u64 d[5][512];
};

static const struct pools *pools;
static u32 noise[DATA_SIZE / 4];
static u64 seed;

static u64 mix(u64 x)
{
	x ^= x >> 30;
	x *= 0xBF58476D1CE4E5B9u;
	x ^= x >> 27;
	x *= 0x94D049BB133111EBu;
	return x ^ x >> 31;
}

static void pick_state(const struct item *c, u32 number, u32 k)
{
	u64 x = mix(seed + ((u64)number << 20) + k), y = mix(x);
	u32 i, low = x, mask = c->even ? ~31u : ~0u;
	for (i = 0; i < 15; i++) {
		low = low * 1664525u + 1013904223u;
		if (c->aimed >> i & 1)
			in.r[i] = (c->even ? pools->even : pools->aimed)[low >> 24];
		else if (c->small >> i & 1)
			in.r[i] = pools->small[low >> 24] & mask;
		else
			in.r[i] = pools->any[low >> 22];
	}
	in.pc = CODE + number * SLOT + c->thumb;
	in.cpsr = (u32)y & 0xF80F0000u;
	in.fpscr = 0;
	if (c->floats) {
		const u64 *pool = pools->d[(u32)(y >> 16) % 5];
		u32 high = y >> 32;
		for (i = 0; i < 32; i++) {
			high = high * 1664525u + 1013904223u;
			in.d[i] = pool[high >> 23];
		}
		in.fpscr = pools->fpscr[(u32)(y >> 8) & 255];
	}
}

static const struct state *given;

static void make_state(const struct item *c, u32 number, u32 k)
{
	if (given) {
		in = given[number];
		in.pc = CODE + number * SLOT + c->thumb;
		return;
	}
	pick_state(c, number, k);
}

static u32 sum_a, sum_b;

static inline void take(u32 v)
{
	sum_a = (sum_a ^ v) * 0x01000193u;
	sum_b = (sum_b << 5 | sum_b >> 27) + v;
}

static void take_memory(void)
{
	const u32 *p = (const u32 *)DATA;
	u32 i, a = 0, changed = 0;
	for (i = 0; i < DATA_SIZE / 4; i += 4) {
		u32 x = p[i] ^ noise[i], y = p[i + 1] ^ noise[i + 1];
		u32 z = p[i + 2] ^ noise[i + 2], w = p[i + 3] ^ noise[i + 3];
		if (x | y | z | w) {
			a = a * 31 + (x ^ (y << 7 | y >> 25) ^ (z << 13 | z >> 19) ^ (w << 21 | w >> 11)) + i;
			changed = 1;
		}
	}
	if (changed)
		memcpy((void *)DATA, noise, DATA_SIZE);
	take(a);
}

static void take_state(const struct item *c)
{
	u32 i;
	take(signo);
	if (signo) {
		take(signal_pc);
		return;
	}
	for (i = 0; i < 15; i++)
		take(out.r[i]);
	take(out.cpsr & 0xF80F0000u);
	if (c->floats) {
		const u32 *d = (const u32 *)out.d;
		take(out.fpscr);
		for (i = 0; i < 64; i++)
			take(d[i]);
	}
}

struct record {
	u32 number, k, signo, pc, a, b;
	struct state before, after;
	u32 data[DATA_SIZE / 4];
};

static void open_case_windows(const char *base, const struct head *h, int fd)
{
	u32 i, x = 12345;
	pools = (const struct pools *)(base + h->pool_at);
	given = h->words_at ? (const struct state *)(base + h->words_at) : 0;
	if (h->pool_size != sizeof *pools)
		fail("pools of another size");
	map(CODE, h->code_size, PROT_READ | PROT_EXEC, MAP_PRIVATE, fd, h->code_at);
	map(DATA, DATA_SIZE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	for (i = 0; i < DATA_SIZE / 4; i++)
		noise[i] = x = x * 1664525u + 1013904223u;
	memcpy((void *)DATA, noise, DATA_SIZE);
}

static void put(int to, const void *data, u32 size)
{
	if (write(to, data, size) != (ssize_t)size)
		fail("write");
}

static void states(const char *base, const struct head *h, int to, u32 n, u32 from, u32 count)
{
	static struct record record;
	const struct item *table = (const struct item *)(base + h->table_at);
	u32 i, k, dump = count != 0;
	u32 end = dump && from + count < h->cases ? from + count : h->cases;
	for (i = from; i < end; i++) {
		const struct item *c = table + i;
		u32 signals = 0;
		sum_a = sum_b = 0x811C9DC5u;
		for (k = 0; k < n && !c->skipped; k++) {
			make_state(c, i, k);
			run();
			signals += signo != 0;
			take_state(c);
			if (dump) {
				record.number = i, record.k = k, record.signo = signo;
				record.pc = signal_pc, record.before = in, record.after = out;
				memcpy(record.data, (void *)DATA, DATA_SIZE);
			}
			if (c->stores)
				take_memory();
			if (dump) {
				record.a = sum_a, record.b = sum_b;
				put(to, &record, sizeof record);
			}
		}
		take_memory();
		if (!dump) {
			u32 sums[3] = { sum_a, sum_b, signals };
			put(to, sums, 12);
		}
	}
}

int main(int argc, char **argv)
{
	struct stat st;
	int fd;
	char *base;
	const struct head *h;
	if (argc < 4 || (argc < 8 && argv[1][0] == 's'))
		return 2;
	fd = open(argv[2], O_RDONLY);
	if (fd < 0 || fstat(fd, &st))
		fail(argv[2]);
	base = map(0, st.st_size, PROT_READ, MAP_PRIVATE, fd, 0);
	h = (const struct head *)(base + 128);
	if (h->magic != 0x32337A66)
		fail("not a batch");
	if (!strcmp(argv[1], "verdict")) {
		int to = open(argv[3], O_RDWR | O_CREAT | O_TRUNC, 0600);
		if (to < 0)
			fail(argv[3]);
		verdicts(base, h, to);
	} else {
		int to = open(argv[3], O_WRONLY | O_CREAT | O_APPEND, 0600);
		u32 n = strtoul(argv[5], 0, 0);
		if (to < 0)
			fail(argv[3]);
		seed = strtoull(argv[4], 0, 0);
		open_case_windows(base, h, fd);
		if (argc < 9) /* without handlers regions need not be exact at each access */
			catch_all();
		states(base, h, to, n, strtoul(argv[6], 0, 0), strtoul(argv[7], 0, 0));
	}
	return 0;
}
