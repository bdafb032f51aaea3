"""Which stored article an article is."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

from monitor.model import Article, Known
from monitor.revisions import (
    Index,
    Relation,
    Sought,
    Texts,
    Verdict,
    article_id,
    fingerprint,
    identify,
    order_key,
    suspects,
)

DAY = date(2026, 2, 20)
PUBLISHED = datetime(2026, 2, 19, 9, 30, tzinfo=UTC)
WINDOW = timedelta(days=14)
PARAGRAPHS = tuple(
    f"Paragraph {name} of the report tells at some length what the {name} committee of the"
    f" harbour decided about its {name} budget, and why the {name} vote was postponed."
    for name in ("first", "second", "third", "fourth", "fifth", "sixth")
)
OTHER = tuple(
    f"Quite another {name} matter: fishermen of the northern isles met their {name} minister and"
    f" spoke of nets, of quotas and of the {name} winter storms for two hours."
    for name in ("first", "second", "third", "fourth", "fifth", "sixth")
)
ARTICLE = Article(0, "Harbour Council Votes", PARAGRAPHS, "gazette", PUBLISHED)


def stored(article: Article, day: date = DAY, pk: int = 1) -> tuple[Known, Article, date]:
    """The article as the store knows it."""
    found = fingerprint(article, day)
    now = datetime(2026, 2, 20, 12, tzinfo=UTC)
    known = Known(
        pk=pk,
        id=article_id(article, found.title_key, day),
        source=article.source,
        title=article.title,
        title_key=found.title_key,
        content=found.content,
        paragraphs=found.paragraphs,
        published=article.published,
        published_order=None,
        seen_from=day,
        seen_to=day,
        last_order=order_key(day, None, article.views, "dump", found.content),
        revision=1,
        views=article.views,
        first_seen=now,
        last_seen=now,
        updated=now,
        confidence=1.0,
        duplicate_of=None,
    )
    return known, article, day


def judge(article: Article, *past: tuple[Known, Article, date], day: date = DAY) -> Verdict:
    """Identify ``article`` among stored ones."""
    index = Index({}, ())
    texts = {}

    def sought(one: Article, seen: date) -> Sought:
        return Sought(
            one,
            fingerprint(one, seen),
            seen,
            texts=Texts(texts.__getitem__, lambda pk: ()),
            window=WINDOW,
            common=index.common,
        )

    for known, old, seen in past:
        index.put(known, sought(old, seen).keys)
        texts[known.pk] = old.title, old.body
    mine = sought(article, day)
    verdict = identify(mine, index)
    if verdict.known is not None:
        assert verdict.known.pk in suspects(mine, index)
    return verdict


def test_title_and_minute_identify_whatever_the_text() -> None:
    """Rule 1: a rewritten body under the same title and minute is the same article."""
    assert judge(replace(ARTICLE, paragraphs=OTHER), stored(ARTICLE)).relation is Relation.SAME


def test_other_source_is_another_article() -> None:
    """The same short text in another source is not the same article."""
    short = replace(ARTICLE, paragraphs=("Only a line.",))
    assert judge(replace(short, source="herald"), stored(short)).relation is Relation.NEW


def test_no_time_stamp_within_the_window() -> None:
    """Rule 2, both ways round: title and crawl date within the window are enough."""
    bare = replace(ARTICLE, published=None)
    later = DAY + timedelta(days=10)
    assert judge(bare, stored(ARTICLE), day=later).relation is Relation.SAME
    assert judge(ARTICLE, stored(bare), day=later).relation is Relation.SAME
    assert judge(bare, stored(bare), day=later).relation is Relation.SAME


def test_no_time_stamp_outside_the_window() -> None:
    """A recurring title months later with another text is new."""
    bare = replace(ARTICLE, published=None, paragraphs=OTHER)
    assert judge(bare, stored(ARTICLE), day=DAY + timedelta(days=90)).relation is Relation.NEW


def test_same_title_other_minute_other_text_is_new() -> None:
    """A recurring headline with a time stamp of its own and its own text is a new article."""
    again = replace(ARTICLE, published=PUBLISHED + timedelta(days=7), paragraphs=OTHER)
    assert judge(again, stored(ARTICLE)).relation is Relation.NEW


def test_retitled_article_is_known_by_its_paragraphs() -> None:
    """Rule 3: another title, same minute, most paragraphs kept: the same article, edited."""
    edited = replace(
        ARTICLE, title="Council Postpones Vote", paragraphs=(*PARAGRAPHS[:4], OTHER[0])
    )
    verdict = judge(edited, stored(ARTICLE))
    assert verdict.relation is Relation.SAME
    assert "%" in verdict.reason


def test_republished_with_a_later_time_is_the_same() -> None:
    """Rule 3: the same title and text with a corrected time stamp."""
    moved = replace(ARTICLE, published=PUBLISHED + timedelta(hours=3))
    assert judge(moved, stored(ARTICLE)).relation is Relation.SAME


def test_copy_in_another_source_is_a_near_duplicate() -> None:
    """Rule 4: a syndicated copy is linked, not merged."""
    copy = replace(ARTICLE, source="herald", title="Votes at the Harbour")
    verdict = judge(copy, stored(ARTICLE))
    assert verdict.relation is Relation.NEAR
    assert verdict.known is not None


def test_one_shared_paragraph_is_not_enough() -> None:
    """A quotation shared by two reports does not make them one."""
    other = replace(ARTICLE, title="Fishermen Meet", paragraphs=(PARAGRAPHS[0], *OTHER))
    assert judge(other, stored(ARTICLE)).relation is Relation.NEW


def test_short_texts_prove_nothing() -> None:
    """Two short notices that share their only sentence stay two articles."""
    line = ("The office is closed on Friday because of the public holiday in town.",)
    one = replace(ARTICLE, title="Library Closed", paragraphs=line)
    two = replace(ARTICLE, title="Town Hall Closed", paragraphs=line)
    assert judge(two, stored(one)).relation is Relation.NEW


def test_best_candidate_is_the_one_that_shares_most() -> None:
    """Among several articles with one title the text decides."""
    first = stored(replace(ARTICLE, published=PUBLISHED - timedelta(days=2)), pk=1)
    second = stored(replace(ARTICLE, paragraphs=OTHER), pk=2)
    verdict = judge(replace(ARTICLE, published=None, paragraphs=OTHER), first, second)
    assert verdict.known is not None and verdict.known.pk == 2
