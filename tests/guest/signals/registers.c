/* A handler reads and edits every register of the interrupted code through its ucontext.
   build: -marm -mfpu=vfpv3 */
#include "show.h"
#include <signal.h>
#include <stdint.h>
#include <string.h>
#include <ucontext.h>

struct vfp {
    uint32_t magic, size;
    uint64_t d[32];
    uint32_t fpscr, pad, fpexc, fpinst, fpinst2;
};

uint32_t after[15];
uint64_t dbefore[32], dafter[32];
uint32_t fpscr_after;
extern char fault_here[], fault_next[];

static void handler(int signo, siginfo_t *info, void *context)
{
    ucontext_t *uc = context;
    unsigned long *r = &uc->uc_mcontext.arm_r0;
    struct vfp *vfp = (struct vfp *)uc->uc_regspace;
    printf("signal %d code %d addr %p\n", signo, info->si_code, info->si_addr);
    for (int i = 0; i < 13; i++)
        printf("r%d %08lx%s", i, i == 4 || i == 11 || i == 7 ? 0 : r[i], i % 4 == 3 ? "\n" : " ");
    printf("\nlr %08lx pc %d\n", r[14], (char *)uc->uc_mcontext.arm_pc == (char *)((uintptr_t)fault_here & ~1));
    printf("cpsr %08lx trap %lx error %lx oldmask %lx fault %lx\n", uc->uc_mcontext.arm_cpsr & ~0x00a00020,
           uc->uc_mcontext.trap_no, uc->uc_mcontext.error_code, uc->uc_mcontext.oldmask,
           uc->uc_mcontext.fault_address);
    printf("flags %lx link %p stack %d %d\n", uc->uc_flags, uc->uc_link, uc->uc_stack.ss_flags,
           (int)uc->uc_stack.ss_size);
    printf("vfp %x %d fpscr %x fpexc %x %x %x\n", vfp->magic, vfp->size, vfp->fpscr, vfp->fpexc,
           vfp->fpinst, vfp->fpinst2);
    for (int i = 0; i < 32; i++) {
        printf("d%d %016llx%s", i, (unsigned long long)vfp->d[i], i % 4 == 3 ? "\n" : " ");
        vfp->d[i] = ~vfp->d[i];
    }
    for (int i = 0; i < 13; i++)
        if (i != 4 && i != 7 && i != 11)
            r[i] = 0xa0000000 + i;
    r[14] = 0xbbbbbbbb;
    vfp->fpscr = 0x90000000;
    uc->uc_mcontext.arm_cpsr = (uc->uc_mcontext.arm_cpsr & ~0xf80f0000) | 0x60050000;
    uc->uc_mcontext.arm_pc = (uintptr_t)fault_next & ~1;
    __asm__ volatile("vmov.f64 d8, #1.0\n vmov.f64 d31, #2.0\n vmsr fpscr, %0" ::"r"(0x03000000)
                     : "d8", "d31");
}

int main(void)
{
    setvbuf(stdout, NULL, _IONBF, 0);
    struct sigaction action = {.sa_sigaction = handler, .sa_flags = SA_SIGINFO};
    SHOW(sigaction(SIGSEGV, &action, NULL));
    for (int i = 0; i < 32; i++)
        dbefore[i] = 0x0101010101010101ull * i + 0x8000000000000000ull;
    uint32_t cpsr;
    __asm__ volatile(
        "push {r4, r7, r11}\n"
        "ldr r4, =dbefore\n vldmia r4!, {d0-d15}\n vldmia r4, {d16-d31}\n"
        "mov r4, #0x20000000\n vmsr fpscr, r4\n"
        "mov r0, #0xf8000000\n orr r0, #0x000f0000\n msr apsr_nzcvqg, r0\n"
        "mov r0, #0x10\n mov r1, #0x11\n mov r2, #0x12\n mov r3, #0x13\n mov r5, #0x15\n"
        "mov r6, #0x16\n mov r8, #0x18\n mov r9, #0x19\n mov r10, #0x1a\n mov r12, #0x1c\n"
        "mov lr, #0x1e\n mov r4, #0x44\n"
        ".global fault_here\n.global fault_next\n"
        "fault_here: str r4, [r4]\n"
        "fault_next: ldr r4, =after\n stmia r4!, {r0-r3}\n mrs r0, cpsr\n"
        "str r5, [r4, #4]\n str r6, [r4, #8]\n str r8, [r4, #16]\n str r9, [r4, #20]\n"
        "str r10, [r4, #24]\n str r12, [r4, #32]\n str lr, [r4, #40]\n"
        "vmrs r1, fpscr\n ldr r2, =fpscr_after\n str r1, [r2]\n"
        "mov r1, #0\n vmsr fpscr, r1\n"
        "ldr r4, =dafter\n vstmia r4!, {d0-d15}\n vstmia r4, {d16-d31}\n"
        "pop {r4, r7, r11}\n"
        "mov %0, r0\n"
        : "=r"(cpsr)::"r0", "r1", "r2", "r3", "r5", "r6", "r8", "r9", "r10", "r12", "lr", "memory",
        "cc");
    for (int i = 0; i < 15; i++)
        printf("after r%d %08x\n", i, after[i]);
    printf("cpsr %08x fpscr %08x\n", cpsr & ~0x00a0003f, fpscr_after);
    for (int i = 0; i < 32; i++)
        if (dafter[i] != ~dbefore[i])
            printf("d%d is %016llx\n", i, (unsigned long long)dafter[i]);
    return 0;
}
