import asyncio


async def handle(reader, writer):
    while data := await reader.readline():
        writer.write(data.upper())
        await writer.drain()
    writer.close()


async def client(port, name):
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    answers = []
    for i in range(5):
        writer.write(b"%s %d\n" % (name, i))
        answers.append(await reader.readline())
    writer.close()
    return b"".join(answers)


async def main():
    server = await asyncio.start_server(handle, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    for answer in await asyncio.gather(*(client(port, b"c%d" % n) for n in range(8))):
        print(answer)
    try:
        await asyncio.wait_for(asyncio.sleep(5), 0.05)
    except TimeoutError:
        print("timed out")
    server.close()


asyncio.run(main())
