/* build: -pthread */
#include "net.h"
#include <mqueue.h>
static volatile int seen;
static void told(union sigval v) { seen = v.sival_int; }
int main(void)
{
    char name[40], b[32];
    snprintf(name, sizeof name, "/r32t-%d", getpid());
    struct mq_attr a = {.mq_maxmsg = 3, .mq_msgsize = 20};
    mqd_t q = mq_open(name, O_RDWR | O_CREAT, 0600, &a);
    struct sigevent e = {.sigev_notify = SIGEV_THREAD, .sigev_notify_function = told};
    e.sigev_value.sival_int = 99;
    SHOW(mq_notify(q, &e));
    SHOW(mq_send(q, "event", 6, 0));
    for (int i = 0; i < 200 && !seen; i++)
        usleep(10000);
    SHOW(seen);
    mq_receive(q, b, 20, NULL);
    seen = 0;
    e.sigev_value.sival_int = 98;
    SHOW(mq_notify(q, &e));
    SHOW(mq_notify(q, NULL));
    SHOW(mq_send(q, "event", 6, 0));
    usleep(50000);
    SHOW(seen);
    mq_unlink(name);
}
