/* Code with an IT block is mapped over by other code, beside running threads: what looks like an IT
   instruction there is the second half of a branch, or a constant. The new code is executed at once.
   build: -pthread */
#define _GNU_SOURCE
#include <fcntl.h>
#include <pthread.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#define PAGE 4096
#define ROUNDS 50

/* nop; it ne; movne r0, #N; bx lr: 1 if Z is set, N otherwise */
static const uint16_t guarded[2][4] = {{0xbf00, 0xbf18, 0x2005, 0x4770}, {0xbf00, 0xbf18, 0x2007, 0x4770}};
/* b.w backward (its second half is 0xbf18), then movs r0, #N; bx lr */
static const uint16_t plain[2][4] = {{0xf7ff, 0xbf18, 0x2007, 0x4770}, {0xf7ff, 0xbf18, 0x2005, 0x4770}};

static volatile int stop;

static void *spin(void *unused)
{
	while (!stop)
		;
	return unused;
}

static int call(const char *page, int offset, int number)
{
	/* with Z set, r0 = number */
	register int r0 __asm__("r0") = number;
	register const char *to __asm__("r4") = page + offset + 1;
	__asm__ volatile("cmp r0, r0\n\tblx r4"
			 : "+r"(r0)
			 : "r"(to)
			 : "r1", "r2", "r3", "r12", "lr", "cc", "memory");
	return r0;
}

static int file_of(const uint16_t *code)
{
	char name[] = "replaced-XXXXXX";
	char page[PAGE] = {0};
	int file = mkstemp(name);
	unlink(name);
	memcpy(page, code, 8);
	if (file < 0 || write(file, page, PAGE) != PAGE)
		perror(name);
	return file;
}

static void map(char *at, int file)
{
	if (mmap(at, PAGE, PROT_READ | PROT_EXEC, MAP_PRIVATE | MAP_FIXED, file, 0) != at)
		perror("mmap");
}

int main(void)
{
	pthread_t thread;
	int files[4], wrong[4] = {0};
	char *at = mmap(NULL, PAGE, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	char *kept = mmap(NULL, PAGE, PROT_READ | PROT_WRITE | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	for (int i = 0; i < 2; i++) {
		files[i] = file_of(guarded[i]);
		files[2 + i] = file_of(plain[i]);
	}
	pthread_create(&thread, NULL, spin, NULL);
	for (int i = 0; i < ROUNDS; i++) {
		int kind = i >> 1 & 1;
		map(at, files[i & 1]);
		wrong[0] += call(at, 0, 1) != 1;
		map(at, files[2 + kind]);
		wrong[1] += call(at, 4, 1) != (kind ? 5 : 7);
		memcpy(kept, guarded[i & 1], 8);
		__builtin___clear_cache(kept, kept + 8);
		wrong[2] += call(kept, 0, 1) != 1;
		memcpy(kept, plain[kind], 8);
		__builtin___clear_cache(kept, kept + 8);
		wrong[3] += call(kept, 4, 1) != (kind ? 5 : 7);
	}
	stop = 1;
	pthread_join(thread, NULL);
	printf("wrong %d %d %d %d\n", wrong[0], wrong[1], wrong[2], wrong[3]);
	return 0;
}
