"""How an article of a dump stands to the texts of a stored one."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, timedelta
from functools import cached_property

from monitor.model import Article, Fingerprint, Known, Revision
from monitor.revisions.fingerprint import normal_lines, text_keys
from monitor.revisions.resemblance import Likeness, Resemblance, Text

SIMILAR = 0.5  # containment and Jaccard; two different articles share at most 0.10
SAME_DATE = timedelta(hours=24)
MOST_REVISIONS = 16  # former texts of one article that are compared

_NOT_KEPT = ("", "")


@dataclass(frozen=True, slots=True)
class Texts:
    """How stored texts are read: the current one of an article (empty where it is not kept any
    more), and all that it had."""

    current: Callable[[int], Text]
    chain: Callable[[int], Sequence[Revision]]


class Sought:
    """An article of a dump on its way to being identified."""

    def __init__(
        self,
        article: Article,
        print_: Fingerprint,
        day: date,
        *,
        texts: Texts,
        window: timedelta,
        common: Callable[[Sought], Collection[int]],
    ) -> None:
        """``day`` is its crawl day, ``window`` how far from it an article without a time stamp is
        looked for; ``common`` tells what of its text stands in very many articles."""
        self.article, self.print, self.day, self.window = article, print_, day, window
        self._stored = texts
        self._common = common

    @cached_property
    def texts(self) -> tuple[int, ...]:
        """The lookup keys of its text."""
        return text_keys(self.print)

    @property
    def keys(self) -> tuple[int, ...]:
        """All its lookup keys."""
        return (self.print.moment, self.print.title, *self.texts)

    @cached_property
    def _mine(self) -> Resemblance:
        title = normal_lines(self.article.title)
        return Resemblance([*title, *self.print.folded], self._common(self))

    def likenesses(self, known: Known) -> Iterator[Likeness]:
        """To each text that the article had: the current one, then those that share most
        paragraphs. One that is no longer kept is compared by its paragraphs' hashes."""
        current = self._stored.current(known.pk)
        yield self._by_hashes(known.paragraphs) if current == _NOT_KEPT else self._mine.to(current)
        if known.revision == 1:
            return
        mine = set(self.print.paragraphs)
        former = [r for r in self._stored.chain(known.pk) if r.content != known.content]
        former.sort(key=lambda r: (-len(mine.intersection(r.paragraphs)), -r.number))
        for revision in former[:MOST_REVISIONS]:
            if revision.body:
                yield self._mine.to((revision.title, revision.body))
            else:
                yield self._by_hashes(revision.paragraphs)

    def closeness(self, known: Known) -> float:
        """How much of the wording, at best, stands in a text that the article had: from 0 to 1.

        Short texts, of which words prove nothing, are compared by their paragraphs.
        """
        if self.print.content == known.content:
            return 1.0
        chain = self._stored.chain(known.pk) if known.revision > 1 else ()
        hashes = [known.paragraphs, *(revision.paragraphs for revision in chain)]
        whole = max(self._by_hashes(paragraphs).containment for paragraphs in hashes)
        if whole == 1.0:
            return whole
        return max(whole, *(likeness.containment for likeness in self.likenesses(known)))

    def is_edition_of(self, known: Known, likeness: Likeness) -> bool:
        """Whether so much likeness makes it the same article, in another text.

        Articles written after one pattern (an earthquake, a rate of exchange) are alike too: that
        they are of one day tells them apart from editions only with a whole paragraph in common.
        """
        if known.source != self.article.source or likeness.containment < SIMILAR:
            return False
        if known.title_key == self.print.title_key or self._minute_agrees(known):
            return True
        return likeness.paragraphs > 0 and self._date_agrees(known)

    def stands_beside(self, known: Known) -> bool:
        """Whether it is another article than one that stands in the same listing: its text is
        another, or both have titles and times of their own."""
        dated = None not in (self.article.published, known.published)
        if dated and known.title_key != self.print.title_key and not self._minute_agrees(known):
            return True
        return self.closeness(known) < SIMILAR

    def distance(self, known: Known) -> timedelta:
        """Between its date and the span of days in which the other is known."""
        published = self.article.published
        mine = published.astimezone(UTC).date() if published else self.day
        days = [known.seen_from, known.seen_to]
        if known.published is not None:
            days.append(known.published.astimezone(UTC).date())
        return max(min(days) - mine, mine - max(days), timedelta())

    def _by_hashes(self, paragraphs: Sequence[int]) -> Likeness:
        mine, theirs = set(self.print.paragraphs), set(paragraphs)
        shared = len(mine & theirs)
        if not shared:
            return Likeness(0.0, 0.0)
        return Likeness(
            shared / min(len(mine), len(theirs)), shared / len(mine | theirs), paragraphs=shared
        )

    def _minute_agrees(self, known: Known) -> bool:
        if self.article.published is None or known.published is None:
            return False
        return abs(self.article.published - known.published) < timedelta(minutes=1)

    def _date_agrees(self, known: Known) -> bool:
        if self.article.published is None or known.published is None:
            return self.distance(known) <= self.window
        return abs(self.article.published - known.published) <= SAME_DATE
