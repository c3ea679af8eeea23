/* Resource limits, identity, umask, uname, sysinfo, personality, prctl. */
#include "show.h"
#include <grp.h>
#include <sched.h>
#include <sys/personality.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/sysinfo.h>
#include <sys/utsname.h>

int main(void)
{
    struct rlimit limit;
    SHOW(setrlimit(RLIMIT_NOFILE, &(struct rlimit){64, 64}));
    SHOW(getrlimit(RLIMIT_NOFILE, &limit));
    printf("%lu %lu\n", (unsigned long)limit.rlim_cur, (unsigned long)limit.rlim_max);
    int last = -1, fd;
    while ((fd = dup(1)) >= 0)
        last = fd;
    printf("last %d %s\n", last, strerrorname_np(errno));
    SHOW(fcntl(1, F_DUPFD, 64));
    close_range(3, 100, 0);
    SHOW(getrlimit(RLIMIT_CORE, &limit));
    SHOW(setrlimit(RLIMIT_CORE, &(struct rlimit){0, limit.rlim_max}));
    struct rlimit64 wide = {0, 1ull << 40};
    SHOW(prlimit64(0, RLIMIT_FSIZE, NULL, &wide));
    printf("infinite %d\n", wide.rlim_max == RLIM64_INFINITY);
    SHOW(getrlimit(RLIMIT_FSIZE, &limit));
    printf("infinite %d\n", limit.rlim_cur == RLIM_INFINITY);
    struct utsname name;
    SHOW(uname(&name));
    printf("%s %d\n", name.sysname, strncmp(name.machine, "armv", 4) == 0);
    struct sysinfo info;
    SHOW(sysinfo(&info));
    printf("%d %d\n", info.mem_unit >= 1, info.totalram > 0);
    SHOW(personality(0xffffffff) & 0xff00);
    SHOW(umask(027));
    SHOW(umask(022));
    uid_t r, e, s;
    SHOW(getresuid(&r, &e, &s));
    printf("%d\n", r == getuid() && e == geteuid());
    SHOW(setresuid(-1, -1, -1));
    SHOW(setgid(getgid()));
    SHOW(getgroups(0, NULL) >= 0);
    SHOW(getgroups(-1, NULL));
    SHOW(getpid() == gettid());
    SHOW(getpgid(0) == getpgrp());
    char comm[17] = {0};
    SHOW(prctl(PR_SET_NAME, "a-very-long-process-name"));
    SHOW(prctl(PR_GET_NAME, comm));
    puts(comm);
    SHOW(prctl(PR_GET_DUMPABLE));
    SHOW(prctl(PR_SET_PDEATHSIG, 99));
    SHOW(prctl(-5));
    SHOW(getpriority(PRIO_PROCESS, 0));
    SHOW(nice(3));
    SHOW(getpriority(PRIO_PROCESS, 0));
    struct rusage usage;
    SHOW(getrusage(RUSAGE_SELF, &usage));
    SHOW(getrusage(77, &usage));
    printf("%d\n", usage.ru_maxrss > 0);
    SHOW(sched_yield());
    SHOW(syscall(SYS_sched_getaffinity, 0, 128, comm) > 0 || errno == EINVAL);
    SHOW(syscall(SYS_set_tid_address, 0) == getpid());
    return 0;
}
