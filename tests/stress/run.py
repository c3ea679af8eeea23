"""`make stress`: mixed load for a given time, watched for hangs, differences and leaks.

Workers run the items of `items.py` in ever new order, a fresh directory each. Beside them, guests
that live for the whole run answer requests, and their descriptors, threads, children and memory
are sampled. Reported, and an error: an item that outlives its limit, output or status that differs
from what is expected (or was there the first time), processes that are left, growth of the long
lived guests, shared memory and queues that are left. `--log` says where details go.
"""

from __future__ import annotations

import argparse
import os
import queue
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from stress.items import Item, all_items
from stress.servers import Server, all_servers
from stress.watch import MARK, clear, describe, marked, shared_objects
from tools.guests import execute, run32_command, stop_ignoring_signals
from tools.roots import CACHE, ensure_armhf_root, ensure_tools_root

LIMIT = 300.0
"""Seconds after which an item counts as hanging, on a machine that has other work too."""

SHOW_NICE = ("processes-inherit", "processes-exec")
"""Items whose expected output has been taken at nice 0."""


class Stress:
    """One run: shared by its workers."""

    def __init__(self, items: list[Item], seed: int, log: Path, work: Path) -> None:
        self.items = items
        self.random = random.Random(seed)
        self.log = log
        self.work = work
        self.queue: queue.SimpleQueue[Item] = queue.SimpleQueue()
        self.lock = threading.Lock()
        self.first: dict[str, bytes] = {}
        self.runs: Counter[str] = Counter()
        self.problems: Counter[str] = Counter()
        self.slowest: dict[str, float] = {}
        self.serial = 0

    def report(self, kind: str, item: str, detail: str) -> None:
        with self.lock:
            self.problems[kind] += 1
            with open(self.log, "a") as log:
                log.write(f"== {time.strftime('%T')} {kind}: {item}\n{detail}\n")
        print(f"{kind}: {item}", file=sys.stderr, flush=True)

    def next(self) -> tuple[Item, str]:
        with self.lock:
            if self.queue.empty():
                for item in self.random.sample(self.items, len(self.items)):
                    self.queue.put(item)
            self.serial += 1
            return self.queue.get(), f"{os.getpid()}-{self.serial}"

    def one(self) -> None:
        """Run the next item and judge it."""
        item, mark = self.next()
        directory = self.work / mark
        item.prepare(directory)
        began = time.monotonic()
        with open(directory.with_suffix(".err"), "w+b") as errors:
            process = subprocess.Popen(
                item.command(),
                cwd=directory,
                env={**item.environ(directory), MARK: mark},
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=errors,
                start_new_session=True,
            )
            try:
                output = process.communicate(timeout=LIMIT)[0]
            except subprocess.TimeoutExpired:
                alive = "\n".join(describe(pid) for pid in marked(mark, process.pid))
                self.report("hang", item.name, alive)
                clear(mark, process.pid, 0)
                process.kill()
                process.communicate()
                return
            errors.seek(0)
            self.judge(item, process.returncode, output, errors.read(), time.monotonic() - began)
        left = clear(mark, process.pid)
        if left:
            self.report("processes left", item.name, "\n".join(left))
        shutil.rmtree(directory)
        directory.with_suffix(".err").unlink()

    def judge(self, item: Item, status: int, output: bytes, errors: bytes, took: float) -> None:
        with self.lock:
            self.runs[item.name] += 1
            self.slowest[item.name] = max(took, self.slowest.get(item.name, 0))
            expected = item.expected
            if expected is None:
                expected = self.first.setdefault(item.name, output)
        if (status, output) != (item.status, expected):
            old = expected.decode(errors="replace")
            detail = f"status {status}\n-- stderr\n{errors.decode(errors='replace')[-3000:]}"
            detail += f"\n-- expected\n{old}\n-- found\n{output.decode(errors='replace')}"
            self.report("difference", item.name, detail)

    def worker(self, end: float) -> None:
        while time.monotonic() < end:
            try:
                self.one()
            except Exception as error:  # a worker that dies would hide the rest of the run
                self.report("stress itself failed", "worker", repr(error))
                time.sleep(1)


def sample(servers: list[Server], end: float) -> None:
    pause = max(0.3, (end - time.monotonic()) / 400)
    while time.monotonic() < end:
        for server in servers:
            server.growth.sample()
        time.sleep(pause)


def drive(stress: Stress, server: Server, end: float) -> None:
    """Keep one server busy, and check what it answers."""
    while time.monotonic() < end:
        wrong = server.request()
        if wrong:
            stress.report("wrong answer", server.growth.name, wrong)
            time.sleep(1)


def run(stress: Stress, servers: list[Server], seconds: float, workers: int) -> None:
    end = time.monotonic() + seconds
    threads = [threading.Thread(target=stress.worker, args=(end,)) for _ in range(workers)]
    threads += [threading.Thread(target=drive, args=(stress, s, end)) for s in servers]
    threads.append(threading.Thread(target=sample, args=(servers, end)))
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def say_results(stress: Stress, servers: list[Server], seconds: float) -> bool:
    """Print the figures. Returns whether all is well."""
    runs = sum(stress.runs.values())
    print(f"{runs} runs of {len(stress.runs)} items in {seconds / 60:.1f} minutes")
    slow = sorted(stress.slowest.items(), key=lambda pair: -pair[1])[:5]
    print("slowest:", ", ".join(f"{name} {took:.1f} s" for name, took in slow))
    well = not stress.problems
    for server in servers:
        words, grew = server.growth.verdict()
        print(f"{words}; {server.requests} requests{'  GREW' if grew else ''}")
        well = well and not grew
    for kind, count in stress.problems.items():
        print(f"{kind}: {count} (details: {stress.log})")
    print("no problem found" if well else "PROBLEMS")
    return well


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--minutes", type=float, default=30)
    parser.add_argument("--workers", type=int, default=os.cpu_count() or 2)
    parser.add_argument("--seed", type=int, default=int(time.time()))
    parser.add_argument("--only", default="", help="items whose name contains this")
    parser.add_argument("--log", type=Path, default=CACHE / "stress.log")
    options = parser.parse_args()
    root, tools = ensure_armhf_root(), ensure_tools_root()
    for reason in (root, tools):
        if isinstance(reason, str):
            print(reason, file=sys.stderr)
            return 2
    assert isinstance(root, Path) and isinstance(tools, Path)
    items = [item for item in all_items(root, tools) if options.only in item.name]
    if os.nice(0):
        items = [item for item in items if item.name not in SHOW_NICE]
    if not items:
        print(f"no item is called {options.only}", file=sys.stderr)
        return 2
    execute([*run32_command(), "engine", "build"], cwd=Path.cwd())
    options.log.write_text("")
    print(f"seed {options.seed}, {len(items)} items, {options.workers} workers", flush=True)
    before = shared_objects()
    with tempfile.TemporaryDirectory(prefix="run32-stress-") as folder:
        stress = Stress(items, options.seed, options.log, Path(folder))
        servers = all_servers(root, tools, Path(folder))
        began = time.monotonic()
        try:
            run(stress, servers, options.minutes * 60, options.workers)
        finally:
            for server in servers:
                for problem in server.stop():
                    stress.report("end of a server", server.growth.name, problem)
        seconds = time.monotonic() - began
    if left := shared_objects() - before:
        stress.report("shared objects left", ", ".join(sorted(left)), "")
    return 0 if say_results(stress, servers, seconds) else 1


if __name__ == "__main__":
    stop_ignoring_signals()
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    sys.exit(main())
