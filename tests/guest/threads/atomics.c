/* Contended atomics of every size, and messages by plain loads and stores with barriers. build: -pthread */
#include "../c/show.h"
#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>

static atomic_int words[2];
static atomic_llong wide;
static atomic_uchar byte;
static atomic_ushort half;
static _Atomic(struct node *) top;
static struct node { struct node *next; int value; } nodes[4][1000];
static atomic_int taken, flag;
static int payload, torn;

static void *add(void *arg)
{
    int me = (int)(intptr_t)arg;
    for (int i = 0; i < 1000; i++) {
        atomic_fetch_add(&words[0], 1);
        atomic_fetch_add(&wide, 0x100000001ll);
        atomic_fetch_add(&byte, 1);
        atomic_fetch_sub(&half, 3);
        int expected = atomic_load(&words[1]);
        while (!atomic_compare_exchange_weak(&words[1], &expected, expected * 3 + 1))
            ;
        nodes[me][i].value = i;
        struct node *old = atomic_load(&top);
        do
            nodes[me][i].next = old;
        while (!atomic_compare_exchange_weak(&top, &old, &nodes[me][i]));
        long long now = atomic_load(&wide);
        torn += (int)now != (int)(now >> 32);
    }
    return NULL;
}

static void *pong(void *arg)
{
    for (int i = 0; i < 2000; i++) {
        while (atomic_load_explicit(&flag, memory_order_acquire) != 2 * i + 1)
            sched_yield();
        payload += 1;
        atomic_store_explicit(&flag, 2 * i + 2, memory_order_release);
    }
    return NULL;
}

int main(void)
{
    pthread_t ids[4];
    for (int i = 0; i < 4; i++)
        pthread_create(&ids[i], NULL, add, (void *)(intptr_t)i);
    for (int i = 0; i < 4; i++)
        pthread_join(ids[i], NULL);
    long sum = 0, count = 0;
    for (struct node *n = top; n; n = n->next)
        sum += n->value, count++;
    uint32_t expected = 0;
    for (int i = 0; i < 4000; i++)
        expected = expected * 3 + 1;
    printf("%d %#llx %d %d %d torn %d\n", words[0], (long long)wide, byte, half,
           (uint32_t)words[1] == expected, torn);
    printf("%ld %ld\n", count, sum);
    pthread_create(&ids[0], NULL, pong, NULL);
    for (int i = 0; i < 2000; i++) {
        payload += 2;
        atomic_store_explicit(&flag, 2 * i + 1, memory_order_release);
        while (atomic_load_explicit(&flag, memory_order_acquire) != 2 * i + 2)
            sched_yield();
    }
    pthread_join(ids[0], NULL);
    printf("%d\n", payload);
    return 0;
}
