/* Vector accesses that fault, in code that has become hot: address, registers, no write-back. */
#define _GNU_SOURCE
#include <arm_neon.h>
#include <setjmp.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <ucontext.h>

static sigjmp_buf back;
static uint8_t *page;
static int signal_number, code;
static long fault, base;

static void handler(int number, siginfo_t *info, void *context) {
    ucontext_t *u = context;
    signal_number = number;
    code = info->si_code;
    fault = (uint8_t *)info->si_addr - page;
    base = (uint8_t *)u->uc_mcontext.arm_r4 - page;
    siglongjmp(back, 1);
}

__attribute__((noinline)) static void copy(uint8_t *to, uint8_t *from, int blocks) {
    register uint8_t *source __asm__("r4") = from;
    __asm__ volatile("1: vld1.8 {d0-d3}, [%0]!\n vadd.i8 q0, q0, q1\n vst1.8 {d0-d1}, [%1]!\n"
                     "subs %2, %2, #1\n bne 1b"
                     : "+r"(source), "+r"(to), "+r"(blocks)::"q0", "q1", "cc", "memory");
}

__attribute__((noinline)) static void aligned(uint8_t *from) {
    register uint8_t *source __asm__("r4") = from;
    __asm__ volatile("vld1.8 {d0-d1}, [%0:128]" : "+r"(source)::"q0", "memory");
}

__attribute__((noinline)) static void lanes(uint8_t *to) {
    register uint8_t *target __asm__("r4") = to;
    __asm__ volatile("vmov.i8 q0, #1\n vmov.i8 q1, #2\n vst2.8 {d0[1], d1[1]}, [%0]!"
                     : "+r"(target)::"q0", "q1", "memory");
}

static void report(const char *what) {
    printf("%s: signal %d code %d at %ld, base %ld\n", what, signal_number, code, fault, base);
}

int main(void) {
    static uint8_t out[1 << 16];
    page = mmap(0, 3 * 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    for (int i = 0; i < 8192; i++)
        page[i] = i * 7;
    struct sigaction action = {.sa_sigaction = handler, .sa_flags = SA_SIGINFO};
    sigaction(SIGSEGV, &action, 0);
    sigaction(SIGBUS, &action, 0);
    for (int round = 0; round < 3000; round++)
        copy(out, page, 64);
    mprotect(page + 8192, 4096, PROT_NONE);
    if (!sigsetjmp(back, 1))
        copy(out, page, 1000);
    report("load");
    if (!sigsetjmp(back, 1))
        copy(out, page + 12, 1000);
    report("misaligned load");
    uint32_t h = 0;
    for (int i = 0; i < 4096; i++)
        h = h * 31 + out[i];
    printf("%08x\n", h);
    aligned(page + 16);
    if (!sigsetjmp(back, 1))
        lanes(page + 8191);
    report("lanes");
    printf("%d\n", page[8191]);
    return 0;
}
