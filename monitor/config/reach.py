"""Routes that no alert can come to. Only what is certain is said; patterns are not compared."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from monitor.config.matchers import Matcher, parse_matcher
from monitor.config.routes import RouteSettings
from monitor.model import PRIORITIES, AlertKind, HealthCheck, HealthState

Finding = tuple[tuple[str | int, ...], str]  # the path of a key, and what is wrong there

_OF_ARTICLES = ("rule", "language")
"""Labels of alerts about articles alone."""
_OF_SOURCES = ("check", "state")
"""Labels of alerts about sources alone."""
_VALUES: Mapping[str, Sequence[str]] = {
    "kind": [kind.value for kind in AlertKind],
    "priority": PRIORITIES,
    "check": ["", *(check.value for check in HealthCheck)],
    "state": ["", *(state.value for state in HealthState)],
}
"""All that labels can be of which no configuration brings further ones; empty: there is none."""


def unreachable(
    route: RouteSettings, path: tuple[str | int, ...], above: Sequence[Matcher] = ()
) -> Iterator[Finding]:
    """The routes below this one that get nothing, whatever happens: their matchers, or those on
    the way to them, contradict each other, or a sibling above takes all that they would. What is
    below such a route is not looked at. ``above`` are the matchers on the way to the route."""
    mine = [*above, *map(parse_matcher, route.matchers)]
    upper: list[tuple[int, list[Matcher]]] = []  # siblings that keep what they take
    for place, child in enumerate(route.routes):
        here = (*path, "routes", place)
        matchers = list(map(parse_matcher, child.matchers))
        asked = [*mine, *matchers]
        if (contradiction := contradictory(asked)) is not None:
            yield here, f"no alert comes here: {contradiction}"
            continue
        taken = next((at for at, by in upper if all(_follows(m, asked) for m in by)), None)
        if taken is not None:
            which = _which(dict(upper)[taken])
            yield (
                here,
                f"no alert comes here: routes[{taken}] beside it, {which}, takes all of them"
                " (put it below this one, or give it continue: true)",
            )
            continue
        if not child.continue_:
            upper.append((place, matchers))
        yield from unreachable(child, here, mine)


def contradictory(matchers: Sequence[Matcher]) -> str | None:
    """Why no alert fits all of them; None: that cannot be said."""
    for matcher in matchers:
        if matcher.op != "=":
            continue
        for other in matchers:
            if other.label == matcher.label and not other.matches(matcher.value):
                return f"{written(matcher)} and {written(other)} are never both true"
    for label, values in _VALUES.items():
        mine = [matcher for matcher in matchers if matcher.label == label]
        if any(matcher.op == "=" for matcher in mine):
            continue
        if not any(all(matcher.matches(value) for matcher in mine) for value in values):
            return f"no {label} fits {' and '.join(map(written, mine))}"
    health = AlertKind.HEALTH.value
    about_source = Matcher("kind", "=", health) in matchers
    about_article = any(
        matcher.label == "kind" and not matcher.matches(health) for matcher in matchers
    )
    for matcher in matchers:
        label = matcher.label
        if matcher.matches(""):
            continue
        if about_source and label in _OF_ARTICLES:
            return f"{written(matcher)}: an alert about a source has no {label}"
        if about_article and label in _OF_SOURCES:
            return f"{written(matcher)}: an alert about an article has no {label}"
    return None


def _follows(matcher: Matcher, from_: Sequence[Matcher]) -> bool:
    """Whether a matcher is surely true of what all the others are true of."""
    return any(
        known == matcher
        or (known.label == matcher.label and known.op == "=" and matcher.matches(known.value))
        for known in from_
    )


def _which(matchers: Sequence[Matcher]) -> str:
    return f"with {', '.join(map(written, matchers))}" if matchers else "without matchers"


def written(matcher: Matcher) -> str:
    """``rule="water"``, as people write it."""
    return f'{matcher.label}{matcher.op}"{matcher.value}"'
