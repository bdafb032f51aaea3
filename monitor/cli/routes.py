"""``routes``: who is told of what, and when."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import click
from rich.console import Console
from rich.text import Text
from rich.tree import Tree

from monitor.alerts import Inhibition, Withholding, default_route
from monitor.alerts.health import PRIORITY
from monitor.alerts.silences import SilenceState, state_of
from monitor.alerts.tree import Answer, Asked, RouteView, Visit, answers, view, way
from monitor.alerts.withhold import Held
from monitor.cli.load import load, load_rules, opened_store
from monitor.cli.options import Invocation, common
from monitor.cli.output import iso, print_json, short
from monitor.cli.until import coming
from monitor.config import Settings
from monitor.config.checks import doubtful, unknown
from monitor.config.matchers import Matcher
from monitor.config.reach import written
from monitor.config.routes import RouteSettings
from monitor.errors import MonitorError
from monitor.model import AlertKind, utcnow

_LABEL = re.compile(r"([a-zA-Z_][a-zA-Z0-9_]*)=(.*)", re.DOTALL)
_ENDLESS = 1_000_000
_ONLY_OWN = ("old", "muted", "copies")
"""Settings that the tree shows only where a route has them of its own."""


@click.group(invoke_without_command=True)
@common
@click.pass_context
def routes(context: click.Context) -> None:
    """Who is told of what, and when: the tree of routes, and the way of one alert through it."""
    if context.invoked_subcommand is None:
        _show(context.obj)


# --------------------------------------------------------------------------- show


@routes.command("show")
@common
@click.pass_obj
def show(invocation: Invocation) -> None:
    """Draw the tree; what a route has from above or by default stands in parentheses."""
    _show(invocation)


def _show(invocation: Invocation) -> None:
    top = _top(load(invocation))
    if top is None:
        click.echo("nobody is told: there is no receiver", err=True)
        return
    tree = view(top)
    if invocation.as_json:
        print_json(map(_fields, _all(tree)))
        return
    on_terminal = sys.stdout.isatty()
    console = Console(width=None if on_terminal else _ENDLESS, highlight=False)
    with console.capture() as captured:
        console.print(_drawn(tree))
    click.echo("\n".join(line.rstrip() for line in captured.get().splitlines()))


def _drawn(route: RouteView, into: Tree | None = None) -> Tree:
    told = route.receiver
    name = told.value if told.own else f"({told.value})"
    asks = " ".join(route.matchers) or ("" if into is None else "every alert")
    line = Text(name, style="bold")
    line.append(f"  {asks}" if asks else "", style="not bold")
    line.append("  and on to the next" if route.goes_on else "", style="not bold")
    line.append("\n")
    said = [
        f"{one.name} {one.value}" if one.own else f"({one.name} {one.value})"
        for one in route.settings
        if one.own or one.name not in _ONLY_OWN
    ]
    line.append("  ".join(said), style="not bold dim")
    tree = Tree(line, guide_style="dim") if into is None else into.add(line)
    for child in route.routes:
        _drawn(child, tree)
    return tree


def _all(route: RouteView) -> Iterator[RouteView]:
    yield route
    for child in route.routes:
        yield from _all(child)


def _fields(route: RouteView) -> dict[str, Any]:
    said = (route.receiver, *route.settings)
    return {
        "path": route.path,
        "receiver": route.receiver.value,
        "matchers": list(route.matchers),
        "continue": route.goes_on,
        "settings": {one.name: one.value for one in route.settings},
        "inherited": [one.name for one in said if not one.own],
    }


# --------------------------------------------------------------------------- test


@routes.command("test")
@click.argument("labels", nargs=-1, required=True, metavar="LABEL=VALUE...")
@click.option(
    "--expect",
    multiple=True,
    metavar="RECEIVER",
    help="Who must be told, all of them (several: a,b); exit status 1 where it is not so.",
)
@click.option("--at", "moment", metavar="TIME", help="When: a date and time, or in how long (2h).")
@common
@click.pass_obj
def test(
    invocation: Invocation, labels: tuple[str, ...], expect: tuple[str, ...], moment: str | None
) -> None:
    """Which receivers an alert with these labels gets to, by which way, and when."""
    settings = load(invocation)
    now = utcnow()
    at = now if moment is None else coming(moment, now, "--at")
    case = _case(labels, settings)
    top = _top(settings)
    routing = default_route(settings.route, settings.receivers, settings.time_intervals)
    visits = way(top, case.labels) if top is not None else []
    found = answers(routing, visits, case.labels, at) if routing is not None else []
    held = _withheld(settings, case.labels, at)
    if invocation.as_json:
        print_json([_document(case, visits, found, held)])
    else:
        _say(case, visits, found, held)
    if expect:
        _compare({name for names in expect for name in names.split(",") if name}, found)


@dataclass(frozen=True, slots=True)
class _Case:
    """The labels asked for, those of them that nobody gave, and what is odd about them."""

    labels: Mapping[str, str]
    assumed: Sequence[str]
    doubts: Sequence[str]


def _case(words: Sequence[str], settings: Settings) -> _Case:
    """What was given, with what follows from the name of a rule, or goes without saying."""
    given: dict[str, str] = {}
    for word in words:
        read = _LABEL.fullmatch(word)
        if read is None:
            raise click.BadParameter(
                f"not a label with its value: {word!r} (like rule=water)", param_hint="LABEL=VALUE"
            )
        if read[1] in given:
            raise click.BadParameter(f"{read[1]} is given twice", param_hint="LABEL=VALUE")
        given[read[1]] = read[2][1:-1] if re.fullmatch('".*"', read[2], re.DOTALL) else read[2]
    rules = load_rules(settings)
    labels: dict[str, str] = {}
    about_source = given.get("kind") == AlertKind.HEALTH or bool({"check", "state"} & given.keys())
    name = given.get("rule")
    if name:
        if name not in rules.names:
            raise MonitorError(unknown("rule", name, rules.names))
        info = rules.settings(name)
        labels |= {**info.labels, "priority": info.priority}
    followed = set(labels)
    if about_source:
        labels |= {"kind": AlertKind.HEALTH.value, "state": "firing", "priority": PRIORITY}
    else:
        labels = {"kind": AlertKind.NEW.value, "priority": "normal"} | labels
    sources = [source.name for source in settings.sources] or ["default"]
    if len(sources) == 1:
        labels["source"] = sources[0]
    assumed = [label for label in labels if label not in given and label not in followed]
    labels |= given
    asked = [Matcher(label, "=", value) for label, value in given.items() if label != "article"]
    doubts = list(doubtful(asked, settings, rules.names, rules.labels))
    if "source" not in labels:
        doubts.append("no source is given: routes that ask for one are passed by")
    return _Case(dict(sorted(labels.items(), key=lambda one: one[0] not in given)), assumed, doubts)


def _top(settings: Settings) -> RouteSettings | None:
    """The tree as it is configured, or as it is without that; None: there is no receiver."""
    if settings.route is not None or not settings.receivers:
        return settings.route
    return RouteSettings(receiver=settings.receivers[0].name)


def _withheld(settings: Settings, labels: Mapping[str, str], at: datetime) -> Held | None:
    """The silence of that moment, or what stands of a source now, that keeps it from being told."""
    inhibitions = [Inhibition(rule, place) for place, rule in enumerate(settings.inhibit_rules)]
    if settings.database is None and not (settings.state / "monitor.db").exists():
        return None
    with opened_store(settings) as store:
        known = store.silences.silences(now=min(at, utcnow()))
        standing = store.pages.conditions()
    silences = [one for one in known if state_of(one, at) is SilenceState.ACTIVE]
    return Withholding(silences, inhibitions, standing).judge([labels])[0]


def _say(case: _Case, visits: Sequence[Visit], found: Sequence[Answer], held: Held | None) -> None:
    for doubt in case.doubts:
        click.echo(f"warning: {doubt}", err=True)
    click.echo("labels")
    for label, value in case.labels.items():
        assumed = "  (assumed)" if label in case.assumed else ""
        click.echo(f'  {label}="{value}"{assumed}')
    click.echo("way")
    for visit in visits:
        indent = "  " * (visit.depth + 1)
        name = visit.path.rpartition(".")[2]
        taken = "  takes it" + ("" if visit.stops else ", and on to the next")
        mark, end = ("+" if visit.entered else "-"), (taken if visit.takes else "")
        click.echo(f"{indent}{mark} {name} → {visit.receiver}{end}")
        for one in visit.asked:
            click.echo(f"{indent}    {_asked(one)}")
        if not visit.asked and visit.depth:
            click.echo(f"{indent}    every alert")
    click.echo("told")
    if held is not None:
        click.echo(f"  nobody now: {held.detail}")
    for answer in found:
        group = f", group {answer.group}" if answer.group else ""
        when = f"{short(answer.due)} ({answer.why})" if answer.due else f"never ({answer.why})"
        click.echo(f"  {answer.receiver}: {when}, by {answer.path}{group}")
    if not found:
        click.echo("  nobody: there is no receiver")


def _asked(one: Asked) -> str:
    if one.fits:
        return f"{written(one.matcher)}: yes"
    return f"{written(one.matcher)}: no, " + (
        f'it is "{one.value}"' if one.value else "it has none"
    )


def _compare(expected: set[str], found: Sequence[Answer]) -> None:
    """End with status 1 where others are told than expected."""
    told = {answer.receiver for answer in found if answer.due is not None}
    if told == expected:
        return
    for name in sorted(expected - told):
        click.echo(f"- {name}: expected, and not told", err=True)
    for name in sorted(told - expected):
        click.echo(f"+ {name}: told, and not expected", err=True)
    sys.exit(1)


def _document(
    case: _Case, visits: Sequence[Visit], found: Sequence[Answer], held: Held | None
) -> dict[str, Any]:
    return {
        "labels": dict(case.labels),
        "assumed": list(case.assumed),
        "warnings": list(case.doubts),
        "way": [
            {
                "path": visit.path,
                "receiver": visit.receiver,
                "entered": visit.entered,
                "takes": visit.takes,
                "matchers": [
                    {"matcher": written(one.matcher), "value": one.value, "fits": one.fits}
                    for one in visit.asked
                ],
            }
            for visit in visits
        ],
        "receivers": [
            {
                "receiver": answer.receiver,
                "path": answer.path,
                "group": answer.group,
                "kind": answer.kind.value,
                "due": iso(answer.due),
                "why": answer.why,
            }
            for answer in found
        ],
        "withheld": {"reason": held.reason.value, "detail": held.detail} if held else None,
    }
