"""Profiles of invented sources of text: what is inferred cuts their dumps as they were written."""

from __future__ import annotations

import io
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
import yaml

from monitor.config import SourceSettings
from monitor.dumps import parse
from monitor.dumps.infer import Inferred, infer, read_samples
from monitor.errors import DumpError
from monitor.model import Article

from .newsroom import News, write

ALMATY = ZoneInfo("Asia/Almaty")
Writer = Callable[[News], Sequence[str]]


def dump(news: Sequence[News], writer: Writer, first: str = "", end: str = "\n") -> str:
    lines = [first] if first else []
    for one in news:
        lines += writer(one)
    return end.join(lines) + end


def inferred(*texts: str, encoding: str = "utf-8", zone: ZoneInfo | None = ALMATY) -> Inferred:
    samples = []
    for number, text in enumerate(texts):
        stream = io.BytesIO(text.encode(encoding))
        samples += read_samples(f"news-2026-03-{17 + number}.txt", stream)
    return infer(samples, zone=zone)


def agreed(found: Inferred, *dumps: Sequence[News], times: bool = True, views: bool = True) -> None:
    """The preview has what was written, no more, and so has what the printed YAML makes of it."""
    for (_, cut), news in zip(found.preview, dumps, strict=True):
        assert [one.title for one in cut if isinstance(one, Article)] == [n.title for n in news]
        for one, wanted in zip(cut, news, strict=True):
            assert isinstance(one, Article)
            assert one.paragraphs == wanted.paragraphs
            assert one.views == (wanted.views if views else None)
            naive = one.published and one.published.replace(tzinfo=None)
            assert naive == (wanted.time if times else None)
    (printed,) = yaml.safe_load("sources:\n" + found.draft.yaml())["sources"]
    assert SourceSettings(**printed) == found.draft.profile()


FIRST = write(seed=1)
SECOND = write(seed=2, newest=datetime(2026, 3, 19, 9, 5))  # noqa: DTZ001


def spaced(number: int) -> str:
    return f"{number:,}".replace(",", " ")


MONTHS_RU = ["января", "февраля", "марта", "апреля", "мая", "июня", "июля"]
SHAPES: dict[str, tuple[Writer, str, bool]] = {
    "American, with counters in groups": (
        lambda n: [
            f"{n.time:%B} {n.time.day}, {n.time.year} {n.time:%I:%M %p} | {n.views:,} views",
            n.title,
            *n.paragraphs,
            "Share this",
            f"{n.views % 7} comments",
        ],
        "Crawled: 2026-03-20",
        True,
    ),
    "the clock first, a section that varies, and a counter": (
        lambda n: [
            f"{n.time:%H:%M}, {n.time:%d.%m.%Y} | {n.title.split()[0]} affairs"
            f" | {spaced(n.views)} reads",
            n.title,
            *n.paragraphs,
            "© Steppe News Agency, 2026. All rights reserved, quoting only with a link.",
        ],
        "",
        True,
    ),
    "short months, a word before the time, furniture above the title": (
        lambda n: [
            f"Published: {n.time.day} {n.time:%b %Y at %H:%M}",
            "News",
            n.title,
            "Photo: archive of the town",
            *n.paragraphs,
        ],
        "date 2026-03-20",
        False,
    ),
    "ISO 8601 with seconds": (
        lambda n: [f"{n.time:%Y-%m-%d %H:%M:%S} ({n.views})", n.title, *n.paragraphs],
        "2026-03-20 Steppe News of the dayNot for printing",
        True,
    ),
    "year first with slashes": (
        lambda n: [f"[{n.time:%Y/%m/%d %H:%M}]", n.title, *n.paragraphs, "Read also"],
        "",
        False,
    ),
    "two figures for the year": (
        lambda n: [f"{n.time:%d-%m-%y, %H.%M}", n.title, *n.paragraphs],
        "",
        False,
    ),
    "Russian months, the counter named": (
        lambda n: [
            f"{n.time.day} {MONTHS_RU[n.time.month - 1]} {n.time.year} г., {n.time:%H:%M}"
            f" · Просмотров: {spaced(n.views)}",
            n.title,
            *n.paragraphs,
            "Читайте также",
        ],
        "",
        True,
    ),
    "twelve hours with slashes": (
        lambda n: [
            f"{n.time.month}/{n.time.day}/{n.time.year} {n.time:%I:%M} {n.time:%p}".replace(
                "AM", "a.m."
            ).replace("PM", "p.m."),
            n.title,
            *n.paragraphs,
        ],
        "",
        False,
    ),
}


@pytest.mark.parametrize("shape", SHAPES)
def test_a_source_is_cut_as_it_was_written(shape: str) -> None:
    """Two dumps are enough, and nothing is left to be changed by hand."""
    writer, first, views = SHAPES[shape]
    found = inferred(dump(FIRST, writer, first), dump(SECOND, writer, first))
    agreed(found, FIRST, SECOND, views=views)
    assert found.draft.doubts == []
    assert all(one.confidence == 1 for one in found.articles)


@pytest.mark.parametrize("shape", SHAPES)
def test_the_same_article_in_two_dumps_is_no_furniture(shape: str) -> None:
    """A dump repeats most of the one before it."""
    writer, first, views = SHAPES[shape]
    both = [*write(2, seed=3, newest=datetime(2026, 3, 18, 9, 0)), *FIRST[:8]]  # noqa: DTZ001
    found = inferred(dump(FIRST, writer, first), dump(both, writer, first))
    agreed(found, FIRST, both, views=views)


def test_a_legacy_code_page() -> None:
    """It is named, so that a dump of one Russian line is read as well."""
    writer = SHAPES["Russian months, the counter named"][0]
    found = inferred(dump(FIRST, writer), dump(SECOND, writer), encoding="windows-1251")
    agreed(found, FIRST, SECOND)
    assert found.draft.settings["encoding"] == "windows-1251"


@pytest.mark.parametrize("millis", [1, 1000])
def test_seconds_since_1970(millis: int) -> None:
    """Or milliseconds; they need no zone."""

    def writer(n: News) -> list[str]:
        return [str(int(n.time.replace(tzinfo=UTC).timestamp()) * millis), n.title, *n.paragraphs]

    found = inferred(dump(FIRST, writer), zone=None)
    agreed(found, FIRST, views=False)
    assert found.draft.settings["time_format"] == "%s"
    assert "not needed" in found.draft.evidence["zone"]


def test_an_offset_in_the_times() -> None:
    """They need no zone either."""

    def writer(n: News) -> list[str]:
        return [f"{n.time:%Y-%m-%dT%H:%M:%S}+05:00", n.title, *n.paragraphs]

    found = inferred(dump(FIRST, writer), zone=None)
    agreed(found, FIRST, views=False)
    assert "not needed" in found.draft.evidence["zone"]
    assert found.articles[0].published == FIRST[0].time.replace(tzinfo=ZoneInfo("Etc/GMT-5"))


def _numbers(n: News) -> list[str]:
    return [f"{n.time:%m/%d/%Y %H:%M}", n.title, *n.paragraphs]


EARLY = write(8, newest=datetime(2026, 3, 12, 9, 0), step=timedelta(days=1))  # noqa: DTZ001


def test_day_and_month_are_told_by_all_dumps_together() -> None:
    """One dump has no day above 12, the other has."""
    found = inferred(dump(EARLY, _numbers), dump(SECOND, _numbers))
    agreed(found, EARLY, SECOND, views=False)
    assert found.draft.doubts == []


def test_day_and_month_are_told_by_the_crawl_date() -> None:
    """No article is published after it was read."""
    found = inferred(dump(EARLY, _numbers, " date 2026-03-12"))
    agreed(found, EARLY, views=False)
    assert found.draft.doubts == []


def test_day_and_month_that_cannot_be_told() -> None:
    """It is said what is taken for the day, and that it is a guess."""
    found = inferred(dump(EARLY, _numbers))
    (doubt,) = found.draft.doubts
    assert "the day or the month comes first cannot be told" in doubt
    assert f"# Look here: {doubt[:20]}" in found.draft.yaml()
    assert found.draft.settings["time_format"] == "%d/%m/%Y %H:%M"


def test_a_date_without_a_time_of_day() -> None:
    """The articles are cut, the first minute of the day counts, and that is said."""

    def writer(n: News) -> list[str]:
        return [f"{n.time:%d.%m.%Y}", n.title, *n.paragraphs, f"{n.views} comments"]

    found = inferred(dump(FIRST, writer))
    midnight = [replace(n, time=n.time.replace(hour=0, minute=0)) for n in FIRST]
    agreed(found, midnight, views=False)
    assert all("date-only" in one.flags for one in found.articles)
    assert "no time of day" in found.draft.evidence["time_format"]


def test_some_lines_have_a_date_alone() -> None:
    """Both are time lines."""

    def writer(n: News) -> list[str]:
        early = n is FIRST[3] or n is FIRST[6]
        return [
            f"{n.time:%d.%m.%Y}" if early else f"{n.time:%d.%m.%Y, %H:%M}",
            n.title,
            *n.paragraphs,
        ]

    found = inferred(dump(FIRST, writer))
    assert [one.title for one in found.articles] == [n.title for n in FIRST]
    assert sum("date-only" in one.flags for one in found.articles) == 2


def test_times_below_titles() -> None:
    """That is found out, and they are read there."""

    def writer(n: News) -> list[str]:
        return [n.title, f"{n.time:%d.%m.%Y %H:%M}", *n.paragraphs]

    found = inferred(dump(FIRST, writer), dump(SECOND, writer))
    agreed(found, FIRST, SECOND, views=False)
    assert found.draft.settings["time_line"] == "below"


def test_no_time_lines_at_all() -> None:
    """Titles are told by their shape; how this agency signs is found out and helps."""
    first, second = (write(seed=seed, agency="as told to (Steppe Wire)") for seed in (1, 2))

    def writer(n: News) -> list[str]:
        return [n.title, *n.paragraphs]

    found = inferred(dump(first, writer), dump(second, writer))
    agreed(found, first, second, times=False, views=False)
    assert found.draft.settings["attribution"][0] == r"\(Steppe\s+Wire\)"
    assert "no line with a time" in found.draft.doubts[0]
    assert min(one.confidence for one in found.articles) >= 0.9


@pytest.mark.parametrize(
    "written",
    [
        "date 17/3",
        "Crawled: {0.day} {0:%B} {0.year}",
        "Stand {0:%d.%m.%Y}",
        "{0:%B} {0.day}, {0.year}",
    ],
)
def test_crawl_dates_that_are_not_iso(written: str) -> None:
    """They are found where nothing else stands in their line, and then read; what is no day is
    none."""

    def dumped(news: Sequence[News]) -> str:
        lines = [written.format(max(n.time for n in news))]
        for n in news:
            lines += [f"{n.time:%d.%m.%Y, %H:%M}", n.title, *n.paragraphs]
        return "\n".join(lines)

    found = inferred(dumped(FIRST), dumped(SECOND))
    days = {one.crawled for one in found.articles}
    if "/3" in written:
        assert days == {None}
    else:
        assert days == {max(n.time for n in news).date() for news in (FIRST, SECOND)}


def test_a_banner_behind_the_crawl_date() -> None:
    """The same in several dumps, with other numbers in it."""

    def writer(n: News) -> list[str]:
        return [f"{n.time:%d.%m.%Y, %H:%M}", n.title, *n.paragraphs]

    one = dump(FIRST, writer, " date 2026-03-17 Steppe News: 17 readers now")
    two = dump(SECOND, writer, " date 2026-03-19 Steppe News: 204 readers now")
    found = inferred(one, two)
    agreed(found, FIRST, SECOND, views=False)
    assert found.draft.settings["banner"] == r"Steppe\s+News:\s+\d+\s+readers\s+now"


def test_a_column_with_the_same_title_every_day_stays() -> None:
    """A title is no furniture, however often it comes."""
    news = [
        News("Weather in the steppe", n.time, n.views, n.paragraphs) if place % 3 == 0 else n
        for place, n in enumerate(FIRST)
    ]

    def writer(n: News) -> list[str]:
        return [f"{n.time:%d.%m.%Y, %H:%M} {n.views}", n.title, *n.paragraphs]

    agreed(inferred(dump(news, writer)), news)


def test_windows_line_ends_and_marks() -> None:
    """They are no part of any pattern."""

    def writer(n: News) -> list[str]:
        return [f"  {n.time:%d.%m.%Y, %H:%M} \t {n.views} ", n.title, "", *n.paragraphs]

    found = inferred("\ufeff" + dump(FIRST, writer, end="\r\n"))
    agreed(found, FIRST)


def _plain(n: News) -> list[str]:
    return [f"{n.time:%d.%m.%Y, %H:%M}", n.title, *n.paragraphs]


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"", "empty"),
        (b" \n\n ", "empty"),
        (b"\x89PNG\r\n\x1a\n" + bytes(200), "a PNG image"),
        (bytes(range(256)) * 40, "binary data"),
        (dump(FIRST[:1], _plain).encode(), "a single article"),
        (("Only words in a row\n" * 200).encode(), "no pattern was found"),
        (b"x" * 100_000, "no pattern was found"),
        (
            b"17.03.2026, 10:00\nA title of one\nA text that ends with a full stop.\n"
            b"03.17.2026, 10:00\nA title of two\nA text that ends like the other.\n",
            "change places",
        ),
    ],
)
def test_what_shows_no_pattern(data: bytes, said: str) -> None:
    """Is told in words, with no profile."""
    with pytest.raises(DumpError, match=said):
        infer(read_samples("a.txt", io.BytesIO(data)))


def test_dumps_of_several_formats() -> None:
    """A source has one."""
    samples = [
        *read_samples("a.txt", io.BytesIO(dump(FIRST, _plain).encode())),
        *read_samples("b.json", io.BytesIO(b'[{"title": "x", "body": "y"}]')),
    ]
    with pytest.raises(DumpError, match=r"a\.txt is text, b\.json is json"):
        infer(samples)


def test_the_profile_cuts_dumps_that_were_not_seen() -> None:
    """What was inferred from two dumps holds for the next."""
    writer, first, _ = SHAPES["American, with counters in groups"]
    found = inferred(dump(FIRST, writer, first), dump(SECOND, writer, first))
    third = write(20, seed=7, newest=datetime(2027, 1, 2, 23, 59))  # noqa: DTZ001
    text = dump(third, writer, first.replace("2026-03-20", "2027-01-03"))
    cut = list(parse(io.BytesIO(text.encode()), found.draft.profile(), name="next.txt"))
    assert [(one.title, one.paragraphs) for one in cut if isinstance(one, Article)] == [
        (n.title, n.paragraphs) for n in third
    ]
