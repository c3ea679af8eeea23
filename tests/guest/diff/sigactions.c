/* Signals: masks, queues, flags of handlers, what they are told, stacks. */
#include "case.h"
#include <setjmp.h>
#include <sys/signalfd.h>
#include <ucontext.h>

static volatile int seen[65], order[64], count;
static siginfo_t last;

static void note(int signo)
{
    seen[signo]++;
    if (count < 64)
        order[count++] = signo;
}

static void told(int signo, siginfo_t *info, void *context)
{
    note(signo);
    last = *info;
}

static void handle(int signo, int flags)
{
    struct sigaction action = {.sa_sigaction = told, .sa_flags = SA_SIGINFO | flags};
    sigaction(signo, &action, NULL);
}

static void block(int how, int signo)
{
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, signo);
    sigprocmask(how, &set, NULL);
}

static bool blocked(int signo)
{
    sigset_t set;
    sigprocmask(SIG_SETMASK, NULL, &set);
    return sigismember(&set, signo);
}

static void show_order(void)
{
    printf("%s: order", now);
    for (int i = 0; i < count; i++)
        printf(" %d", order[i]);
    printf("\n");
}

CASE(sigaction_errors)
{
    struct sigaction action = {.sa_handler = note};
    SHOW(syscall(SYS_rt_sigaction, 0, &action, NULL, 8));
    SHOW(syscall(SYS_rt_sigaction, 65, &action, NULL, 8));
    SHOW(syscall(SYS_rt_sigaction, -1, NULL, NULL, 8));
    SHOW(syscall(SYS_rt_sigaction, SIGKILL, &action, NULL, 8));
    SHOW(syscall(SYS_rt_sigaction, SIGSTOP, &action, NULL, 8));
    SHOW(syscall(SYS_rt_sigaction, SIGKILL, NULL, &action, 8));
    SHOW(syscall(SYS_rt_sigaction, SIGUSR1, &action, NULL, 4));
    SHOW(syscall(SYS_rt_sigaction, SIGUSR1, &action, NULL, 16));
    SHOW(syscall(SYS_rt_sigaction, SIGUSR1, 4, NULL, 8));
    SHOW(syscall(SYS_rt_sigaction, SIGUSR1, NULL, 4, 8));
    SHOW(syscall(SYS_rt_sigaction, SIGUSR1, NULL, NULL, 8));
}

CASE(sigaction_reports_old)
{
    struct { void *handler; unsigned long flags; void *restorer; uint32_t mask[2]; } set, old;
    memset(&set, 0, sizeof set);
    set.handler = note;
    set.flags = SA_RESTART | SA_NODEFER | 0x400 | 0x1000;
    set.mask[0] = set.mask[1] = 0xffffffff;
    SHOW(syscall(SYS_rt_sigaction, SIGUSR1, &set, NULL, 8));
    SHOW(syscall(SYS_rt_sigaction, SIGUSR1, NULL, &old, 8));
    SAY("%#lx %#x %#x %d", old.flags, old.mask[0], old.mask[1], old.handler == note);
}

CASE(sigprocmask_errors)
{
    uint32_t set[2] = {0xffffffff, 0xffffffff};
    SHOW(syscall(SYS_rt_sigprocmask, 3, set, NULL, 8));
    SHOW(syscall(SYS_rt_sigprocmask, 3, NULL, NULL, 8));
    SHOW(syscall(SYS_rt_sigprocmask, SIG_BLOCK, set, NULL, 4));
    SHOW(syscall(SYS_rt_sigprocmask, SIG_BLOCK, 4, NULL, 8));
    SHOW(syscall(SYS_rt_sigprocmask, SIG_BLOCK, NULL, 4, 8));
    SHOW(syscall(SYS_rt_sigprocmask, SIG_BLOCK, set, NULL, 8));
    SHOW(syscall(SYS_rt_sigprocmask, SIG_UNBLOCK, NULL, set, 8));
    SAY("%#x %#x", set[0], set[1]);
}

CASE(old_sigprocmask)
{
    uint32_t set = 0x0a00, old = 0;
    SHOW(syscall(SYS_sigprocmask, SIG_BLOCK, &set, &old));
    SAY("%#x", old);
    SHOW(syscall(SYS_sigprocmask, SIG_SETMASK, NULL, &old));
    SAY("%#x", old);
    raise(SIGUSR1);
    SHOW(syscall(SYS_sigpending, &old));
    SAY("%#x", old);
    SHOW(syscall(SYS_sigprocmask, 9, &set, &old));
}

CASE(standard_signals_merge)
{
    handle(SIGUSR1, 0);
    block(SIG_BLOCK, SIGUSR1);
    for (int i = 0; i < 5; i++)
        kill(getpid(), SIGUSR1);
    block(SIG_UNBLOCK, SIGUSR1);
    SHOW(seen[SIGUSR1]);
}

CASE(realtime_signals_queue)
{
    handle(40, 0);
    block(SIG_BLOCK, 40);
    for (int i = 0; i < 5; i++)
        sigqueue(getpid(), 40, (union sigval){.sival_int = i});
    block(SIG_UNBLOCK, 40);
    SHOW(seen[40]);
    SHOW(last.si_value.sival_int);
    SHOW(last.si_code);
}

CASE(order_of_delivery)
{
    int all[] = {50, SIGUSR2, 34 + 2, SIGHUP, 50, SIGTERM, SIGSEGV, 64};
    sigset_t set, old;
    sigfillset(&set);
    sigprocmask(SIG_SETMASK, &set, &old);
    for (int i = 0; i < 8; i++) {
        struct sigaction action = {.sa_handler = note};
        sigfillset(&action.sa_mask);
        sigaction(all[i], &action, NULL);
    }
    for (int i = 0; i < 8; i++)
        kill(getpid(), all[i]);
    sigprocmask(SIG_SETMASK, &old, NULL);
    show_order();
}

CASE(nested_without_mask)
{
    int all[] = {SIGUSR1, SIGUSR2, 40};
    sigset_t set, old;
    sigfillset(&set);
    sigprocmask(SIG_SETMASK, &set, &old);
    for (int i = 0; i < 3; i++) {
        handle(all[i], 0);
        raise(all[i]);
    }
    sigprocmask(SIG_SETMASK, &old, NULL);
    show_order();
}

static void inside(int signo)
{
    SAY("in handler of %d: USR1 %d USR2 %d", signo, blocked(SIGUSR1), blocked(SIGUSR2));
}

CASE(mask_in_handler)
{
    struct sigaction action = {.sa_handler = inside};
    sigaddset(&action.sa_mask, SIGUSR2);
    sigaction(SIGUSR1, &action, NULL);
    raise(SIGUSR1);
    SHOW(blocked(SIGUSR1));
    action.sa_flags = SA_NODEFER;
    sigemptyset(&action.sa_mask);
    sigaction(SIGUSR1, &action, NULL);
    raise(SIGUSR1);
    sigaddset(&action.sa_mask, SIGUSR1);
    sigaction(SIGUSR1, &action, NULL);
    raise(SIGUSR1);
}

CASE(reset_hand)
{
    handle(SIGUSR1, SA_RESETHAND);
    raise(SIGUSR1);
    struct sigaction action;
    sigaction(SIGUSR1, NULL, &action);
    SHOW(action.sa_handler == SIG_DFL);
    SHOW(seen[SIGUSR1]);
    raise(SIGUSR1);
}

CASE(ignored_are_dropped)
{
    signal(SIGUSR1, SIG_IGN);
    raise(SIGUSR1);
    block(SIG_BLOCK, SIGUSR1);
    raise(SIGUSR1);
    sigset_t set;
    sigpending(&set);
    SHOW(sigismember(&set, SIGUSR1));
    signal(SIGUSR1, SIG_DFL);
    raise(SIGUSR1);
    sigpending(&set);
    SHOW(sigismember(&set, SIGUSR1));
    signal(SIGUSR1, SIG_IGN);
    sigpending(&set);
    SHOW(sigismember(&set, SIGUSR1));
    block(SIG_UNBLOCK, SIGUSR1);
}

CASE(default_ignored)
{
    raise(SIGCHLD);
    raise(SIGURG);
    raise(SIGWINCH);
    raise(SIGCONT);
    SAY("alive");
    block(SIG_BLOCK, SIGCHLD);
    raise(SIGCHLD);
    sigset_t set;
    sigpending(&set);
    SHOW(sigismember(&set, SIGCHLD));
}

CASE(siginfo_of_senders)
{
    handle(SIGUSR1, 0);
    kill(getpid(), SIGUSR1);
    SAY("%d %d %d %d", last.si_signo, last.si_code, last.si_pid == getpid(), last.si_uid == getuid());
    raise(SIGUSR1);
    SAY("%d %d %d", last.si_signo, last.si_code, last.si_pid == getpid());
    sigqueue(getpid(), SIGUSR1, (union sigval){.sival_int = 77});
    SAY("%d %d %d", last.si_code, last.si_value.sival_int, last.si_pid == getpid());
    handle(SIGCHLD, 0);
    if (!fork())
        _exit(9);
    wait(NULL);
    SAY("%d %d", last.si_code, last.si_status);
    pid_t pid = fork();
    if (!pid)
        pause();
    kill(pid, SIGKILL);
    wait(NULL);
    SAY("%d %d", last.si_code, last.si_status);
}

CASE(rt_sigqueueinfo_rules)
{
    siginfo_t info;
    memset(&info, 0, sizeof info);
    info.si_code = SI_USER;
    SHOW(syscall(SYS_rt_sigqueueinfo, getppid(), SIGUSR1, &info));
    info.si_code = 5;
    SHOW(syscall(SYS_rt_sigqueueinfo, getppid(), SIGCHLD, &info));
    info.si_code = SI_TKILL;
    SHOW(syscall(SYS_rt_sigqueueinfo, getppid(), SIGCHLD, &info));
    info.si_code = -42;
    info.si_value.sival_int = 5;
    handle(SIGUSR1, 0);
    SHOW(syscall(SYS_rt_sigqueueinfo, getpid(), SIGUSR1, &info));
    SAY("%d %d %d", last.si_signo, last.si_code, last.si_value.sival_int);
    SHOW(syscall(SYS_rt_sigqueueinfo, getpid(), 65, &info));
    SHOW(syscall(SYS_rt_sigqueueinfo, getpid(), SIGUSR1, 4));
    SHOW(syscall(SYS_rt_sigqueueinfo, 0x7fffffff, SIGUSR1, &info));
    SHOW(syscall(SYS_rt_tgsigqueueinfo, getpid(), getpid(), SIGUSR1, &info));
    SHOW(syscall(SYS_rt_tgsigqueueinfo, 0, getpid(), SIGUSR1, &info));
}

CASE(children_stop_flags)
{
    handle(SIGCHLD, 0);
    pid_t pid = fork();
    if (!pid) {
        raise(SIGSTOP);
        _exit(0);
    }
    waitpid(pid, NULL, WUNTRACED);
    SAY("%d %d", last.si_code, last.si_status);
    handle(SIGCHLD, SA_NOCLDSTOP);
    kill(pid, SIGCONT);
    waitpid(pid, NULL, 0);
    SAY("%d %d", last.si_code, last.si_status);
    SHOW(seen[SIGCHLD]);
}

static sigjmp_buf back;

static void fault(int signo, siginfo_t *info, void *context)
{
    last = *info;
    siglongjmp(back, 1);
}

static void faults(void)
{
    struct sigaction action = {.sa_sigaction = fault, .sa_flags = SA_SIGINFO};
    for (int i = 1; i < 32; i++)
        if (i != SIGALRM)
            sigaction(i, &action, NULL);
}

#define FAULT(what)                                                                       \
    do {                                                                                  \
        if (!sigsetjmp(back, 1)) {                                                        \
            what;                                                                         \
            SAY("%s: nothing", #what);                                                    \
        } else                                                                            \
            SAY("%s: signal %d code %d", #what, last.si_signo, last.si_code);             \
    } while (0)

CASE(fault_codes)
{
    faults();
    char *page = mmap(NULL, 8192, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    FAULT(*(volatile int *)16);
    SAY("address %#lx", (long)last.si_addr);
    FAULT(*(volatile char *)page = 1);
    SAY("address is page %d", last.si_addr == page);
    munmap(page + 4096, 4096);
    FAULT(*(volatile char *)(page + 4099));
    SAY("offset %ld", (long)((char *)last.si_addr - page));
    FAULT(((void (*)(void))page)());
    FAULT(((void (*)(void))0x1000)());
    SAY("address %#lx", (long)last.si_addr);
    FAULT(__asm__ volatile(".inst 0xe7f000f0"));
    FAULT(__asm__ volatile("bkpt 0"));
    int fd = open("empty", O_RDWR | O_CREAT, 0600);
    char *file = mmap(NULL, 4096, PROT_READ, MAP_SHARED, fd, 0);
    FAULT(*(volatile char *)file);
    SAY("address is file %d", last.si_addr == file);
    SHOW(unlink("empty"));
}

CASE(fault_blocked_kills)
{
    block(SIG_BLOCK, SIGSEGV);
    handle(SIGSEGV, 0);
    *(volatile int *)16 = 1;
}

CASE(fault_ignored_kills)
{
    signal(SIGSEGV, SIG_IGN);
    *(volatile int *)16 = 1;
}

CASE(sent_fault_blocked_waits)
{
    block(SIG_BLOCK, SIGSEGV);
    handle(SIGSEGV, 0);
    kill(getpid(), SIGSEGV);
    SHOW(seen[SIGSEGV]);
    block(SIG_UNBLOCK, SIGSEGV);
    SHOW(seen[SIGSEGV]);
    SAY("%d", last.si_code);
}

CASE(altstack_errors)
{
    static char memory[65536];
    stack_t stack = {.ss_sp = memory, .ss_size = 2047}, old;
    SHOW(sigaltstack(&stack, NULL));
    stack.ss_size = 2048;
    SHOW(sigaltstack(&stack, NULL));
    stack.ss_flags = 8;
    SHOW(sigaltstack(&stack, NULL));
    stack.ss_flags = SS_ONSTACK;
    SHOW(sigaltstack(&stack, NULL));
    stack.ss_flags = SS_DISABLE;
    stack.ss_size = 1;
    SHOW(sigaltstack(&stack, &old));
    SAY("%d %ld", old.ss_flags, (long)old.ss_size);
    SHOW(sigaltstack(NULL, &old));
    SAY("%d %ld %d", old.ss_flags, (long)old.ss_size, old.ss_sp == NULL);
    SHOW(sigaltstack((void *)4, NULL));
    SHOW(sigaltstack(NULL, (void *)4));
}

static char altstack[65536];

static void where(int signo, siginfo_t *info, void *context)
{
    char here;
    stack_t now_, stack = {.ss_sp = altstack, .ss_size = 4096};
    ucontext_t *uc = context;
    sigaltstack(NULL, &now_);
    SAY("on it %d flags %d saved %d", &here >= altstack && &here < altstack + sizeof altstack,
        now_.ss_flags, (int)uc->uc_stack.ss_flags);
    SHOW(sigaltstack(&stack, NULL));
}

CASE(altstack_used)
{
    stack_t stack = {.ss_sp = altstack, .ss_size = sizeof altstack};
    sigaltstack(&stack, NULL);
    struct sigaction action = {.sa_sigaction = where, .sa_flags = SA_SIGINFO};
    sigaction(SIGUSR1, &action, NULL);
    raise(SIGUSR1);
    sigaltstack(&stack, NULL);
    action.sa_flags |= SA_ONSTACK;
    sigaction(SIGUSR1, &action, NULL);
    raise(SIGUSR1);
    stack.ss_flags = 1u << 31;
    SHOW(sigaltstack(&stack, NULL));
    raise(SIGUSR1);
    sigaltstack(NULL, &stack);
    SAY("%#x", stack.ss_flags);
}

static void change_context(int signo, siginfo_t *info, void *context)
{
    ucontext_t *uc = context;
    SAY("mask %d", sigismember(&uc->uc_sigmask, SIGUSR2));
    sigaddset(&uc->uc_sigmask, SIGUSR2);
}

CASE(mask_set_by_return)
{
    struct sigaction action = {.sa_sigaction = change_context, .sa_flags = SA_SIGINFO};
    sigaction(SIGUSR1, &action, NULL);
    raise(SIGUSR1);
    SHOW(blocked(SIGUSR2));
}

CASE(sigtimedwait_cases)
{
    sigset_t set;
    siginfo_t info;
    struct timespec zero = {0, 0}, some = {0, 20000000}, bad = {0, 1000000000}, minus = {-1, 0};
    sigemptyset(&set);
    sigaddset(&set, 40);
    sigaddset(&set, SIGUSR1);
    sigprocmask(SIG_BLOCK, &set, NULL);
    SHOW(sigtimedwait(&set, &info, &zero));
    SHOW(sigtimedwait(&set, &info, &some));
    SHOW(sigtimedwait(&set, &info, &bad));
    SHOW(sigtimedwait(&set, &info, &minus));
    sigqueue(getpid(), 40, (union sigval){.sival_int = 5});
    kill(getpid(), SIGUSR1);
    SHOW(sigwaitinfo(&set, &info));
    SAY("%d %d", info.si_code, info.si_signo);
    SHOW(sigtimedwait(&set, &info, &zero));
    SAY("%d %d", info.si_code, info.si_value.sival_int);
    SHOW(syscall(SYS_rt_sigtimedwait, &set, NULL, &zero, 4));
    SHOW(syscall(SYS_rt_sigtimedwait, 4, NULL, &zero, 8));
    handle(SIGUSR2, 0);
    if (!fork()) {
        pause_ms(30);
        kill(getppid(), SIGUSR2);
        _exit(0);
    }
    SHOW(sigwaitinfo(&set, &info));
}

CASE(sigsuspend_restores)
{
    sigset_t none;
    sigemptyset(&none);
    handle(SIGUSR1, 0);
    block(SIG_BLOCK, SIGUSR1);
    raise(SIGUSR1);
    SHOW(sigsuspend(&none));
    SHOW(blocked(SIGUSR1));
    SHOW(seen[SIGUSR1]);
    SHOW(syscall(SYS_rt_sigsuspend, &none, 4));
    SHOW(syscall(SYS_rt_sigsuspend, 4, 8));
}

CASE(pending_in_thread_and_process)
{
    sigset_t set;
    block(SIG_BLOCK, SIGUSR1);
    block(SIG_BLOCK, SIGUSR2);
    kill(getpid(), SIGUSR1);
    syscall(SYS_tgkill, getpid(), getpid(), SIGUSR2);
    sigpending(&set);
    SAY("%d %d", sigismember(&set, SIGUSR1), sigismember(&set, SIGUSR2));
    SHOW(syscall(SYS_rt_sigpending, &set, 16));
    SHOW(syscall(SYS_rt_sigpending, 4, 8));
}

CASE(bad_frame_kills)
{
    register int r7 __asm__("r7") = SYS_rt_sigreturn;
    __asm__ volatile("mov sp, #16; svc 0" : : "r"(r7));
}

CASE(unaligned_frame_kills)
{
    register int r7 __asm__("r7") = SYS_rt_sigreturn;
    __asm__ volatile("sub sp, sp, #4096; bic sp, sp, #7; add sp, sp, #4; svc 0" : : "r"(r7));
}

CASE(no_room_for_frame_kills)
{
    handle(SIGUSR1, 0);
    register int r0 __asm__("r0") = getpid();
    register int r1 __asm__("r1") = SIGUSR1;
    register int r7 __asm__("r7") = SYS_kill;
    __asm__ volatile("mov sp, #64; svc 0" : : "r"(r0), "r"(r1), "r"(r7));
}

CASE(sigpipe)
{
    int ends[2];
    pipe(ends);
    close(ends[0]);
    handle(SIGPIPE, 0);
    SHOW(write(ends[1], "x", 1));
    SHOW(seen[SIGPIPE]);
    SAY("%d %d", last.si_code, last.si_pid == getpid());
    signal(SIGPIPE, SIG_IGN);
    SHOW(write(ends[1], "x", 1));
    SHOW(write(ends[1], "x", 0));
    signal(SIGPIPE, SIG_DFL);
    write(ends[1], "x", 1);
}

CASE(file_size_limit)
{
    struct rlimit limit = {10, RLIM_INFINITY};
    int fd = open("limited", O_WRONLY | O_CREAT | O_TRUNC, 0600), results[5], errors[5];
    unlink("limited");
    handle(SIGXFSZ, 0);
    setrlimit(RLIMIT_FSIZE, &limit);
    results[0] = write(fd, "0123456789abcdef", 16);
    results[1] = write(fd, "x", 1);
    errors[1] = errno;
    results[2] = seen[SIGXFSZ];
    results[3] = ftruncate(fd, 100);
    errors[3] = errno;
    limit.rlim_cur = RLIM_INFINITY;
    setrlimit(RLIMIT_FSIZE, &limit);
    SAY("%d, %d %s, %d", results[0], results[1], strerrorname_np(errors[1]), results[2]);
    SAY("%d %s, %d, %d", results[3], strerrorname_np(errors[3]), seen[SIGXFSZ], last.si_code);
}

CASE(owner_of_descriptor)
{
    int ends[2];
    pipe(ends);
    handle(SIGIO, 0);
    handle(41, 0);
    SHOW(fcntl(ends[0], F_SETOWN, getpid()));
    SHOW(fcntl(ends[0], F_GETOWN) == getpid());
    SHOW(fcntl(ends[0], F_SETFL, O_ASYNC | O_NONBLOCK));
    write(ends[1], "x", 1);
    SHOW(seen[SIGIO]);
    SHOW(fcntl(ends[0], F_SETSIG, 41));
    SHOW(fcntl(ends[0], F_GETSIG));
    write(ends[1], "x", 1);
    SHOW(seen[41]);
    SAY("%d %d %#lx", last.si_code, last.si_fd == ends[0], last.si_band);
    SHOW(fcntl(ends[0], F_SETSIG, 65));
    struct { int type, pid; } owner = {9, 1};
    SHOW(fcntl(ends[0], 15, &owner));
    SHOW(fcntl(ends[0], 16, &owner));
    SAY("%d %d", owner.type, owner.pid == getpid());
}

CASE(signal_zero_sizes)
{
    SHOW(syscall(SYS_signalfd4, -1, 4, 8, 0));
    SHOW(syscall(SYS_signalfd4, -1, 4, 4, 0));
    uint32_t set[2] = {0};
    SHOW(syscall(SYS_signalfd4, 0, set, 8, 0));
    SHOW(syscall(SYS_signalfd4, 99, set, 8, 0));
    SHOW(syscall(SYS_signalfd4, -1, set, 8, 1));
}
