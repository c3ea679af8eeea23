"""Threads: locks, conditions, queues, thread-local data, pools, timers, daemons, exceptions."""

import concurrent.futures
import queue
import sys
import threading
import time

sys.setswitchinterval(0.0001)
count, lock, local = 0, threading.RLock(), threading.local()


def add(n):
    global count
    local.mine = 0
    for _ in range(n):
        with lock:
            count += 1
        local.mine += 1
    assert local.mine == n


threads = [threading.Thread(target=add, args=(500,)) for _ in range(8)]
[t.start() for t in threads]
[t.join() for t in threads]
print(count)

work, done = queue.Queue(10), queue.PriorityQueue()


def consume():
    while (n := work.get()) is not None:
        done.put(n * n)


consumers = [threading.Thread(target=consume) for _ in range(4)]
[t.start() for t in consumers]
for n in range(300):
    work.put(n)
for _ in consumers:
    work.put(None)
[t.join() for t in consumers]
print(sum(done.get() for _ in range(300)), done.empty())

cond, turn, order = threading.Condition(), 0, []


def take_turn(n):
    global turn
    with cond:
        cond.wait_for(lambda: turn == n)
        order.append(n)
        turn += 1
        cond.notify_all()


threads = [threading.Thread(target=take_turn, args=(n,)) for n in reversed(range(20))]
[t.start() for t in threads]
[t.join() for t in threads]
print(order)
barrier, semaphore, event = threading.Barrier(5), threading.Semaphore(2), threading.Event()
inside, most = 0, 0


def meet():
    global inside, most
    barrier.wait()
    with semaphore:
        with lock:
            inside += 1
            most = max(most, inside)
        time.sleep(0.005)
        with lock:
            inside -= 1
    event.wait(10)


threads = [threading.Thread(target=meet) for _ in range(5)]
[t.start() for t in threads]
threading.Timer(0.1, event.set).start()
[t.join() for t in threads]
print(most <= 2, event.is_set(), lock.acquire(timeout=0.1))
with concurrent.futures.ThreadPoolExecutor(5) as pool:
    futures = [pool.submit(lambda n: 10 // n, n) for n in range(4)]
    print([f.exception() or f.result() for f in futures])
    print(list(pool.map(len, [[1] * n for n in range(9)])))
threading.excepthook = lambda args: print("in thread:", args.exc_value)
thread = threading.Thread(target=lambda: 1 / 0)
thread.start()
thread.join()
threads = [threading.Thread(target=time.sleep, args=(0.05,)) for _ in range(150)]
[t.start() for t in threads]
print(threading.active_count() > 100)
[t.join() for t in threads]
threading.Thread(target=time.sleep, args=(100,), daemon=True).start()
print(threading.active_count())
