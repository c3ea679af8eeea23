/* Thread ids, names, signals to one thread, what /proc shows. build: -pthread */
#include "../c/show.h"
#include <dirent.h>
#include <pthread.h>
#include <sched.h>
#include <semaphore.h>
#include <signal.h>
#include <sys/prctl.h>

static sem_t up, go;
static volatile pid_t tid;
static volatile int clear_me;

static void *body(void *arg)
{
    tid = gettid();
    prctl(PR_SET_NAME, "worker");
    sem_post(&up);
    sem_wait(&go);
    return NULL;
}

static int threads(void)
{
    DIR *dir = opendir("/proc/self/task");
    int count = 0;
    for (struct dirent *entry; (entry = readdir(dir));)
        count += entry->d_name[0] != '.';
    closedir(dir);
    return count;
}

static void comm(pid_t id)
{
    char path[64], text[32] = "";
    sprintf(path, "/proc/self/task/%d/comm", id);
    int fd = open(path, O_RDONLY);
    read(fd, text, sizeof text - 1);
    close(fd);
    text[strcspn(text, "\n")] = 0;
    printf("comm %s\n", text);
}

int main(void)
{
    pthread_t id;
    char name[20];
    sem_init(&up, 0, 0);
    sem_init(&go, 0, 0);
    SHOW(gettid() == getpid());
    prctl(PR_SET_NAME, "main-thread");
    pthread_create(&id, NULL, body, NULL);
    sem_wait(&up);
    SHOW(tid != getpid());
    SHOW(getpgid(tid) == getpgrp());
    SHOW(threads());
    comm(tid);
    comm(getpid());
    SHOW(pthread_setname_np(id, "renamed"));
    SHOW(pthread_setname_np(id, "a name that is too long"));
    comm(tid);
    pthread_getname_np(id, name, sizeof name);
    printf("%s\n", name);
    SHOW(tgkill(getpid(), tid, 0));
    SHOW(tgkill(getpid() + 100000, tid, 0));
    SHOW(tgkill(getpid(), tid + 100000, 0));
    SHOW(tgkill(getpid(), tid, 65));
    SHOW(tgkill(0, tid, 0));
    SHOW(tgkill(getpid(), -1, 0));
    SHOW(syscall(SYS_tkill, tid, 0));
    SHOW(syscall(SYS_tkill, 0, 0));
    SHOW(kill(tid, 0));
    SHOW(pthread_kill(id, 0));
    SHOW(setpgid(tid, 0));
    SHOW(sched_getscheduler(tid));
    cpu_set_t cpus;
    SHOW(pthread_getaffinity_np(id, sizeof cpus, &cpus));
    SHOW(CPU_COUNT(&cpus) > 0);
    SHOW(pthread_setaffinity_np(id, sizeof cpus, &cpus));
    struct sched_param param;
    int policy = -1;
    SHOW(pthread_getschedparam(id, &policy, &param));
    printf("%d %d\n", policy, param.sched_priority);
    clockid_t clock;
    struct timespec time;
    SHOW(pthread_getcpuclockid(id, &clock));
    SHOW(clock_gettime(clock, &time));
    sem_post(&go);
    pthread_join(id, NULL);
    SHOW(syscall(SYS_set_tid_address, &clear_me) == gettid());
    return 0;
}
