use strict;
use IPC::SysV qw(IPC_PRIVATE IPC_CREAT IPC_RMID IPC_NOWAIT S_IRUSR S_IWUSR);
use IPC::Msg;
use IPC::Semaphore;
use IPC::SharedMem;

my $q = IPC::Msg->new(IPC_PRIVATE, S_IRUSR | S_IWUSR);
$q->snd(7, "seven");
$q->snd(2, "two");
my $text;
print $q->rcv($text, 100, 2), " $text ", $q->stat->qnum, "\n";
$q->remove;
my $s = IPC::Semaphore->new(IPC_PRIVATE, 2, S_IRUSR | S_IWUSR);
$s->setall(3, 4);
$s->op(0, -1, IPC_NOWAIT, 1, 1, IPC_NOWAIT);
print join(" ", $s->getall), " ", $s->stat->nsems, "\n";
$s->remove;
my $m = IPC::SharedMem->new(IPC_PRIVATE, 1000, S_IRUSR | S_IWUSR);
$m->attach;
if (!fork) { $m->write("by the child", 0, 12); exit }
wait;
print $m->read(0, 12), " ", $m->stat->segsz, " ", $m->stat->nattch, "\n";
$m->detach;
$m->remove;
