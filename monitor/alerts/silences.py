"""What a silence is now, and what it keeps from being told. Pure."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from enum import StrEnum

from monitor.alerts.health import condition_labels
from monitor.alerts.withhold import fits
from monitor.config.matchers import Matcher
from monitor.config.settings import RuleSettings
from monitor.model import AlertKind, Condition, HealthCheck, Silence

_OF_ARTICLES = [kind.value for kind in AlertKind if kind is not AlertKind.HEALTH]
_NO_NEED_OF_SETTINGS = frozenset(("rule", "kind", "article", "check", "state"))


class SilenceState(StrEnum):
    """Where a moment lies: before its beginning, within it, or after its end."""

    PENDING = "pending"
    ACTIVE = "active"
    EXPIRED = "expired"


def state_of(silence: Silence, now: datetime) -> SilenceState:
    """Whether it is in force."""
    if now >= silence.until:
        return SilenceState.EXPIRED
    return SilenceState.ACTIVE if now >= silence.starts else SilenceState.PENDING


def problem_of(starts: datetime, until: datetime, now: datetime) -> str | None:
    """Why no silence can be made of these times; None: one can."""
    if until <= now:
        return "it would be over before it begins: its end is in the past"
    if starts < now:
        return "it cannot begin in the past; without a beginning it begins now"
    if until <= starts:
        return "it would end before it begins"
    return None


def silenced_rules(
    matchers: Sequence[Matcher],
    names: Iterable[str],
    settings: Mapping[str, RuleSettings],
    sources: Collection[str],
) -> Iterator[str]:
    """The rules some of whose alerts fit the matchers. ``settings`` is only asked for what a
    matcher needs; of a language that a rule does not name nothing is known, and it fits."""
    asked = {matcher.label for matcher in matchers}
    by_label: dict[str, list[Matcher]] = {}
    for matcher in matchers:
        by_label.setdefault(matcher.label, []).append(matcher)

    def fits_one(label: str, values: Iterable[str]) -> bool:
        mine = by_label.get(label, ())
        return not mine or any(all(m.matches(value) for m in mine) for value in values)

    if not (fits_one("kind", _OF_ARTICLES) and fits_one("check", [""]) and fits_one("state", [""])):
        return
    for name in names:
        if not fits_one("rule", [name]):
            continue
        if asked <= _NO_NEED_OF_SETTINGS:
            yield name
            continue
        rule = settings[name]
        fixed = {**rule.labels, "priority": rule.priority}
        if (
            all(fits_one(label, [fixed.get(label, "")]) for label in asked - _VARIABLE)
            and fits_one("source", rule.sources or sources)
            and (not rule.languages or fits_one("language", rule.languages))
        ):
            yield name


_VARIABLE = _NO_NEED_OF_SETTINGS | {"source", "language"}


def silenced_sources(
    matchers: Sequence[Matcher], sources: Iterable[str], now: datetime
) -> list[str]:
    """The sources some of whose health alerts fit the matchers."""
    return [
        source
        for source in sources
        if any(
            fits(matchers, condition_labels(Condition(source, check, now, "")) | {"state": state})
            for check in HealthCheck
            for state in ("firing", "resolved")
        )
    ]
