/* The futex call itself: every operation that a C library uses. build: -pthread */
#include "../c/show.h"
#include <linux/futex.h>
#include <pthread.h>
#include <sched.h>

static int a, b, c, sleeping;

static long fut(int *word, int op, int value, void *time, int *word2, int value3)
{
    return syscall(SYS_futex, word, op, value, time, word2, value3);
}

static long fut64(int *word, int op, int value, void *time, int *word2, int value3)
{
    return syscall(422, word, op, value, time, word2, value3);
}

struct waiter {
    int *word, op, value, mask;
    long result;
};

static void *waiter(void *arg)
{
    struct waiter *w = arg;
    __atomic_add_fetch(&sleeping, 1, __ATOMIC_SEQ_CST);
    w->result = fut(w->word, w->op, w->value, NULL, NULL, w->mask);
    return NULL;
}

static pthread_t ids[8];
static struct waiter waiters[8];

static void start(int count, int *word, int op, int mask)
{
    sleeping = 0;
    for (int i = 0; i < count; i++) {
        waiters[i] = (struct waiter){word, op, *word, mask ? mask << i : 0};
        pthread_create(&ids[i], NULL, waiter, &waiters[i]);
    }
    while (__atomic_load_n(&sleeping, __ATOMIC_SEQ_CST) < count)
        sched_yield();
    usleep(30000);
}

static void join(int count)
{
    for (int i = 0; i < count; i++)
        pthread_join(ids[i], NULL);
}

int main(void)
{
    int time32[2] = {0, 10000000};
    long long time64[2] = {0, 10000000};
    int private = FUTEX_PRIVATE_FLAG;
    SHOW(fut(&a, FUTEX_WAIT, 1, NULL, NULL, 0));
    SHOW(fut(&a, FUTEX_WAIT, 0, time32, NULL, 0));
    SHOW(fut64(&a, FUTEX_WAIT, 0, time64, NULL, 0));
    SHOW(fut64(&a, FUTEX_WAIT_BITSET | private, 0, time64, NULL, -1));
    SHOW(fut64(&a, FUTEX_WAIT_BITSET | FUTEX_CLOCK_REALTIME, 0, time64, NULL, 4));
    SHOW(fut(&a, FUTEX_WAIT_BITSET, 0, NULL, NULL, 0));
    SHOW(fut((int *)2, FUTEX_WAIT, 0, NULL, NULL, 0));
    SHOW(fut((int *)4096, FUTEX_WAIT, 0, NULL, NULL, 0));
    SHOW(fut(&a, FUTEX_WAIT, 0, (void *)16, NULL, 0));
    time32[1] = 1000000000;
    SHOW(fut(&a, FUTEX_WAIT, 0, time32, NULL, 0));
    time32[0] = -1, time32[1] = 0;
    SHOW(fut(&a, FUTEX_WAIT, 0, time32, NULL, 0));
    SHOW(fut(&a, 99, 0, NULL, NULL, 0));
    SHOW(fut(&a, FUTEX_WAKE, 1, NULL, NULL, 0));
    SHOW(fut(&a, FUTEX_WAKE_BITSET, 1, NULL, NULL, 0));

    start(5, &a, FUTEX_WAIT | private, 0);
    SHOW(fut(&a, FUTEX_WAKE | private, 2, NULL, NULL, 0));
    SHOW(fut(&a, FUTEX_WAKE | private, INT_MAX, NULL, NULL, 0));
    join(5);
    start(6, &a, FUTEX_WAIT, 0);
    SHOW(fut(&a, FUTEX_CMP_REQUEUE, 1, (void *)2, &b, 1));
    SHOW(fut(&a, FUTEX_CMP_REQUEUE, 1, (void *)2, &b, 0));
    SHOW(fut(&a, FUTEX_REQUEUE, 0, (void *)1, &c, 0));
    SHOW(fut(&b, FUTEX_WAKE, 10, NULL, NULL, 0));
    SHOW(fut(&c, FUTEX_WAKE, 10, NULL, NULL, 0));
    SHOW(fut(&a, FUTEX_WAKE, 10, NULL, NULL, 0));
    join(6);
    start(4, &a, FUTEX_WAIT_BITSET | private, 1);
    SHOW(fut(&a, FUTEX_WAKE_BITSET | private, 10, NULL, NULL, 5));
    SHOW(fut(&a, FUTEX_WAKE_BITSET | private, 10, NULL, NULL, 16));
    SHOW(fut(&a, FUTEX_WAKE_BITSET | private, 10, NULL, NULL, -1));
    join(4);
    b = 5;
    start(3, &a, FUTEX_WAIT, 0);
    int op = FUTEX_OP(FUTEX_OP_ADD, 3, FUTEX_OP_CMP_EQ, 5);
    SHOW(fut(&a, FUTEX_WAKE_OP, 1, (void *)1, &b, op));
    printf("b %d\n", b);
    op = FUTEX_OP(FUTEX_OP_ANDN, 8, FUTEX_OP_CMP_GT, 7);
    SHOW(fut(&b, FUTEX_WAKE_OP, 1, (void *)5, &a, op));
    SHOW(fut(&a, FUTEX_WAKE, 9, NULL, NULL, 0));
    join(3);

    int pi = 0;
    SHOW(fut(&pi, FUTEX_LOCK_PI, 0, NULL, NULL, 0));
    SHOW(pi == gettid());
    SHOW(fut(&pi, FUTEX_LOCK_PI, 0, NULL, NULL, 0));
    SHOW(fut(&pi, FUTEX_TRYLOCK_PI, 0, NULL, NULL, 0));
    SHOW(fut(&pi, FUTEX_UNLOCK_PI, 0, NULL, NULL, 0));
    printf("%d\n", pi);
    SHOW(fut(&pi, FUTEX_UNLOCK_PI, 0, NULL, NULL, 0));
    SHOW(fut(&pi, FUTEX_TRYLOCK_PI, 0, NULL, NULL, 0));
    start(1, &pi, FUTEX_LOCK_PI, 0);
    SHOW(!!(pi & FUTEX_WAITERS));
    SHOW(fut(&pi, FUTEX_UNLOCK_PI, 0, NULL, NULL, 0));
    join(1);
    SHOW(waiters[0].result);

    /* the word changes while it is looked at */
    long head, size;
    SHOW(syscall(SYS_set_robust_list, &head, 11));
    SHOW(syscall(SYS_get_robust_list, 0, &head, &size));
    printf("%ld\n", size);
    SHOW(syscall(SYS_get_robust_list, 1000000, &head, &size));
    return 0;
}
