"""``template``: what messages look like, with the defaults or with templates of one's own."""

from __future__ import annotations

from collections.abc import Iterator
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING

import click

from monitor.channels.templates import Entry as Place
from monitor.channels.templates import Words, words_of
from monitor.channels.templates.keys import KEYS, templates_of
from monitor.cli.load import load, opened_store
from monitor.cli.messages import CHANNELS, Shown, show
from monitor.cli.options import Invocation, common
from monitor.cli.output import Column, print_json, print_table
from monitor.config import ReceiverSettings, Settings
from monitor.errors import MonitorError
from monitor.model import Comparison, DeliveryKind, Entry, Message

if TYPE_CHECKING:
    from monitor.channels.templates.template import Template
    from monitor.store import Store

_DEFAULTS = files("monitor.channels.templates") / "defaults"


@click.group()
@common
def template() -> None:
    """What messages look like: render any for a stored article, see the defaults."""


# --------------------------------------------------------------------------- defaults


@template.command("list")
@common
@click.pass_obj
def list_(invocation: Invocation) -> None:
    """Every setting that takes a template: its default's name, its form, and who has set it."""
    users = _users(load(invocation))
    rows = [
        {
            "name": f"{channel}.{key}",
            "form": kind.form.value,
            "of": "an article" if kind.of_one_alert else "the message",
            "set_by": users.get((channel, key), []),
        }
        for channel, keys in KEYS.items()
        for key, kind in keys.items()
    ]
    if invocation.as_json:
        print_json(rows)
        return
    print_table(
        [Column("name"), Column("form"), Column("of"), Column("set by", wrap=20)],
        ((row["name"], row["form"], row["of"], ", ".join(row["set_by"])) for row in rows),
        "",
    )


def _users(settings: Settings) -> dict[tuple[str, str], list[str]]:
    users: dict[tuple[str, str], list[str]] = {}
    for (receiver, channel, index), _, sources in templates_of(settings):
        for key in sources:
            users.setdefault((channel, key), []).append(f"{receiver}/{channel}/{index}")
    return users


@template.command("show")
@click.argument("name", metavar="DEFAULT")
@common
@click.pass_obj
def show_(invocation: Invocation, name: str) -> None:
    """Print a default as a template, to begin with one's own. Names: see template list."""
    file = _DEFAULTS / f"{name}.j2"
    if name not in _names() or not file.is_file():
        raise click.UsageError(f"there is no default {name!r}, only: {', '.join(_names())}")
    text = file.read_text("utf-8")
    if invocation.as_json:
        print_json([{"name": name, "template": text}])
    else:
        click.echo(text, nl=False)


def _names() -> list[str]:
    return [f"{channel}.{key}" for channel, keys in KEYS.items() for key in keys]


# --------------------------------------------------------------------------- rendering


@template.command("render")
@click.argument("article_ids", metavar="ARTICLE-ID...", nargs=-1, required=True)
@click.option("--receiver", metavar="NAME", help="With this receiver's templates.")
@click.option("--channel", type=click.Choice(list(CHANNELS)), help="Only as this channel makes it.")
@click.option(
    "--template",
    "file",
    metavar="FILE",
    type=click.Path(dir_okay=False, path_type=Path),
    help="With the template in this file instead.",
)
@click.option("--key", metavar="SETTING", help="Which setting FILE is for. [default: text]")
@click.option(
    "--kind",
    type=click.Choice([kind.value for kind in DeliveryKind]),
    default=DeliveryKind.ALERTS.value,
    show_default=True,
    help="Why the alerts stand together.",
)
@click.option(
    "--html",
    metavar="FILE",
    type=click.Path(dir_okay=False, writable=True, path_type=Path),
    help="Write the page of a mail into this file.",
)
@common
@click.pass_obj
def render(
    invocation: Invocation,
    article_ids: tuple[str, ...],
    receiver: str | None,
    channel: str | None,
    file: Path | None,
    key: str | None,
    kind: str,
    html: Path | None,
) -> None:
    """Show the message that would tell of stored articles as they are now. Nothing is sent.

    The first six characters of an ARTICLE-ID are enough where they are unique. Without --receiver
    the defaults are shown, without --channel each channel of the receiver (else the console).
    --json prints what goes over the line. Exit status 1 where a template fails.
    """
    settings = load(invocation)
    with opened_store(settings) as store:
        message = _message(store, settings, article_ids, receiver or "receiver", kind)
    failed = False
    for name, way, words in _ways(settings, receiver, channel, file, key):
        _print(invocation, name, show(way, message, words), html)
        failed |= words.failed
    if failed:
        raise MonitorError("a template failed; the default is shown in its place")


def _print(invocation: Invocation, name: str, shown: Shown, html: Path | None) -> None:
    if html is not None:
        if shown.html is None:
            raise click.UsageError(f"--html is for mail; {name} has no page")
        html.write_text(shown.html, "utf-8")
        click.echo(f"wrote {html}", err=True)
    elif invocation.as_json:
        print_json([{"destination": name, "message": shown.document or {"text": shown.text}}])
    else:
        click.secho(f"--- {name}", dim=True, err=True)
        click.echo(shown.text, nl=False)


def _message(
    store: Store, settings: Settings, article_ids: tuple[str, ...], receiver: str, kind: str
) -> Message:
    from monitor.alerts.sample import alert_of  # with the rules' machinery

    priorities = {rule.name: rule.priority for rule in settings.rules}
    entries = [_entry(store, one) for one in article_ids]
    alerts = tuple(
        alert_of(entry, settings.base_url, priorities=priorities, edit=_edit(store, entry))
        for entry in entries
    )
    return Message(
        receiver=receiver,
        alerts=alerts,
        total=len(alerts),
        created=max(entry.updated for entry in entries),
        base_url=settings.base_url,
        kind=DeliveryKind(kind),
    )


def _entry(store: Store, article_id: str) -> Entry:
    entry = store.pages.article(article_id)
    if entry is None:
        raise MonitorError(
            f"there is no article with the id {article_id!r} (six characters of it at least;"
            " monitor articles lists them)"
        )
    return entry


def _edit(store: Store, entry: Entry) -> Comparison | None:
    """What the article's last edit changed, as far as it is kept."""
    match store.pages.chain(entry.id)[-2:]:
        case [before, after]:
            return store.pages.comparison(entry.id, before.content, after.content)
    return None


def _ways(
    settings: Settings,
    receiver: str | None,
    channel: str | None,
    file: Path | None,
    key: str | None,
) -> Iterator[tuple[str, str, Words]]:
    """What to show: the destination's name, its channel, and its words."""
    words = words_of(settings)
    for name, way, entry in _places(settings, receiver, channel):
        mine = words.get(entry) or Words()
        if file is not None:
            mine = Words({key or "text": _of_file(settings, file, way, key or "text")}, name)
        yield name, way, mine


def _places(
    settings: Settings, receiver: str | None, channel: str | None
) -> Iterator[tuple[str, str, Place]]:
    if receiver is None:
        way = channel or "console"
        yield f"default/{way}", way, ("", way, 0)
        return
    chosen = receiver_named(settings, receiver)
    for way in CHANNELS:
        if channel in (None, way):
            for index, _ in enumerate(getattr(chosen, f"{way}_configs")):
                yield f"{receiver}/{way}/{index}", way, (receiver, way, index)


def receiver_named(settings: Settings, name: str) -> ReceiverSettings:
    """The receiver. Raises UsageError where there is none of that name."""
    for receiver in settings.receivers:
        if receiver.name == name:
            return receiver
    names = ", ".join(receiver.name for receiver in settings.receivers) or "none"
    raise click.UsageError(f"there is no receiver {name!r} in the configuration, only: {names}")


def _of_file(settings: Settings, file: Path, channel: str, key: str) -> Template:
    """The template in a file. Raises ConfigError for one that is of no use."""
    from monitor.channels.templates.configured import template_of

    if key not in KEYS.get(channel, {}):
        known = ", ".join(f"{one}.{two}" for one, keys in KEYS.items() for two in keys)
        raise click.UsageError(f"{channel}.{key} takes no template, only: {known}")
    return template_of(settings, file, channel, key)
