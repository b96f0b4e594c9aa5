"""deploy/nginx.conf under Debian's nginx, on loopback: slow and many connections do not reach the application."""

import os
import re
import shutil
import socket
import subprocess
import threading
import time
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from tests.deploy.files import DEPLOY

NGINX = shutil.which("nginx") or shutil.which("nginx", path="/usr/sbin")
pytestmark = pytest.mark.skipif(NGINX is None, reason="nginx is not installed: apt-get install nginx-light")
MANY = 300
LONG = 60.0


class Application(ThreadingHTTPServer):
    """Stands for the application: counts who comes, and holds `/held` until it is told."""

    daemon_threads = True
    request_queue_size = 512

    def __init__(self):
        super().__init__(("127.0.0.1", 0), Answering)
        self.accepted, self.holding, self.release = 0, threading.Semaphore(0), threading.Event()
        self.headers = {}

    def get_request(self):
        self.accepted += 1
        return super().get_request()


class Answering(BaseHTTPRequestHandler):
    def do_GET(self):
        self.server.headers = dict(self.headers)
        if self.path == "/held":
            self.server.holding.release()
            self.server.release.wait(LONG)
        self.rfile.read(int(self.headers.get("Content-Length", 0)))
        self.send_response(200)
        self.send_header("Content-Length", "2")
        self.end_headers()
        self.wfile.write(b"ok")

    do_POST = do_GET

    def log_message(self, *_):
        pass


@contextmanager
def proxied(folder, **seconds):
    """The port of an nginx with our file in front of an application; `seconds` takes the place of its time-outs."""
    application = Application()
    threading.Thread(target=application.serve_forever, daemon=True).start()
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    ours = (DEPLOY / "nginx.conf").read_text(encoding="utf-8")
    ours = ours.replace("listen 443 ssl http2;", f"listen 127.0.0.1:{port};")
    ours = re.sub(r"^\s*ssl_certificate.*\n", "", ours, flags=re.MULTILINE)
    ours = ours.replace("http://127.0.0.1:8000", f"http://127.0.0.1:{application.server_address[1]}")
    for name, value in seconds.items():
        ours, times = re.subn(rf"{name}\s+\d+s;", f"{name} {value}s;", ours)
        assert times == 1
    (folder / "closeread.conf").write_text(ours, encoding="utf-8")
    places = "".join(
        f"{kind}_temp_path {folder}/{kind};\n" for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    )
    (folder / "nginx.conf").write_text(
        f"{'user root;' if os.geteuid() == 0 else ''} worker_processes 1; pid {folder}/pid; error_log {folder}/log;\n"
        f"events {{ worker_connections 2048; }}\nhttp {{ access_log off;\n{places}include {folder}/closeread.conf; }}\n",
        encoding="utf-8",
    )
    asked = [NGINX, "-c", str(folder / "nginx.conf"), "-p", str(folder), "-g", "daemon off;"]
    with subprocess.Popen(asked, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE) as server:
        try:
            await_port(server, port)
            yield port, application
        finally:
            application.release.set()
            server.terminate()
            application.shutdown()
            application.server_close()


def await_port(server, port):
    until = time.monotonic() + LONG
    while True:
        try:
            socket.create_connection(("127.0.0.1", port), 1).close()
            return
        except OSError:
            assert server.poll() is None, server.stderr.read().decode()
            assert time.monotonic() < until, "nginx does not listen"
            time.sleep(0.05)


def connected(port, sent=b"", source="127.0.0.1"):
    made = socket.create_connection(("127.0.0.1", port), LONG, source_address=(source, 0))
    made.sendall(sent)
    return made


def answer(connection):
    """The status of what comes back; 0 where the connection is ended without a word."""
    try:
        said = connection.recv(64)
    except ConnectionResetError:
        return 0
    finally:
        connection.close()
    return int(said.split()[1]) if said else 0


def get(path="/", more=""):
    return f"GET {path} HTTP/1.1\r\nHost: closeread.example.com\r\n{more}Connection: close\r\n\r\n".encode()


def test_half_sent_headers_stop_nobody_and_end(tmp_path):
    with proxied(tmp_path, client_header_timeout=2) as (port, application):
        slow = [connected(port, b"GET / HTTP/1.1\r\nHost: x\r\nX-Slow: ") for _ in range(MANY)]
        assert answer(connected(port, get())) == 200
        assert application.accepted == 1
        assert {answer(one) for one in slow} <= {0, 408}
        assert application.accepted == 1


def test_a_slow_body_never_reaches_the_application(tmp_path):
    with proxied(tmp_path, client_body_timeout=2) as (port, application):
        half = b"POST /in HTTP/1.1\r\nHost: x\r\nContent-Length: 1000\r\n\r\nbegin"
        slow = [connected(port, half) for _ in range(60)]
        assert {answer(one) for one in slow} <= {0, 408}
        assert application.accepted == 0
        assert answer(connected(port, get())) == 200


def test_one_address_has_so_many_requests_under_way_and_others_are_not_touched(tmp_path):
    with proxied(tmp_path) as (port, application):
        held = [connected(port, get("/held")) for _ in range(64)]
        for _ in held:
            assert application.holding.acquire(timeout=LONG)
        assert [answer(connected(port, get())) for _ in range(3)] == [429] * 3
        assert answer(connected(port, get(), source="127.0.0.2")) == 200
        application.release.set()
        assert {answer(one) for one in held} == {200}


def test_who_asks_is_what_nginx_saw_and_the_metrics_stay_inside(tmp_path):
    with proxied(tmp_path) as (port, application):
        forged = "X-Forwarded-For: 203.0.113.9\r\nX-Forwarded-Proto: https\r\n"
        assert answer(connected(port, get("/", forged))) == 200
        assert application.headers["X-Forwarded-For"] == "127.0.0.1"
        assert application.headers["X-Forwarded-Proto"] == "http"
        assert application.headers["Host"] == "closeread.example.com"
        assert answer(connected(port, get("/metrics"))) == 404
        assert application.accepted == 1


def test_too_large_a_body_is_refused_before_it_is_sent(tmp_path):
    with proxied(tmp_path) as (port, application):
        large = b"POST /in HTTP/1.1\r\nHost: x\r\nContent-Length: 300000000\r\nConnection: close\r\n\r\n"
        assert answer(connected(port, large)) == 413
        assert application.accepted == 0
