/* Synchronous signals: code, address, pc; the handler goes on behind the instruction. */
#include "show.h"
#include <setjmp.h>
#include <signal.h>
#include <stdint.h>
#include <string.h>
#include <sys/mman.h>
#include <ucontext.h>

#ifdef __thumb__
static volatile int thumb = 1;
#else
static volatile int thumb;
#endif

static void handler(int signo, siginfo_t *info, void *context)
{
    mcontext_t *m = &((ucontext_t *)context)->uc_mcontext;
    uintptr_t pc = m->arm_pc;
    printf("signal %d code %d addr ", signo, info->si_code);
    if ((uintptr_t)info->si_addr == pc)
        printf("pc");
    else
        printf("%lx", (long)info->si_addr);
    unsigned it = (m->arm_cpsr >> 8 & 0xfc) | (m->arm_cpsr >> 25 & 3);
    printf(" state %d IT %02x error %lx fault %s", (m->arm_cpsr >> 5 & 1) == thumb, it, m->error_code,
           m->fault_address == pc ? "pc" : "");
    if (m->fault_address != pc)
        printf("%lx", m->fault_address);
    printf("\n");
    if (m->arm_cpsr & 0x20) {
        int wide = *(uint16_t *)pc >= 0xe800;
        m->arm_pc += wide ? 4 : 2;
        if (it) {
            unsigned next = it & 7 ? (it & 0xe0) | (it << 1 & 0x1f) : 0;
            m->arm_cpsr &= ~0x0600fc00;
            m->arm_cpsr |= (next & 0xfc) << 8 | (next & 3) << 25;
        }
    } else
        m->arm_pc += 4;
}

static sigjmp_buf back;

static void escape(int signo, siginfo_t *info, void *context)
{
    mcontext_t *m = &((ucontext_t *)context)->uc_mcontext;
    printf("signal %d code %d addr %lx pc %lx T %d error %lx\n", signo, info->si_code,
           (long)info->si_addr, m->arm_pc, (int)(m->arm_cpsr >> 5 & 1), m->error_code);
    siglongjmp(back, 1);
}

__attribute__((target("thumb"), noinline)) static void in_blocks(void)
{
    int a = 1, b = 2, c = 3, was = thumb;
    thumb = 1;
    __asm__ volatile(".syntax unified\n"
                     "cmp %0, %0\n"
                     "itete eq\n"
                     "moveq %0, #10\n"
                     "ldrne %1, [%3]\n"
                     "ldreq %1, [%3]\n"
                     "movne %2, #30\n"
                     "cmp %0, #0\n"
                     "ittt ne\n"
                     "strne %0, [%3, #4]\n"
                     "ldrne.w %1, [%3, #8]\n"
                     "addne %2, #1\n"
                     : "+r"(a), "+r"(b), "+r"(c)
                     : "r"(16)
                     : "cc");
    thumb = was;
    printf("%d %d %d\n", a, b, c);
}

int main(void)
{
    setvbuf(stdout, NULL, _IONBF, 0);
    struct sigaction action = {.sa_sigaction = handler, .sa_flags = SA_SIGINFO};
    int signals[] = {SIGSEGV, SIGBUS, SIGILL, SIGTRAP, SIGFPE};
    for (int i = 0; i < 5; i++)
        SHOW(sigaction(signals[i], &action, NULL));
    __asm__ volatile("ldr r0, [%0]" ::"r"(0x10) : "r0");
    __asm__ volatile("str r0, [%0]" ::"r"(0x20) : "r0");
    __asm__ volatile("ldrd r2, r3, [%0]" ::"r"(0x70000000) : "r2", "r3");
    __asm__ volatile("vldr d0, [%0]" ::"r"(0x30) : "d0");
    __asm__ volatile("stmdb %0, {r0-r3}" ::"r"(0x40) : "memory");
    char *page = mmap((void *)0x60000000, 8192, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0);
    __asm__ volatile("str r0, [%0, #8]" ::"r"(page) : "r0");
    mprotect(page, 4096, PROT_NONE);
    __asm__ volatile("ldr r0, [%0, #12]" ::"r"(page) : "r0");
    __asm__ volatile("ldrex r0, [%0]" ::"r"(page + 4096) : "r0");
    FILE *empty = tmpfile();
    char *map = mmap((void *)0x60002000, 4096, PROT_READ, MAP_SHARED | MAP_FIXED, fileno(empty), 0);
    __asm__ volatile("ldrb r0, [%0, #5]" ::"r"(map) : "r0");
    __asm__ volatile("udf #0");
    __asm__ volatile("bkpt #0");
    in_blocks();
    action.sa_sigaction = escape;
    SHOW(sigaction(SIGSEGV, &action, NULL));
    if (!sigsetjmp(back, 1))
        ((void (*)(void))0x60000000)();
    if (!sigsetjmp(back, 1))
        ((void (*)(void))0x60000101)();
    if (!sigsetjmp(back, 1))
        ((void (*)(void))0x40)();
    sigset_t now;
    sigprocmask(SIG_BLOCK, NULL, &now);
    SHOW(sigismember(&now, SIGSEGV));
    return 0;
}
