"""Messages to systemd, over a real datagram socket."""

from __future__ import annotations

import os
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from monitor.sdnotify import notify, watchdog_interval


@pytest.fixture
def listener(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[tuple[socket.socket, Path]]:
    address = tmp_path / "notify"
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as sock:
        sock.bind(str(address))
        sock.settimeout(5)
        monkeypatch.setenv("NOTIFY_SOCKET", str(address))
        yield sock, address


def test_lines_arrive_as_one_datagram(listener: tuple[socket.socket, Path]) -> None:
    """All states of one call belong together, so they travel in one message."""
    assert notify("READY=1", "STATUS=ready, 3 rules") is True
    assert listener[0].recv(4096) == b"READY=1\nSTATUS=ready, 3 rules"


def test_a_line_break_in_a_status_cannot_add_a_state(
    listener: tuple[socket.socket, Path],
) -> None:
    """Text from outside (a file name) must not be read as a state of its own."""
    assert notify("STATUS=ingesting a\nSTOPPING=1") is True
    assert listener[0].recv(4096) == b"STATUS=ingesting a STOPPING=1"


def test_surrogates_do_not_raise(listener: tuple[socket.socket, Path]) -> None:
    """A name that is not UTF-8 is sent in a form that is."""
    assert notify("STATUS=\udcff") is True
    assert listener[0].recv(4096).decode("utf-8") == "STATUS=\\udcff"


def test_abstract_sockets_are_reached(monkeypatch: pytest.MonkeyPatch) -> None:
    """An address with @ is in the abstract name space (systemd in containers uses it)."""
    name = f"press-monitor-test-{os.getpid()}"
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as sock:
        sock.bind("\0" + name)
        sock.settimeout(5)
        monkeypatch.setenv("NOTIFY_SOCKET", "@" + name)
        assert notify("WATCHDOG=1") is True
        assert sock.recv(4096) == b"WATCHDOG=1"


@pytest.mark.parametrize(
    "address",
    [None, "", "relative", "/nowhere/at/all", "@nobody-listens", "/" + "x" * 300],
)
def test_without_a_listener_nothing_happens(
    address: str | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Outside systemd, or with an address that leads nowhere: False, never an exception."""
    monkeypatch.delenv("NOTIFY_SOCKET", raising=False)
    if address is not None:
        monkeypatch.setenv("NOTIFY_SOCKET", address)
    assert notify("READY=1") is False


def test_a_full_queue_does_not_hold_up_the_caller(listener: tuple[socket.socket, Path]) -> None:
    """Where systemd does not read, the message is given up."""
    answers = {notify("STATUS=" + "x" * 1000)}
    for _ in range(2000):
        if False in answers:
            break
        answers.add(notify("STATUS=" + "x" * 1000))
    assert answers == {True, False}


@pytest.mark.parametrize(
    ("usec", "pid", "seconds"),
    [
        ("30000000", None, 30.0),
        ("1500000", "self", 1.5),
        ("30000000", "1", None),
        (None, None, None),
        ("0", None, None),
        ("-5", None, None),
        ("soon", None, None),
        ("²", None, None),
    ],
)
def test_the_watchdog_interval(
    usec: str | None, pid: str | None, seconds: float | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Seconds from $WATCHDOG_USEC, only where the variables are meant for this process."""
    monkeypatch.delenv("WATCHDOG_USEC", raising=False)
    monkeypatch.delenv("WATCHDOG_PID", raising=False)
    if usec is not None:
        monkeypatch.setenv("WATCHDOG_USEC", usec)
    if pid is not None:
        monkeypatch.setenv("WATCHDOG_PID", str(os.getpid()) if pid == "self" else pid)
    assert watchdog_interval() == seconds
