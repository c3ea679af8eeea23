"""signal: handlers, timers, masks, waiting, wake-up descriptors, threads, children."""

import os
import select
import signal
import subprocess
import sys
import threading
import time

log = []
signal.signal(signal.SIGUSR1, lambda number, frame: log.append(number))
for _ in range(100):
    os.kill(os.getpid(), signal.SIGUSR1)
print(len(log))
ticks = 0


def tick(number, frame):
    global ticks
    ticks += 1


for which, number in ((signal.ITIMER_REAL, signal.SIGALRM),
                      (signal.ITIMER_VIRTUAL, signal.SIGVTALRM),
                      (signal.ITIMER_PROF, signal.SIGPROF)):  # fmt: skip
    ticks = 0
    signal.signal(number, tick)
    signal.setitimer(which, 0.01, 0.01)
    end = time.monotonic() + 30
    while ticks < 5 and time.monotonic() < end:
        sum(range(1000))
    print(signal.setitimer(which, 0)[1], ticks >= 5)


def stop(number, frame):
    raise TimeoutError


signal.signal(signal.SIGALRM, stop)
signal.alarm(1)
try:
    time.sleep(60)
except TimeoutError:
    print("timeout")
signal.setitimer(signal.ITIMER_REAL, 0.05)
try:
    while True:
        sum(range(1000))
except TimeoutError:
    print("out of a loop")
old = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGUSR1, signal.SIGUSR2})
log.clear()
os.kill(os.getpid(), signal.SIGUSR1)
print(log, signal.sigpending(), signal.sigwait({signal.SIGUSR1}))
os.kill(os.getpid(), signal.SIGUSR2)
info = signal.sigtimedwait({signal.SIGUSR2}, 5)
print(info.si_signo, info.si_code, info.si_pid == os.getpid())
print(signal.sigtimedwait({signal.SIGUSR2}, 0.05))
signal.pthread_sigmask(signal.SIG_SETMASK, old)
read, write = os.pipe2(os.O_NONBLOCK)
signal.set_wakeup_fd(write)
thread = threading.Thread(target=lambda: (time.sleep(0.1), os.kill(os.getpid(), signal.SIGUSR1)))
thread.start()
print(select.select([read], [], [], 30)[0] == [read], os.read(read, 1))
thread.join()
signal.set_wakeup_fd(-1)
log.clear()
threads = [threading.Thread(target=signal.raise_signal, args=(signal.SIGUSR1,)) for _ in range(20)]
[t.start() for t in threads]
[t.join() for t in threads]
print(0 < len(log) <= 20)
threading.Thread(target=time.sleep, args=(0.3,)).start()
signal.pthread_kill(threading.main_thread().ident, signal.SIGUSR1)
for text in ("os.kill(os.getpid(), 15)", "os.abort()", "os.kill(os.getpid(), 34)",
             "raise KeyboardInterrupt", "signal.raise_signal(11)", "sys.exit(99)"):  # fmt: skip
    command = [sys.executable, "-c", f"import os, signal, sys; {text}"]
    print(subprocess.run(command, stderr=subprocess.DEVNULL).returncode)
deaths = []
signal.signal(signal.SIGCHLD, lambda *_: deaths.append(os.waitpid(-1, 0)[1] >> 8))
for n in range(3):
    if not os.fork():
        os._exit(n)
    while len(deaths) <= n:
        time.sleep(0.01)
print(deaths)
signal.signal(signal.SIGCHLD, signal.SIG_IGN)
subprocess.run(["true"])
try:
    os.wait()
except ChildProcessError as error:
    print(error.errno)
print(signal.strsignal(11), signal.getsignal(signal.SIGPIPE), len(signal.valid_signals()))
signal.siginterrupt(signal.SIGUSR1, False)
threading.Timer(0.1, os.kill, (os.getpid(), signal.SIGUSR1)).start()
r2, w2 = os.pipe()
threading.Timer(0.3, os.write, (w2, b"data")).start()
print(os.read(r2, 10))
