"""What one key alone cannot show: names used twice, names that lead nowhere, limits that cross."""

from __future__ import annotations

import difflib
import os.path
import re
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from pathlib import Path
from typing import get_args

from monitor.config.inhibit import InhibitRuleSettings
from monitor.config.matchers import Matcher, parse_matcher
from monitor.config.reach import contradictory, unreachable
from monitor.config.routes import RouteSettings
from monitor.config.settings import Settings
from monitor.config.sources import SourceSettings
from monitor.config.timing import check_groups, check_timing, labels_of_groups
from monitor.config.types import RESERVED_LABELS, Priority, format_duration
from monitor.model import AlertKind, HealthCheck, HealthState

MANY = 2_000
"""Names; of more than these only those that begin alike are compared for a "did you mean"."""

_KINDS = tuple(kind.value for kind in AlertKind)
_CHECKS = ("", *(check.value for check in HealthCheck))  # "": of an alert about an article
_STATES = ("", *(state.value for state in HealthState))
_PRIORITIES: tuple[str, ...] = get_args(Priority)

Finding = tuple[tuple[str | int, ...], str]  # the path of a key, and what is wrong there


def cross_check(settings: Settings, folder: Path) -> Iterator[Finding]:
    """Every contradiction between settings that are each valid alone; paths are whole.

    ``folder`` is the configuration file's.
    """
    yield from _folders(settings, folder)
    yield from _twice("sources", [source.name for source in settings.sources])
    yield from _twice("rules", [rule.name for rule in settings.rules])
    yield from _twice("receivers", [receiver.name for receiver in settings.receivers])
    yield from _out_of_reach(settings.sources)
    sources = _sources(settings)
    yield from _limits("rules", [rule.sources for rule in settings.rules], sources)
    yield from _limits("entity_files", [file.sources for file in settings.entity_files], sources)
    known = _Known(_values(settings), receivers={one.name for one in settings.receivers})
    if settings.route is not None:
        yield from _routes(settings.route, ("route",), known)
        if settings.route.matchers:
            yield ("route", "matchers"), "the top route takes every alert; matchers go below it"
        yield from unreachable(settings.route, ("route",))
    yield from check_timing(settings)
    yield from _inhibitions(settings.inhibit_rules, known)
    yield from _both_ways(settings.inhibit_rules)
    if not settings.rule_files and not settings.entity_files:
        labels = {label for rule in settings.rules for label in rule.labels}
        yield from check_names(settings, [rule.name for rule in settings.rules], labels)
    yield from _timeouts(settings)
    if settings.delivery.max_retry < settings.delivery.first_retry:
        yield ("delivery", "max_retry"), "shorter than first_retry"
    if settings.feeds.max_entries < settings.feeds.min_entries:
        yield ("feeds", "max_entries"), "less than min_entries"


def _timeouts(settings: Settings) -> Iterator[Finding]:
    """A message is begun in the first half of a lease; one that may take longer than the other half
    could be sent by somebody else meanwhile."""
    lease = settings.delivery.lease
    for i, receiver in enumerate(settings.receivers):
        for key, entries in receiver:
            for j, entry in enumerate(entries if key.endswith("_configs") else ()):
                timeout = getattr(entry, "timeout", None)
                if timeout is not None and 2 * timeout > lease:
                    yield (
                        ("receivers", i, key, j, "timeout"),
                        f"{format_duration(timeout)} is more than half of delivery.lease"
                        f" ({format_duration(lease)}), in which a message is sent",
                    )


def _limits(
    key: str, limits: Sequence[Sequence[str]], sources: Collection[str]
) -> Iterator[Finding]:
    for i, names in enumerate(limits):
        for name in names:
            if name not in sources:
                yield (key, i, "sources"), unknown("source", name, sources)


def check_names(
    settings: Settings, names: Collection[str], labels: Collection[str] | None = None
) -> Iterator[Finding]:
    """What ``cross_check`` leaves where rules come from files: matchers for rules that are not
    there and, given all ``labels`` that any rule has, for labels that no alert has.

    ``names`` are those of all rules. Paths are whole.
    """
    known = _Known({"rule": frozenset(names)}, labels=labels)
    if settings.route is not None:
        yield from _routes(settings.route, ("route",), known)
    yield from _inhibitions(settings.inhibit_rules, known)
    if labels is not None:
        yield from check_groups(settings, labels)


def asks_for_labels(settings: Settings) -> bool:
    """Whether a matcher or a group names a label that only rules can bring."""
    matchers = [*_matchers(settings.route)] if settings.route is not None else []
    asked = {parse_matcher(text).label for text in matchers}
    if settings.route is not None:
        asked |= labels_of_groups(settings.route)
    for rule in settings.inhibit_rules:
        both = (*rule.source_matchers, *rule.target_matchers)
        asked |= {*rule.equal, *(parse_matcher(text).label for text in both)}
    return not asked.issubset(RESERVED_LABELS)


def doubtful(
    matchers: Iterable[Matcher],
    settings: Settings,
    names: Collection[str],
    labels: Collection[str],
) -> Iterator[str]:
    """What matchers that somebody typed name and there is not, in words; ``names`` and ``labels``
    are those of all rules."""
    known = _Known({**_values(settings), "rule": frozenset(names)}, labels=labels)
    for matcher in matchers:
        if problem := _matcher(matcher, known):
            yield problem


def _matchers(route: RouteSettings) -> Iterator[str]:
    yield from route.matchers
    for child in route.routes:
        yield from _matchers(child)


def _sources(settings: Settings) -> set[str]:
    return {source.name for source in settings.sources} or {"default"}


def _values(settings: Settings) -> dict[str, Collection[str]]:
    """What the labels may be that the configuration alone decides."""
    return {
        "source": _sources(settings),
        "kind": _KINDS,
        "priority": _PRIORITIES,
        "check": _CHECKS,
        "state": _STATES,
    }


def _folders(settings: Settings, folder: Path) -> Iterator[Finding]:
    """The program must not take its own files for dumps. Links are followed."""
    inbox, state = (Path(os.path.realpath(path)) for path in (settings.inbox.path, settings.state))
    places: dict[tuple[str | int, ...], Path] = {("inbox",): inbox}
    for i, source in enumerate(settings.sources):
        if source.folder is not None:
            places["sources", i, "folder"] = inbox / source.folder
    for key, place in places.items():
        if place == state:
            yield key, "the same folder as state, whose files are no dumps"
        if place == Path(os.path.realpath(folder)):
            yield key, "the folder of this file, which would be taken for a dump"
        for name in ("archive", "feeds", "quarantine"):
            if place.is_relative_to(state / name) and (key == ("inbox",) or place != inbox):
                yield key, f"in {name}, a folder of the program's own"


def _out_of_reach(sources: Sequence[SourceSettings]) -> Iterator[Finding]:
    """Sources that no dump can come to: the first that fits has it."""
    for i, source in enumerate(sources):
        for k, pattern in enumerate(source.match):
            if "/" in pattern:
                yield ("sources", i, "match", k), "the name of no file has a / in it; see folder"
        for j, other in enumerate(sources[:i]):
            if other.name != source.name and _takes_all_of(other, source):
                yield (
                    ("sources", i),
                    f"no dump comes to {source.name!r}: all it would have go to sources[{j}],"
                    f" {other.name!r}, which stands above it (the first that fits has a dump)",
                )
                break


def _takes_all_of(upper: SourceSettings, lower: SourceSettings) -> bool:
    """Whether all that fits the lower source surely fits the upper one too."""
    if upper.folder not in (None, lower.folder):
        return False
    if upper.content is not None and upper.content != lower.content:
        return False
    covered = [any(_covers(wide, each) for wide in upper.match) for each in lower.match]
    return bool(covered) and all(covered)  # one that matches nothing is for `parse --source`


def _covers(wide: str, narrow: str) -> bool:
    """Whether each name that fits one shell pattern fits the other. False where in doubt."""
    return wide == narrow or (not set("?[") & set(wide) and fnmatchcase(narrow, wide))


def _twice(key: str, names: Sequence[str]) -> Iterator[Finding]:
    first: dict[str, int] = {}
    for i, name in enumerate(names):
        if name in first:
            yield (key, i, "name"), f"the name {name!r} is taken by {key}[{first[name]}]"
        first.setdefault(name, i)


@dataclass(frozen=True, slots=True)
class _Known:
    """What a route may name; None and a label without values: not to be checked now."""

    values: Mapping[str, Collection[str]] = field(default_factory=dict)  # by label
    receivers: Collection[str] | None = None
    labels: Collection[str] | None = None


def _routes(route: RouteSettings, path: tuple[str | int, ...], known: _Known) -> Iterator[Finding]:
    receiver = route.receiver
    if receiver is not None and known.receivers is not None and receiver not in known.receivers:
        yield (*path, "receiver"), unknown("receiver", receiver, known.receivers)
    for i, text in enumerate(route.matchers):
        if problem := _matcher(parse_matcher(text), known):
            yield (*path, "matchers", i), problem
    for i, child in enumerate(route.routes):
        yield from _routes(child, (*path, "routes", i), known)


def _inhibitions(rules: Sequence[InhibitRuleSettings], known: _Known) -> Iterator[Finding]:
    for i, rule in enumerate(rules):
        path = ("inhibit_rules", i)
        for key, texts in (
            ("source_matchers", rule.source_matchers),
            ("target_matchers", rule.target_matchers),
        ):
            matchers = [parse_matcher(text) for text in texts]
            problems = [_matcher(matcher, known) for matcher in matchers]
            yield from (((*path, key, k), said) for k, said in enumerate(problems) if said)
            # what rules bring does not enter here: it is said once, not again with their files
            if known.receivers is not None and (said := contradictory(matchers)) is not None:
                yield (*path, key), f"no alert is meant: {said}"
        for k, label in enumerate(rule.equal):
            if known.labels is not None and label not in (*RESERVED_LABELS, *known.labels):
                yield (
                    (*path, "equal", k),
                    unknown("label", label, (*RESERVED_LABELS, *sorted(known.labels))),
                )


def _both_ways(rules: Sequence[InhibitRuleSettings]) -> Iterator[Finding]:
    """Of two rules that say the opposite each keeps what the other would tell."""
    seen: dict[tuple[frozenset[Matcher], frozenset[Matcher]], int] = {}
    for i, rule in enumerate(rules):
        source, target = (
            frozenset(map(parse_matcher, texts))
            for texts in (rule.source_matchers, rule.target_matchers)
        )
        if source != target and (other := seen.get((target, source))) is not None:
            yield (
                ("inhibit_rules", i),
                f"inhibit_rules[{other}] says the opposite: where there are both alerts, neither"
                " would be told",
            )
        seen.setdefault((source, target), i)


def _matcher(matcher: Matcher, known: _Known) -> str | None:
    """What is wrong with it, if anything."""
    label, value = matcher.label, matcher.value
    if label not in RESERVED_LABELS:
        if known.labels is None or label in known.labels:
            return None
        return unknown("label", label, (*RESERVED_LABELS, *sorted(known.labels)))
    # A pattern may be written for rules to come; a plain name that is not there is a slip.
    if matcher.op not in ("=", "!="):
        return None
    if label == "language":
        good = re.fullmatch("(?:[a-z]{2,3})?", value)
        return None if good else f"not a language code: {value!r} (ISO 639: en, ru, kk, ...)"
    names = known.values.get(label)
    return unknown(label, value, names) if names is not None and value not in names else None


def unknown(what: str, name: str, known: Collection[str]) -> str:
    if len(known) > MANY:
        known = [other for other in known if other[:2] == name[:2]]
    near = difflib.get_close_matches(name, known, n=1)
    return f"there is no {what} {name!r}" + (f"; did you mean {near[0]}?" if near else "")
