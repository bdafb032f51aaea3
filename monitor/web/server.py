"""The web server: waitress in a thread of its own, stopped at once and without cutting answers."""

from __future__ import annotations

import errno
import logging
import socket
import threading
import time
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from waitress import create_server, wasyncore
from waitress.channel import HTTPChannel
from waitress.server import BaseWSGIServer
from waitress.task import ThreadedTaskDispatcher

from monitor import log
from monitor.errors import MonitorError

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication

_log = log.get(__name__)
# A request that waits for a free thread is nothing to warn of.
logging.getLogger("waitress.queue").setLevel(logging.ERROR)

_BACKLOG = 128
_LIMITS = {
    "channel_timeout": 30,  # seconds an idle connection is kept
    "cleanup_interval": 10,
    "connection_limit": 200,
    "max_request_header_size": 32 * 1024,
    "max_request_body_size": 64 * 1024,
    "ident": None,
}


class Server:
    """Serves one WSGI application. ``start`` once, ``stop`` from any thread."""

    def __init__(self) -> None:
        self._map: dict[int, Any] = {}  # of waitress: file descriptor to listener or channel
        self._listeners: list[Any] = []
        self._dispatcher: Any = None
        self._thread: threading.Thread | None = None
        self._closing = False
        self._closing_by = 0.0
        self.port = 0
        """The port that is listened on, also where 0 was asked for."""

    def start(self, app: WSGIApplication, host: str, port: int, threads: int) -> None:
        """Listen, and serve in a thread; when this returns, connections are accepted.

        Raises MonitorError where the address cannot be listened on.
        """
        if self._thread is not None:
            raise RuntimeError("the server runs already")
        sockets = listen(host, port)
        self.port = sockets[0].getsockname()[1]
        self._dispatcher = ThreadedTaskDispatcher()
        self._dispatcher.set_thread_count(threads)
        create_server(
            app,
            map=self._map,
            _dispatcher=self._dispatcher,
            sockets=sockets,
            threads=threads,
            **_LIMITS,
        )
        self._listeners = [one for one in self._map.values() if isinstance(one, BaseWSGIServer)]
        self._closing = False
        self._thread = threading.Thread(target=self._run, name="web", daemon=True)
        self._thread.start()

    def stop(self, timeout: float = 2.0) -> None:
        """Stop accepting, finish the answers under way, close; within ``timeout`` seconds.

        What is not finished by then is cut off; another call waits for workers that still hang.
        Does nothing if the server does not run.
        """
        thread = self._thread
        if thread is None:
            return
        deadline = time.monotonic() + timeout
        # waitress may be touched by its own thread only; a trigger's callbacks run there
        trigger = self._listeners[0].trigger
        trigger.pull_trigger(self._close_listeners)
        self._dispatcher.shutdown(timeout=timeout * 0.6)
        self._closing_by = deadline - timeout * 0.2
        trigger.pull_trigger(self._close_channels)
        thread.join(max(deadline - time.monotonic(), 0))
        if thread.is_alive() or self._dispatcher.threads:
            # what still runs will pull the triggers: leave them open
            _log.warning("web.stop_timed_out", timeout=timeout)
            return
        for listener in self._listeners:
            listener.trigger.close()
        self._thread = None

    # ------------------------------------------------------------------ in the server's thread

    def _run(self) -> None:
        try:
            while not self._closing or (self._channels() and time.monotonic() < self._closing_by):
                timeout = 0.05 if self._closing else 30.0
                wasyncore.loop(timeout=timeout, use_poll=True, map=self._map, count=1)
        finally:
            self._close_listeners()
            for channel in self._channels():
                channel.handle_close()

    def _channels(self) -> list[Any]:
        return [one for one in self._map.values() if isinstance(one, HTTPChannel)]

    def _close_listeners(self) -> None:
        """No new connections; idle ones go. The triggers stay: workers still need them."""
        for listener in self._listeners:
            wasyncore.dispatcher.close(listener)
        for channel in self._channels():
            if not channel.requests and not channel.total_outbufs_len:
                channel.handle_close()

    def _close_channels(self) -> None:
        """Close each connection once what is in its buffer is sent."""
        for channel in self._channels():
            channel.close_when_flushed = True
        self._closing = True


def listen(host: str, port: int) -> list[socket.socket]:
    """Sockets listening on every address of ``host``, all on one port (any free one for 0).

    Raises MonitorError.
    """
    sockets: list[socket.socket] = []
    try:
        for family, address in _addresses(host, port):
            wanted = sockets[0].getsockname()[1] if sockets else port
            try:
                sockets.append(
                    socket.create_server((address, wanted), family=family, backlog=_BACKLOG)
                )
            except OSError as error:
                # localhost may have an IPv6 address where the machine has no IPv6
                if error.errno not in (errno.EADDRNOTAVAIL, errno.EAFNOSUPPORT):
                    raise
                failure = error
        if not sockets:
            raise failure
    except OSError as error:
        for one in sockets:
            one.close()
        reason = error.strerror or str(error)
        raise MonitorError(f"cannot listen on {host}:{port}: {reason}") from error
    return sockets


def _addresses(host: str, port: int) -> Iterable[tuple[int, str]]:
    """``(family, address)``, each once. Raises OSError for a name that has none."""
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
    return dict.fromkeys((family, str(address[0])) for family, _, _, _, address in found)
