/* The futex call itself, and robust lists as the kernel walks them. */
#include "case.h"
#include <linux/futex.h>
#include <stddef.h>

static int word, other;
static struct timespec soon = {0, 20000000}, bad = {0, 1000000000};

static long futex(void *at, int op, unsigned value, void *time, void *at2, unsigned value3)
{
    return syscall(SYS_futex, at, op, value, time, at2, value3);
}

static void *sleeper(void *op)
{
    return (void *)futex(&word, (long)op, 0, NULL, NULL, 0xffffffff);
}

static pthread_t start(void *(*run)(void *), long value)
{
    pthread_t thread;
    pthread_create(&thread, NULL, run, (void *)value);
    pause_ms(60);
    return thread;
}

static long joined(pthread_t thread)
{
    void *value;
    pthread_join(thread, &value);
    return (long)value;
}

CASE(wait_value_differs)
{
    SHOW(futex(&word, FUTEX_WAIT, 1, NULL, NULL, 0));
    SHOW(futex(&word, FUTEX_WAIT_PRIVATE, 1, NULL, NULL, 0));
    SHOW(futex(&word, FUTEX_WAIT_BITSET, 1, NULL, NULL, 1));
}

CASE(wait_times_out)
{
    struct timespec from;
    clock_gettime(CLOCK_MONOTONIC, &from);
    SHOW(futex(&word, FUTEX_WAIT, 0, &soon, NULL, 0));
    SHOW(since_ms(from) >= 20);
    struct timespec past = {1, 0};
    SHOW(futex(&word, FUTEX_WAIT_BITSET, 0, &past, NULL, 0xffffffff));
    SHOW(futex(&word, FUTEX_WAIT_BITSET | FUTEX_CLOCK_REALTIME, 0, &past, NULL, 0xffffffff));
}

CASE(wait_errors)
{
    SHOW(futex(&word, FUTEX_WAIT, 0, &bad, NULL, 0));
    SHOW(futex(&word, FUTEX_WAIT, 0, (void *)4, NULL, 0));
    SHOW(futex((char *)&word + 1, FUTEX_WAIT, 0, NULL, NULL, 0));
    SHOW(futex((void *)4, FUTEX_WAIT, 0, &soon, NULL, 0));
    SHOW(futex((void *)4, FUTEX_WAIT_PRIVATE, 0, &soon, NULL, 0));
    SHOW(futex(&word, FUTEX_WAIT_BITSET, 0, &soon, NULL, 0));
    SHOW(futex(&word, 99, 0, &soon, NULL, 0));
    SHOW(futex(&word, FUTEX_WAIT | FUTEX_CLOCK_REALTIME, 1, &soon, NULL, 0));
    SHOW(futex(&word, FUTEX_WAKE | FUTEX_CLOCK_REALTIME, 1, NULL, NULL, 0));
    SHOW(futex(&word, FUTEX_FD, 0, NULL, NULL, 0));
}

CASE(wake_nobody)
{
    SHOW(futex(&word, FUTEX_WAKE, 1, NULL, NULL, 0));
    SHOW(futex(&word, FUTEX_WAKE_PRIVATE, INT_MAX, NULL, NULL, 0));
    SHOW(futex((void *)4, FUTEX_WAKE, 1, NULL, NULL, 0));
    SHOW(futex((void *)4, FUTEX_WAKE_PRIVATE, 1, NULL, NULL, 0));
    SHOW(futex((char *)&word + 2, FUTEX_WAKE, 1, NULL, NULL, 0));
    SHOW(futex(&word, FUTEX_WAKE_BITSET, 1, NULL, NULL, 0));
}

CASE(wake_one)
{
    pthread_t thread = start(sleeper, FUTEX_WAIT_PRIVATE);
    SHOW(futex(&word, FUTEX_WAKE_PRIVATE, 5, NULL, NULL, 0));
    SHOW(joined(thread));
}

CASE(wake_many)
{
    pthread_t a = start(sleeper, FUTEX_WAIT), b = start(sleeper, FUTEX_WAIT), c = start(sleeper, FUTEX_WAIT);
    SHOW(futex(&word, FUTEX_WAKE, 2, NULL, NULL, 0));
    SHOW(futex(&word, FUTEX_WAKE, 2, NULL, NULL, 0));
    SHOW(joined(a) + joined(b) + joined(c));
}

CASE(wake_zero_wakes_one)
{
    pthread_t thread = start(sleeper, FUTEX_WAIT);
    SHOW(futex(&word, FUTEX_WAKE, 0, NULL, NULL, 0));
    futex(&word, FUTEX_WAKE, 1, NULL, NULL, 0);
    joined(thread);
}

CASE(bitsets)
{
    pthread_t thread = start(sleeper, FUTEX_WAIT_BITSET);
    SHOW(futex(&word, FUTEX_WAKE_BITSET, 5, NULL, NULL, 0));
    SHOW(futex(&word, FUTEX_WAKE_BITSET, 5, NULL, NULL, 4));
    SHOW(joined(thread));
}

CASE(requeue)
{
    pthread_t a = start(sleeper, FUTEX_WAIT), b = start(sleeper, FUTEX_WAIT), c = start(sleeper, FUTEX_WAIT);
    SHOW(futex(&word, FUTEX_CMP_REQUEUE, 1, (void *)1, &other, 7));
    SHOW(futex(&word, FUTEX_CMP_REQUEUE, 1, (void *)1, &other, 0));
    SHOW(futex(&other, FUTEX_WAKE, 9, NULL, NULL, 0));
    SHOW(futex(&word, FUTEX_REQUEUE, 0, (void *)9, &other, 0));
    SHOW(futex(&other, FUTEX_WAKE, 9, NULL, NULL, 0));
    SHOW(joined(a) + joined(b) + joined(c));
    SHOW(futex(&word, FUTEX_CMP_REQUEUE, -1, (void *)1, &other, 0));
}

CASE(wake_op)
{
    pthread_t thread = start(sleeper, FUTEX_WAIT);
    other = 5;
    SHOW(futex(&word, FUTEX_WAKE_OP, 1, (void *)1, &other, FUTEX_OP(FUTEX_OP_ADD, 3, FUTEX_OP_CMP_EQ, 5)));
    SHOW(other);
    SHOW(joined(thread));
    SHOW(futex(&word, FUTEX_WAKE_OP, 1, (void *)1, (void *)4, FUTEX_OP(FUTEX_OP_ADD, 3, FUTEX_OP_CMP_EQ, 5)));
    SHOW(futex(&word, FUTEX_WAKE_OP, 1, (void *)1, &other, FUTEX_OP(9, 3, FUTEX_OP_CMP_EQ, 5)));
}

CASE(priority_inheritance)
{
    word = 0;
    SHOW(futex(&word, FUTEX_LOCK_PI, 0, NULL, NULL, 0));
    SHOW(word == getpid());
    SHOW(futex(&word, FUTEX_LOCK_PI, 0, NULL, NULL, 0));
    SHOW(futex(&word, FUTEX_TRYLOCK_PI, 0, NULL, NULL, 0));
    SHOW(futex(&word, FUTEX_UNLOCK_PI, 0, NULL, NULL, 0));
    SHOW(word);
    SHOW(futex(&word, FUTEX_UNLOCK_PI, 0, NULL, NULL, 0));
    word = 0x3ffffff0;
    SHOW(futex(&word, FUTEX_LOCK_PI, 0, NULL, NULL, 0));
    SHOW(futex(&word, FUTEX_TRYLOCK_PI, 0, NULL, NULL, 0));
}

static void *lock_pi(void *unused)
{
    long result = futex(&word, FUTEX_LOCK_PI, 0, NULL, NULL, 0);
    return (void *)(result * 10 + ((word & FUTEX_TID_MASK) == syscall(SYS_gettid)));
}

CASE(priority_inheritance_waits)
{
    struct timespec past = {1, 0};
    word = getpid();
    pthread_t thread = start(lock_pi, 0);
    SHOW((word & FUTEX_WAITERS) != 0);
    SHOW(futex(&word, FUTEX_UNLOCK_PI, 0, NULL, NULL, 0));
    SHOW(joined(thread));
    SHOW((unsigned)word >> 30);
}

CASE(wait_requeue_pi_errors)
{
    SHOW(futex(&word, FUTEX_WAIT_REQUEUE_PI, 1, &soon, &other, 0xffffffff));
    SHOW(futex(&word, FUTEX_WAIT_REQUEUE_PI, 0, &soon, &word, 0xffffffff));
    SHOW(futex(&word, FUTEX_CMP_REQUEUE_PI, 2, (void *)1, &other, 0));
    SHOW(futex(&word, FUTEX_CMP_REQUEUE_PI, 1, (void *)1, &other, 5));
}

CASE(time64_call)
{
    struct { long long seconds, nanoseconds; } time = {0, 20000000};
    SHOW(syscall(422, &word, FUTEX_WAIT, 0, &time, NULL, 0));
    time.nanoseconds = 1000000000;
    SHOW(syscall(422, &word, FUTEX_WAIT, 0, &time, NULL, 0));
    SHOW(syscall(422, &word, FUTEX_WAKE, 1, NULL, NULL, 0));
}

CASE(shared_between_processes)
{
    int *shared = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    pid_t pid = fork();
    if (!pid)
        _exit(futex(shared, FUTEX_WAIT, 0, NULL, NULL, 0) ? 1 : 40);
    pause_ms(30);
    SHOW(futex(shared, FUTEX_WAKE_PRIVATE, 1, NULL, NULL, 0));
    SHOW(futex(shared, FUTEX_WAKE, 1, NULL, NULL, 0));
    SAY("%s", reap(pid));
}

struct entry_ { void *next; unsigned lock; };

CASE(robust_list_calls)
{
    void *head = NULL, *old;
    size_t length = 0;
    SHOW(syscall(SYS_get_robust_list, 0, &old, &length));
    SAY("%d %d", old != NULL, (int)length);
    SHOW(syscall(SYS_set_robust_list, &head, 11));
    SHOW(syscall(SYS_set_robust_list, &head, 24));
    SHOW(syscall(SYS_set_robust_list, &head, 12));
    SHOW(syscall(SYS_get_robust_list, getpid(), &head, &length));
    SAY("%d %d", head == (void *)&head, (int)length);
    SHOW(syscall(SYS_get_robust_list, 0x7fffffff, &head, &length));
    SHOW(syscall(SYS_get_robust_list, 0, 4, &length));
    syscall(SYS_set_robust_list, old, 12);
}

CASE(robust_list_walk)
{
    struct shared { struct { void *next; long offset; void *pending; } head; struct entry_ entries[4]; } *s;
    s = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    pid_t pid = fork();
    if (!pid) {
        unsigned me = getpid();
        s->head.offset = offsetof(struct entry_, lock);
        s->head.next = &s->entries[0];
        s->entries[0] = (struct entry_){&s->entries[1], me};
        s->entries[1] = (struct entry_){&s->entries[2], me | FUTEX_WAITERS};
        s->entries[2] = (struct entry_){&s->head, 1};
        s->entries[3] = (struct entry_){NULL, me};
        s->head.pending = &s->entries[3];
        syscall(SYS_set_robust_list, s, 12);
        _exit(0);
    }
    SAY("%s", reap(pid));
    for (int i = 0; i < 4; i++)
        SAY("%d: died %d waiters %d tid %d", i, !!(s->entries[i].lock & FUTEX_OWNER_DIED),
            !!(s->entries[i].lock & FUTEX_WAITERS), (int)(s->entries[i].lock & FUTEX_TID_MASK) == pid);
}

CASE(robust_list_broken)
{
    pid_t pid = fork();
    if (!pid) {
        static struct { void *next; long offset; void *pending; } head = {(void *)4, 0, (void *)8};
        syscall(SYS_set_robust_list, &head, 12);
        _exit(4);
    }
    SAY("%s", reap(pid));
    pid = fork();
    if (!pid) {
        static struct { void *next; long offset; void *pending; } head = {NULL, 1 << 20, NULL};
        static struct entry_ ring;
        ring.next = &ring;
        head.next = &ring;
        head.offset = 4;
        syscall(SYS_set_robust_list, &head, 12);
        _exit(5);
    }
    SAY("%s", reap(pid));
}

CASE(child_tid_cleared)
{
    int *shared = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    *shared = 77;
    pid_t pid = fork();
    if (!pid) {
        syscall(SYS_set_tid_address, shared);
        pause_ms(40);
        _exit(0);
    }
    SAY("%s", reap(pid));
    SHOW(*shared);
    int *mine = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    pid = syscall(SYS_clone, 0x01000000 | 0x00200000 | SIGCHLD, 0, 0, 0, mine);
    if (!pid)
        _exit(*mine == getpid() ? 1 : 2);
    SAY("%s", reap(pid));
    SHOW(*mine == pid);
}


CASE(waitv)
{
    struct { uint64_t value, address; uint32_t flags, reserved; } waits[2] = {
        {0, (uintptr_t)&word, 2, 0}, {0, (uintptr_t)&other, 2, 0}};
    struct { long long seconds, nanoseconds; } past = {1, 0};
    SHOW(syscall(449, waits, 2, 0, &past, CLOCK_MONOTONIC));
    waits[1].value = 9;
    SHOW(syscall(449, waits, 2, 0, &past, CLOCK_MONOTONIC));
    SHOW(syscall(449, waits, 0, 0, NULL, 0));
    SHOW(syscall(449, waits, 129, 0, NULL, 0));
    SHOW(syscall(449, waits, 2, 1, NULL, 0));
    SHOW(syscall(449, waits, 2, 0, &past, 99));
    SHOW(syscall(449, 4, 2, 0, NULL, 0));
    waits[0].flags = 0x70;
    SHOW(syscall(449, waits, 2, 0, NULL, 0));
}
