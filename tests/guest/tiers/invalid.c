/* Threads run the same hot function while its code is invalidated: protected anew, flushed, mapped
   again from its file, with forks in between; each computes what one alone does.
   build: -pthread */
#define _GNU_SOURCE
#include <fcntl.h>
#include <pthread.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#define THREADS 3
#define ROUNDS 400

static volatile int stop, wrong, calls;
static uint32_t expected[16];

static uint32_t __attribute__((noinline)) leaf(uint32_t x, uint32_t y)
{
	return x & 8 ? x * 69069 + y : (x ^ y) * 1664525 + 7;
}

static uint32_t __attribute__((noinline)) work(uint32_t x)
{
	double d = 0.5;
	for (uint32_t i = 0; i < 2000; i++) {
		x = leaf(x, i);
		d = d * 0.5 + (x & 3);
	}
	return x + (uint32_t)(d * 4096);
}

static void *run(void *unused)
{
	for (uint32_t i = 0; !stop; i++) {
		if (work(i & 15) != expected[i & 15])
			__sync_fetch_and_add(&wrong, 1);
		__sync_fetch_and_add(&calls, 1);
	}
	return unused;
}

static int file_offset(char *page, long *offset)
{
	char line[256];
	unsigned long low, high;
	FILE *maps = fopen("/proc/self/maps", "r");
	while (fgets(line, sizeof line, maps))
		if (sscanf(line, "%lx-%lx %*s %lx", &low, &high, offset) == 3)
			if ((unsigned long)page >= low && (unsigned long)page < high) {
				*offset += (unsigned long)page - low;
				fclose(maps);
				return 1;
			}
	fclose(maps);
	return 0;
}

int main(void)
{
	pthread_t threads[THREADS];
	long offset;
	char *first = (char *)((uintptr_t)leaf & -4096);
	int size = (((uintptr_t)work | 4095) + 1 - (uintptr_t)first) & -4096;
	for (int i = 0; i < 16; i++)
		expected[i] = work(i);
	int file = open("/proc/self/exe", O_RDONLY);
	int known = file_offset(first, &offset);
	for (int i = 0; i < THREADS; i++)
		pthread_create(&threads[i], NULL, run, NULL);
	for (int i = 0; i < ROUNDS; i++) {
		switch (i % 5) {
		case 0: /* pages of a file that may be written to, and are not */
			mprotect(first, size, PROT_READ | PROT_WRITE | PROT_EXEC);
			break;
		case 1:
			mprotect(first, size, PROT_READ | PROT_EXEC);
			break;
		case 2:
			__builtin___clear_cache(first, first + size);
			break;
		case 3:
			if (known && mmap(first, size, PROT_READ | PROT_EXEC, MAP_PRIVATE | MAP_FIXED, file,
					  offset) != first)
				perror("mmap");
			break;
		case 4:
			if (i % 50 == 4) {
				int status;
				pid_t pid = fork();
				if (!pid) {
					for (int k = 0; k < 200; k++)
						if (work(k & 15) != expected[k & 15])
							_exit(1);
					_exit(0);
				}
				waitpid(pid, &status, 0);
				if (status)
					printf("child: %x\n", status);
			}
		}
		int before = calls;
		while (calls - before < 8)
			usleep(200);
	}
	stop = 1;
	for (int i = 0; i < THREADS; i++)
		pthread_join(threads[i], NULL);
	printf("known %d wrong %d\n", known, wrong);
	return 0;
}
