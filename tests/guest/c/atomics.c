/* Atomic operations of every size, by instruction and through the kernel's helper page. */
#include "show.h"

#define KUSER(type, address) ((type)(uintptr_t)(address))

#define EXERCISE(T)                                                                               \
    do {                                                                                          \
        volatile T v = 5;                                                                         \
        T expected = 5, wrong = 9;                                                                \
        printf(#T ": %d", __atomic_compare_exchange_n(&v, &expected, (T)-7, 0, 5, 5));            \
        printf(" %d", __atomic_compare_exchange_n(&v, &wrong, 1, 0, 5, 5));                       \
        printf(" %lld", (long long)wrong);                                                        \
        printf(" %lld", (long long)__atomic_fetch_add(&v, 10, 5));                                \
        printf(" %lld", (long long)__atomic_fetch_sub(&v, 1, 5));                                 \
        printf(" %lld", (long long)__atomic_fetch_or(&v, 0x70, 5));                               \
        printf(" %lld", (long long)__atomic_fetch_and(&v, 0x3c, 5));                              \
        printf(" %lld", (long long)__atomic_fetch_xor(&v, (T)-1, 5));                             \
        printf(" %lld", (long long)__atomic_exchange_n(&v, 77, 5));                               \
        printf(" %lld\n", (long long)__atomic_load_n(&v, 5));                                     \
    } while (0)

int main(void)
{
    EXERCISE(int8_t);
    EXERCISE(uint8_t);
    EXERCISE(int16_t);
    EXERCISE(uint16_t);
    EXERCISE(int32_t);
    EXERCISE(uint32_t);
    EXERCISE(int64_t);
    EXERCISE(uint64_t);
    int version = *KUSER(volatile int *, 0xffff0ffc);
    printf("helpers %d\n", version);
    volatile int word = 3;
    int (*cmpxchg)(int, int, volatile int *) = KUSER(int (*)(int, int, volatile int *), 0xffff0fc0);
    printf("%d %d", cmpxchg(3, 4, &word) == 0, word);
    printf(" %d %d\n", cmpxchg(3, 5, &word) == 0, word);
    volatile int64_t wide = 1ll << 40;
    int64_t old = 1ll << 40, new = -5;
    int (*cmpxchg64)(const int64_t *, const int64_t *, volatile int64_t *) = KUSER(int (*)(const int64_t *, const int64_t *, volatile int64_t *), 0xffff0f60);
    printf("%d %lld", cmpxchg64(&old, &new, &wide) == 0, (long long)wide);
    printf(" %d\n", cmpxchg64(&old, &new, &wide) == 0);
    KUSER(void (*)(void), 0xffff0fa0)();
    void *tls = KUSER(void *(*)(void), 0xffff0fe0)();
    printf("tls %d\n", tls == __builtin_thread_pointer());
    return 0;
}
