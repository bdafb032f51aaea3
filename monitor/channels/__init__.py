"""The ways out: console, webhook, command, Slack, email and Apprise, one module each.

Each is imported where a receiver has one: the libraries of HTTP and of mail take their time.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import TextIO

from monitor.channels.templates import Entry, Words
from monitor.config import ReceiverSettings
from monitor.model import Destination
from monitor.ports import Channel

__all__ = ["Channel", "build_channels"]


@dataclass(frozen=True, slots=True)
class _Around:
    """What channels need that is not in their settings."""

    out: TextIO
    feeds: Collection[str]
    words: Mapping[Entry, Words]

    def words_of(self, receiver: ReceiverSettings, channel: str, index: int) -> Words:
        """The templates of one entry, if it has any."""
        return self.words.get((receiver.name, channel, index)) or Words()


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
    connection. Raises ConfigError for what only shows here: a certificate file that cannot be read,
    say.
    """
    around = _Around(sys.stdout if out is None else out, feeds, words)
    channels = (
        channel
        for receiver in receivers
        for kind, build in _BUILDERS.items()
        if getattr(receiver, f"{kind}_configs")
        for channel in build(receiver, around)
    )
    return {channel.destination.name: channel for channel in channels}


def _destination(receiver: ReceiverSettings, channel: str, *rest: object) -> Destination:
    name = "/".join([receiver.name, channel, *map(str, rest)])
    return Destination(name=name, receiver=receiver.name, channel=channel)


def _console(receiver: ReceiverSettings, around: _Around) -> Iterator[Channel]:
    from monitor.channels.console import ConsoleChannel

    for index, settings in enumerate(receiver.console_configs):
        words = around.words_of(receiver, "console", index)
        place = _destination(receiver, "console", index)
        yield ConsoleChannel(place, settings, around.out, words)


def _webhook(receiver: ReceiverSettings, around: _Around) -> Iterator[Channel]:
    from monitor.channels.webhook import WebhookChannel

    for index, settings in enumerate(receiver.webhook_configs):
        yield WebhookChannel(_destination(receiver, "webhook", index), settings)


def _command(receiver: ReceiverSettings, around: _Around) -> Iterator[Channel]:
    from monitor.channels.command import CommandChannel

    for index, settings in enumerate(receiver.command_configs):
        yield CommandChannel(_destination(receiver, "command", index), settings)


def _slack(receiver: ReceiverSettings, around: _Around) -> Iterator[Channel]:
    from monitor.channels.slack import SlackChannel

    for index, settings in enumerate(receiver.slack_configs):
        words = around.words_of(receiver, "slack", index)
        place = _destination(receiver, "slack", index)
        yield SlackChannel(place, settings, around.feeds, words)


def _email(receiver: ReceiverSettings, around: _Around) -> Iterator[Channel]:
    from monitor.channels.email import EmailChannel, mail_server

    for index, settings in enumerate(receiver.email_configs):
        places = [_destination(receiver, "email", index, one) for one in settings.to]
        server = mail_server(settings, places[0].name)
        words = around.words_of(receiver, "email", index)
        for destination, recipient in zip(places, settings.to, strict=True):
            yield EmailChannel(destination, settings, recipient, server, words)


def _apprise(receiver: ReceiverSettings, around: _Around) -> Iterator[Channel]:
    from monitor.channels.apprise import AppriseChannel

    for index, settings in enumerate(receiver.apprise_configs):
        words = around.words_of(receiver, "apprise", index)
        yield AppriseChannel(_destination(receiver, "apprise", index), settings, words)


_BUILDERS: dict[str, Callable[[ReceiverSettings, _Around], Iterator[Channel]]] = {
    "console": _console,
    "webhook": _webhook,
    "command": _command,
    "slack": _slack,
    "email": _email,
    "apprise": _apprise,
}
