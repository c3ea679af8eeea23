#include "net.h"
#include <sys/ipc.h>
#include <sys/sem.h>
union semun {
    int val;
    struct semid_ds *buf;
    unsigned short *array;
    struct seminfo *info;
};
int main(void)
{
    int id = semget(IPC_PRIVATE, 3, 0600);
    union semun u = {.val = 5};
    unsigned short values[3] = {1, 2, 3};
    struct semid_ds d;
    SHOW(semctl(id, 0, SETVAL, u));
    SHOW(semctl(id, 0, GETVAL));
    u.array = values;
    SHOW(semctl(id, 0, SETALL, u));
    memset(values, 0, sizeof values);
    SHOW(semctl(id, 0, GETALL, u));
    printf("%u %u %u\n", values[0], values[1], values[2]);
    struct sembuf ops[2] = {{0, -1, 0}, {1, 4, SEM_UNDO}}, wait_op = {0, -1, 0};
    SHOW(semop(id, ops, 2));
    SHOW(semctl(id, 1, GETVAL));
    SHOW(semctl(id, 1, GETPID) == getpid());
    struct timespec t = {0, 20000000};
    SHOW(semtimedop(id, &wait_op, 1, &t));
    wait_op.sem_flg = IPC_NOWAIT;
    SHOW(semop(id, &wait_op, 1));
    u.buf = &d;
    memset(&d, 0xa5, sizeof d);
    SHOW(semctl(id, 0, IPC_STAT, u));
    printf("%lu %o %d %d\n", d.sem_nsems, d.sem_perm.mode,
           labs((long)(d.sem_otime - time(NULL))) < 5, labs((long)(d.sem_ctime - time(NULL))) < 5);
    d.sem_perm.mode = 0644;
    SHOW(semctl(id, 0, IPC_SET, u));
    SHOW(semctl(id, 0, IPC_STAT, u));
    printf("%o\n", d.sem_perm.mode);
    if (fork() == 0) {
        struct sembuf up = {0, 1, 0};
        usleep(30000);
        _exit(semop(id, &up, 1) != 0);
    }
    wait_op.sem_flg = 0;
    SHOW(semop(id, &wait_op, 1));
    wait(NULL);
    SHOW(semctl(id, 0, GETNCNT));
    SHOW(semctl(id, 2, GETZCNT));
    u.val = 40000;
    SHOW(semctl(id, 0, SETVAL, u));
    SHOW(semctl(id, 9, GETVAL));
    wait_op.sem_num = 9;
    SHOW(semop(id, &wait_op, 1));
    SHOW(semop(id, (void *)8, 1));
    SHOW(semop(id, ops, 0));
    SHOW(semop(id, ops, 5000));
    SHOW(syscall(300, id, 0, IPC_STAT | 0x100, 8));
    SHOW(semctl(id, 0, 1234, u));
    struct seminfo i;
    u.info = &i;
    SHOW_ERROR(semctl(0, 0, IPC_INFO, u));
    printf("%d %d\n", i.semvmx, i.semopm);
    SHOW(semctl(id, 0, IPC_RMID));
    SHOW(semop(id, ops, 1));
    SHOW(semget(IPC_PRIVATE, 0, 0600));
    SHOW(semget(0x52333202, 1, 0));
}
