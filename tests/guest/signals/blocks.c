/* A fault inside an IT block whose code is flushed by the handler: the rest is still conditional. */
#include "show.h"
#include <signal.h>
#include <stdint.h>
#include <sys/mman.h>
#include <ucontext.h>

static volatile int faults;
static uint16_t *code;

static void handler(int signo, siginfo_t *info, void *context)
{
    mcontext_t *m = &((ucontext_t *)context)->uc_mcontext;
    unsigned it = (m->arm_cpsr >> 8 & 0xfc) | (m->arm_cpsr >> 25 & 3);
    printf("fault %d at %d IT %02x\n", ++faults, (int)(m->arm_pc - (uintptr_t)code), it);
    m->arm_r0 = (uintptr_t)code;
    __builtin___clear_cache((char *)code, (char *)code + 64);
}

int main(void)
{
    code = mmap(NULL, 4096, PROT_READ | PROT_WRITE | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    uint16_t text[] = {
        0x2900,         /* cmp   r1, #0 */
        0xbf05,         /* ittet eq */
        0x2201,         /* moveq r2, #1 */
        0x6803,         /* ldreq r3, [r0]: faults */
        0x2205,         /* movne r2, #5 */
        0x3210,         /* addeq r2, #16 */
        0x4610,         /* mov   r0, r2 */
        0x4770,         /* bx    lr */
    };
    memcpy(code, text, sizeof text);
    __builtin___clear_cache((char *)code, (char *)code + 64);
    struct sigaction action = {.sa_sigaction = handler, .sa_flags = SA_SIGINFO};
    SHOW(sigaction(SIGSEGV, &action, NULL));
    int (*f)(int, int, int) = (int (*)(int, int, int))((uintptr_t)code | 1);
    SHOW(f(16, 0, 100));
    SHOW(f(16, 1, 100));
    SHOW(f((int)code, 0, 100));
    return 0;
}
