"""A fork's child runs nothing of the interpreter before Python has put its own locks in order."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

SOURCE = Path(__file__).resolve().parents[2] / "src"

# Threads that always want the interpreter's lock: in a child, a wish of theirs that was copied
# with the lock would never be taken back.
PROGRAM = """
import os, signal, sys, threading
sys.path.insert(0, sys.argv[2])
from run32.runtime import fork
from run32.runtime.engine import Engine

class Thread:
    engine = Engine(sys.argv[1])

def busy():
    while not stop:
        pass

stop = False
sys.setswitchinterval(1e-5)
others = [threading.Thread(target=busy) for _ in range(3)]
for other in others:
    other.start()
for i in range(200):
    pid = fork.prepared(Thread, signal.SIGCHLD)
    if pid == 0:
        os._exit(0)
    assert os.waitpid(pid, 0)[1] == 0
stop = True
for other in others:
    other.join()
print("done")
"""


def test_children_of_a_process_with_threads_do_not_wait_for_them(engine: Path) -> None:
    command = [sys.executable, "-c", PROGRAM, str(engine), str(SOURCE)]
    result = subprocess.run(command, capture_output=True, text=True, timeout=120)
    assert (result.returncode, result.stdout) == (0, "done\n"), result.stderr
