"""The server: real ports, prompt and clean stops, clear words where it cannot listen."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from typing import Any

import pytest
import requests

from monitor.errors import MonitorError
from monitor.web import Server

Environ = dict[str, Any]


def hello(environ: Environ, start_response: Callable[..., Any]) -> Iterable[bytes]:
    start_response("200 OK", [("Content-Type", "text/plain"), ("Content-Length", "5")])
    return [b"hello"]


@pytest.fixture
def server() -> Iterator[Server]:
    made = Server()
    yield made
    made.stop()


def refused(port: int) -> bool:
    try:
        socket.create_connection(("127.0.0.1", port), timeout=5).close()
    except ConnectionRefusedError:
        return True
    except ConnectionResetError:  # met the listener as it closed
        pass
    return False


def cut_off(connection: socket.socket) -> bool:
    """Whether the other side closes the connection without a word."""
    try:
        return connection.recv(100) == b""
    except ConnectionResetError:
        return True


def test_port_0_takes_a_free_port_and_tells(server: Server) -> None:
    """When start returns, the port told is open and answers."""
    server.start(hello, "127.0.0.1", 0, 2)
    assert server.port > 0
    assert requests.get(f"http://127.0.0.1:{server.port}", timeout=10).text == "hello"


def test_localhost_is_one_port_on_every_address(server: Server) -> None:
    """A name with several addresses listens on the same port on each of them."""
    server.start(hello, "localhost", 0, 1)
    assert requests.get(f"http://localhost:{server.port}", timeout=10).text == "hello"


def test_a_port_in_use_is_told(server: Server) -> None:
    """The message names the address and the reason."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(MonitorError, match=rf"cannot listen on 127\.0\.0\.1:{port}: Address"):
            server.start(hello, "127.0.0.1", port, 1)


def test_an_address_that_is_not_ours_is_told(server: Server) -> None:
    """Neither a foreign address nor a name without one starts a server."""
    for host in ("192.0.2.1", "no.such.host.invalid"):
        with pytest.raises(MonitorError, match=f"cannot listen on {host}:8808: "):
            server.start(hello, host, 8808, 1)


def test_stop_closes_the_port_and_idle_connections(server: Server) -> None:
    """Connections kept alive do not hold the stop up; afterwards nobody listens."""
    server.start(hello, "127.0.0.1", 0, 2)
    with requests.Session() as session:
        session.get(f"http://127.0.0.1:{server.port}", timeout=10)
        with socket.create_connection(("127.0.0.1", server.port)) as half:
            half.sendall(b"GET / HTTP/1.1\r\nHost: x\r\n")
            server.stop(10)
            assert cut_off(half)
    assert refused(server.port)
    assert not [t for t in threading.enumerate() if t.name in ("web", "waitress-0")]


def test_stop_finishes_the_answer_under_way(server: Server) -> None:
    """An answer that a worker is at when stop comes arrives whole, however long its body is."""
    began, go_on = threading.Event(), threading.Event()
    body = b"x" * 3_000_000

    def slow(environ: Environ, start_response: Callable[..., Any]) -> Iterable[bytes]:
        began.set()
        assert go_on.wait(10)
        start_response("200 OK", [("Content-Length", str(len(body)))])
        return [body]

    server.start(slow, "127.0.0.1", 0, 1)
    got: list[bytes] = []
    url = f"http://127.0.0.1:{server.port}"
    client = threading.Thread(target=lambda: got.append(requests.get(url, timeout=20).content))
    client.start()
    assert began.wait(10)
    stopper = threading.Thread(target=server.stop, args=(10,))
    stopper.start()
    deadline = time.monotonic() + 8
    while not (closed := refused(server.port)) and time.monotonic() < deadline:
        time.sleep(0.01)
    go_on.set()
    stopper.join(20)
    client.join(20)
    assert closed
    assert got == [body]


def test_stop_does_not_wait_for_a_worker_that_hangs(server: Server) -> None:
    """A request that never ends is cut off when the time is up."""
    began, never = threading.Event(), threading.Event()

    def hang(environ: Environ, start_response: Callable[..., Any]) -> Iterable[bytes]:
        began.set()
        never.wait(60)
        return hello(environ, start_response)

    server.start(hang, "127.0.0.1", 0, 1)
    with socket.create_connection(("127.0.0.1", server.port), timeout=20) as client:
        client.sendall(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n")
        assert began.wait(10)
        server.stop(0.5)
        assert cut_off(client)
        assert refused(server.port)
        never.set()


def test_stop_twice_and_start_again(server: Server) -> None:
    """Stopping what does not run is nothing; a stopped server starts anew."""
    server.stop()
    for _ in range(3):
        server.start(hello, "127.0.0.1", 0, 2)
        assert requests.get(f"http://127.0.0.1:{server.port}", timeout=10).text == "hello"
        server.stop()
        server.stop()


@pytest.mark.parametrize(
    "request_bytes",
    [
        b"\x00\x01\x02\r\n\r\n",
        b"GET / HTTP/9.9\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: x\r\nContent-Length: -1\r\n\r\n",
        b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 999999999\r\n\r\n",
        b"GET / HTTP/1.1\r\n" + b"X: " + b"a" * 100_000 + b"\r\n\r\n",
    ],
    ids=["binary", "version", "negative length", "huge body", "huge header"],
)
def test_rubbish_does_not_hurt(server: Server, request_bytes: bytes) -> None:
    """What is no request, or too big a one, ends that connection only."""
    server.start(hello, "127.0.0.1", 0, 1)
    with socket.create_connection(("127.0.0.1", server.port), timeout=10) as client:
        try:
            client.sendall(request_bytes)
            client.shutdown(socket.SHUT_WR)
            while client.recv(65536):
                pass
        except (BrokenPipeError, ConnectionResetError):
            pass
    assert requests.get(f"http://127.0.0.1:{server.port}", timeout=10).text == "hello"
