"""Which rules match an article, with all that they may ask of it."""

from __future__ import annotations

from collections.abc import Iterable, Set
from dataclasses import dataclass

from monitor.alerts import Found
from monitor.model import Article, Known, Match
from monitor.pipeline.policy import Policy

Counts = Iterable[tuple[int | None, float | None]]
"""Counter and growth at one crawl or several."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """The rules that match, and the names of those that would have taken too long."""

    matches: tuple[Match, ...] = ()
    undecided: Set[str] = frozenset()

    @property
    def rules(self) -> set[str]:
        """The names of those that match."""
        return {match.rule for match in self.matches}

    def of(self, text: tuple[str, str]) -> Found:
        """With the text that they match."""
        return Found(*text, self.matches, self.undecided)


def matching(
    policy: Policy, text: tuple[str, str], of: Article | Known, counts: Counts | None = None
) -> Verdict:
    """The rules that match title and body at one of the ``counts`` (None: that of the article,
    its growth not known)."""
    found: dict[str, Match] = {}
    undecided: set[str] = set()
    title, body = text
    rules = policy.rules
    for views, growth in [(of.views, None)] if counts is None else counts:
        more = {"growth": growth} if rules.by_growth else {}
        matches = rules.match(
            title=title,
            body=body,
            source=of.source,
            language=of.language or policy.languages.get(of.source),
            url=of.url,
            views=views,
            published=of.published,
            **more,
        )
        for match in matches:
            found.setdefault(match.rule, match)
        undecided |= matches.undecided
    return Verdict(tuple(found.values()), undecided - found.keys())
