/* Runs a command and says what it took: microseconds of wall and of CPU time, KiB of peak memory.
 * A small parent: the kernel counts the memory of the forking process as the child's first peak. */
#include <stdio.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

int main(int argc, char **argv)
{
    struct timespec a, b;
    struct rusage usage;
    int status;
    (void)argc;
    clock_gettime(CLOCK_MONOTONIC, &a);
    pid_t child = vfork();
    if (child == 0) {
        execvp(argv[1], argv + 1);
        _exit(127);
    }
    wait4(child, &status, 0, &usage);
    clock_gettime(CLOCK_MONOTONIC, &b);
    struct timeval *user = &usage.ru_utime, *system = &usage.ru_stime;
    long long wall = (b.tv_sec - a.tv_sec) * 1000000ll + (b.tv_nsec - a.tv_nsec) / 1000;
    long long cpu = (user->tv_sec + system->tv_sec) * 1000000ll + user->tv_usec + system->tv_usec;
    fprintf(stderr, "%lld %lld %ld\n", wall, cpu, usage.ru_maxrss);
    return status != 0;
}
