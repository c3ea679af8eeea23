/* Frames with and without siginfo, with and without restorer; sigreturn refuses bad ones. */
#include "show.h"
#include <setjmp.h>
#include <signal.h>
#include <stdint.h>
#include <string.h>
#include <ucontext.h>

struct kernel_action {
    void *handler;
    unsigned long flags;
    void *restorer;
    uint32_t mask[2];
};

static sigjmp_buf back;
static volatile int mode;
static volatile uintptr_t returns;
static volatile int seen;

__attribute__((target("arm"), noinline)) static void in_arm(int signo)
{
    uint32_t cpsr;
    __asm__ volatile("mrs %0, cpsr" : "=r"(cpsr));
    returns = (uintptr_t)__builtin_return_address(0);
    seen = signo;
    printf("arm handler, flags %x\n", cpsr & 0xf8000000);
}

__attribute__((target("thumb"), noinline)) static void in_thumb(int signo)
{
    uint32_t cpsr;
    __asm__ volatile("mrs %0, cpsr" : "=r"(cpsr));
    returns = (uintptr_t)__builtin_return_address(0);
    seen = signo;
    printf("thumb handler, flags %x\n", cpsr & 0xf8000000);
}

static void spoil(int signo, siginfo_t *info, void *context)
{
    ucontext_t *uc = context;
    if (mode == 0)
        uc->uc_mcontext.arm_cpsr = (uc->uc_mcontext.arm_cpsr & ~31) | 0x13;
    if (mode == 1)
        *(uint32_t *)uc->uc_regspace = 1;
    if (mode == 2)
        ((uint32_t *)uc->uc_regspace)[1] = 1;
    if (mode == 3)
        uc->uc_mcontext.arm_cpsr |= 0x80;
    if (mode == 4)
        uc->uc_mcontext.arm_cpsr |= 0xf0000000;
    if (mode == 5)
        sigaddset(&uc->uc_sigmask, SIGTERM);
}

static void caught(int signo, siginfo_t *info, void *context)
{
    printf("caught %d code %d addr %d\n", signo, info->si_code, info->si_addr != 0);
    siglongjmp(back, 1);
}

static void raw(int signo, void *handler, unsigned long flags)
{
    struct kernel_action action = {handler, flags, NULL, {0, 0}};
    SHOW(syscall(SYS_rt_sigaction, signo, &action, NULL, 8));
}

int main(void)
{
    setvbuf(stdout, NULL, _IONBF, 0);
    raw(SIGUSR1, in_arm, 0);
    SHOW(raise(SIGUSR1));
    uint32_t *code = (uint32_t *)(returns & ~1);
    printf("at %d: %08x %08x\n", (int)(returns & 1), code[0], code[1]);
    raw(SIGUSR1, in_arm, SA_SIGINFO);
    SHOW(raise(SIGUSR1));
    code = (uint32_t *)(returns & ~1);
    printf("at %d: %08x %08x\n", (int)(returns & 1), code[0], code[1]);
    raw(SIGUSR1, in_thumb, 0);
    SHOW(raise(SIGUSR1));
    code = (uint32_t *)(returns & ~1);
    printf("at %d: %08x\n", (int)(returns & 1), code[0]);
    raw(SIGUSR1, in_thumb, SA_SIGINFO);
    SHOW(raise(SIGUSR1));
    code = (uint32_t *)(returns & ~1);
    printf("at %d: %08x\n", (int)(returns & 1), code[0]);
    struct sigaction action = {.sa_sigaction = spoil, .sa_flags = SA_SIGINFO};
    SHOW(sigaction(SIGUSR1, &action, NULL));
    action.sa_sigaction = caught;
    SHOW(sigaction(SIGSEGV, &action, NULL));
    for (mode = 0; mode < 6; mode++) {
        printf("mode %d\n", mode);
        if (!sigsetjmp(back, 1))
            SHOW(raise(SIGUSR1));
    }
    sigset_t now;
    sigprocmask(SIG_BLOCK, NULL, &now);
    SHOW(sigismember(&now, SIGTERM));
    if (!sigsetjmp(back, 1))
        __asm__ volatile("mov r5, sp\n mov r4, r7\n mov r12, sp\n sub r12, r12, #64\n bic r12, r12, #7\n"
                         "add r12, r12, #4\n mov sp, r12\n mov r7, #173\n svc 0\n mov r7, r4\n mov sp, r5"
                         ::: "r4", "r5", "r12", "r0", "memory");
    if (!sigsetjmp(back, 1)) {
        __asm__ volatile("mov r5, sp\n mov r4, r7\n mov sp, %0\n mov r7, #119\n svc 0\n mov r7, r4\n mov sp, r5"
                         ::"r"(0x1000) : "r4", "r5", "r0", "memory");
    }
    return 0;
}
