"""The server alone, without a proxy: half-sent requests end, one address has so many connections, others are not touched."""

import socket
import threading
import time
from contextlib import ExitStack, contextmanager, suppress

import pytest
import uvicorn

from agent.app.web.bounded import BoundedProtocol
from agent.serve import PROTOCOL

LONG = 60.0


class Impatient(BoundedProtocol):
    header_seconds = 0.5
    body_seconds = 0.5


class Waiting(BoundedProtocol):
    header_seconds = 0.5
    body_seconds = LONG


class Few(BoundedProtocol):
    most_of_an_address = 3


async def app(scope, receive, send):
    assert scope["type"] == "http"
    while (await receive()).get("more_body"):
        pass
    await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"2")]})
    await send({"type": "http.response.body", "body": b"ok"})


@contextmanager
def served(protocol, **settings):
    config = uvicorn.Config(app, port=0, http=protocol, lifespan="off", log_level="critical", **settings)
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    until = time.monotonic() + LONG
    while not server.started:
        assert time.monotonic() < until
        time.sleep(0.01)
    try:
        yield server.servers[0].sockets[0].getsockname()[1]
    finally:
        server.should_exit = True
        thread.join(LONG)


@pytest.fixture
def connected():
    """A function that connects; what it made is closed when the test ends."""
    with ExitStack() as all_of_them:

        def connect(port, sent=b"", source="127.0.0.1"):
            made = socket.create_connection(("127.0.0.1", port), LONG, source_address=(source, 0))
            all_of_them.enter_context(made).sendall(sent)
            return made

        yield connect


def status(connection):
    """Of the answer; 0 where the connection ends without one."""
    try:
        said = connection.recv(64)
    except ConnectionResetError:
        return 0
    return int(said.split()[1]) if said else 0


GET = b"GET / HTTP/1.1\r\nHost: x\r\n\r\n"
POST = b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 6\r\n\r\n"


@pytest.mark.parametrize("half", [b"", b"GET / HT", GET[:-2], POST, POST + b"abc"])
def test_a_half_sent_request_ends_and_nobody_waits_for_it(half, connected):
    with served(Impatient) as port:
        slow = [connected(port, half) for _ in range(40)]
        assert status(connected(port, GET)) == 200
        assert [status(one) for one in slow] == [0] * 40


def test_a_header_that_comes_byte_by_byte_ends_all_the_same(connected):
    with served(Impatient) as port:
        slow = connected(port, b"GET / HTTP/1.1\r\nX: ")
        until = time.monotonic() + LONG
        with suppress(ConnectionError):
            while time.monotonic() < until:
                slow.sendall(b"a")
                time.sleep(0.1)
        assert time.monotonic() < until


def test_a_body_may_take_long_as_long_as_it_comes(connected):
    with served(Waiting) as port:
        whole = connected(port, POST)
        for letter in b"abcdef":
            time.sleep(0.2)
            whole.sendall(bytes([letter]))
        assert status(whole) == 200


def test_a_second_half_request_on_a_connection_ends_too(connected):
    with served(Impatient) as port:
        again = connected(port, GET)
        said = b""
        while not said.endswith(b"\r\n\r\nok"):
            said += again.recv(4096)
        again.sendall(b"GET / HT")
        assert status(again) == 0


def test_one_address_has_so_many_connections_and_others_are_not_touched(connected):
    with served(Few) as port:
        held = [connected(port, b"GET", source="127.0.0.2") for _ in range(3)]
        assert status(connected(port, GET, source="127.0.0.2")) == 0
        assert status(connected(port, GET, source="127.0.0.3")) == 200
        many = [connected(port, GET) for _ in range(10)]  # of the proxy that is trusted
        assert {status(one) for one in many} == {200}
        held[0].close()
        until = time.monotonic() + LONG
        while status(connected(port, GET, source="127.0.0.2")) != 200:
            assert time.monotonic() < until
            time.sleep(0.05)


@pytest.mark.parametrize("trusted", ["127.0.0.2", "10.0.0.1, 127.0.0.0/8", "*", ["127.0.0.2"]])
def test_connections_of_a_proxy_that_is_trusted_are_not_counted(trusted, connected):
    with served(Few, forwarded_allow_ips=trusted) as port:
        many = [connected(port, GET, source="127.0.0.2") for _ in range(10)]
        assert {status(one) for one in many} == {200}


def test_the_program_is_served_so():
    assert f"{BoundedProtocol.__module__}:{BoundedProtocol.__qualname__}" == PROTOCOL
    assert uvicorn.Config(app, http=PROTOCOL).http == PROTOCOL
