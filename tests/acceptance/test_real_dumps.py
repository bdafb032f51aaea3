"""Three real dumps, which stand beside the checkout, are cut exactly as expected.

And they still are with their time lines, boilerplate or crawl date taken away, joined or
shuffled: the titles must be found by the shape of the text alone.
"""

from __future__ import annotations

import io
import json
import random
import re
from itertools import permutations
from pathlib import Path
from typing import Any

import pytest

from monitor.config import SourceSettings
from monitor.dumps import parse
from monitor.model import Article, BadRecord

DUMPS = Path(__file__).parents[2].parent / "shared" / "dumps"
NAMES = ("kt-2026-01-07", "kt-2026-02-20", "kt-2026-02-28")
SOURCE = SourceSettings(
    name="kazakhstan-today",
    zone="Asia/Almaty",
    boilerplate=(
        "Images",
        "relevant news",
        "This information may not be reproduced without reference to Kazakhstan Today."
        " Copyright of materials of News Agency Kazakhstan Today.",
    ),
)
CRAWL = re.compile(r" date \d{4}-\d\d-\d\d ?")
TIME = re.compile(r"\d\d\.\d\d\.\d{4}, \d\d:\d\d(?: \d+)?")
Cut = list[tuple[str, tuple[str, ...]]]

pytestmark = pytest.mark.skipif(
    not DUMPS.is_dir(), reason=f"the real dumps are not here ({DUMPS}); they are other people's"
)


def _text(name: str) -> str:
    return (DUMPS / f"{name}.txt").read_text("utf-8")


def _expected(name: str) -> dict[str, Any]:
    loaded: dict[str, Any] = json.loads((DUMPS / f"{name}.expected.json").read_text("utf-8"))
    return loaded


def _wanted(*names: str) -> Cut:
    return [
        (article["title"], tuple(article["paragraphs"]))
        for name in names
        for article in _expected(name)["articles"]
    ]


def _parse(text: str) -> list[Article | BadRecord]:
    return list(parse(io.BytesIO(text.encode()), SOURCE, name="dump.txt"))


def _cut(text: str) -> Cut:
    segments = _parse(text)
    assert [s for s in segments if isinstance(s, BadRecord)] == []
    return [(s.title, s.paragraphs) for s in segments if isinstance(s, Article)]


def _body(name: str) -> list[str]:
    """The dump's lines below its first, which is the crawl date with a time line or a banner."""
    first, *lines = _text(name).splitlines()
    assert CRAWL.match(first)
    return lines


def _untimed(name: str) -> list[str]:
    return [line for line in _body(name) if not TIME.fullmatch(line.strip())]


def _without_boilerplate(lines: list[str]) -> list[str]:
    known = {line.casefold() for line in SOURCE.boilerplate}
    return [line for line in lines if line.strip().casefold() not in known]


def _crawl_date(name: str) -> str:
    return f" date {name.removeprefix('kt-')}"


@pytest.mark.parametrize("name", NAMES)
def test_every_field_is_exactly_as_expected(name: str) -> None:
    """Titles, times with their offset, counters, paragraphs and the crawl date, in order."""
    expected = _expected(name)
    segments = _parse(_text(name))
    assert [
        {
            "title": article.title,
            "published": article.published and article.published.isoformat(),
            "views": article.views,
            "paragraphs": list(article.paragraphs),
        }
        for article in segments
        if isinstance(article, Article)
    ] == expected["articles"]
    assert [segment.index for segment in segments] == list(range(len(expected["articles"])))
    for article in segments:
        assert isinstance(article, Article)
        assert str(article.crawled) == expected["crawled"]
        timed = article.published is not None
        assert (article.confidence == 1.0) == timed
        assert ("no-time" in article.flags) == (not timed)


@pytest.mark.parametrize("boilerplate", ["boilerplate", "no boilerplate"])
@pytest.mark.parametrize("first", ["own line", "banner", "glued", "banner alone", "none"])
@pytest.mark.parametrize("name", NAMES)
def test_no_time_line_at_all(name: str, first: str, boilerplate: str) -> None:
    """The articles are the same, whatever has become of the first line."""
    lines = _untimed(name)
    if boilerplate == "no boilerplate":
        lines = _without_boilerplate(lines)
    date, banner = _crawl_date(name), '"Fund for the Young": 3.2 million was spent on schools'
    if first == "own line":
        lines.insert(0, date)
    elif first == "banner":
        lines.insert(0, f"{date} {banner}{banner}")
    elif first == "banner alone":
        lines.insert(0, f"{banner}{banner}")
    elif first == "glued":
        lines[0] = f"{date} {lines[0]}"
    segments = _parse("\n".join(lines))
    assert _cut("\n".join(lines)) == _wanted(name)
    for article in segments:
        assert isinstance(article, Article)
        assert article.published is None
        assert article.views is None
        assert 0.3 < article.confidence < 1.0
        assert (article.crawled is not None) == (first in ("own line", "banner", "glued"))


@pytest.mark.parametrize("seed", range(8))
@pytest.mark.parametrize("name", NAMES)
def test_some_time_lines_are_missing(name: str, seed: int) -> None:
    """Articles with and without a time line stand side by side; each keeps its own."""
    choose = random.Random(seed)
    lines = [
        line for line in _body(name) if not TIME.fullmatch(line.strip()) or choose.random() < 0.5
    ]
    if seed % 2:
        lines = _without_boilerplate(lines)
    text = "\n".join([_crawl_date(name), *lines])
    assert _cut(text) == _wanted(name)
    kept = sum(TIME.fullmatch(line.strip()) is not None for line in lines)
    assert sum(isinstance(s, Article) and s.published is not None for s in _parse(text)) == kept


@pytest.mark.parametrize("order", list(permutations(NAMES)), ids="+".join)
def test_joined_dumps(order: tuple[str, ...]) -> None:
    """Dumps joined into one file, as they are, give all their articles and crawl dates."""
    segments = _parse("\n".join(_text(name) for name in order))
    assert [(s.title, s.paragraphs) for s in segments if isinstance(s, Article)] == _wanted(*order)
    assert [str(s.crawled) for s in segments if isinstance(s, Article)] == [
        _expected(name)["crawled"] for name in order for _ in _expected(name)["articles"]
    ]


@pytest.mark.parametrize("boilerplate", ["boilerplate", "no boilerplate"])
@pytest.mark.parametrize("order", list(permutations(NAMES)), ids="+".join)
def test_joined_dumps_without_time_lines(order: tuple[str, ...], boilerplate: str) -> None:
    """Nothing but the shape of the text says where one dump ends and the next begins."""
    lines = [line for name in order for line in _untimed(name)]
    if boilerplate == "no boilerplate":
        lines = _without_boilerplate(lines)
    assert _cut("\n".join(lines)) == _wanted(*order)


@pytest.mark.parametrize("seed", range(12))
def test_shuffled_articles_without_time_lines(seed: int) -> None:
    """Any article may stand above any other."""
    wanted = _wanted(*NAMES)
    random.Random(seed).shuffle(wanted)
    lines = [line for title, paragraphs in wanted for line in (title, *paragraphs)]
    assert _cut("\n".join(lines)) == wanted


@pytest.mark.parametrize("number", range(27))
def test_one_article_alone(number: int) -> None:
    """A dump of a single article without its time line is that article."""
    title, paragraphs = _wanted(*NAMES)[number]
    assert _cut("\n".join((title, *paragraphs))) == [(title, paragraphs)]


@pytest.mark.parametrize(
    "subhead",
    [
        "Economic cooperation",
        "What the experts say",
        "Trade and investment",
        "Key results of the visit",
        "How will the reform affect people?",
        "- a list of one item",
        "Photo: the press service",
    ],
)
def test_short_subheads_do_not_cut(subhead: str) -> None:
    """A subhead of mixed case stays a paragraph, wherever it stands inside an article."""
    originals = _wanted(*NAMES)
    for place in range(1, 29):
        wanted = [
            (title, (*body[:place], subhead, *body[place:]) if place < len(body) else body)
            for title, body in originals
        ]
        lines = [line for title, body in wanted for line in (title, *body)]
        assert _cut("\n".join(lines)) == wanted
