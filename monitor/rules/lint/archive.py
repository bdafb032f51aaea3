"""Rules that match too much of what was stored, or nothing of it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator

from monitor.rules.lint.findings import Finding
from monitor.rules.reading import Document
from monitor.rules.ruleset import RuleSet

LEAST = 20
"""Articles; the shares of fewer say nothing."""


class Tally:
    """Which rules match how many of the articles that it is shown."""

    def __init__(self, rules: RuleSet) -> None:
        self._rules = rules
        self.articles = 0
        self._hits: Counter[str] = Counter()

    def add(self, article: Document) -> None:
        """One more article."""
        self.articles += 1
        matches = self._rules.match(
            title=article.title,
            body=article.body,
            source=article.source,
            language=article.language,
            url=article.url,
            views=article.views,
            published=article.published,
            growth=article.growth,
        )
        self._hits.update(match.rule for match in matches)

    def findings(self, share: float) -> Iterator[Finding]:
        """Rules that match more than ``share`` (0 to 1) of the articles, and those that match
        none. Of fewer than ``LEAST`` articles nothing is said."""
        if self.articles < LEAST:
            return
        for name in self._rules.names:
            count = self._hits[name]
            if not count:
                message = f"matches none of the newest {self.articles:,} stored articles"
                yield Finding("never", "note", name, (), message)
            elif count > share * self.articles:
                message = (
                    f"matches {count:,} of the newest {self.articles:,} stored articles"
                    f" ({count / self.articles:.0%}), more than {share:.0%}"
                )
                yield Finding("share", "warning", name, (), message)


def tally(rules: RuleSet, articles: Iterable[Document]) -> Tally:
    """Lay the articles beside the rules."""
    counted = Tally(rules)
    for article in articles:
        counted.add(article)
    return counted
