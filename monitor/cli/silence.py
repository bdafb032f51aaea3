"""``silence``: hear nothing of some alerts for a while."""

from __future__ import annotations

import getpass
import os
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

import click

from monitor.alerts.health import watched
from monitor.alerts.silences import (
    SilenceState,
    problem_of,
    silenced_rules,
    silenced_sources,
    state_of,
)
from monitor.alerts.withhold import compiled
from monitor.cli.load import load, load_rules, opened_store
from monitor.cli.options import Invocation, common
from monitor.cli.output import Column, iso, print_json, print_table, short
from monitor.cli.until import coming, later
from monitor.config import RuleSettings, Settings
from monitor.config.checks import doubtful
from monitor.config.matchers import Matcher
from monitor.config.types import parse_duration
from monitor.model import Silence, utcnow

if TYPE_CHECKING:
    from monitor.rules import RuleSet

NAMED = 5
"""Rules that are named in a sentence; more are counted."""


@click.group(invoke_without_command=True)
@common
@click.pass_context
def silence(context: click.Context) -> None:
    """Hear nothing of some alerts for a while; what is silenced is kept, with the reason."""
    if context.invoked_subcommand is None:
        _list(context.obj, every=False)


@silence.command("add")
@click.argument("matchers", nargs=-1, required=True, metavar="MATCHER...")
@click.option("--until", metavar="TIME", help="Its end: a date, or a date and time.")
@click.option("--for", "length", metavar="DURATION", help="How long: 2h, 3d.")
@click.option(
    "--starts", metavar="TIME", help="Its beginning: a date, or in how long (2h); else now."
)
@click.option("--comment", default="", metavar="TEXT", help="Why; shown wherever it is named.")
@common
@click.pass_obj
def add(
    invocation: Invocation,
    matchers: tuple[str, ...],
    until: str | None,
    length: str | None,
    starts: str | None,
    comment: str,
) -> None:
    """Silence alerts whose labels fit all the matchers, written as in routes: rule=water."""
    settings = load(invocation)
    now = utcnow()
    asked = _asked(matchers)
    begin, end = _times(until, length, starts, now)
    rules = load_rules(settings)
    with opened_store(settings, make=True) as store:  # before the first start too
        made = store.silences.add(
            matchers, starts=begin, until=end, comment=comment, creator=login(), now=now
        )
    doubts = list(doubtful(asked, settings, rules.names, rules.labels))
    hit = _hit(asked, settings, rules, now)
    if invocation.as_json:
        print_json([_fields(made, now) | {"silences": hit, "warnings": doubts}])
        return
    click.echo(made.id)
    for doubt in doubts:
        click.echo(f"warning: {doubt}", err=True)
    click.echo(f"until {short(made.until)}; {_said(hit, len(rules))}", err=True)


@silence.command("list")
@click.option("--all", "every", is_flag=True, help="Also those that are over.")
@common
@click.pass_obj
def list_(invocation: Invocation, every: bool) -> None:
    """Silences in force and to come, the first to end first."""
    _list(invocation, every=every)


def _list(invocation: Invocation, *, every: bool) -> None:
    now = utcnow()
    with opened_store(load(invocation)) as store:
        rows = store.silences.silences(now=now, expired=every)
    if invocation.as_json:
        print_json(_fields(one, now) for one in rows)
        return
    print_table(
        [
            Column("id"),
            Column("state"),
            Column("matchers", wrap=20),
            Column("from", spare=2),
            Column("until"),
            Column("by", spare=1),
            Column("comment", wrap=14),
        ],
        (
            (
                one.id,
                state_of(one, now).value,
                ", ".join(one.matchers),
                short(one.starts) if state_of(one, now) is not SilenceState.ACTIVE else "",
                short(one.until),
                one.creator,
                one.comment,
            )
            for one in rows
        ),
        "nothing was ever silenced" if every else "nothing is silenced",
    )


@silence.command("expire")
@click.argument("ids", nargs=-1, required=True, metavar="ID...")
@common
@click.pass_obj
def expire(invocation: Invocation, ids: tuple[str, ...]) -> None:
    """End silences now; the beginning of an id will do."""
    now = utcnow()
    with opened_store(load(invocation)) as store:
        ended = store.silences.expire(ids, now=now)
    if invocation.as_json:
        print_json(_fields(one, now) for one in ended)
    else:
        click.echo(f"{len(ended)} {'silence' if len(ended) == 1 else 'silences'} ended")


def login() -> str:
    """Who runs this, for others to ask; a user that has no name by number."""
    try:
        return getpass.getuser()
    except (OSError, KeyError):  # a container's user that is nowhere listed
        return str(os.getuid())


def _asked(matchers: Sequence[str]) -> tuple[Matcher, ...]:
    try:
        return compiled(matchers)
    except ValueError as error:
        raise click.BadParameter(str(error), param_hint="MATCHER") from error


def _times(
    until: str | None, length: str | None, starts: str | None, now: datetime
) -> tuple[datetime, datetime]:
    """Beginning and end. Raises click.UsageError."""
    if (until is None) == (length is None):
        raise click.UsageError("say how long: either --for 2h or --until TIME")
    begin = now if starts is None else coming(starts, now, "--starts")
    if length is not None:
        end = later(begin, _duration(length), "--for")
    else:
        assert until is not None
        end = coming(until, now, "--until")
    if problem := problem_of(begin, end, now):
        raise click.UsageError(f"{problem} (from {short(begin)} until {short(end)})")
    return begin, end


def _duration(text: str) -> timedelta:
    try:
        return parse_duration(text)
    except ValueError as error:
        raise click.BadParameter(str(error), param_hint="--for") from error


class _Settings(Mapping[str, RuleSettings]):
    """Rules' settings by name, made when they are asked for."""

    def __init__(self, rules: RuleSet) -> None:
        self._rules = rules

    def __getitem__(self, name: str) -> RuleSettings:
        return self._rules.settings(name)

    def __iter__(self) -> Iterator[str]:
        return iter(self._rules.names)

    def __len__(self) -> int:
        return len(self._rules)


def _hit(
    matchers: Sequence[Matcher], settings: Settings, rules: RuleSet, now: datetime
) -> dict[str, list[str]]:
    """What the silence can keep from being told by the configuration of now."""
    sources = [source.name for source in settings.sources] or ["default"]
    return {
        "rules": list(silenced_rules(matchers, rules.names, _Settings(rules), sources)),
        "sources": silenced_sources(matchers, watched(settings), now),
    }


def _said(hit: Mapping[str, Sequence[str]], rules: int) -> str:
    parts = []
    if found := hit["rules"]:
        names = ", ".join(found[:NAMED]) + (", …" if len(found) > NAMED else "")
        parts.append(f"alerts of {len(found):,} of {rules:,} rules: {names}")
    if found := hit["sources"]:
        names = ", ".join(found[:NAMED]) + (", …" if len(found) > NAMED else "")
        parts.append(f"alerts about the health of {names}")
    return f"silences {'; '.join(parts)}" if parts else "silences nothing that is configured now"


def _fields(one: Silence, now: datetime) -> dict[str, object]:
    return {
        "id": one.id,
        "state": state_of(one, now).value,
        "matchers": list(one.matchers),
        "starts": iso(one.starts),
        "until": iso(one.until),
        "comment": one.comment,
        "created": iso(one.created),
        "creator": one.creator,
    }
