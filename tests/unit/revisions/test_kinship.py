"""Which text an article of a dump is an edition or a copy of."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

from monitor.model import Article, Known, Revision
from monitor.revisions import (
    Index,
    Relation,
    Sought,
    Texts,
    Verdict,
    article_id,
    fingerprint,
    identify,
    settle,
    text_keys,
)
from monitor.revisions.keys import COMMON
from monitor.revisions.resemblance import FEWEST_SHINGLES, Resemblance

DAY = date(2026, 2, 20)
PUBLISHED = datetime(2026, 2, 19, 9, 30, tzinfo=UTC)
HOUR = timedelta(hours=1)
WORDS = re.findall(
    r"\w+",
    "harbour council ferry timetable winter storm budget quarter engineer island committee"
    " fisherman weather station railway bridge library orchard market festival museum teacher"
    " hospital river mountain valley forest meadow village summer autumn spring",
)


def body(seed: int, paragraphs: int = 6) -> tuple[str, ...]:
    """A text of its own for each seed; no two share as much as three words in a row by much."""
    return tuple(
        " ".join(
            WORDS[(seed * 7 + p * 11 + i * (seed + 3)) % len(WORDS)] + str(i * seed % 13)
            for i in range(24)
        )
        for p in range(paragraphs)
    )


def touched(text: Sequence[str]) -> tuple[str, ...]:
    """Every paragraph edited: a word in its middle is another."""
    return tuple(
        " ".join([*words[:12], "otherwise", *words[13:]]) for words in map(str.split, text)
    )


ARTICLE = Article(0, "Harbour Council Votes", body(1), "gazette", PUBLISHED)


class Store:
    """The least that identity reads."""

    def __init__(self) -> None:
        self.index = Index({}, ())
        self.chains: dict[int, list[Revision]] = {}

    def sought(self, article: Article, day: date = DAY) -> Sought:
        return Sought(
            article,
            fingerprint(article, day),
            day,
            texts=Texts(self._current, self.chains.__getitem__),
            window=timedelta(days=14),
            common=self.index.common,
        )

    def put(self, *editions: Article) -> Known:
        """Store an article that had these texts, the last one now."""
        pk = len(self.chains) + 1
        chain = self.chains[pk] = []
        for number, edition in enumerate(editions, 1):
            sought = self.sought(edition)
            print_ = sought.print
            chain.append(
                Revision(
                    number, print_.content, edition.title, edition.body, print_.paragraphs,
                    str(number), PUBLISHED,
                )
            )  # fmt: skip
            known = Known(
                pk=pk, id=article_id(edition, print_.title_key, DAY), source=edition.source,
                title=edition.title, title_key=print_.title_key, content=print_.content,
                paragraphs=print_.paragraphs, published=edition.published, published_order=None,
                seen_from=DAY, seen_to=DAY, last_order=str(number), revision=number, views=None,
                first_seen=PUBLISHED, last_seen=PUBLISHED, updated=PUBLISHED, confidence=1.0,
                duplicate_of=None,
            )  # fmt: skip
            self.index.put(known, self.index.worth_keeping(sought))
        return known

    def forget(self, known: Known) -> None:
        """What pruning leaves: hashes."""
        self.chains[known.pk] = [
            replace(revision, body="", pruned=True) for revision in self.chains[known.pk]
        ]

    def judge(self, article: Article) -> Verdict:
        return identify(self.sought(article), self.index)

    def _current(self, pk: int) -> tuple[str, str]:
        current = self.chains[pk][-1]
        return ("", "") if current.pruned else (current.title, current.body)


def test_touched_everywhere_it_is_the_same() -> None:
    """No paragraph is left as it was: with its title or its minute it is an edition all the
    same."""
    store = Store()
    store.put(ARTICLE)
    text = touched(ARTICLE.paragraphs)
    retitled = replace(ARTICLE, title="Vote in the Harbour", paragraphs=text)
    assert store.judge(retitled).relation is Relation.SAME
    moved = replace(ARTICLE, published=PUBLISHED + 3 * HOUR, paragraphs=text)
    assert store.judge(moved).relation is Relation.SAME


def test_touched_everywhere_in_another_source_it_is_a_copy() -> None:
    """Whatever its title and its time."""
    store = Store()
    store.put(ARTICLE)
    copy = replace(
        ARTICLE,
        source="courier",
        title="Vote in the Harbour",
        published=PUBLISHED + 30 * HOUR,
        paragraphs=(" ".join(touched(ARTICLE.paragraphs)),),
    )
    assert store.judge(copy).relation is Relation.NEAR


def test_articles_of_one_pattern_are_not_one() -> None:
    """Alike in half their words, with titles and times of their own and no paragraph in common:
    two articles."""
    store = Store()
    store.put(ARTICLE)
    text = touched(ARTICLE.paragraphs)
    other = replace(
        ARTICLE, title="Island Council Votes", published=PUBLISHED + HOUR, paragraphs=text
    )
    assert store.judge(other).relation is Relation.NEW


def test_a_former_text_counts_as_the_current_one() -> None:
    """An older edition that arrives late shares nothing with the present text, under another
    title."""
    store = Store()
    later = replace(ARTICLE, title="Vote Put Off", paragraphs=(*body(1)[:2], *body(2)[2:]))
    latest = replace(later, paragraphs=body(2))
    known = store.put(ARTICLE, later, latest)
    early = replace(ARTICLE, title="Council to Vote", paragraphs=(*body(1)[:5], "Soon."))
    verdict = store.judge(early)
    assert (verdict.relation, verdict.known) == (Relation.SAME, known)


def test_a_forgotten_text_is_known_by_its_paragraphs() -> None:
    """The body was pruned; half of its paragraphs are enough, a fifth is not."""
    store = Store()
    store.forget(store.put(ARTICLE))
    half = replace(ARTICLE, title="Vote Put Off", paragraphs=(*body(1)[:3], *body(2)[:3]))
    assert store.judge(half).relation is Relation.SAME
    little = replace(half, paragraphs=(*body(1)[:1], *body(2)[:4]))
    assert store.judge(little).relation is Relation.NEW


def test_a_disclaimer_makes_nothing_alike() -> None:
    """A text that stands under very many articles is neither a key any more nor compared, though
    it is the greater part of each."""
    store = Store()
    disclaimer = body(50, paragraphs=12)
    for n in range(COMMON + 5):
        own = replace(
            ARTICLE,
            title=f"Notice Number {n} of the Port",
            published=PUBLISHED + n * HOUR,
            paragraphs=(*body(100 + n, paragraphs=2), *disclaimer),
        )
        if n > COMMON:
            assert store.judge(own).relation is Relation.NEW
        store.put(own)
    keys = text_keys(store.sought(own).print)
    assert max(len(store.index.pks(key)) for key in keys) == COMMON
    assert len(store.index.worth_keeping(store.sought(own))) < 2 + len(keys)


def test_a_text_that_very_many_print_is_still_a_copy() -> None:
    """Everything about it is common by then; a short notice with the same end is not one."""
    store = Store()
    for n in range(COMMON + 5):
        copy = replace(ARTICLE, source=f"paper-{n}", title=f"{ARTICLE.title} in Town {n}")
        assert store.judge(copy).relation is (Relation.NEAR if n else Relation.NEW)
        store.put(copy)
    notice = replace(
        ARTICLE,
        source="paper",
        title="Notice",
        paragraphs=("Shop closed.", *body(3)[:2], body(1)[0]),
    )
    assert store.judge(notice).relation is Relation.NEW


def test_scripts_without_blanks_are_compared_by_characters() -> None:
    """A text of one hundred characters without a blank proves as much as one of words."""
    text = "".join(chr(0x4E00 + (n * 37) % 2000) for n in range(120))
    edited = text[:60] + "在有他这" + text[64:]
    likeness = Resemblance(("标题", text), ()).to(("标题", edited))
    assert 0.8 < likeness.jaccard < 1.0
    assert Resemblance(("标题", text[:20]), ()).to(("标题", text[:20])).jaccard == 0.0
    assert FEWEST_SHINGLES > 20


def test_twins_keep_what_is_their_own() -> None:
    """Two articles of one title and minute, both edited everywhere: each claims its own; with
    only one of the two stored, the other is not taken for it."""
    store = Store()
    first = store.put(ARTICLE)
    twin = replace(ARTICLE, index=1, paragraphs=body(2))
    batch = [
        store.sought(replace(article, paragraphs=touched(article.paragraphs)))
        for article in (ARTICLE, twin)
    ]
    assert settle(batch, store.index) == {1: {first.pk}}
    second = store.put(twin)
    assert settle(batch, store.index) == {0: {second.pk}, 1: {first.pk}}


def test_editions_of_one_article_claim_alike() -> None:
    """A listing with an article before and after an edit: neither is another one's."""
    store = Store()
    store.put(ARTICLE)
    edited = replace(ARTICLE, index=1, paragraphs=touched(ARTICLE.paragraphs))
    assert settle([store.sought(ARTICLE), store.sought(edited)], store.index) == {}


def test_a_neighbour_of_one_pattern_does_not_take_its_place() -> None:
    """An article that stands in the listing itself is not the one beside it that is like it."""
    store = Store()
    known = store.put(ARTICLE)
    like = replace(
        ARTICLE,
        index=1,
        title="Island Council Votes",
        paragraphs=(*ARTICLE.paragraphs[:4], *body(2)[4:]),
    )
    assert settle([store.sought(ARTICLE), store.sought(like)], store.index) == {1: {known.pk}}
