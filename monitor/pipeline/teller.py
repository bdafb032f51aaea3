"""Who is told of what one segment became, and how the ledger says so."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime

from monitor.alerts import (
    Found,
    Original,
    Planned,
    Telling,
    Withholding,
    make_alerts,
    risen_alerts,
    risen_withheld,
    suppressed,
    told_with_original,
    wanted,
    withheld,
)
from monitor.language import detect
from monitor.model import AlertKind, Comparison, Copy, Known, Match, Suppression
from monitor.pipeline.counters import Counters
from monitor.pipeline.edits import edit_of, in_words, some
from monitor.pipeline.history import History
from monitor.pipeline.matching import matching
from monitor.pipeline.policy import Policy
from monitor.ports import IngestBatch


class Teller:
    """Plans the alerts of one transaction: ``planned``; and says what is ``withheld``.

    ``crawled`` is the day on which the source showed the segment that is being told of.
    """

    def __init__(
        self,
        tx: IngestBatch,
        policy: Policy,
        history: History,
        counters: Counters | None,
        now: datetime,
    ) -> None:
        self._tx, self._policy, self._history = tx, policy, history
        self._counters, self._now = counters, now
        self.planned: list[Planned] = []
        self.withheld: list[Suppression] = []
        self.crawled: date | None = None
        self._withholding: Withholding | None = None  # read when somebody is to be told

    def new(self, known: Known, found: Found) -> str:
        """Tell of a new article; what the ledger has to say of it."""
        telling = self._telling(known, found, found.matches)
        if telling is None:
            return ""
        self.planned += make_alerts(telling, found)
        said = _in_words(self._hold(withheld(telling, found)))
        if telling.original is None:
            return "; ".join(said)
        copy = copy_of(known)
        joined: list[str] = []
        late: list[str] = []
        for receiver, rules in told_with_original(telling, found).items():
            added = self._add_copy(receiver, telling.original.article.id, copy)
            (joined if added else late).append(f"{receiver}: {some(rules)}")
        if joined:
            said.append(f"told with it ({', '.join(joined)})")
        if late:
            said.append(f"not told again, the original was ({', '.join(late)})")
        return "; ".join(said)

    def edited(
        self, known: Known, now: Found, before: Found | None, comparison: Comparison | None
    ) -> tuple[str, set[str]]:
        """Tell of an edit those who want to know; what was told, and what was not, in words, and
        the rules that told of it."""
        told: set[str] = set()
        if before is None or comparison is None:
            # no rule is known to have matched before, nor not to have
            unknown = Found(now.title, "", (), frozenset(match.rule for match in now.matches))
            said = ["the text before is no longer kept"]
            if telling := self._telling(known, now, now.matches):
                self.planned += make_alerts(telling, now, unknown)
                said += _in_words(self._hold(withheld(telling, now, unknown)))
                told = wanted(now, unknown, None, telling.info)
            return "; ".join(said), told
        edit, planned = edit_of(comparison, now.body), []
        reasons = suppressed(now, before, edit, self._policy.rules.info)
        if telling := self._telling(known, now, (*now.matches, *before.matches)):
            planned = make_alerts(telling, now, before, edit)
            self.planned += planned
            told = wanted(now, before, edit, telling.info)
            kept = self._hold(withheld(telling, now, before, edit))
            if copied := _held(telling, told.difference(*kept.values()), planned):
                reasons["its original is told of"] = copied
            reasons |= kept
        return in_words(comparison, reasons, alerts=len(planned)), told

    def risen(self, known: Known, found: Found) -> str:
        """Tell of an article that ``found.matches`` match since its counter rose; in words."""
        said = f"matches since its counter rose ({some([m.rule for m in found.matches])})"
        if telling := self._telling(known, found, found.matches):
            planned = risen_alerts(telling, found)
            self.planned += planned
            kept = self._hold(risen_withheld(telling, found))
            rules = {match.rule for match in found.matches}.difference(*kept.values())
            if copied := _held(telling, rules, planned):
                kept["its original is told of"] = copied
            said = "; ".join([said, *_in_words(kept)])
        return said

    def _hold(self, suppressions: Sequence[Suppression]) -> dict[str, list[str]]:
        """Remember what is told nobody; by reason the rules."""
        self.withheld += suppressions
        reasons: dict[str, list[str]] = {}
        for one in suppressions:
            reasons.setdefault(one.detail, []).extend(one.rules)
        return reasons

    def _telling(self, known: Known, now: Found, matches: Sequence[Match]) -> Telling | None:
        """None: there is nothing to tell, or nobody to be told."""
        policy = self._policy
        if policy.routing is None or not matches:
            return None
        if self._withholding is None:
            inhibitions = policy.inhibitions
            standing = self._tx.conditions() if inhibitions else ()
            self._withholding = Withholding(self._tx.silences(self._now), inhibitions, standing)
        language = ""
        if "language" in policy.routing.labels | self._withholding.labels:
            stated = known.language or policy.languages.get(known.source)
            language = stated or detect(f"{now.title}\n{now.body}") or ""
        original = None
        if known.duplicate_of is not None:
            found = self._history.known(known.duplicate_of)
            untold = self._untold(found.id)
            original = Original(copy_of(found), self._rules_of(found), untold)
        return Telling(
            known,
            policy.routing,
            policy.rules.info,
            self._now,
            policy.base_url,
            language,
            original,
            self._withholding,
            self.crawled,
        )

    def _untold(self, article_id: str) -> set[tuple[str, str]]:
        """Who was not told of this article by which rule, in this transaction or ever: they are not
        told of a copy with it."""
        mine = [one for one in self.withheld if one.article_id == article_id]
        return {
            *self._tx.withheld(article_id),
            *((one.receiver, rule) for one in mine for rule in one.rules),
        }

    def _rules_of(self, known: Known) -> set[str]:
        """The rules that match an article as it is, or did at an earlier crawl; without its text
        those that did."""
        text = self._history.kept_text(known.pk)
        rules = self._policy.rules
        did = set(self._history.matched(known.pk)) if text is None or rules.by_sighting else set()
        if text is None:
            return did
        growth = self._counters.latest(known.pk) if self._counters else None
        return did | matching(self._policy, text, known, [(known.views, growth)]).rules

    def _add_copy(self, receiver: str, original: str, copy: Copy) -> bool:
        """Add a copy to what the receiver is going to be told of its original; whether any of its
        destinations is."""
        mine = [
            place
            for place, planned in enumerate(self.planned)
            if (planned.receiver, planned.alert.article_id) == (receiver, original)
            and planned.alert.kind is not AlertKind.DROPPED
        ]
        for place in mine:  # one for each group in which the receiver is told
            self.planned[place] = self.planned[place].with_copy(copy)
        if mine:
            return True
        destinations = self._policy.destinations.get(receiver, ())
        added = [self._tx.add_copy(to.name, original, copy) for to in destinations]
        return any(added)


def _in_words(reasons: Mapping[str, Sequence[str]]) -> list[str]:
    """By reason the rules, as the ledger says it."""
    return [f"suppressed: {why} ({some(rules)})" for why, rules in reasons.items()]


def copy_of(known: Known) -> Copy:
    """An article as another with its text names it."""
    return Copy(known.id, known.source, known.title, known.published, known.url)


def _held(telling: Telling, rules: set[str], planned: Sequence[Planned]) -> list[str]:
    """Those of the rules that tell nobody, because of an original."""
    if telling.original is None:
        return []
    told = {rule for one in planned for rule in one.alert.rules}
    return sorted((rules & telling.original.rules) - told)
