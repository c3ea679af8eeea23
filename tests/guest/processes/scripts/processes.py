"""Processes and threads as Python uses them."""

import concurrent.futures as cf
import multiprocessing as mp
import os
import queue
import signal
import subprocess
import sys
import threading
import time

exe = sys.executable
sys.stdout.reconfigure(line_buffering=True)


def sh(*a, **k):
    return subprocess.run(*a, capture_output=True, text=True, **k)


r = sh(["sh", "-c", "echo out; echo err >&2; exit 5"])
print(r.returncode, r.stdout, r.stderr)
print(sh("cat | tr a-z A-Z", shell=True, input="hello").stdout)
try:
    subprocess.run(["nonexistent-program"])
except FileNotFoundError as e:
    print(e.errno)
try:
    subprocess.run(["/etc"])
except PermissionError as e:
    print(e.errno)
p = subprocess.Popen(["sleep", "10"])
time.sleep(0.05)
p.terminate()
print(p.wait())
try:
    subprocess.run(["sleep", "5"], timeout=0.1)
except subprocess.TimeoutExpired:
    print("timeout")
print(
    subprocess.run(
        ["sh", "-c", "echo $A; ls /proc/self/fd | wc -l"],
        cwd="/",
        env={"A": "b", "PATH": os.environ["PATH"]},
        capture_output=True,
        text=True,
        start_new_session=True,
    ).stdout
)
print(subprocess.run(["true"], preexec_fn=lambda: os.setpgid(0, 0)).returncode)
a = subprocess.Popen(["seq", "100000"], stdout=subprocess.PIPE)
b = subprocess.Popen(["tail", "-1"], stdin=a.stdout, stdout=subprocess.PIPE)
a.stdout.close()
print(b.communicate()[0])
pid = os.fork()
if pid == 0:
    os._exit(9)
print(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]))
print(os.system("exit 4") >> 8, os.popen("echo popen").read())
print(
    os.waitstatus_to_exitcode(
        os.waitpid(os.posix_spawn("/bin/sh", ["sh", "-c", "exit 6"], os.environ), 0)[1]
    )
)
res = []


def w(n):
    s = 0
    for i in range(20000):
        s += i * n
    res.append(s)


ts = [threading.Thread(target=w, args=(i,)) for i in range(8)]
[t.start() for t in ts]
[t.join() for t in ts]
print(sum(res))
with cf.ThreadPoolExecutor(6) as ex:
    print(list(ex.map(lambda x: x * x, range(20))), ex.submit(sh, ["echo", "x"]).result().stdout)
q = queue.Queue()


def prod():
    for i in range(100):
        q.put(i)
    q.put(None)


threading.Thread(target=prod).start()
t = 0
while (x := q.get()) is not None:
    t += x
print(t)
ev = threading.Event()
threading.Timer(0.05, ev.set).start()
print(ev.wait(5))
c = threading.Condition()
b = threading.Barrier(3)
ts = [threading.Thread(target=b.wait) for _ in range(3)]
[t.start() for t in ts]
[t.join() for t in ts]
print("barrier")


def f(x):
    return x + os.getpid() * 0


if __name__ == "__main__":
    with mp.Pool(3) as pool:
        print(pool.map(f, range(10)))
    qq = mp.Queue()
    pr = mp.Process(target=qq.put, args=("from child",))
    pr.start()
    print(qq.get())
    pr.join()
    print(pr.exitcode)
    with cf.ProcessPoolExecutor(2) as ex:
        print(list(ex.map(f, range(5))))
    ctx = mp.get_context("spawn")
    signal.signal(signal.SIGALRM, lambda *a: print("alarm"))
    signal.setitimer(signal.ITIMER_REAL, 0.05)
    time.sleep(0.2)
    if os.fork() == 0:
        os.execv(
            exe,
            [
                exe,
                "-c",
                "import sys,threading; print('execed',threading.active_count()); sys.exit(3)",
            ],
        )
    print(os.wait()[1] >> 8)
    import asyncio

    async def main():
        p = await asyncio.create_subprocess_exec("echo", "async", stdout=subprocess.PIPE)
        print((await p.communicate())[0], p.returncode)
        print(await asyncio.gather(*[asyncio.to_thread(lambda i=i: i * 2) for i in range(5)]))

    asyncio.run(main())
