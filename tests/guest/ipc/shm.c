#include "net.h"
#include <sys/ipc.h>
#include <sys/shm.h>
int main(void)
{
    int key = 0x52330000 | (getpid() & 0xffff);
    int id = shmget(IPC_PRIVATE, 5000, IPC_CREAT | 0640);
    struct shmid_ds d;
    memset(&d, 0xa5, sizeof d);
    SHOW(shmctl(id, IPC_STAT, &d));
    printf("%zu %o %lu %d %d %d %d\n", d.shm_segsz, d.shm_perm.mode, d.shm_nattch,
           d.shm_cpid == getpid(), d.shm_lpid, d.shm_perm.uid == getuid(), d.shm_atime == 0);
    printf("%d %d\n", labs((long)(d.shm_ctime - time(NULL))) < 5, d.shm_perm.__key);
    char *p = shmat(id, NULL, 0);
    printf("%d %lu\n", p != (void *)-1, (unsigned long)p % 4096);
    strcpy(p, "shared");
    char *q = shmat(id, NULL, SHM_RDONLY);
    printf("%s %d\n", q, p != q);
    SHOW(shmctl(id, IPC_STAT, &d));
    printf("%lu %d %d\n", d.shm_nattch, d.shm_lpid == getpid(), d.shm_atime != 0);
    if (fork() == 0) {
        strcpy(p, "by the child");
        _exit(0);
    }
    wait(NULL);
    puts(q);
    SHOW(shmdt(q));
    SHOW(shmdt(q));
    SHOW(shmdt(p + 1));
    d.shm_perm.mode = 0600;
    SHOW(shmctl(id, IPC_SET, &d));
    SHOW(shmctl(id, IPC_STAT, &d));
    printf("%o\n", d.shm_perm.mode);
    SHOW(shmctl(id, IPC_RMID, NULL));
    SHOW(shmctl(id, IPC_STAT, &d));
    printf("%o\n", d.shm_perm.mode);
    SHOW(shmdt(p));
    SHOW(shmctl(id, IPC_STAT, &d));
    SHOW_ERROR(shmat(id, NULL, 0));
    SHOW(shmget(key, 100, 0));
    id = shmget(key, 100, IPC_CREAT | IPC_EXCL | 0600);
    SHOW(shmget(key, 100, IPC_CREAT | IPC_EXCL | 0600));
    SHOW(shmget(key, 10000, 0));
    SHOW(shmctl(id, IPC_STAT, &d));
    printf("%d\n", d.shm_perm.__key == key);
    SHOW_ERROR(shmat(id, (void *)0x1001, 0));
    SHOW_ERROR(shmat(id, (void *)8, SHM_REMAP));
    p = shmat(id, (void *)0x50000123, SHM_RND);
    printf("%p\n", p);
    SHOW_ERROR(shmat(id, (void *)0x50000000, 0));
    printf("%p\n", shmat(id, (void *)0x50000000, SHM_REMAP));
    SHOW(syscall(308, id, IPC_STAT | 0x100, 8));
    SHOW(shmctl(id, IPC_RMID, NULL));
    SHOW(shmctl(id, 1234, NULL));
    struct shminfo i;
    SHOW_ERROR(shmctl(0, IPC_INFO, (void *)&i));
    printf("%lu %lu\n", (unsigned long)i.shmmin, (unsigned long)i.shmmni);
    struct shm_info used;
    SHOW_ERROR(shmctl(0, SHM_INFO, (void *)&used));
    SHOW(shmget(IPC_PRIVATE, 0, IPC_CREAT));
}
