"""multiprocessing: fork and spawn, pools, queues, pipes, shared memory, locks, managers."""

import multiprocessing as mp
import os
import signal
import time
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import shared_memory


def square(n):
    return n * n


def add(value, lock, n):
    for _ in range(n):
        with lock:
            value.value += 1


def fill(name, n):
    area = shared_memory.SharedMemory(name)
    area.buf[n] = n + 1
    area.close()


def talk(pipe):
    while (n := pipe.recv()) is not None:
        pipe.send({"answer": n * 2})
    pipe.close()


def produce(queue, n):
    for i in range(50):
        queue.put((n, i))
    queue.put(None)


def fail(kind):
    if kind == "raise":
        raise ValueError("from the child")
    if kind == "exit":
        os._exit(7)
    os.kill(os.getpid(), signal.SIGKILL)


def main():
    context = mp.get_context("fork")
    processes = 3
    with context.Pool(processes) as pool:
        print(pool.map(square, range(10)), pool.apply(square, (7,)))
        print(sorted(pool.imap_unordered(square, range(20), 3))[-1])
        try:
            pool.apply(fail, ("raise",))
        except ValueError as error:
            print(error)
    value, lock = context.Value("i", 0), context.Lock()
    children = [context.Process(target=add, args=(value, lock, 200)) for _ in range(processes)]
    [c.start() for c in children]
    [c.join() for c in children]
    print(value.value == 200 * processes)
    ours, theirs = context.Pipe()
    child = context.Process(target=talk, args=(theirs,))
    child.start()
    for n in range(3):
        ours.send(n)
        print(ours.recv())
    ours.send(None)
    child.join()
    print(child.exitcode)
    for kind in ("exit", "kill"):
        child = context.Process(target=fail, args=(kind,))
        child.start()
        child.join()
        print(kind, child.exitcode)


if __name__ == "__main__":
    main()
    area = shared_memory.SharedMemory(create=True, size=100)
    children = [mp.Process(target=fill, args=(area.name, n)) for n in range(5)]
    [c.start() for c in children]
    [c.join() for c in children]
    print(bytes(area.buf[:6]))
    area.close()
    area.unlink()
    queue = mp.Queue(5)
    children = [mp.Process(target=produce, args=(queue, n)) for n in range(3)]
    [c.start() for c in children]
    got, ends = [], 0
    while ends < 3:
        item = queue.get()
        ends += item is None
        got += [item] if item else []
    [c.join() for c in children]
    print(len(got), [i for n, i in got if n == 1] == list(range(50)))
    with mp.Manager() as manager:
        shared = manager.dict()
        child = mp.Process(target=shared.update, args=({"from": "child"},))
        child.start()
        child.join()
        print(dict(shared))
    with ProcessPoolExecutor(2) as pool:
        print(sum(pool.map(square, range(30))))
        future = pool.submit(fail, "kill")
        print(type(future.exception()).__name__)
    child = mp.Process(target=time.sleep, args=(50,))
    child.start()
    child.terminate()
    child.join()
    print(child.exitcode, mp.active_children())
    spawn = mp.get_context("spawn")
    event = spawn.Event()
    child = spawn.Process(target=event.set)
    child.start()
    child.join()
    print(event.is_set(), child.exitcode)
