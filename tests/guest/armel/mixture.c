/* What compilers leave to libraries and to the kernel's helpers on old cores, printed. */
#include <complex.h>
#include <fenv.h>
#include <math.h>
#include <pthread.h>
#include <setjmp.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/auxv.h>

static int counter;
static long long wide;
static __thread int mine = 5;
static volatile sig_atomic_t caught;
static sigjmp_buf away;

static void *count(void *arg) {
    for (int i = 0; i < 20000; i++) {
        __sync_fetch_and_add(&counter, 1);
        if (i % 16 == 0)
            __sync_val_compare_and_swap(&counter, 0, 7);
    }
    mine += (int)(intptr_t)arg;
    return (void *)(intptr_t)mine;
}

static void handler(int number, siginfo_t *info, void *context) {
    (void)context;
    caught = number * 100 + info->si_code;
    if (number == SIGFPE)
        siglongjmp(away, 1);
}

static void floats(void) {
    volatile double tiny = 5e-324, big = 1.7e308, zero = 0.0;
    double sum = 0;
    for (int i = 1; i < 300; i++)
        sum += sqrt(i) / 3 * sin(i) - exp(i / 50.0) + pow(i, 1.0 / 3);
    float single = 0;
    for (int i = 1; i < 300; i++)
        single += sqrtf((float)i) / 3.0f * cosf((float)i);
    printf("%.17g %.9g\n", sum, (double)single);
    printf("%g %g %g %g %d %d\n", tiny / 2, big * 10, -1 / zero, zero / zero, isnan(zero / zero),
           (int)lrint(2.5));
    printf("%lld %llu %d %u\n", (long long)-1.5e15, (unsigned long long)1.8e19, (int)-2147483648.0,
           (unsigned)4294967295.0);
    double complex z = cexp(1 + 2 * I);
    printf("%.15g %.15g\n", creal(z), cimag(z));
}

static void integers(char **argv) {
    volatile int n = -1234567, d = 89, none = argv[0] == NULL;
    volatile unsigned u = 4000000000u, v = 12345;
    volatile long long w = -123456789012345678, x = 987654321;
    volatile unsigned long long y = 0xfedcba9876543210, shift = 13;
    printf("%d %d %u %u\n", n / d, n % d, u / v, u % v);
    printf("%lld %lld %llu %llu\n", w / x, w % x, y / shift, y % shift);
    printf("%llx %llx %llx\n", y << shift, y >> shift, w >> (shift + 30));
    printf("%d %d %d\n", __builtin_clz(u), __builtin_ctz(u & 0xfff000), __builtin_popcount(u));
    if (sigsetjmp(away, 1) == 0)
        printf("%d\n", n / none);
    else
        printf("division by zero: %d\n", (int)caught);
}

static void memory(void) {
    unsigned char bytes[64];
    for (int i = 0; i < 64; i++)
        bytes[i] = (unsigned char)(i * 37);
    uint32_t word;
    uint16_t half;
    memcpy(&word, bytes + 3, 4);
    memcpy(&half, bytes + 5, 2);
    printf("%x %x", word, half);
    memmove(bytes + 1, bytes, 50);
    unsigned sum = 0;
    for (int i = 0; i < 64; i++)
        sum = sum * 31 + bytes[i];
    printf(" %x %zu\n", sum, strlen((char *)bytes + 2));
}

int main(int argc, char **argv) {
    (void)argc;
    struct sigaction action = {.sa_sigaction = handler, .sa_flags = SA_SIGINFO};
    sigaction(SIGFPE, &action, NULL);
    sigaction(SIGUSR1, &action, NULL);
    floats();
    integers(argv);
    memory();
    raise(SIGUSR1);
    printf("%d\n", (int)caught);
    pthread_t threads[4];
    for (intptr_t i = 0; i < 4; i++)
        pthread_create(&threads[i], NULL, count, (void *)i);
    for (int i = 0; i < 4; i++) {
        void *result;
        pthread_join(threads[i], &result);
        printf("%d ", (int)(intptr_t)result);
    }
    for (int i = 0; i < 1000; i++)
        __sync_fetch_and_add(&wide, 3000000001ll);
    printf("%d %lld %d\n", counter, wide, mine);
    return 3;
}
