"""What one key alone cannot show: names used twice, names that lead nowhere, limits that cross."""

from __future__ import annotations

import difflib
import os.path
from collections.abc import Collection, Iterator, Mapping, Sequence
from pathlib import Path

from monitor.config.matchers import parse_matcher
from monitor.config.settings import RouteSettings, Settings

Finding = tuple[tuple[str | int, ...], str]  # the path of a key, and what is wrong there


def cross_check(settings: Settings, folder: Path) -> Iterator[Finding]:
    """Every contradiction between settings that are each valid alone; paths are whole.

    ``folder`` is the configuration file's.
    """
    yield from _folders(settings, folder)
    yield from _twice("sources", [source.name for source in settings.sources])
    yield from _twice("rules", [rule.name for rule in settings.rules])
    yield from _twice("receivers", [receiver.name for receiver in settings.receivers])
    if settings.route is not None:
        names = {
            "receiver": {receiver.name for receiver in settings.receivers},
            "rule": {rule.name for rule in settings.rules},
            "source": {source.name for source in settings.sources} or {"default"},
            "kind": {"new", "revised"},
        }
        yield from _routes(settings.route, ("route",), names)
        if settings.route.matchers:
            yield ("route", "matchers"), "the top route takes every alert; matchers go below it"
    if settings.delivery.max_retry < settings.delivery.first_retry:
        yield ("delivery", "max_retry"), "shorter than first_retry"
    if settings.feeds.max_entries < settings.feeds.min_entries:
        yield ("feeds", "max_entries"), "less than min_entries"


def _folders(settings: Settings, folder: Path) -> Iterator[Finding]:
    """The program must not take its own files for dumps. Links are followed."""
    inbox, state = (Path(os.path.realpath(path)) for path in (settings.inbox.path, settings.state))
    if inbox == state:
        yield ("inbox",), "the same folder as state, whose files are no dumps"
    if inbox == Path(os.path.realpath(folder)):
        yield ("inbox",), "the folder of this file, which would be taken for a dump"
    for name in ("archive", "feeds", "quarantine"):
        if inbox.is_relative_to(state / name):
            yield ("inbox",), f"in {name}, a folder of the program's own"


def _twice(key: str, names: Sequence[str]) -> Iterator[Finding]:
    first: dict[str, int] = {}
    for i, name in enumerate(names):
        if name in first:
            yield (key, i, "name"), f"the name {name!r} is taken by {key}[{first[name]}]"
        first.setdefault(name, i)


def _routes(
    route: RouteSettings, path: tuple[str | int, ...], names: Mapping[str, Collection[str]]
) -> Iterator[Finding]:
    if route.receiver not in names["receiver"]:
        yield (*path, "receiver"), _unknown("receiver", route.receiver, names["receiver"])
    for i, text in enumerate(route.matchers):
        matcher = parse_matcher(text)
        # A pattern may be written for rules to come; a plain name that is not there is a slip.
        if matcher.op in ("=", "!=") and matcher.value not in names[matcher.label]:
            yield (
                (*path, "matchers", i),
                _unknown(matcher.label, matcher.value, names[matcher.label]),
            )
    for i, child in enumerate(route.routes):
        yield from _routes(child, (*path, "routes", i), names)


def _unknown(what: str, name: str, known: Collection[str]) -> str:
    near = difflib.get_close_matches(name, known, n=1)
    return f"there is no {what} {name!r}" + (f"; did you mean {near[0]}?" if near else "")
