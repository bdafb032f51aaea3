"""The table of channels for ``test_contract``: how each is built, how its other side misbehaves,
what it must never show, and which cases it lacks for what reason.

A new channel is a class here and a line in ``WAYS``.
"""

from __future__ import annotations

import socket
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from ssl import SSLContext
from types import SimpleNamespace
from typing import Any, ClassVar, Protocol

from monitor.channels import build_channels
from monitor.config import ReceiverSettings
from monitor.ports import Channel

CASES = {
    "network": "nobody listens, the connection breaks off, nonsense comes",
    "tls": "a certificate that nobody knows, no TLS where it is expected",
    "drip": "a byte now and then, for ever",
    "flood": "an answer without end",
    "status": "3xx, 4xx, 408, 425, 429, 410, 5xx",
    "retry-after": "the other side says when to come again",
    "proxy": "proxies of the environment",
    "key": "the other side is told the key, so that it can tell a repetition",
}
"""What a channel may lack, for a reason."""


class Peer(Protocol):
    """The other side: ``seen`` has what it was given, one item for each attempt."""

    seen: list[Any]
    port: int


@dataclass(frozen=True)
class Stage:
    """What a test gives to set up the other side: the fixtures of ``conftest``."""

    talk: SimpleNamespace
    serve: Callable[..., Peer]
    closed_port: int
    server_context: SSLContext
    folder: Path


class Way:
    """A channel kind. ``refusal`` is what an error quotes of the other side that ``refuses``."""

    name: ClassVar[str]
    kind: ClassVar[str]  # of `<kind>_configs`
    secrets: ClassVar[Sequence[str]] = ()
    refusal: ClassVar[str] = "400 Bad Request: no"
    where: ClassVar[str] = "127.0.0.1"  # what every error names
    lacks: ClassVar[Mapping[str, str]] = {}

    def peer(self, stage: Stage, behaviour: str, *, tls: bool = False) -> Peer:
        """Start the other side, which ``accepts``, ``drips``, ``is silent``, ``hangs up``, ``is
        busy``, ``refuses``, ``floods``, ``is busy, then accepts`` or ``talks nonsense``."""
        raise NotImplementedError

    def entry(self, port: int, timeout: float, tls: bool) -> dict[str, Any]:
        """The channel's settings; ``timeout`` in seconds."""
        raise NotImplementedError

    def identity(self, seen: Any) -> Any:
        """What of one attempt must be the same on the next."""
        raise NotImplementedError

    def channel(self, port: int, *, timeout: float = 10, tls: bool = False) -> Channel:
        entry = self.entry(port, timeout, tls)
        receiver = ReceiverSettings.model_validate(
            {"name": "desk", f"{self.kind}_configs": [entry]}
        )
        (channel,) = build_channels([receiver]).values()
        return channel


def until_gone(connection: Any) -> None:
    connection.recv(1)


def hang_up(connection: Any) -> None:
    connection.shutdown(socket.SHUT_RDWR)


class OverHttp(Way):
    """What all channels that post to an HTTP server have in common. ``ok`` is the answer that
    means success; ``echo`` one that repeats our secrets."""

    ok: ClassVar[bytes]
    echo: ClassVar[bytes]

    def peer(self, stage: Stage, behaviour: str, *, tls: bool = False) -> Peer:
        handler = stage.talk.http(*self._replies(stage.talk)[behaviour])
        return stage.serve(handler, stage.server_context if tls else None)

    def _replies(self, talk: SimpleNamespace) -> Mapping[str, tuple[Any, ...]]:
        def drip_head(connection: Any) -> None:
            connection.sendall(b"HTTP/1.1 200 OK\r\nX-Slow: ")
            talk.drip(connection)

        def flood_body(connection: Any) -> None:
            connection.sendall(b"HTTP/1.1 503 Busy\r\nContent-Type: text/plain\r\n\r\n")
            talk.flood(connection, b"%s " % self.secrets[0].encode() * 6_000)

        plain = {"Content_Type": "text/plain"}
        return {
            "accepts": (self.accepts(talk),),
            "drips": (drip_head,),
            "is silent": (until_gone,),
            "hangs up": (hang_up,),
            "is busy": (talk.answer("503 Busy", self.echo, **plain),),
            "refuses": (talk.answer("400 Bad Request", self.echo, **plain),),
            "floods": (flood_body,),
            "is busy, then accepts": (talk.answer("503 Busy"), self.accepts(talk)),
            "talks nonsense": (b"\x00\xff nonsense\r\n\r\n",),
        }

    def accepts(self, talk: SimpleNamespace) -> bytes:
        answer: bytes = talk.answer("200 OK", self.ok)
        return answer


class Webhook(OverHttp):
    name = kind = "webhook"
    secrets = ("T0PSECRET", "t0ken-in-query", "h3ader-secret", "c2VjcmV0LXNlY3JldA==")
    ok = b"fine"
    echo = b"no /hook/T0PSECRET?key=t0ken-in-query by h3ader-secret"

    def entry(self, port: int, timeout: float, tls: bool) -> dict[str, Any]:
        return {
            "url": f"http{'s' * tls}://127.0.0.1:{port}/hook/T0PSECRET?key=t0ken-in-query",
            "secret": "whsec_c2VjcmV0LXNlY3JldA==",
            "headers": {"Authorization": "Bearer h3ader-secret"},
            "timeout": f"{timeout}s",
        }

    def identity(self, seen: Any) -> Any:
        return seen[0]["webhook-id"], seen[1]


class SlackAddress(OverHttp):
    """An incoming webhook."""

    name = "slack-address"
    kind = "slack"
    secrets = ("T0PSECRET",)
    ok = b"ok"
    echo = b"no /services/T1/B1/T0PSECRET"
    lacks: ClassVar[Mapping[str, str]] = {
        "key": "Slack has no field for it; the document is the same"
    }

    def entry(self, port: int, timeout: float, tls: bool) -> dict[str, Any]:
        return {
            "webhook_url": f"http{'s' * tls}://127.0.0.1:{port}/services/T1/B1/T0PSECRET",
            "timeout": f"{timeout}s",
        }

    def identity(self, seen: Any) -> Any:
        return seen[1]


class SlackBot(OverHttp):
    """A bot with a token."""

    name = "slack-bot"
    kind = "slack"
    secrets = ("xoxb-1-2-t0ken",)
    ok = b'{"ok":true,"channel":"C0123456789","ts":"1700000000.000100"}'
    echo = b"no token xoxb-1-2-t0ken"

    def entry(self, port: int, timeout: float, tls: bool) -> dict[str, Any]:
        return {
            "token": "xoxb-1-2-t0ken",
            "channel": "#news",
            "api_url": f"http{'s' * tls}://127.0.0.1:{port}/api",
            "timeout": f"{timeout}s",
        }

    def identity(self, seen: Any) -> Any:
        return seen[1].decode()


class Email(Way):
    name = kind = "email"
    secrets = ("pa55word",)
    refusal = "550 no such mailbox"
    lacks: ClassVar[Mapping[str, str]] = {
        "status": "SMTP has replies of its own: see test_email_server",
        "retry-after": "SMTP has nothing of the kind",
        "proxy": "no environment variable names a proxy for SMTP",
    }

    def peer(self, stage: Stage, behaviour: str, *, tls: bool = False) -> Peer:
        def flood(connection: Any) -> None:
            stage.talk.flood(connection, b"220-T0PSECRET pa55word\r\n" * 3_000)

        steps: dict[str, dict[str, Any]] = {
            "accepts": {},
            "drips": {"GREET": stage.talk.drip},
            "is silent": {"END": until_gone},
            "hangs up": {"END": hang_up},
            "is busy": {"RCPT": b"451 try later pa55word\r\n"},
            "refuses": {"RCPT": b"550 no such mailbox pa55word\r\n"},
            "floods": {"GREET": flood},
            "is busy, then accepts": {"END": [b"451 later\r\n", b"250 taken\r\n"]},
            "talks nonsense": {"GREET": b"\x00\xff nonsense\r\n"},
        }
        handler = stage.talk.smtp(**steps[behaviour])
        return stage.serve(handler, stage.server_context if tls else None)

    def entry(self, port: int, timeout: float, tls: bool) -> dict[str, Any]:
        return {
            "to": "ann@example.org",
            "from": "monitor@example.org",
            "host": "127.0.0.1",
            "port": port,
            "security": "tls" if tls else "none",
            "username": "monitor",
            "password": "pa55word",
            "timeout": f"{timeout}s",
        }

    def identity(self, seen: Any) -> Any:
        return seen


class Script:
    """The other side of a command: notes ``(key, document)`` of each run in files."""

    def __init__(self, folder: Path, port: int, behaviour: str) -> None:
        self.port = port
        self.file = folder / f"script-{port}"
        self._folder = folder / f"seen-{port}"
        self._folder.mkdir()
        busy = 'echo "later T0PSECRET" >&2; exit 75'
        ends = {
            "accepts": "exit 0",
            "drips": "while :; do printf x >&2; sleep 0.05; done",
            "is silent": "exec sleep 60",
            "is busy": busy,
            "refuses": 'echo "no such queue T0PSECRET pa55word" >&2; exit 65',
            "is busy, then accepts": f"[ $n -gt 1 ] || {{ {busy}; }}",
        }
        self.file.write_text(
            f"""#!/bin/sh
            n=$(($(ls {self._folder} | wc -l) + 1))
            {{ echo $MONITOR_KEY; cat; }} > {self._folder}/$n
            {ends[behaviour]}
            """
        )
        self.file.chmod(0o700)

    @property
    def seen(self) -> list[Any]:
        return [tuple(file.read_text().split("\n", 1)) for file in sorted(self._folder.iterdir())]


class Command(Way):
    name = kind = "command"
    secrets = ("T0PSECRET", "pa55word")
    refusal = "exit status 65: no such queue"
    where = "script"
    lacks: ClassVar[Mapping[str, str]] = {
        "network": "a program runs here, or it does not: see test_command",
        "tls": "a program runs here",
        "flood": "what a program says too much is not kept: see test_command",
        "status": "a program has an exit status: see test_command",
        "retry-after": "an exit status says nothing of the kind",
        "proxy": "the program gets no variable that names one",
    }

    def __init__(self) -> None:
        self._scripts: dict[int, Script] = {}

    def peer(self, stage: Stage, behaviour: str, *, tls: bool = False) -> Peer:
        script = Script(stage.folder, len(self._scripts), behaviour)
        self._scripts[script.port] = script
        return script

    def entry(self, port: int, timeout: float, tls: bool) -> dict[str, Any]:
        return {
            "command": [str(self._scripts[port].file), "--token=T0PSECRET"],
            "env": {"PASSWORD": "pa55word"},
            "timeout": f"{timeout}s",
        }

    def identity(self, seen: Any) -> Any:
        return seen


class Apprise(OverHttp):
    """As the service that has the least of its own: JSON by POST."""

    name = kind = "apprise"
    secrets = ("T0PSECRET", "pa55word")
    refusal = "error=400"
    where = "apprise json"
    ok = b"fine"
    echo = b"no /hook/T0PSECRET"
    lacks: ClassVar[Mapping[str, str]] = {
        "network": "each run takes half a second: see test_apprise, all in one process",
        "tls": "for the same reason in test_apprise",
        "flood": "Apprise reads whole answers; its memory is limited",
        "status": "of an answer Apprise tells the status only: see test_apprise",
        "retry-after": "Apprise does not tell it",
        "key": "Apprise has no field for it",
    }

    def entry(self, port: int, timeout: float, tls: bool) -> dict[str, Any]:
        return {
            "url": f"json{'s' * tls}://monitor:pa55word@127.0.0.1:{port}/hook/T0PSECRET",
            "timeout": f"{timeout}s",
        }

    def identity(self, seen: Any) -> Any:
        return seen[1]


WAYS: tuple[Way, ...] = (Webhook(), SlackAddress(), SlackBot(), Email(), Command(), Apprise())
"""The console is not among them: it writes to a stream, and nobody answers."""
