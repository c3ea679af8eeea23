/* Functions with names to be found; a child; sleeps and timers that nothing may disturb.
   build: -O2 -mthumb -static -w */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

volatile unsigned sink;
static volatile sig_atomic_t ticks;

__attribute__((noinline)) unsigned hot_loop(unsigned n)
{
	unsigned s = 1;
	for (unsigned i = 0; i < n; i++)
		s = s * 1664525 + 1013904223 + (s >> 7) + sink;
	return s;
}

__attribute__((noinline, target("arm"))) unsigned a32_loop(unsigned n)
{
	unsigned s = 0;
	while (n--)
		s += n ^ sink;
	return s;
}

static void tick(int signo)
{
	ticks++;
}

int main(int argc, char **argv)
{
	unsigned n = atoi(argv[1]);
	int interrupted = 0, status;
	printf("%u %u\n", hot_loop(n), a32_loop(n / 10));
	for (int i = 0; i < 20; i++) {
		struct timespec pause = {0, 5000000};
		interrupted += nanosleep(&pause, 0) != 0;
		hot_loop(1000);
	}
	signal(SIGPROF, tick);
	struct itimerval every = {{0, 10000}, {0, 10000}};
	setitimer(ITIMER_PROF, &every, 0);
	while (ticks < 3)
		hot_loop(10000);
	memset(&every, 0, sizeof every);
	setitimer(ITIMER_PROF, &every, 0);
	printf("interrupted %d\n", interrupted);
	fflush(stdout);
	if (!fork()) {
		printf("child %u\n", hot_loop(n));
		fflush(stdout);
		_exit(3);
	}
	wait(&status);
	printf("status %d\n", WEXITSTATUS(status));
	return 7;
}
