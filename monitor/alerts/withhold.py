"""Which alerts are made and not told: silenced by a person, or inhibited by another alert. Pure.

Alertmanager's semantics, with two adaptations. An alert about an article has no duration: it
inhibits the others of the same change of the same article, and no later ones. What is not as usual
of a source lasts: it inhibits alerts for as long as it stands.
Source: https://prometheus.io/docs/alerting/latest/configuration/#inhibition-related-settings
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC

from monitor.alerts.health import condition_labels
from monitor.config.inhibit import InhibitRuleSettings
from monitor.config.matchers import Matcher, parse_matcher
from monitor.model import Alert, AlertKind, Condition, Silence, Suppression, Withheld
from monitor.text import cut, one_line

MOST_COMMENT = 200
"""Characters of a silence's comment that stand beside each alert it holds back."""

Labels = Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Held:
    """Why an alert is not told: the reason, and which silence or inhibit rule it is."""

    reason: Withheld
    detail: str


class Inhibition:
    """A compiled inhibit rule; ``place`` is that in the configuration."""

    def __init__(self, rule: InhibitRuleSettings, place: int) -> None:
        self._name = f"inhibit_rules[{place}]"
        self._source = tuple(map(parse_matcher, rule.source_matchers))
        self._target = tuple(map(parse_matcher, rule.target_matchers))
        self._equal = rule.equal

    @property
    def labels(self) -> frozenset[str]:
        """The labels that it asks for."""
        return frozenset(self._equal).union(m.label for m in (*self._source, *self._target))

    def judge(self, alerts: Sequence[Labels], standing: Sequence[Labels]) -> dict[int, Held]:
        """The alerts of one change, by place, that it keeps from being told.

        What is source and target is not inhibited by what is both as well, itself included.
        """
        sources: dict[tuple[str, ...], Labels] = {}  # by the labels that must be equal
        no_targets: dict[tuple[str, ...], Labels] = {}  # of these those that are no targets
        for labels in (*standing, *alerts):
            if fits(self._source, labels):
                sources.setdefault(self._key(labels), labels)
                if not fits(self._target, labels):
                    no_targets.setdefault(self._key(labels), labels)
        if not sources:
            return {}
        held = {}
        for place, labels in enumerate(alerts):
            if fits(self._target, labels):
                among = no_targets if fits(self._source, labels) else sources
                if by := among.get(self._key(labels)):
                    held[place] = Held(Withheld.INHIBITED, f"{self._name}, by {_named(by)}")
        return held

    def _key(self, labels: Labels) -> tuple[str, ...]:
        return tuple(labels.get(label, "") for label in self._equal)


class Withholding:
    """What keeps alerts from being told at one moment."""

    def __init__(
        self,
        silences: Sequence[Silence] = (),
        inhibitions: Sequence[Inhibition] = (),
        standing: Iterable[Condition] = (),
    ) -> None:
        """``silences`` are those of the moment, ``standing`` the conditions of all sources."""
        self._silences = [(silence, compiled(silence.matchers)) for silence in silences]
        self._inhibitions = inhibitions
        self._standing = [condition_labels(condition) for condition in standing]
        asked = {m.label for _, matchers in self._silences for m in matchers}
        self.labels = asked.union(*(inhibition.labels for inhibition in inhibitions))
        """The labels that are asked for."""

    def __bool__(self) -> bool:
        """Whether there is anything to ask."""
        return bool(self._silences or self._inhibitions)

    def judge(self, alerts: Sequence[Labels]) -> list[Held | None]:
        """For each alert of one change, given by its labels, why it is not told; None: it is.

        A silenced alert inhibits others all the same, as an inhibited one does. Of one that is
        both the silence is named.
        """
        held: dict[int, Held] = {}
        for inhibition in reversed(self._inhibitions):
            held |= inhibition.judge(alerts, self._standing)
        return [self._silenced(labels) or held.get(place) for place, labels in enumerate(alerts)]

    def _silenced(self, labels: Labels) -> Held | None:
        for silence, matchers in self._silences:
            if fits(matchers, labels):
                return Held(Withheld.SILENCED, silence_words(silence))
        return None


NOTHING_WITHHELD = Withholding()


def compiled(matchers: Iterable[str]) -> tuple[Matcher, ...]:
    """Matchers as they are asked. Raises ValueError that says what is wrong."""
    return tuple(map(parse_matcher, matchers))


def fits(matchers: Iterable[Matcher], labels: Labels) -> bool:
    """Whether labels satisfy all the matchers; one that is not there is empty."""
    return all(matcher.matches(labels.get(matcher.label, "")) for matcher in matchers)


def suppression(alert: Alert, held: Held) -> Suppression:
    """An alert about a source that is told nobody, as it is recorded: with its title, because no
    article has its id."""
    return Suppression(
        at=alert.observed,
        article_id=alert.article_id,
        revision=alert.revision,
        kind=alert.kind,
        rules=alert.rules,
        receiver="",
        reason=held.reason,
        detail=f"{held.detail} ({alert.title})",
    )


def silence_words(silence: Silence) -> str:
    """``silence 3f2a9c1e until 2026-02-20 12:00 UTC: comment``."""
    until = silence.until.astimezone(UTC)
    comment = cut(one_line(silence.comment), MOST_COMMENT)
    comment = f": {comment}" if comment else ""
    return f"silence {silence.id} until {until:%Y-%m-%d %H:%M} UTC{comment}"


def _named(labels: Labels) -> str:
    """Which alert inhibits, in words."""
    if labels.get("kind") == AlertKind.HEALTH:
        return f"source {labels['source']}: {labels['check']}"
    return f"rule {labels.get('rule', '')}"
