"""One HTTP client: a connection that is kept, and the addresses it may connect to."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable
from typing import Any

import pytest

from monitor.channels.addresses import Guard
from monitor.channels.http import Client
from monitor.errors import DeliveryError

OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"


def keeping(*replies: bytes | Callable[[socket.socket], None], after: int = 10**6) -> Any:
    """Takes request after request from a connection, and closes it ``after`` so many.

    ``seen`` gets ``(connection, head, body)``; the n-th request of all gets the n-th reply.
    """
    lock = threading.Lock()
    connections = iter(range(10**6))

    def handle(connection: socket.socket, seen: list[Any]) -> None:
        with lock:
            number = next(connections)
        with connection.makefile("rb") as file:
            for _ in range(after):
                head = b""
                while not head.endswith(b"\r\n\r\n"):
                    line = file.readline()
                    if not line:
                        return
                    head += line
                length = int(head.lower().split(b"content-length: ")[1].split(b"\r\n")[0])
                body = file.read(length)
                with lock:
                    seen.append((number, head, body))
                    reply = replies[min(len(seen), len(replies)) - 1]
                if callable(reply):
                    reply(connection)
                else:
                    connection.sendall(reply)

    return handle


@pytest.fixture
def client():
    with Client() as client:
        yield client


def send(client: Client, server: Any, body: bytes = b"x", timeout: float = 10) -> bytes:
    return client.post(f"http://127.0.0.1:{server.port}/p", body, {}, timeout=timeout).body


def used(server: Any) -> list[int]:
    return [number for number, *_ in server.seen]


def test_a_connection_is_kept(client, serve):
    """Message after message over the same one; after ``close`` over another."""
    server = serve(keeping(OK))
    for _ in range(3):
        assert send(client, server) == b"ok"
    client.close()
    assert send(client, server) == b"ok"
    assert used(server) == [0, 0, 0, 1]


def test_a_connection_over_tls_is_kept(serve, server_context, ca_file, monkeypatch):
    """So is one whose server was verified, by its name."""
    monkeypatch.setenv("SSL_CERT_FILE", ca_file)
    server = serve(keeping(OK), server_context)
    with Client() as client:
        for _ in range(3):
            url = f"https://localhost:{server.port}/"
            assert client.post(url, b"x", {}, timeout=10).body == b"ok"
    assert used(server) == [0, 0, 0]


def test_another_name_is_another_server(serve, server_context, ca_file, monkeypatch):
    """Its certificate does not do for the address of the same machine."""
    monkeypatch.setenv("SSL_CERT_FILE", ca_file)
    server = serve(keeping(OK), server_context)
    with Client() as client:
        client.post(f"https://localhost:{server.port}/", b"x", {}, timeout=10)
        with pytest.raises(DeliveryError, match="its certificate was refused"):
            client.post(f"https://127.1:{server.port}/", b"x", {}, timeout=10)
    assert len(server.seen) == 1


@pytest.mark.parametrize(
    "answer",
    [
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n0\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n",
        b"HTTP/1.1 204 No Content\r\n\r\n",
        b"HTTP/1.1 100 Continue\r\n\r\n" + OK,
    ],
)
def test_whole_answers_leave_the_connection_good(answer, client, serve):
    """However their end is marked."""
    server = serve(keeping(answer))
    send(client, server)
    send(client, server)
    assert used(server) == [0, 0]


@pytest.mark.parametrize(
    "answer",
    [
        b"HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 2\r\n\r\nok",
        b"HTTP/1.0 200 OK\r\nContent-Length: 2\r\n\r\nok",
        b"HTTP/1.1 200 OK\r\nContent-Length: 99999\r\n\r\n" + b"x" * 99_999,  # not read to its end
        OK + b"HTTP/1.1 200 OK\r\n",  # the beginning of an answer that nobody asked for
        OK + b"x" * 20_000,
    ],
)
def test_after_other_answers_there_is_a_new_one(answer, client, serve):
    """What is left of one answer must never be taken for the next."""
    server = serve(keeping(answer, OK))
    send(client, server)
    assert send(client, server) == b"ok"
    assert used(server) == [0, 1]


def test_words_that_nobody_asked_for_are_no_answer(client, serve):
    """A server that talks on its own: what it says between two messages delivers neither."""
    server = serve(keeping(OK, lambda connection: connection.sendall(OK + OK), OK))
    for _ in range(3):
        assert send(client, server) == b"ok"
    assert len(server.seen) == 3


def test_a_connection_closed_while_idle_is_replaced(client, serve):
    """The message goes out over another, once, and nobody notices."""
    server = serve(keeping(OK, after=1))
    for _ in range(3):
        assert send(client, server) == b"ok"
    assert used(server) == [0, 1, 2]


def test_a_connection_closed_at_the_wrong_moment_is_replaced(client, serve):
    """It looked good: the server takes the message and hangs up without a word. The same message
    goes out once more; it has the same key."""

    def hang_up(connection: socket.socket) -> None:
        connection.shutdown(socket.SHUT_RDWR)

    server = serve(keeping(OK, hang_up, OK))
    send(client, server, b"first")
    assert send(client, server, b"second") == b"ok"
    assert [body for _, _, body in server.seen] == [b"first", b"second", b"second"]
    assert used(server) == [0, 0, 1]


def test_but_only_once(client, serve):
    """Over a new connection that is a failure like others."""

    def hang_up(connection: socket.socket) -> None:
        connection.shutdown(socket.SHUT_RDWR)

    server = serve(keeping(OK, hang_up))
    send(client, server)
    with pytest.raises(DeliveryError, match="broke off"):
        send(client, server)
    assert used(server) == [0, 0, 1]


def test_and_not_when_some_of_an_answer_came(client, serve):
    """Then the other side has it: to send it again is for the outbox to decide."""

    def half(connection: socket.socket) -> None:
        connection.sendall(b"HTTP/1.1 2")
        connection.shutdown(socket.SHUT_RDWR)

    server = serve(keeping(OK, half, OK))
    send(client, server)
    with pytest.raises(DeliveryError):
        send(client, server)
    assert used(server) == [0, 0]


def test_nor_when_time_is_up(client, serve):
    """A server that says nothing has the message, perhaps."""
    server = serve(keeping(OK, lambda connection: connection.recv(1), OK))
    send(client, server)
    with pytest.raises(DeliveryError, match=r"within 0\.3 s"):
        send(client, server, timeout=0.3)
    assert used(server) == [0, 0]
    assert send(client, server) == b"ok"


def test_a_verdict_before_the_end_of_the_message(client, serve):
    """A server that refuses a long message while it is still coming is heard."""

    def refuse(connection: socket.socket, seen: list[Any]) -> None:
        connection.recv(100)
        connection.sendall(b"HTTP/1.1 413 Too Long\r\nContent-Length: 0\r\n\r\n")
        connection.shutdown(socket.SHUT_WR)
        while connection.recv(65536):
            pass

    with pytest.raises(DeliveryError, match="answered 413 Too Long") as caught:
        send(client, serve(refuse), b"x" * 5_000_000)
    assert caught.value.permanent


def test_a_chunk_without_end_is_not_read_into_memory(client, serve):
    """A length of -1 means "all there is" to http.client; what comes is cut off all the same."""

    def flood(connection: socket.socket) -> None:
        connection.sendall(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n-1\r\n")
        while True:
            connection.sendall(b"x" * 65_536)

    assert len(send(client, serve(keeping(flood)), timeout=60)) <= 64 * 1024


def test_an_early_hint_is_no_refusal(client, serve):
    """Nothing final was said: the message is tried again."""
    with pytest.raises(DeliveryError, match="answered 103") as caught:
        send(client, serve(keeping(b"HTTP/1.1 103 Early Hints\r\n\r\n")))
    assert not caught.value.permanent


@pytest.mark.parametrize("header", [{"A": "b\r\nX: y"}, {"A\r\nX": "b"}, {"A": b"\0"}])
def test_a_header_cannot_end_its_line(header, client, serve):
    """Nothing is sent."""
    server = serve(keeping(OK))
    with pytest.raises(DeliveryError):
        client.post(f"http://127.0.0.1:{server.port}/", b"x", header, timeout=10)
    assert server.seen == []


def test_how_long_the_body_is_is_not_for_headers_to_say(client, serve):
    """Or one message could be taken for two."""
    server = serve(keeping(OK))
    headers = {"content-length": "0", "Transfer-Encoding": "chunked", "HOST": "example.org"}
    client.post(f"http://127.0.0.1:{server.port}/", b"12345", headers, timeout=10)
    ((_, head, body),) = server.seen
    assert body == b"12345"
    assert head.lower().count(b"content-length:") == 1
    assert b"chunked" not in head
    assert b"HOST: example.org\r\n" in head


# --------------------------------------------------------------------------- addresses


def guarded(host: str, *allow: str) -> Client:
    return Client(Guard(host, allow))


@pytest.mark.parametrize("host", ["127.1", "0x7f000001", "2130706433", "0", "[::ffff:127.0.0.1]"])
def test_this_machine_in_disguise_is_not_connected_to(host, serve):
    """All of them reach a server here; none of them gets anything."""
    server = serve(keeping(OK))
    url = f"http://{host}:{server.port}/"
    with Client() as unguarded:
        unguarded.post(url, b"x", {}, timeout=10)
    refused = pytest.raises(DeliveryError, match=r"it leads to .*(loopback|unspecified)")
    with guarded(host.strip("[]")) as client, refused as caught:
        client.post(url, b"x", {}, timeout=10)
    assert not caught.value.permanent
    assert len(server.seen) == 1


def test_a_name_that_leads_here_is_refused_unless_allowed(serve):
    """The machine's own name is one; what is allowed is judged by name or by address."""
    name = socket.gethostname()
    try:
        addresses = {str(info[4][0]) for info in socket.getaddrinfo(name, None)}
    except OSError:
        pytest.skip("this machine's name leads nowhere")
    if not all(Guard(name).refusal(address) for address in addresses):
        pytest.skip("this machine's name leads to a public address")
    server = serve(keeping(OK))
    url = f"http://{name}:{server.port}/"
    with guarded(name) as client, pytest.raises(DeliveryError, match="allow_addresses"):
        client.post(url, b"x", {}, timeout=10)
    assert server.seen == []


def test_only_addresses_that_are_good_are_tried(serve):
    """Of several, as localhost has, those that are refused are left out."""
    server = serve(keeping(OK))
    with guarded("elsewhere.example", "127.0.0.0/8") as client:  # not ::1
        url = f"http://localhost:{server.port}/"
        assert client.post(url, b"x", {}, timeout=10).body == b"ok"


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1"])
def test_this_machine_by_its_plain_name_is_connected_to(host, serve):
    """Whoever writes it means it."""
    server = serve(keeping(OK))
    with guarded(host) as client:
        client.post(f"http://{host}:{server.port}/", b"x", {}, timeout=10)
    assert len(server.seen) == 1
