/* Asynchronous I/O through the bare system calls. */
#include "net.h"
#include <linux/aio_abi.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/wait.h>

#define setup(n, c) syscall(SYS_io_setup, n, c)
#define destroy(c) syscall(SYS_io_destroy, c)
#define submit(c, n, b) syscall(SYS_io_submit, c, n, b)
#define getevents(c, l, m, e, t) syscall(SYS_io_getevents, c, l, m, e, t)
#define cancel(c, b, e) syscall(SYS_io_cancel, c, b, e)

static struct iocb blocks[8], *list[8];
static struct io_event events[8];
static struct { int seconds, nanoseconds; } soon = {0, 20000000};

static struct iocb *block(int i, int opcode, int fd, void *buf, size_t n, long long offset)
{
    blocks[i] = (struct iocb){.aio_data = 100 + i, .aio_lio_opcode = opcode, .aio_fildes = fd,
                              .aio_buf = (uintptr_t)buf, .aio_nbytes = n, .aio_offset = offset};
    return list[i] = &blocks[i];
}

static int order(const void *a, const void *b)
{
    const struct io_event *x = a, *y = b;
    return (x->data > y->data) - (x->data < y->data);
}

static void show(int count)
{
    qsort(events, count > 0 ? count : 0, sizeof *events, order);
    for (int i = 0; i < count; i++)
        printf("event %lld: block %d, %lld %lld\n", events[i].data,
               (int)((struct iocb *)(uintptr_t)events[i].obj - blocks), events[i].res, events[i].res2);
    memset(events, 0, sizeof events);
}

static void on_signal(int signo) { puts("handler"); }

static void *wake(void *thread)
{
    usleep(50000);
    pthread_kill(*(pthread_t *)thread, SIGUSR1);
    return 0;
}

int main(void)
{
    unsigned context = 0, second = 5;
    char in[64] = "", tail[8] = "";
    int got, fd = open("file", O_RDWR | O_CREAT | O_TRUNC, 0600);
    SHOW(setup(0, &context));
    SHOW(setup(8, &second));
    SHOW(setup(8, (void *)8));
    SHOW(setup(0x20000000, &context));
    SHOW(setup(8, &context));
    SHOW(context != 0);
    SHOW(getevents(context, 0, 8, events, NULL));
    SHOW(getevents(context, 2, 1, events, NULL));
    SHOW(getevents(context, -1, 1, events, NULL));
    SHOW(getevents(context, 1, 1, events, &soon));
    SHOW(getevents(context + 4096, 0, 1, events, NULL));

    block(0, IOCB_CMD_PWRITE, fd, "hello world", 11, 0);
    SHOW(submit(context, 1, list));
    SHOW(getevents(context, 1, 8, events, NULL));
    show(1);
    struct iovec out[2] = {{"one ", 4}, {"two", 3}}, back[2] = {{in, 5}, {tail, 6}};
    block(0, IOCB_CMD_PWRITEV, fd, out, 2, 20);
    block(1, IOCB_CMD_FSYNC, fd, NULL, 0, 0);
    SHOW(submit(context, 2, list));
    SHOW(getevents(context, 2, 8, events, NULL));
    show(2);
    block(0, IOCB_CMD_PREADV, fd, back, 2, 0);
    block(1, IOCB_CMD_PREAD, fd, in + 16, 7, 20);
    block(2, IOCB_CMD_PREAD, fd, in, 7, 1000);
    blocks[1].aio_key = 7;
    SHOW(submit(context, 3, list));
    SHOW(blocks[1].aio_key);
    SHOW(getevents(context, 3, 3, events, NULL));
    show(3);
    printf("[%.5s] [%.6s] [%.7s]\n", in, tail, in + 16);

    int counter = eventfd(0, 0);
    block(0, IOCB_CMD_PREAD, fd, in, 4, 1);
    blocks[0].aio_flags = IOCB_FLAG_RESFD;
    blocks[0].aio_resfd = counter;
    SHOW(submit(context, 1, list));
    uint64_t value = 0;
    SHOW(read(counter, &value, 8));
    SHOW(value);
    SHOW(got = getevents(context, 0, 8, events, NULL));
    show(got);

    block(0, IOCB_CMD_PREAD, 77, in, 4, 1);
    SHOW(submit(context, 1, list));
    block(1, 99, fd, in, 4, 1);
    SHOW(submit(context, 1, list + 1));
    block(2, IOCB_CMD_PREAD, fd, (void *)8, 4, 0);
    SHOW(submit(context, 1, list + 2));
    SHOW(got = getevents(context, 0, 8, events, NULL));
    show(got);
    block(2, IOCB_CMD_PREADV, fd, (void *)8, 2, 0);
    SHOW(submit(context, 1, list + 2));
    block(2, IOCB_CMD_PREAD, fd, in, 4, 0);
    blocks[2].aio_buf = 1ULL << 40;
    SHOW(submit(context, 1, list + 2));
    SHOW(got = getevents(context, 0, 8, events, NULL));
    show(got);
    block(2, IOCB_CMD_PREAD, fd, in, 4, 0);
    blocks[2].aio_reserved2 = 1;
    SHOW(submit(context, 1, list + 2));
    block(1, IOCB_CMD_PREAD, fd, in, 4, 0);
    list[2] = (void *)8;
    SHOW(submit(context, 2, list + 1));
    SHOW(got = getevents(context, 0, 8, events, NULL));
    show(got);
    SHOW(submit(context, 1, list + 2));
    SHOW(submit(context, 1, (void *)8));
    SHOW(submit(context, -1, list));
    SHOW(submit(context, 0, list));
    SHOW(submit(context + 4096, 1, list));

    int ends[2];
    pipe(ends);
    block(0, IOCB_CMD_POLL, ends[0], NULL, 0, 0);
    blocks[0].aio_buf = POLLIN;
    SHOW(submit(context, 1, list));
    SHOW(getevents(context, 0, 8, events, NULL));
    write(ends[1], "x", 1);
    SHOW(getevents(context, 1, 8, events, NULL));
    show(1);
    read(ends[0], in, 1);
    SHOW(submit(context, 1, list));
    SHOW(cancel(context, &blocks[0], events));
    SHOW(getevents(context, 1, 8, events, &soon));
    SHOW(cancel(context, &blocks[0], events));
    SHOW(cancel(context, (void *)8, events));
    SHOW(cancel(context + 4096, &blocks[0], events));

    struct sigaction action = {.sa_handler = on_signal, .sa_flags = SA_RESTART};
    sigaction(SIGUSR1, &action, NULL);
    pthread_t self = pthread_self(), thread;
    pthread_create(&thread, NULL, wake, &self);
    SHOW(getevents(context, 1, 1, events, NULL));
    pthread_join(thread, NULL);
    sigset_t usr, none;
    sigemptyset(&none);
    sigemptyset(&usr);
    sigaddset(&usr, SIGUSR1);
    pthread_sigmask(SIG_BLOCK, &usr, NULL);
    raise(SIGUSR1);
    struct { void *mask; size_t size; } with = {&none, 8}, wrong = {&none, 4};
    SHOW(syscall(SYS_io_pgetevents, context, 1, 1, events, &soon, NULL));
    SHOW(syscall(SYS_io_pgetevents, context, 1, 1, events, &soon, &wrong));
    SHOW(syscall(SYS_io_pgetevents, context, 1, 1, events, NULL, &with));
    raise(SIGUSR1);
    struct { long long seconds, nanoseconds; } longer = {5, 0};
    SHOW(syscall(SYS_io_pgetevents_time64, context, 1, 1, events, &longer, &with));

    block(0, IOCB_CMD_PREAD, fd, in, 4, 0);
    fflush(stdout);
    if (!fork()) {
        SHOW(submit(context, 1, list));
        SHOW(destroy(context));
        fflush(stdout);
        _exit(0);
    }
    wait(NULL);
    SHOW(submit(context, 1, list));
    SHOW(destroy(context));
    SHOW(destroy(context));
    SHOW(submit(context, 1, list));
    SHOW(setup(100, &context) == -1);
    context = 0;
    SHOW(setup(100, &context));
    SHOW(destroy(context));
}
