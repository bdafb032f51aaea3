"""The ways out: console, webhook, command, Slack, email and Apprise, one module each.

Each is imported where a receiver has one: the libraries of HTTP and of mail take their time.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, TextIO

from monitor.channels.templates import Entry, Words
from monitor.config import (
    AppriseSettings,
    CommandSettings,
    ConsoleSettings,
    EmailSettings,
    ReceiverSettings,
    SlackSettings,
    WebhookSettings,
)
from monitor.config.yaml import Finding
from monitor.errors import ConfigError
from monitor.model import Destination
from monitor.ports import Channel

__all__ = ["Channel", "EntryError", "build_channels"]


def build_channels(
    receivers: Sequence[ReceiverSettings],
    *,
    out: TextIO | None = None,
    feeds: Collection[str] = (),
    words: Mapping[Entry, Words] = MappingProxyType({}),
) -> dict[str, Channel]:
    """Every destination of the receivers by name: ``receiver/channel/index[/recipient]``.

    ``out`` is where the console channel writes (none: standard output), ``feeds`` are the names of
    the rules that have a feed to link to, ``words`` are the compiled templates. Opens no
    connection. Raises EntryError for what only shows here: a certificate file that cannot be read,
    say.
    """
    around = _Around(sys.stdout if out is None else out, feeds)
    channels: dict[str, Channel] = {}
    mistakes: list[Finding] = []
    for number, receiver in enumerate(receivers):
        for kind, build in _BUILDERS.items():
            for index, settings in enumerate(getattr(receiver, f"{kind}_configs")):
                place = _Place(receiver.name, kind, index, words.get((receiver.name, kind, index)))
                try:
                    for channel in build(settings, place, around):
                        channels[channel.destination.name] = channel
                except ConfigError as error:
                    path = ("receivers", number, f"{kind}_configs", index)
                    mistakes.append((path, str(error), None))
    if mistakes:
        raise EntryError(mistakes)
    return channels


class EntryError(ConfigError):
    """Channels' entries that are of no use: ``findings`` says where, within the settings."""

    def __init__(self, findings: Sequence[Finding]) -> None:
        super().__init__("\n".join(said for _, said, _ in findings))
        self.findings = findings


@dataclass(frozen=True, slots=True)
class _Around:
    """What channels need that is not in their settings."""

    out: TextIO
    feeds: Collection[str]


@dataclass(frozen=True, slots=True)
class _Place:
    """Where an entry stands, and its templates, if it has any."""

    receiver: str
    channel: str
    index: int
    words: Words | None

    def destination(self, *rest: str) -> Destination:
        name = "/".join([self.receiver, self.channel, str(self.index), *rest])
        return Destination(name=name, receiver=self.receiver, channel=self.channel)


def _console(settings: ConsoleSettings, place: _Place, around: _Around) -> Iterator[Channel]:
    from monitor.channels.console import ConsoleChannel

    yield ConsoleChannel(place.destination(), settings, around.out, place.words)


def _webhook(settings: WebhookSettings, place: _Place, around: _Around) -> Iterator[Channel]:
    from monitor.channels.webhook import WebhookChannel

    yield WebhookChannel(place.destination(), settings)


def _command(settings: CommandSettings, place: _Place, around: _Around) -> Iterator[Channel]:
    from monitor.channels.command import CommandChannel

    yield CommandChannel(place.destination(), settings)


def _slack(settings: SlackSettings, place: _Place, around: _Around) -> Iterator[Channel]:
    from monitor.channels.slack import SlackChannel

    yield SlackChannel(place.destination(), settings, around.feeds, place.words)


def _email(settings: EmailSettings, place: _Place, around: _Around) -> Iterator[Channel]:
    from monitor.channels.email import EmailChannel, mail_server

    server = mail_server(settings, place.destination().name)
    for recipient in settings.to:
        yield EmailChannel(place.destination(recipient), settings, recipient, server, place.words)


def _apprise(settings: AppriseSettings, place: _Place, around: _Around) -> Iterator[Channel]:
    from monitor.channels.apprise import AppriseChannel

    yield AppriseChannel(place.destination(), settings, place.words)


_BUILDERS: dict[str, Callable[[Any, _Place, _Around], Iterator[Channel]]] = {
    "console": _console,
    "webhook": _webhook,
    "command": _command,
    "slack": _slack,
    "email": _email,
    "apprise": _apprise,
}
