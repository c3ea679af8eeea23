/* System V and POSIX IPC, memory files, process descriptors, file locks. */
#include "case.h"
#include <mqueue.h>
#include <semaphore.h>
#include <sys/file.h>
#include <sys/ipc.h>
#include <sys/msg.h>
#include <sys/sem.h>
#include <sys/shm.h>

static struct { long type; char text[64]; } message;

CASE(message_queues)
{
    int id = msgget(IPC_PRIVATE, 0600);
    message.type = 3;
    strcpy(message.text, "three");
    SHOW(msgsnd(id, &message, 6, 0));
    message.type = 5;
    SHOW(msgsnd(id, &message, 0, 0));
    message.type = 0;
    SHOW(msgsnd(id, &message, 6, 0));
    SHOW(msgsnd(id, &message, -1, 0));
    SHOW(msgsnd(id, (void *)4, 6, 0));
    SHOW(msgrcv(id, &message, 3, 3, 0));
    SHOW(msgrcv(id, &message, 3, 3, MSG_NOERROR));
    SAY("%ld %.3s", message.type, message.text);
    SHOW(msgrcv(id, &message, 64, 9, IPC_NOWAIT));
    SHOW(msgrcv(id, &message, 64, -7, IPC_NOWAIT));
    SHOW(message.type);
    SHOW(msgrcv(id, &message, -1, 0, IPC_NOWAIT));
    struct msqid_ds state;
    SHOW(msgctl(id, IPC_STAT, &state));
    SAY("%d %d %d %o", (int)state.msg_qnum, (int)state.msg_qbytes, state.msg_lspid == getpid(),
        state.msg_perm.mode);
    state.msg_perm.mode = 0640;
    SHOW(msgctl(id, IPC_SET, &state));
    SHOW(msgctl(id, 99, &state));
    SHOW(syscall(SYS_msgctl, id, IPC_STAT | 0x100, 4));
    SHOW(msgctl(id, IPC_RMID, NULL));
    SHOW(msgctl(id, IPC_STAT, &state));
    SHOW(msgsnd(id, &message, 1, 0));
    SHOW(msgget(0x12345, 0600));
}

CASE(message_queue_removed_while_waiting)
{
    int id = msgget(IPC_PRIVATE, 0600);
    pid_t pid = fork();
    if (!pid) {
        SHOW(msgrcv(id, &message, 8, 0, 0));
        _exit(0);
    }
    pause_ms(60);
    msgctl(id, IPC_RMID, NULL);
    SAY("%s", reap(pid));
}

CASE(semaphore_sets)
{
    int id = semget(IPC_PRIVATE, 3, 0600);
    unsigned short values[3] = {1, 2, 3}, found[3];
    struct sembuf ops[2] = {{0, -1, 0}, {1, 2, 0}};
    SHOW(semctl(id, 0, SETALL, values));
    SHOW(semop(id, ops, 2));
    SHOW(semctl(id, 0, GETALL, found));
    SAY("%d %d %d", found[0], found[1], found[2]);
    ops[0].sem_flg = IPC_NOWAIT;
    SHOW(semop(id, ops, 2));
    SHOW(semctl(id, 1, GETVAL));
    ops[0].sem_num = 3;
    SHOW(semop(id, ops, 1));
    SHOW(semop(id, ops, 0));
    SHOW(semop(id, (void *)4, 1));
    SHOW(semop(id, ops, 501));
    SHOW(semctl(id, 2, SETVAL, 32768));
    SHOW(semctl(id, 2, SETVAL, 32767));
    ops[0] = (struct sembuf){2, 1, 0};
    SHOW(semop(id, ops, 1));
    SHOW(semctl(id, 3, GETVAL));
    SHOW(semctl(id, 1, GETPID) == getpid());
    SHOW(semctl(id, 1, GETNCNT));
    struct semid_ds state;
    SHOW(semctl(id, 0, IPC_STAT, &state));
    SAY("%d %d %o", (int)state.sem_nsems, state.sem_otime != 0, state.sem_perm.mode);
    struct timespec soon = {0, 20000000}, bad = {0, 1000000000};
    ops[0] = (struct sembuf){0, -1, 0};
    SHOW(semtimedop(id, ops, 1, &soon));
    SHOW(semtimedop(id, ops, 1, &bad));
    SHOW(semctl(id, 0, IPC_RMID));
    SHOW(semop(id, ops, 1));
    SHOW(semget(IPC_PRIVATE, -1, 0600));
    SHOW(semget(IPC_PRIVATE, 0, 0600));
}

CASE(semaphore_undo)
{
    int id = semget(IPC_PRIVATE, 1, 0600);
    struct sembuf op = {0, 3, SEM_UNDO};
    pid_t pid = fork();
    if (!pid) {
        SHOW(semop(id, &op, 1));
        SHOW(semctl(id, 0, GETVAL));
        _exit(0);
    }
    reap(pid);
    SHOW(semctl(id, 0, GETVAL));
    SHOW(semctl(id, 0, IPC_RMID));
}

CASE(shared_memory)
{
    int id = shmget(IPC_PRIVATE, 5000, 0600);
    struct shmid_ds state;
    char *at = shmat(id, NULL, 0), *again = shmat(id, NULL, SHM_RDONLY);
    strcpy(at, "shared");
    SAY("%s", again);
    SHOW(shmctl(id, IPC_STAT, &state));
    SAY("%d %d %d %o", (int)state.shm_segsz, (int)state.shm_nattch, state.shm_cpid == getpid(),
        state.shm_perm.mode);
    pid_t pid = fork();
    if (!pid) {
        at[0] = 'S';
        shmctl(id, IPC_STAT, &state);
        _exit(state.shm_nattch);
    }
    SAY("%s", reap(pid));
    SAY("%s", at);
    SHOW(shmdt(at + 4));
    SHOW(shmdt(at));
    SHOW(shmdt(at));
    SHOW(shmctl(id, IPC_RMID, NULL));
    SHOW(shmctl(id, IPC_STAT, &state));
    SAY("%d %o", (int)state.shm_nattch, state.shm_perm.mode);
    OK(shmat(id, (void *)1, 0));
    SHOW(shmdt(again));
    SHOW(shmctl(id, IPC_STAT, &state));
    OK(shmat(id, NULL, 0));
    SHOW(shmget(IPC_PRIVATE, 0, 0600));
}

CASE(shared_memory_address)
{
    int id = shmget(IPC_PRIVATE, 8192, 0600);
    char *place = mmap(NULL, 65536, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    char *aligned = (char *)(((uintptr_t)place + 16383) & ~16383ul);
    OK(shmat(id, aligned, 0));
    OK(shmat(id, aligned + 100, SHM_REMAP));
    SHOW(shmat(id, aligned + 100, SHM_RND | SHM_REMAP) == aligned);
    SHOW(shmat(id, aligned, SHM_REMAP) == aligned);
    strcpy(aligned, "here");
    SHOW(shmdt(aligned));
    SHOW(shmctl(id, IPC_RMID, NULL));
}

CASE(ipc_call)
{
    SHOW(syscall(117, 13, IPC_PRIVATE, 0600, 0, 0, 0) != -1);
    int id = syscall(117, 2, IPC_PRIVATE, 2, 0600, 0, 0);
    SHOW(id != -1);
    SHOW(semctl(id, 0, IPC_RMID));
}

CASE(posix_queues)
{
    struct mq_attr attr = {.mq_maxmsg = 2, .mq_msgsize = 16};
    char text[16];
    unsigned priority;
    struct timespec past = {1, 0};
    SHOW(mq_open("/run32-missing", O_RDWR));
    mqd_t queue = mq_open("/run32-queue", O_RDWR | O_CREAT | O_EXCL, 0600, &attr);
    SHOW(mq_open("/run32-queue", O_RDWR | O_CREAT | O_EXCL, 0600, &attr));
    SHOW(mq_unlink("/run32-queue"));
    SHOW(mq_send(queue, "low", 4, 1));
    SHOW(mq_send(queue, "high", 5, 9));
    SHOW(mq_timedsend(queue, "more", 5, 9, &past));
    SHOW(mq_send(queue, text, 17, 0));
    SHOW(mq_send(queue, text, 1, 40000));
    SHOW(mq_getattr(queue, &attr));
    SAY("%ld %ld %ld %ld", attr.mq_flags, attr.mq_maxmsg, attr.mq_msgsize, attr.mq_curmsgs);
    SHOW(mq_receive(queue, text, 15, NULL));
    SHOW(mq_receive(queue, text, 16, &priority));
    SAY("%s %u", text, priority);
    SHOW(mq_receive(queue, text, 16, &priority));
    SHOW(mq_timedreceive(queue, text, 16, NULL, &past));
    attr.mq_flags = O_NONBLOCK;
    SHOW(mq_setattr(queue, &attr, NULL));
    SHOW(mq_receive(queue, text, 16, NULL));
    SHOW(mq_send(0, text, 1, 0));
    SHOW(mq_unlink("/run32-missing"));
    attr.mq_maxmsg = 0;
    SHOW(mq_open("/run32-queue", O_RDWR | O_CREAT, 0600, &attr));
    SHOW(mq_open("no-slash", O_RDWR | O_CREAT, 0600, NULL));
}

static volatile int seen;
static siginfo_t last;

static void told(int signo, siginfo_t *info, void *context)
{
    seen++;
    last = *info;
}

CASE(posix_queue_notifies)
{
    struct mq_attr attr = {.mq_maxmsg = 2, .mq_msgsize = 16};
    struct sigaction action = {.sa_sigaction = told, .sa_flags = SA_SIGINFO};
    struct sigevent event = {.sigev_notify = SIGEV_SIGNAL, .sigev_signo = SIGUSR1};
    event.sigev_value.sival_int = 31;
    sigaction(SIGUSR1, &action, NULL);
    mqd_t queue = mq_open("/run32-notify", O_RDWR | O_CREAT, 0600, &attr);
    mq_unlink("/run32-notify");
    SHOW(mq_notify(queue, &event));
    SHOW(mq_notify(queue, &event));
    SHOW(mq_send(queue, "x", 1, 0));
    SHOW(seen);
    SAY("%d %d %d", last.si_code, last.si_value.sival_int, last.si_pid == getpid());
    event.sigev_signo = 99;
    SHOW(mq_notify(queue, &event));
    SHOW(mq_notify(queue, NULL));
    SHOW(mq_notify(0, NULL));
}

CASE(memory_files)
{
    SHOW(memfd_create((void *)4, 0));
    SHOW(memfd_create("x", 0x100));
    char *name = malloc(300);
    memset(name, 'a', 299);
    name[299] = 0;
    SHOW(memfd_create(name, 0));
    int fd = memfd_create("name", MFD_CLOEXEC | MFD_ALLOW_SEALING);
    SHOW(fcntl(fd, F_GETFD));
    SHOW(ftruncate(fd, 8192));
    char *at = mmap(NULL, 8192, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    at[0] = 'x';
    SHOW(fcntl(fd, F_GET_SEALS));
    SHOW(fcntl(fd, F_ADD_SEALS, F_SEAL_WRITE));
    munmap(at, 8192);
    SHOW(fcntl(fd, F_ADD_SEALS, F_SEAL_WRITE | F_SEAL_SHRINK));
    SHOW(write(fd, "x", 1));
    SHOW(ftruncate(fd, 0));
    SHOW(ftruncate(fd, 9000));
    OK(mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0));
    OK(mmap(NULL, 4096, PROT_READ, MAP_PRIVATE, fd, 0));
    SHOW(fcntl(fd, F_ADD_SEALS, F_SEAL_SEAL));
    SHOW(fcntl(fd, F_ADD_SEALS, F_SEAL_GROW));
    SHOW(fcntl(memfd_create("plain", 0), F_ADD_SEALS, F_SEAL_GROW));
    int ends[2];
    pipe(ends);
    SHOW(fcntl(ends[0], F_GET_SEALS));
    char link[64] = "", path[64];
    sprintf(path, "/proc/self/fd/%d", fd);
    readlink(path, link, 63);
    SAY("%s", link);
}

CASE(process_descriptors)
{
    SHOW(syscall(434, -1, 0));
    SHOW(syscall(434, 0x7fffffff, 0));
    SHOW(syscall(434, getpid(), 1));
    pid_t pid = fork();
    if (!pid) {
        pause();
        _exit(0);
    }
    int fd = syscall(434, pid, 0);
    SHOW(fcntl(fd, F_GETFD));
    struct pollfd set = {fd, POLLIN};
    SHOW(poll(&set, 1, 0));
    SHOW(syscall(424, fd, 0, NULL, 0));
    SHOW(syscall(424, fd, 0, NULL, 0x100));
    SHOW(syscall(424, fd, 65, NULL, 0));
    SHOW(syscall(424, 1, 0, NULL, 0));
    SHOW(syscall(424, 99, 0, NULL, 0));
    SHOW(syscall(438, fd, 1, 1));
    SHOW(syscall(438, fd, 99, 0));
    SHOW(syscall(438, fd, 1, 0) > 2);
    SHOW(syscall(424, fd, SIGTERM, NULL, 0));
    SHOW(poll(&set, 1, 1000));
    SAY("%#x", set.revents);
    siginfo_t info;
    SHOW(waitid(P_PIDFD, fd, &info, WEXITED));
    SAY("%d %d", info.si_code, info.si_status);
    SHOW(syscall(424, fd, 0, NULL, 0));
    char byte;
    SHOW(read(fd, &byte, 1));
}

static int lock_file(void)
{
    int fd = open("locked", O_RDWR | O_CREAT, 0600);
    ftruncate(fd, 100);
    return fd;
}

static void try_lock(int fd, int type, int start, int length)
{
    pid_t pid = fork();
    if (!pid) {
        struct flock lock = {type, SEEK_SET, start, length}, found = lock;
        int result = fcntl(fd, F_SETLK, &lock);
        SAY("lock %d %d+%d: %s", type, start, length, result ? strerrorname_np(errno) : "ok");
        fcntl(fd, F_GETLK, &found);
        SAY("found %d %d+%d parent %d", found.l_type, (int)found.l_start, (int)found.l_len,
            found.l_pid == getppid());
        _exit(0);
    }
    reap(pid);
}

CASE(record_locks)
{
    int fd = lock_file();
    struct flock lock = {F_WRLCK, SEEK_SET, 10, 20};
    SHOW(fcntl(fd, F_SETLK, &lock));
    try_lock(fd, F_RDLCK, 0, 10);
    try_lock(fd, F_RDLCK, 0, 11);
    try_lock(fd, F_WRLCK, 29, 0);
    try_lock(fd, F_WRLCK, 30, 0);
    lock = (struct flock){F_UNLCK, SEEK_SET, 15, 5};
    SHOW(fcntl(fd, F_SETLK, &lock));
    try_lock(fd, F_WRLCK, 15, 5);
    lock = (struct flock){F_RDLCK, SEEK_END, -10, 10};
    SHOW(fcntl(fd, F_SETLK, &lock));
    try_lock(fd, F_RDLCK, 90, 1);
    try_lock(fd, F_WRLCK, 99, 1);
    close(open("locked", O_RDONLY));
    try_lock(fd, F_WRLCK, 10, 5);
    SHOW(unlink("locked"));
}

CASE(record_lock_errors)
{
    int fd = lock_file(), in = open("locked", O_RDONLY), out = open("locked", O_WRONLY);
    struct flock lock = {F_WRLCK, SEEK_SET, 0, 0};
    SHOW(fcntl(in, F_SETLK, &lock));
    lock.l_type = F_RDLCK;
    SHOW(fcntl(out, F_SETLK, &lock));
    lock.l_type = 9;
    SHOW(fcntl(fd, F_SETLK, &lock));
    lock = (struct flock){F_WRLCK, 9, 0, 0};
    SHOW(fcntl(fd, F_SETLK, &lock));
    lock = (struct flock){F_WRLCK, SEEK_SET, -1, 0};
    SHOW(fcntl(fd, F_SETLK, &lock));
    lock = (struct flock){F_UNLCK, SEEK_SET, 0, 0};
    SHOW(fcntl(fd, F_GETLK, &lock));
    SHOW(fcntl(fd, F_SETLK, 4));
    SHOW(fcntl(99, F_SETLK, &lock));
    SHOW(unlink("locked"));
}

CASE(record_lock_deadlock)
{
    int fd = lock_file(), ends[2];
    char byte;
    pipe(ends);
    struct flock first = {F_WRLCK, SEEK_SET, 0, 1}, second = {F_WRLCK, SEEK_SET, 1, 1};
    fcntl(fd, F_SETLK, &first);
    pid_t pid = fork();
    if (!pid) {
        fcntl(fd, F_SETLK, &second);
        write(ends[1], "x", 1);
        fcntl(fd, F_SETLKW, &first);
        _exit(0);
    }
    read(ends[0], &byte, 1);
    pause_ms(60);
    SHOW(fcntl(fd, F_SETLKW, &second));
    close(fd);
    SAY("%s", reap(pid));
    SHOW(unlink("locked"));
}

CASE(open_file_locks)
{
    int fd = lock_file(), other = open("locked", O_RDWR);
    struct flock64 lock = {F_WRLCK, SEEK_SET, 0, 10}, found;
    SHOW(fcntl(fd, F_OFD_SETLK, &lock));
    SHOW(fcntl(other, F_OFD_SETLK, &lock));
    found = lock;
    SHOW(fcntl(other, F_OFD_GETLK, &found));
    SAY("%d %lld+%lld %d", found.l_type, (long long)found.l_start, (long long)found.l_len, found.l_pid);
    lock.l_pid = 5;
    SHOW(fcntl(other, F_OFD_SETLK, &lock));
    close(fd);
    lock.l_pid = 0;
    SHOW(fcntl(other, F_OFD_SETLK, &lock));
    SHOW(unlink("locked"));
}

CASE(whole_file_locks)
{
    int fd = lock_file(), other = open("locked", O_RDWR);
    SHOW(flock(fd, LOCK_SH));
    SHOW(flock(other, LOCK_SH));
    SHOW(flock(other, LOCK_EX | LOCK_NB));
    SHOW(flock(fd, LOCK_UN));
    SHOW(flock(other, LOCK_EX | LOCK_NB));
    SHOW(flock(dup(other), LOCK_EX | LOCK_NB));
    SHOW(flock(fd, LOCK_SH | LOCK_NB));
    SHOW(flock(fd, 0));
    SHOW(flock(99, LOCK_SH));
    SHOW(unlink("locked"));
}

CASE(leases)
{
    int fd = lock_file();
    SHOW(fcntl(fd, F_GETLEASE));
    SHOW(fcntl(fd, F_SETLEASE, F_WRLCK));
    SHOW(fcntl(fd, F_GETLEASE) == F_WRLCK);
    SHOW(fcntl(fd, F_SETLEASE, F_UNLCK));
    SHOW(fcntl(fd, F_SETLEASE, 9));
    SHOW(fcntl(fd, 9999, 0));
    SHOW(unlink("locked"));
}
