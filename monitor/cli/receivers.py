"""``receivers``: whom alerts can go to, and whether they arrive there."""

from __future__ import annotations

import sys
import time
import uuid
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import click

from monitor.channels import build_channels
from monitor.channels.templates import words_of
from monitor.cli.load import load
from monitor.cli.options import Invocation, common
from monitor.cli.output import Column, print_json, print_table
from monitor.cli.template import receiver_named
from monitor.config import ReceiverSettings, Settings
from monitor.errors import DeliveryError, MonitorError
from monitor.model import DeliveryKind, Message, utcnow
from monitor.ports import Channel


@click.group()
@common
def receivers() -> None:
    """Whom alerts can go to; try whether they arrive."""


# --------------------------------------------------------------------------- list


@receivers.command("list")
@common
@click.pass_obj
def list_(invocation: Invocation) -> None:
    """Every receiver with its destinations and where they are, without secrets."""
    rows = [row for receiver in load(invocation).receivers for row in _destinations(receiver)]
    if invocation.as_json:
        print_json(rows)
        return
    print_table(
        [Column("receiver"), Column("destination", wrap=20), Column("where", wrap=20)],
        ((row["receiver"], row["destination"], row["where"]) for row in rows),
        "there are no receivers: alerts go nowhere",
    )


def _destinations(receiver: ReceiverSettings) -> Iterator[dict[str, str]]:
    for name, settings in receiver:
        channel, configs, _ = name.partition("_configs")
        for index, entry in enumerate(settings if configs else ()):
            for rest, where in _WHERE.get(channel, _nowhere)(entry):
                destination = "/".join(filter(None, [receiver.name, channel, str(index), rest]))
                yield {
                    "receiver": receiver.name,
                    "destination": destination,
                    "channel": channel,
                    "where": where,
                }


_Where = Iterator[tuple[str, str]]
"""What a destination's name ends with, and where it is."""


def _nowhere(entry: Any) -> _Where:
    yield "", ""


def _console(entry: Any) -> _Where:
    yield "", "standard output"


def _webhook(entry: Any) -> _Where:
    from monitor.channels.http import origin

    yield "", origin(entry.url)


def _slack(entry: Any) -> _Where:
    from monitor.channels.http import origin

    if entry.token is not None:
        yield "", f"{entry.channel} as a bot"
    else:
        yield "", origin(entry.webhook_url.get_secret_value())


def _email(entry: Any) -> _Where:
    folder = entry.maildir or entry.eml
    for recipient in entry.to:
        yield recipient, f"{entry.host}:{entry.port}" if folder is None else str(folder)


def _command(entry: Any) -> _Where:
    yield "", entry.command[0]


def _apprise(entry: Any) -> _Where:
    yield "", entry.url.get_secret_value().partition("://")[0]


_WHERE: Mapping[str, Callable[[Any], _Where]] = {
    "console": _console,
    "webhook": _webhook,
    "slack": _slack,
    "email": _email,
    "command": _command,
    "apprise": _apprise,
}


# --------------------------------------------------------------------------- test


@receivers.command("test")
@click.argument("name")
@click.option("--channel", metavar="CHANNEL", help="Only by this channel (slack, email, ...).")
@common
@click.pass_obj
def test(invocation: Invocation, name: str, channel: str | None) -> None:
    """Send a message that says TEST to every destination of a receiver, now.

    Neither routes nor the outbox have a part in it: nothing is stored and nothing is tried again.
    Exit status 1 where a destination did not take it.
    """
    settings = load(invocation)
    receiver = receiver_named(settings, name)
    out = sys.stderr if invocation.as_json else sys.stdout  # where the console channel writes
    channels = [
        one
        for one in build_channels([receiver], out=out, words=words_of(settings)).values()
        if channel in (None, one.destination.channel)
    ]
    if not channels:
        which = f"{name} has no channel {channel}" if channel else f"{name} has no channel"
        raise click.UsageError(which)
    message = _trial(settings, name)
    outcomes = [_tried(invocation, one, message) for one in channels]
    if failed := outcomes.count(False):
        raise MonitorError(f"{failed} of {len(outcomes)} destinations did not take it")


def _trial(settings: Settings, receiver: str) -> Message:
    from monitor.alerts.sample import trial_alert

    now = utcnow()
    return Message(
        receiver=receiver,
        alerts=(trial_alert(receiver, settings.base_url, now),),
        total=1,
        created=now,
        base_url=settings.base_url,
        kind=DeliveryKind.TEST,
    )


def _tried(invocation: Invocation, channel: Channel, message: Message) -> bool:
    """Send and say what came of it; whether it was taken."""
    name = channel.destination.name
    started = time.perf_counter()
    error = None
    detail = ""
    try:
        detail = channel.send(message, key=f"test_{uuid.uuid4().hex}").detail
    except DeliveryError as caught:
        error = caught
    finally:
        channel.close()
    seconds = time.perf_counter() - started
    if invocation.as_json:
        row = {
            "destination": name,
            "ok": error is None,
            "seconds": round(seconds, 3),
            "detail": detail,
            "error": str(error) if error else None,
            "permanent": error.permanent if error else None,
        }
        print_json([row])
    elif error is None:
        click.echo(f"{name}: ok{f' ({detail})' if detail else ''}, {seconds:.2f} s")
    else:
        click.echo(f"{name}: {click.style('failed', fg='red')}, {seconds:.2f} s: {error}")
    return error is None
