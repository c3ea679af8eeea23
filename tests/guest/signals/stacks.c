/* Alternate stacks: where handlers run, what sigaltstack says and refuses, overflow of the stack. */
#include "show.h"
#include <setjmp.h>
#include <signal.h>
#include <stdint.h>
#include <string.h>
#include <sys/resource.h>
#include <ucontext.h>

static char first[32768], second[32768];
static sigjmp_buf back;
static volatile int depth;

static int within(const void *p, const char *stack) { return (char *)p >= stack && (char *)p < stack + 32768; }

static void where(int signo, siginfo_t *info, void *context)
{
    int here;
    stack_t now, other = {.ss_sp = second, .ss_size = sizeof second};
    ucontext_t *uc = context;
    printf("on first %d on second %d\n", within(&here, first), within(&here, second));
    SHOW(sigaltstack(NULL, &now));
    printf("stack %d flags %x size %d\n", now.ss_sp == first, now.ss_flags, (int)now.ss_size);
    printf("saved %d flags %x size %d\n", uc->uc_stack.ss_sp == first, uc->uc_stack.ss_flags,
           (int)uc->uc_stack.ss_size);
    SHOW(sigaltstack(&other, NULL));
    if (!depth++)
        raise(SIGUSR2);
    depth = 0;
}

static void overflow(int signo)
{
    int here;
    printf("overflow on %d\n", within(&here, first) ? 1 : within(&here, second) ? 2 : 0);
    siglongjmp(back, 1);
}

static int recurse(int n)
{
    volatile char room[10000];
    room[n % 10000] = n;
    return recurse(n + 1) + room[0];
}

static void set(int signo, void *handler, int flags)
{
    struct sigaction action = {.sa_flags = flags};
    action.sa_handler = (void (*)(int))handler;
    SHOW(sigaction(signo, &action, NULL));
}

int main(void)
{
    setvbuf(stdout, NULL, _IONBF, 0);
    stack_t stack = {.ss_sp = first, .ss_size = sizeof first}, old;
    set(SIGUSR1, where, SA_SIGINFO | SA_ONSTACK);
    set(SIGUSR2, where, SA_SIGINFO | SA_ONSTACK);
    SHOW(sigaltstack(&stack, NULL));
    SHOW(raise(SIGUSR1));
    SHOW(sigaltstack(NULL, &old));
    printf("back %d %x\n", old.ss_sp == first, old.ss_flags);
    set(SIGUSR1, where, SA_SIGINFO);
    depth = 1;
    SHOW(raise(SIGUSR1));
    SHOW(sigaltstack(NULL, &old));
    printf("restored %d %x\n", old.ss_sp == first, old.ss_flags);
    stack.ss_flags = 1u << 31;
    stack.ss_sp = first;
    SHOW(sigaltstack(&stack, NULL));
    set(SIGUSR1, where, SA_SIGINFO | SA_ONSTACK);
    depth = 1;
    SHOW(raise(SIGUSR1));
    SHOW(sigaltstack(NULL, &old));
    printf("disarmed and back %d %x\n", old.ss_sp == first, old.ss_flags);
    stack.ss_flags = 0;
    SHOW(sigaltstack(&stack, NULL));
    struct rlimit limit = {1 << 20, 1 << 20};
    SHOW(setrlimit(RLIMIT_STACK, &limit));
    set(SIGSEGV, overflow, SA_ONSTACK);
    for (int i = 0; i < 3; i++)
        if (!sigsetjmp(back, 1))
            recurse(0);
    stack.ss_flags = SS_DISABLE;
    SHOW(sigaltstack(&stack, NULL));
    SHOW(sigaltstack(NULL, &old));
    printf("disabled %x\n", old.ss_flags);
    return 0;
}
