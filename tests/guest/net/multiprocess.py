import multiprocessing as mp
from multiprocessing.connection import Client, Listener


def work(n):
    return n * n


def add(value):
    for _ in range(50):
        with value.get_lock():
            value.value += 1


def serve(queue):
    with Listener("listener", "AF_UNIX") as listener:
        queue.put("ready")
        with listener.accept() as connection:
            connection.send(connection.recv() * 2)


if __name__ == "__main__":
    with mp.get_context("fork").Pool(2) as pool:
        print(pool.map(work, range(20)))
    queue = mp.Queue()
    process = mp.Process(target=serve, args=(queue,))
    process.start()
    print(queue.get())
    with Client("listener") as client:
        client.send([1, "two"])
        print(client.recv())
    process.join()
    print(process.exitcode)
    left, right = mp.Pipe()
    left.send({"a": 1})
    print(right.recv())
    value = mp.Value("i", 0)
    adders = [mp.Process(target=add, args=(value,)) for _ in range(3)]
    for adder in adders:
        adder.start()
    for adder in adders:
        adder.join()
    print(value.value)
