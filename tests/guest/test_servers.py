"""redis and nginx of a Debian armhf root serve clients of this machine."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from tools.guests import environment, run32, run32_command

PATIENCE = 60.0


def wait_for(condition: Callable[[], object], what: str) -> None:
    end = time.monotonic() + PATIENCE
    while not condition():
        assert time.monotonic() < end, what
        time.sleep(0.05)


@contextmanager
def server(argv: list[str], root: Path, cwd: Path) -> Iterator[subprocess.Popen[bytes]]:
    """A guest that runs in the background; what is left of its session is killed."""
    with open(cwd / "output", "wb") as output:
        process = subprocess.Popen(
            [*run32_command(), "--rootfs", str(root), "--", *argv],
            cwd=cwd,
            env=environment(cwd),
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            start_new_session=True,
        )
    try:
        yield process
    finally:
        try:
            os.killpg(process.pid, signal.SIGKILL)
        except ProcessLookupError:
            assert process.poll() is not None
        process.wait()


def redis(cwd: Path, *extra: str) -> list[str]:
    fixed = ["--port", "0", "--unixsocket", str(cwd / "sock"), "--dir", str(cwd), "--save", ""]
    return ["redis-server", *fixed, *extra]


def ask(cwd: Path, *requests: str) -> bytes:
    """Send inline commands on one connection; everything that comes back until it is closed."""
    answers = b""
    with socket.socket(socket.AF_UNIX) as client:
        client.settimeout(PATIENCE)
        client.connect(str(cwd / "sock"))
        client.sendall("".join(f"{request}\r\n" for request in requests).encode())
        while part := client.recv(65536):
            answers += part
    return answers


def has_saved(cwd: Path) -> bool:
    return b"rdb_bgsave_in_progress:0" in ask(cwd, "info persistence", "quit")


def test_redis(engine: Path, tools_root: Path, tmp_path: Path) -> None:
    with server(redis(tmp_path), tools_root, tmp_path) as process:
        wait_for((tmp_path / "sock").exists, "redis does not come up")
        assert ask(tmp_path, "ping", "set a 41", "incr a", "get a", "get none", "quit") == (
            b"+PONG\r\n+OK\r\n:42\r\n$2\r\n42\r\n$-1\r\n+OK\r\n"
        )
        pipelined = [f"rpush list value-{n}" for n in range(3000)]
        answers = ask(tmp_path, *pipelined, "llen list", "lrange list 2998 -1", "quit")
        end = b":3000\r\n*2\r\n$10\r\nvalue-2998\r\n$10\r\nvalue-2999\r\n+OK\r\n"
        assert answers.endswith(end)
        script = "eval 'local s = 0; for i = 1, 1000 do s = s + i / 2 end; return s * 2' 0"
        assert ask(tmp_path, script, "quit") == b":500500\r\n+OK\r\n"
        assert ask(tmp_path, "bgsave", "quit").startswith(b"+Background saving started")
        wait_for(lambda: has_saved(tmp_path), "the forked child does not finish")
        assert (tmp_path / "dump.rdb").read_bytes().startswith(b"REDIS0010")
        assert ask(tmp_path, "set after save", "save", "quit") == b"+OK\r\n" * 3
        assert ask(tmp_path, "shutdown") == b""
        assert process.wait(PATIENCE) == 0
    (tmp_path / "sock").unlink(missing_ok=True)
    with server(redis(tmp_path, "--appendonly", "yes"), tools_root, tmp_path) as process:
        wait_for((tmp_path / "sock").exists, "redis does not come up again")
        ask(tmp_path, "set b 1", "bgrewriteaof", "quit")
        process.send_signal(signal.SIGTERM)
        assert process.wait(PATIENCE) == 0
    assert b"Redis is now ready to exit" in (tmp_path / "output").read_bytes()


def test_redis_keeps_what_it_saved(engine: Path, tools_root: Path, tmp_path: Path) -> None:
    for expected in (b"$-1\r\n", b"$4\r\nkept\r\n"):
        with server(redis(tmp_path), tools_root, tmp_path) as process:
            wait_for((tmp_path / "sock").exists, "redis does not come up")
            argv = ["redis-cli", "-s", str(tmp_path / "sock"), "get", "key"]
            said = run32(argv, cwd=tmp_path, rootfs=tools_root)
            assert (said.status, said.stdout) == (0, b"kept\n" if b"kept" in expected else b"\n")
            assert ask(tmp_path, "get key", "set key kept", "quit").startswith(expected)
            assert ask(tmp_path, "shutdown save") == b""
            assert process.wait(PATIENCE) == 0


NGINX = """
worker_processes 2;
pid {here}/nginx.pid;
error_log {here}/error.log notice;
events {{ worker_connections 64; }}
http {{
    access_log {here}/access.log;
    client_body_temp_path {here}/t1; proxy_temp_path {here}/t2; fastcgi_temp_path {here}/t3;
    uwsgi_temp_path {here}/t4; scgi_temp_path {here}/t5;
    server {{
        listen 127.0.0.1:{port};
        location / {{ root {here}/files; sendfile on; gzip on; gzip_types text/plain; }}
        location /moved {{ return 301 /new; }}
        location /through {{ proxy_pass http://127.0.0.1:{port}/text; }}
        {more}
    }}
}}
"""


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port: int = probe.getsockname()[1]
        return port


def fetch(port: int, path: str) -> tuple[int, bytes]:
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    try:
        with opener.open(f"http://127.0.0.1:{port}/{path}", timeout=PATIENCE) as answer:
            return answer.status, answer.read()
    except urllib.error.HTTPError as error:
        return error.code, b""


def workers(master: int) -> set[int]:
    children = Path(f"/proc/{master}/task/{master}/children").read_text().split()
    return {int(child) for child in children}


def test_nginx(engine: Path, tools_root: Path, tmp_path: Path) -> None:
    port = free_port()
    files = tmp_path / "files"
    files.mkdir()
    (files / "text").write_text("hello from a file\n")
    (files / "large").write_bytes(os.urandom(3 << 20))
    config = tmp_path / "nginx.conf"
    config.write_text(NGINX.format(here=tmp_path, port=port, more=""))
    tmp_path.chmod(0o755)
    argv = ["/usr/sbin/nginx", "-p", str(tmp_path), "-c", str(config), "-g", "user root;"]
    argv[-1] += " daemon off;"
    with server(argv, tools_root, tmp_path) as process:
        wait_for((tmp_path / "nginx.pid").exists, "nginx does not come up")
        wait_for(lambda: len(workers(process.pid)) == 2, "nginx has no two workers")
        assert fetch(port, "text") == (200, b"hello from a file\n")
        assert fetch(port, "large") == (200, (files / "large").read_bytes())
        assert fetch(port, "through") == (200, b"hello from a file\n")
        assert fetch(port, "missing")[0] == fetch(port, "moved")[0] == fetch(port, "new")[0] == 404
        old = workers(process.pid)
        config.write_text(
            NGINX.format(here=tmp_path, port=port, more="location /new { return 204; }")
        )
        process.send_signal(signal.SIGHUP)
        wait_for(
            lambda: len(workers(process.pid)) == 2 and not workers(process.pid) & old, "reload"
        )
        assert fetch(port, "new") == (204, b"")
        (tmp_path / "access.log").rename(tmp_path / "old.log")
        process.send_signal(signal.SIGUSR1)
        wait_for((tmp_path / "access.log").exists, "the log is not opened again")
        os.kill(min(workers(process.pid)), signal.SIGKILL)
        wait_for(lambda: len(workers(process.pid)) == 2, "the worker is not replaced")
        assert fetch(port, "text")[0] == 200
        process.send_signal(signal.SIGQUIT)
        assert process.wait(PATIENCE) == 0
    assert b"GET /large" in (tmp_path / "old.log").read_bytes()
