"""asyncio: streams, subprocesses, threads, signals, timeouts, cancellation, unix sockets."""

import asyncio
import os
import signal


async def serve(reader, writer):
    while line := await reader.readline():
        writer.write(line.upper())
        await writer.drain()
    writer.close()


async def client(n, **where):
    connect = asyncio.open_unix_connection if "path" in where else asyncio.open_connection
    reader, writer = await connect(**where)
    answers = []
    for i in range(5):
        writer.write(f"client {n} line {i}\n".encode())
        answers.append((await reader.readline()).decode().strip())
    writer.close()
    await writer.wait_closed()
    return answers[-1]


async def processes():
    sort = await asyncio.create_subprocess_exec("sort", "-r", stdin=-1, stdout=-1)
    print((await sort.communicate(b"a\nc\nb\n"))[0], sort.returncode)
    shell = await asyncio.create_subprocess_shell("echo x; exit 4", stdout=-1)
    print(await shell.stdout.read(), await shell.wait())
    many = [await asyncio.create_subprocess_exec("bash", "-c", f"exit {n}") for n in range(8)]
    print(await asyncio.gather(*(p.wait() for p in many)))
    sleeper = await asyncio.create_subprocess_exec("sleep", "30")
    try:
        await asyncio.wait_for(sleeper.wait(), 0.2)
    except TimeoutError:
        sleeper.terminate()
    print(await sleeper.wait())


async def signals():
    seen, loop = asyncio.Queue(), asyncio.get_running_loop()
    for number in (signal.SIGUSR1, signal.SIGALRM):
        loop.add_signal_handler(number, seen.put_nowait, number)
    os.kill(os.getpid(), signal.SIGUSR1)
    print(await seen.get())
    signal.setitimer(signal.ITIMER_REAL, 0.05)
    print(await seen.get())


async def main():
    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    host, port = server.sockets[0].getsockname()
    print(await asyncio.gather(*(client(n, host=host, port=port) for n in range(10))))
    server.close()
    server = await asyncio.start_unix_server(serve, "socket")
    print(await asyncio.gather(*(client(n, path="socket") for n in range(3))))
    server.close()
    os.unlink("socket")
    await processes()
    await signals()
    print(await asyncio.gather(*(asyncio.to_thread(pow, 2, n) for n in range(12))))
    task = asyncio.create_task(asyncio.sleep(50))
    await asyncio.sleep(0.01)
    task.cancel()
    try:
        await task
    except asyncio.CancelledError:
        print("cancelled")
    reader, writer = os.pipe()
    heard = asyncio.Event()
    asyncio.get_running_loop().add_reader(reader, heard.set)
    os.write(writer, b"x")
    await asyncio.wait_for(heard.wait(), 10)
    lock, order = asyncio.Lock(), []

    async def locked(n):
        async with lock:
            await asyncio.sleep(0.002)
            order.append(n)

    async with asyncio.TaskGroup() as group:
        for n in range(6):
            group.create_task(locked(n))
    print(order)


asyncio.run(main())
