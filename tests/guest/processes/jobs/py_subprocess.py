"""subprocess: pipes, large data, timeouts, groups, descriptors, errors; os.spawn, popen, pty."""

import os
import pty
import signal
import subprocess
import sys
import time

sys.stdout.reconfigure(line_buffering=True)
run = subprocess.run
print(run(["cat"], input=b"x" * 300000, capture_output=True).stdout.count(b"x"))
print(run("echo $0 out; echo err >&2; exit 3", shell=True, capture_output=True, text=True))
for argv in (["no-such-program"], ["/etc"], ["./words.txt"]):
    try:
        run(argv)
    except OSError as error:
        print(error.errno, error.filename)
try:
    run(["sleep", "20"], timeout=0.2)
except subprocess.TimeoutExpired:
    print("timeout")
try:
    subprocess.check_output(["false"])
except subprocess.CalledProcessError as error:
    print(error)
with subprocess.Popen(["sort"], stdin=-1, stdout=-1, text=True, bufsize=1) as child:
    print(child.communicate("b\na\nc\n"))
child = subprocess.Popen(["sleep", "30"], start_new_session=True)
print(os.getpgid(child.pid) == child.pid, child.poll())
os.killpg(child.pid, signal.SIGTERM)
print(child.wait())
read, write = os.pipe()
child = subprocess.Popen([sys.executable, "-c", f"import os; os.write({write}, b'inherited')"],
                         pass_fds=[write])  # fmt: skip
os.close(write)
print(os.read(read, 100), child.wait())
child = subprocess.Popen(["bash", "-c", "ls /proc/$$/fd | wc -l"], stdout=-1, stdin=-3)
print(child.communicate()[0].strip() in (b"3", b"4"))
first = subprocess.Popen(["seq", "100000"], stdout=-1)
second = subprocess.Popen(["head", "-2"], stdin=first.stdout, stdout=-1)
first.stdout.close()
print(second.communicate()[0], first.wait())
print(run(["pwd"], cwd="dir/a", capture_output=True, text=True).stdout.split("/")[-2:])
print(sorted(run(["env"], env={"B": "2", "A": "1"}, capture_output=True).stdout.split()))
print(run(["bash", "-c", "kill -9 $$"]).returncode, os.system("exit 5"), os.popen("echo p").read())
print(run(["bash", "-c", "umask; id -u"], umask=0o27, capture_output=True).stdout.split()[0])
print(os.spawnvp(os.P_WAIT, "bash", ["bash", "-c", "exit 9"]))
actions = [(os.POSIX_SPAWN_OPEN, 1, "spawned", os.O_WRONLY | os.O_CREAT, 0o600)]
pid = os.posix_spawnp("echo", ["echo", "to file"], os.environ, file_actions=actions)
print(os.waitpid(pid, 0)[1], open("spawned").read())
children = [subprocess.Popen(["bash", "-c", f"sleep 0.0{9 - n}; exit {n}"]) for n in range(10)]
print([child.wait() for child in children])
pid, fd = pty.fork()
if not pid:
    os.execvp(
        "bash", ["bash", "-c", "tty > /dev/null && echo terminal; stty size; read x; echo <$x>"]
    )
time.sleep(0.1)
os.write(fd, b"typed\n")
seen = b""
try:
    while data := os.read(fd, 1000):
        seen += data
except OSError as error:
    print(error.errno)
print(os.waitpid(pid, 0)[1], b"terminal" in seen, b"<typed>" in seen, b"0 0" in seen)
script = "trap 'echo got; exit 4' INT; echo up; while :; do sleep 0.05; done"
child = subprocess.Popen(["bash", "-c", script], stdout=-1)
child.stdout.readline()
child.send_signal(signal.SIGINT)
print(child.stdout.read(), child.wait())
print(run([sys.executable, "-c", "import sys; print(sys.argv, sys.stdin.read())", "a", ""],
          input="in", capture_output=True, text=True).stdout)  # fmt: skip
