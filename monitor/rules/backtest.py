"""What rules find in stored articles, beside what other rules find or what was found at the time.

Pure counting, one article after another: memory grows with the rules that hit and the days on
which they do, not with the articles.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, tzinfo
from typing import Literal, Protocol

from monitor.model import Entry, Match

Standing = Literal["present", "added", "removed"]
"""Whether a rule is in both sets, only in the tried one, or only in the one compared with."""


class Rules(Protocol):
    """What is needed of a compiled rule set."""

    @property
    def names(self) -> tuple[str, ...]: ...

    @property
    def by_growth(self) -> bool: ...

    def match(
        self,
        *,
        title: str,
        body: str,
        source: str | None,
        language: str | None,
        views: int | None,
        published: datetime | None,
        growth: float | None,
    ) -> list[Match]: ...


@dataclass(frozen=True, slots=True)
class Example:
    """An article that a rule gained or lost."""

    id: str
    title: str
    moment: datetime


@dataclass(slots=True)
class Tally:
    """What one rule found.

    ``hits`` counts articles, ``days`` the same by day; ``first`` and ``last`` are the earliest
    and the latest moment of one. ``gained`` are the articles that only the tried rule hits,
    ``lost`` those that it does not hit any more.
    """

    rule: str
    standing: Standing = "present"
    hits: int = 0
    gained: int = 0
    lost: int = 0
    first: datetime | None = None
    last: datetime | None = None
    days: Counter[date] = field(default_factory=Counter)
    gains: list[Example] = field(default_factory=list)
    losses: list[Example] = field(default_factory=list)

    def hit(self, moment: datetime, day: date) -> None:
        """Count one article."""
        self.hits += 1
        self.days[day] += 1
        self.first = moment if self.first is None else min(self.first, moment)
        self.last = moment if self.last is None else max(self.last, moment)


class Backtest:
    """Rules on trial. Give it articles with ``read``, then ask for the ``tallies``.

    Compared are the rules of one name: with ``before``, what that set matches now; without, the
    matches stored with the article's current text, that is what the rules said when it came.
    """

    def __init__(
        self,
        tried: Rules,
        before: Rules | None = None,
        *,
        only: Collection[str] = (),
        examples: int = 0,
        zone: tzinfo | None = UTC,
        languages: Mapping[str, str] | None = None,
    ) -> None:
        """``only``: rules to look at, none: all. ``examples``: articles kept of those gained and
        as many of those lost, for each rule. ``zone``: where days begin, None: the machine's.
        ``languages``: of sources that have one, by name; other articles are told by their text.
        """
        self._tried, self._before = tried, before
        self._only, self._examples, self._zone = frozenset(only), examples, zone
        self._languages = languages or {}
        self._names = frozenset(tried.names)
        self._names_before = None if before is None else frozenset(before.names)
        self._tallies: dict[str, Tally] = {}
        self.articles = 0
        self.first_day: date | None = None
        self.last_day: date | None = None

    @property
    def by_growth(self) -> bool:
        """Whether articles must come with their growth."""
        before = self._before is not None and self._before.by_growth
        return self._tried.by_growth or before

    def read(self, article: Entry) -> None:
        """Count what the rules find in one more article."""
        moment = article.published or article.first_seen
        day = day_of(moment, self._zone)
        self.articles += 1
        self.first_day = day if self.first_day is None else min(self.first_day, day)
        self.last_day = day if self.last_day is None else max(self.last_day, day)
        now = self._found(self._tried, article)
        before = self._known(article)
        for name in now:
            self._tally(name).hit(moment, day)
        for name in now - before:
            tally = self._tally(name)
            tally.gained += 1
            if tally.gained <= self._examples:
                tally.gains.append(Example(article.id, article.title, moment))
        for name in before - now:
            tally = self._tally(name)
            tally.lost += 1
            if tally.lost <= self._examples:
                tally.losses.append(Example(article.id, article.title, moment))

    def tallies(self) -> Iterator[Tally]:
        """Those of the tried rules, in their order, then those of the rules that are gone:
        in the order of their set, or by name where only the store remembers them."""
        if self._before is None:
            gone = sorted(self._tallies.keys() - self._names)
        else:
            gone = [name for name in self._before.names if name not in self._names]
        for name in (*self._tried.names, *gone):
            if not self._only or name in self._only:
                yield self._tallies.get(name) or self._new(name)

    def _known(self, article: Entry) -> frozenset[str]:
        if self._before is not None:
            return self._found(self._before, article)
        return self._wanted(article.rules)

    def _found(self, rules: Rules, article: Entry) -> frozenset[str]:
        matches = rules.match(
            title=article.title,
            body=article.body,
            source=article.source,
            language=self._languages.get(article.source),
            views=article.views,
            published=article.published,
            growth=article.growth,
        )
        return self._wanted(match.rule for match in matches)

    def _wanted(self, names: Collection[str] | Iterator[str]) -> frozenset[str]:
        found = frozenset(names)
        return found & self._only if self._only else found

    def _tally(self, name: str) -> Tally:
        if name not in self._tallies:
            self._tallies[name] = self._new(name)
        return self._tallies[name]

    def _new(self, name: str) -> Tally:
        if name not in self._names:
            return Tally(name, "removed")
        added = self._names_before is not None and name not in self._names_before
        return Tally(name, "added" if added else "present")


def day_of(moment: datetime, zone: tzinfo | None) -> date:
    """The day in a zone (None: the machine's); in the moment's own where the calendar ends."""
    try:
        return moment.astimezone(zone).date()
    except (OverflowError, OSError):
        return moment.date()
