#include "net.h"
#include <sys/ipc.h>
#include <sys/msg.h>
struct text {
    long type;
    char text[32];
};
int main(void)
{
    int id = msgget(IPC_PRIVATE, 0600);
    struct text m = {7, "seven"}, r;
    struct msqid_ds d;
    SHOW(msgsnd(id, &m, 6, 0));
    m.type = 3, strcpy(m.text, "three");
    SHOW(msgsnd(id, &m, 6, 0));
    m.type = 0x12345678, strcpy(m.text, "big");
    SHOW(msgsnd(id, &m, 4, 0));
    memset(&d, 0xa5, sizeof d);
    SHOW(msgctl(id, IPC_STAT, &d));
    printf("%lu %lu %d %d %o %d\n", d.msg_qnum, d.__msg_cbytes, d.msg_lspid == getpid(),
           d.msg_lrpid, d.msg_perm.mode, labs((long)(d.msg_stime - time(NULL))) < 5);
    SHOW(msgrcv(id, &r, 32, 3, 0));
    printf("%ld %s\n", r.type, r.text);
    SHOW(msgrcv(id, &r, 2, 0, 0));
    SHOW(msgrcv(id, &r, 2, 0, MSG_NOERROR));
    printf("%ld %.2s\n", r.type, r.text);
    SHOW(msgrcv(id, &r, 32, -0x7fffffff, 0));
    printf("%#lx %s\n", r.type, r.text);
    SHOW(msgrcv(id, &r, 32, 0, IPC_NOWAIT));
    m.type = 0;
    SHOW(msgsnd(id, &m, 1, 0));
    m.type = -4;
    SHOW(msgsnd(id, &m, 1, 0));
    m.type = 1;
    SHOW(msgsnd(id, &m, -1, 0));
    SHOW(msgsnd(id, &m, 100000, 0));
    SHOW(msgsnd(id, (void *)8, 1, 0));
    SHOW(msgsnd(id, &m, 0, 0));
    SHOW(msgrcv(id, &r, -1, 0, 0));
    SHOW(msgrcv(id, (void *)8, 8, 0, 0));
    SHOW(msgrcv(id, &r, 8, 0, IPC_NOWAIT));
    d.msg_qbytes = 100;
    SHOW(msgctl(id, IPC_SET, &d));
    SHOW(msgctl(id, IPC_STAT, &d));
    printf("%lu\n", d.msg_qbytes);
    for (int i = 0; i < 3; i++)
        SHOW(msgsnd(id, &m, 32, IPC_NOWAIT));
    SHOW(msgsnd(id, &m, 32, IPC_NOWAIT));
    if (fork() == 0) {
        usleep(30000);
        msgctl(id, IPC_RMID, NULL);
        _exit(0);
    }
    SHOW(msgsnd(id, &m, 32, 0));
    wait(NULL);
    SHOW(msgrcv(id, &r, 32, 0, 0));
    SHOW(msgctl(id, 1234, NULL));
    SHOW(msgget(0x52333203, 0));
    struct msginfo i;
    SHOW_ERROR(msgctl(0, IPC_INFO, (void *)&i));
    printf("%d\n", i.msgmax);
}
