"""SQLite in WAL mode: several processes and threads write one database at the same time."""

import multiprocessing
import os
import sqlite3
import threading


def connect():
    base = sqlite3.connect("base.db", timeout=60, isolation_level=None)
    base.execute("pragma journal_mode=wal")
    base.execute("pragma synchronous=normal")
    return base


def write(name, count):
    base = connect()
    for n in range(count):
        base.execute("begin immediate")
        (old,) = base.execute("select sum(n) from total").fetchone()
        base.execute("update total set n = ?", (old + 1,))
        base.execute("insert into log values (?, ?)", (name, n))
        base.execute("commit" if n % 5 else "rollback")
    base.close()


def read(queue, count):
    base, last, wrong = connect(), 0, 0
    for _ in range(count):
        base.execute("begin")
        (total,) = base.execute("select n from total").fetchone()
        (rows,) = base.execute("select count(*) from log").fetchone()
        base.execute("commit")
        wrong += total != rows or total < last
        last = total
    queue.put(wrong)


base = connect()
base.executescript("create table total(n); insert into total values (0); create table log(who, n)")
queue = multiprocessing.Queue()
children = [multiprocessing.Process(target=write, args=(f"p{n}", 40)) for n in range(2)]
children += [multiprocessing.Process(target=read, args=(queue, 60))]
threads = [threading.Thread(target=write, args=(f"t{n}", 20)) for n in range(2)]
[c.start() for c in children]
[t.start() for t in threads]
[t.join() for t in threads]
print("wrong reads", queue.get())
[c.join() for c in children]
print([c.exitcode for c in children], base.execute("select n from total").fetchone())
print(base.execute("select who, count(*), sum(n) from log group by who").fetchall())
print(base.execute("pragma integrity_check").fetchall())
pid = os.fork()
if not pid:
    other = connect()
    other.execute("begin immediate")
    other.execute("insert into log values ('dies', 1)")
    os.kill(os.getpid(), 9)
os.waitpid(pid, 0)
other = connect()
print(other.execute("select count(*) from log where who = 'dies'").fetchone())
other.close()
base.execute("pragma wal_checkpoint(truncate)")
base.close()
print(sorted(name for name in os.listdir(".") if name.startswith("base")))
os.unlink("base.db")
