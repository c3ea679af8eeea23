/* Threads: creation, end, cancellation, locks, names, signals among them. */
#include "case.h"
#include <semaphore.h>
#include <sys/prctl.h>

static void *give(void *value)
{
    return value;
}

static const char *joined(pthread_t thread)
{
    static char text[32];
    void *value;
    int error = pthread_join(thread, &value);
    if (error)
        return strerrorname_np(error);
    if (value == PTHREAD_CANCELED)
        return "cancelled";
    sprintf(text, "%ld", (long)value);
    return text;
}

static pthread_t start(void *(*run)(void *), long value)
{
    pthread_t thread;
    int error = pthread_create(&thread, NULL, run, (void *)value);
    if (error)
        SAY("create %s", strerrorname_np(error));
    return thread;
}

CASE(create_and_join)
{
    pthread_t threads[20];
    long sum = 0;
    for (long i = 0; i < 20; i++)
        threads[i] = start(give, i);
    for (int i = 0; i < 20; i++) {
        void *value;
        pthread_join(threads[i], &value);
        sum += (long)value;
    }
    SHOW(sum);
}

CASE(detached)
{
    pthread_attr_t attr;
    pthread_t thread;
    pthread_attr_init(&attr);
    SHOW(pthread_attr_setdetachstate(&attr, PTHREAD_CREATE_DETACHED));
    SHOW(pthread_create(&thread, &attr, give, NULL));
    pause_ms(10);
}

CASE(join_self) { SHOW(pthread_join(pthread_self(), NULL)); }

CASE(stack_size)
{
    pthread_attr_t attr;
    pthread_attr_init(&attr);
    SHOW(pthread_attr_setstacksize(&attr, 16383));
    SHOW(pthread_attr_setstacksize(&attr, 65536));
    pthread_t thread;
    SHOW(pthread_create(&thread, &attr, give, (void *)5));
    SAY("%s", joined(thread));
}

static void *cancelled_in(void *which)
{
    char byte;
    int ends[2];
    pipe(ends);
    switch ((long)which) {
    case 0: read(ends[0], &byte, 1); break;
    case 1: pause(); break;
    case 2: sleep(5); break;
    case 3: poll(NULL, 0, 5000); break;
    case 4: for (;;) pthread_testcancel();
    case 5: { sem_t sem; sem_init(&sem, 0, 0); sem_wait(&sem); break; }
    case 6: pthread_setcanceltype(PTHREAD_CANCEL_ASYNCHRONOUS, NULL); for (;;) continue;
    case 7: pthread_setcancelstate(PTHREAD_CANCEL_DISABLE, NULL); pause_ms(60); return (void *)7;
    }
    return NULL;
}

CASE(cancellation)
{
    for (int i = 0; i < 8; i++) {
        pthread_t thread = start(cancelled_in, i);
        pause_ms(20);
        pthread_cancel(thread);
        SAY("%d %s", i, joined(thread));
    }
}

static void cleanup(void *what)
{
    SAY("cleanup %s", (char *)what);
}

static void *with_cleanup(void *unused)
{
    pthread_cleanup_push(cleanup, "one");
    pthread_cleanup_push(cleanup, "two");
    pause();
    pthread_cleanup_pop(0);
    pthread_cleanup_pop(0);
}

CASE(cancel_runs_cleanup)
{
    pthread_t thread = start(with_cleanup, 0);
    pause_ms(20);
    pthread_cancel(thread);
    SAY("%s", joined(thread));
}

static pthread_key_t key;

static void *set_key(void *value)
{
    pthread_setspecific(key, value);
    return pthread_getspecific(key) == value ? NULL : value;
}

CASE(thread_specific)
{
    pthread_key_create(&key, cleanup);
    pthread_setspecific(key, "main");
    SAY("%s", joined(start(set_key, (long)"value")));
    SAY("%s", (char *)pthread_getspecific(key));
}

static __thread int mine = 5;

static void *change_mine(void *value)
{
    mine += (long)value;
    return (void *)(long)mine;
}

CASE(thread_local)
{
    for (int i = 0; i < 3; i++)
        SAY("%s", joined(start(change_mine, i)));
    SHOW(mine);
}

static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static long total;

static void *add(void *count)
{
    for (long i = 0; i < (long)count; i++) {
        pthread_mutex_lock(&mutex);
        total++;
        pthread_mutex_unlock(&mutex);
    }
    return NULL;
}

CASE(mutex_contended)
{
    pthread_t threads[4];
    for (int i = 0; i < 4; i++)
        threads[i] = start(add, 5000);
    for (int i = 0; i < 4; i++)
        pthread_join(threads[i], NULL);
    SHOW(total);
}

CASE(mutex_kinds)
{
    int kinds[] = {PTHREAD_MUTEX_RECURSIVE, PTHREAD_MUTEX_ERRORCHECK};
    for (int i = 0; i < 2; i++) {
        pthread_mutexattr_t attr;
        pthread_mutex_t lock;
        pthread_mutexattr_init(&attr);
        pthread_mutexattr_settype(&attr, kinds[i]);
        pthread_mutex_init(&lock, &attr);
        SHOW(pthread_mutex_unlock(&lock));
        SHOW(pthread_mutex_lock(&lock));
        SHOW(pthread_mutex_lock(&lock));
        SHOW(pthread_mutex_trylock(&lock));
        SHOW(pthread_mutex_unlock(&lock));
    }
}

CASE(mutex_priority_inheritance)
{
    pthread_mutexattr_t attr;
    pthread_mutex_t lock;
    struct timespec until;
    pthread_mutexattr_init(&attr);
    SHOW(pthread_mutexattr_setprotocol(&attr, PTHREAD_PRIO_INHERIT));
    SHOW(pthread_mutex_init(&lock, &attr));
    SHOW(pthread_mutex_lock(&lock));
    clock_gettime(CLOCK_REALTIME, &until);
    SHOW(pthread_mutex_trylock(&lock));
    SHOW(pthread_mutex_timedlock(&lock, &until));
    SHOW(pthread_mutex_unlock(&lock));
    SHOW(pthread_mutex_destroy(&lock));
}

CASE(mutex_timed)
{
    struct timespec until;
    pthread_mutex_lock(&mutex);
    clock_gettime(CLOCK_REALTIME, &until);
    SHOW(pthread_mutex_timedlock(&mutex, &until));
    until.tv_nsec = 1000000000;
    SHOW(pthread_mutex_timedlock(&mutex, &until));
    SHOW(pthread_mutex_trylock(&mutex));
}

static pthread_mutex_t robust;

static void *lock_and_die(void *unused)
{
    pthread_mutex_lock(&robust);
    return NULL;
}

static void robust_init(int shared, int inherit, pthread_mutex_t *lock)
{
    pthread_mutexattr_t attr;
    pthread_mutexattr_init(&attr);
    pthread_mutexattr_setrobust(&attr, PTHREAD_MUTEX_ROBUST);
    pthread_mutexattr_setpshared(&attr, shared);
    pthread_mutexattr_setprotocol(&attr, inherit ? PTHREAD_PRIO_INHERIT : PTHREAD_PRIO_NONE);
    SHOW(pthread_mutex_init(lock, &attr));
}

CASE(robust_thread_dies)
{
    robust_init(0, 0, &robust);
    pthread_join(start(lock_and_die, 0), NULL);
    SHOW(pthread_mutex_lock(&robust));
    SHOW(pthread_mutex_consistent(&robust));
    SHOW(pthread_mutex_unlock(&robust));
    pthread_join(start(lock_and_die, 0), NULL);
    SHOW(pthread_mutex_trylock(&robust));
    SHOW(pthread_mutex_unlock(&robust));
    SHOW(pthread_mutex_lock(&robust));
}

static void robust_dies_by(int signo, bool by_exec)
{
    pthread_mutex_t *lock = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    robust_init(PTHREAD_PROCESS_SHARED, 0, lock);
    pid_t pid = fork();
    if (!pid) {
        pthread_mutex_lock(lock);
        if (signo)
            raise(signo);
        if (by_exec)
            execl("/proc/self/exe", "x", "nothing", NULL);
        _exit(0);
    }
    SAY("%s", reap(pid));
    alarm(1);
    SHOW(pthread_mutex_lock(lock));
    SHOW(pthread_mutex_consistent(lock));
    SHOW(pthread_mutex_unlock(lock));
}

CASE(robust_process_exits) { robust_dies_by(0, false); }
CASE(robust_process_execs) { robust_dies_by(0, true); }
CASE(robust_process_is_terminated) { robust_dies_by(SIGTERM, false); }
CASE(robust_process_is_killed) { robust_dies_by(SIGKILL, false); }

CASE(robust_inheriting_dies)
{
    robust_init(0, 1, &robust);
    pthread_join(start(lock_and_die, 0), NULL);
    SHOW(pthread_mutex_lock(&robust));
    SHOW(pthread_mutex_consistent(&robust));
    SHOW(pthread_mutex_unlock(&robust));
}

static void *lock_slowly(void *unused)
{
    pthread_mutex_lock(&robust);
    pause_ms(50);
    return NULL;
}

CASE(robust_wakes_waiter)
{
    robust_init(0, 0, &robust);
    pthread_t thread = start(lock_slowly, 0);
    pause_ms(20);
    SHOW(pthread_mutex_lock(&robust));
    pthread_join(thread, NULL);
}

static pthread_cond_t cond = PTHREAD_COND_INITIALIZER;
static int turn;

static void *take_turns(void *who)
{
    for (int i = 0; i < 200; i++) {
        pthread_mutex_lock(&mutex);
        while (turn % 2 != (long)who)
            pthread_cond_wait(&cond, &mutex);
        turn++;
        pthread_cond_broadcast(&cond);
        pthread_mutex_unlock(&mutex);
    }
    return NULL;
}

CASE(condition)
{
    pthread_t a = start(take_turns, 0), b = start(take_turns, 1);
    pthread_join(a, NULL);
    pthread_join(b, NULL);
    SHOW(turn);
    struct timespec until;
    clock_gettime(CLOCK_REALTIME, &until);
    pthread_mutex_lock(&mutex);
    SHOW(pthread_cond_timedwait(&cond, &mutex, &until));
}

static pthread_barrier_t barrier;
static int serial;

static void *meet(void *unused)
{
    for (int i = 0; i < 50; i++)
        if (pthread_barrier_wait(&barrier) == PTHREAD_BARRIER_SERIAL_THREAD)
            __atomic_add_fetch(&serial, 1, __ATOMIC_SEQ_CST);
    return NULL;
}

CASE(barriers)
{
    pthread_t threads[3];
    pthread_barrier_init(&barrier, NULL, 3);
    for (int i = 0; i < 3; i++)
        threads[i] = start(meet, 0);
    for (int i = 0; i < 3; i++)
        pthread_join(threads[i], NULL);
    SHOW(serial);
}

CASE(rwlocks)
{
    pthread_rwlock_t lock = PTHREAD_RWLOCK_INITIALIZER;
    SHOW(pthread_rwlock_rdlock(&lock));
    SHOW(pthread_rwlock_tryrdlock(&lock));
    SHOW(pthread_rwlock_trywrlock(&lock));
    SHOW(pthread_rwlock_unlock(&lock));
    SHOW(pthread_rwlock_unlock(&lock));
    SHOW(pthread_rwlock_wrlock(&lock));
    SHOW(pthread_rwlock_tryrdlock(&lock));
    SHOW(pthread_rwlock_wrlock(&lock));
}

CASE(ids)
{
    SHOW(syscall(SYS_gettid) == getpid());
    pid_t tid = 0;
    SHOW(syscall(SYS_set_tid_address, &tid) == getpid());
}

static void *its_ids(void *unused)
{
    return (void *)(long)(getpid() != syscall(SYS_gettid));
}

CASE(ids_of_thread) { SAY("%s", joined(start(its_ids, 0))); }

static void *named(void *unused)
{
    char name[16];
    prctl(PR_SET_NAME, "other");
    prctl(PR_GET_NAME, name);
    SAY("%s", name);
    return NULL;
}

CASE(names_apart)
{
    char name[16];
    prctl(PR_SET_NAME, "first");
    pthread_join(start(named, 0), NULL);
    prctl(PR_GET_NAME, name);
    SAY("%s", name);
    SHOW(pthread_setname_np(pthread_self(), "0123456789abcdef"));
}

static void *exit_all(void *unused)
{
    exit(21);
}

CASE(exit_from_thread)
{
    start(exit_all, 0);
    pause();
}

static void *fall(void *unused)
{
    *(volatile int *)4 = 1;
}

CASE(fault_in_thread)
{
    start(fall, 0);
    pause();
}

static void *last_one(void *unused)
{
    pause_ms(30);
    SAY("the last");
    return NULL;
}

CASE(main_thread_ends_first)
{
    start(last_one, 0);
    pthread_exit(NULL);
}

static void *exec_nothing(void *unused)
{
    pause_ms(20);
    syscall(SYS_exit, 3);
}

CASE(raw_exit_of_thread)
{
    start(exec_nothing, 0);
    pause_ms(60);
    syscall(SYS_exit, 17);
}

static volatile pid_t who;

static void note(int signo)
{
    who = syscall(SYS_gettid);
}

static volatile pid_t its_tid;

static void *waiting(void *unused)
{
    its_tid = syscall(SYS_gettid);
    struct timespec time = {0, 500000000};
    return (void *)(long)nanosleep(&time, NULL);
}

CASE(signal_to_thread)
{
    struct sigaction action = {.sa_handler = note};
    sigaction(SIGUSR1, &action, NULL);
    pthread_t thread = start(waiting, 0);
    pause_ms(30);
    SHOW(pthread_kill(thread, SIGUSR1));
    SAY("%s", joined(thread));
    SHOW(who == its_tid);
}

CASE(process_signal_takes_unblocked_thread)
{
    struct sigaction action = {.sa_handler = note};
    sigset_t set;
    sigaction(SIGUSR1, &action, NULL);
    pthread_t thread = start(waiting, 0);
    pause_ms(30);
    sigemptyset(&set);
    sigaddset(&set, SIGUSR1);
    pthread_sigmask(SIG_BLOCK, &set, NULL);
    SHOW(kill(getpid(), SIGUSR1));
    SAY("%s", joined(thread));
    SHOW(who == its_tid);
}

static void *mask_of_new(void *unused)
{
    sigset_t set, pending;
    pthread_sigmask(SIG_BLOCK, NULL, &set);
    sigpending(&pending);
    return (void *)(long)(sigismember(&set, SIGUSR1) * 10 + sigismember(&pending, SIGUSR1));
}

CASE(mask_is_inherited)
{
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, SIGUSR1);
    pthread_sigmask(SIG_BLOCK, &set, NULL);
    pthread_kill(pthread_self(), SIGUSR1);
    SAY("%s", joined(start(mask_of_new, 0)));
}

static void *forks(void *unused)
{
    pid_t pid = fork();
    if (!pid) {
        SHOW(getpid() == syscall(SYS_gettid));
        SAY("%s", joined(start(give, 3)));
        _exit(0);
    }
    SAY("%s", reap(pid));
    return NULL;
}

CASE(fork_in_thread) { pthread_join(start(forks, 0), NULL); }

static void before(void) { SAY("before"); }
static void parent(void) { pause_ms(20); SAY("parent"); }
static void child(void) { SAY("child"); }

CASE(atfork_order)
{
    pthread_atfork(before, parent, child);
    pid_t pid = fork();
    if (!pid)
        _exit(0);
    waitpid(pid, NULL, 0);
}

CASE(semaphores)
{
    sem_t sem;
    int value;
    struct timespec until = {0, 0};
    SHOW(sem_init(&sem, 0, 1));
    SHOW(sem_wait(&sem));
    SHOW(sem_trywait(&sem));
    SHOW(sem_timedwait(&sem, &until));
    until.tv_nsec = -1;
    SHOW(sem_timedwait(&sem, &until));
    SHOW(sem_post(&sem));
    SHOW(sem_getvalue(&sem, &value));
    SHOW(value);
    SHOW(sem_init(&sem, 0, 0x80000000u));
}

static pthread_once_t once = PTHREAD_ONCE_INIT;

static void only_once(void) { SAY("once"); }

static void *do_once(void *unused)
{
    pthread_once(&once, only_once);
    return NULL;
}

CASE(once_only)
{
    pthread_t a = start(do_once, 0), b = start(do_once, 0);
    pthread_join(a, NULL);
    pthread_join(b, NULL);
}

CASE(affinity)
{
    cpu_set_t set;
    SHOW(sched_getaffinity(0, sizeof set, &set));
    SHOW(CPU_COUNT(&set) > 0);
    SHOW(syscall(SYS_sched_getaffinity, 0, 3, &set));
    SHOW(syscall(SYS_sched_getaffinity, 0x7fffffff, 128, &set));
    SHOW(sched_setaffinity(0, sizeof set, &set));
    CPU_ZERO(&set);
    SHOW(sched_setaffinity(0, sizeof set, &set));
}
