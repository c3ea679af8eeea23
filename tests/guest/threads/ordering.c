/* Acquire and release on two threads: locks that need more than x86's own order, and counters.
   build: -O2 -w -static -pthread -march=armv8-a -mfpu=crypto-neon-fp-armv8 */
#include <pthread.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdio.h>

#define ROUNDS 60000

static atomic_int wants[2], turn;
static volatile int plain;
static atomic_uchar bytes;
static atomic_ushort halves;
static _Atomic uint64_t doubles;

static void lock(int me) {
  atomic_store(&wants[me], 1);
  atomic_store(&turn, !me);
  while (atomic_load(&wants[!me]) && atomic_load(&turn) == !me) {
  }
}

static void unlock(int me) { atomic_store_explicit(&wants[me], 0, memory_order_release); }

static void *work(void *argument) {
  int me = (int)(intptr_t)argument;
  for (int i = 0; i < ROUNDS; i++) {
    lock(me);
    plain++;
    unlock(me);
    atomic_fetch_add(&bytes, 1);
    atomic_fetch_add(&halves, 3);
    atomic_fetch_add(&doubles, 0x100000001);
  }
  return 0;
}

int main(void) {
  pthread_t threads[2];
  for (int i = 0; i < 2; i++) pthread_create(&threads[i], 0, work, (void *)(intptr_t)i);
  for (int i = 0; i < 2; i++) pthread_join(threads[i], 0);
  printf("%d %d %d %llx\n", plain, bytes, halves, (unsigned long long)doubles);
  return 0;
}
