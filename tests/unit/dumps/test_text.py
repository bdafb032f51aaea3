"""Time lines, the crawl date, boilerplate and banners; what becomes of their mistakes."""

from __future__ import annotations

import io
import re
from datetime import UTC, date, datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from monitor.config import SourceSettings
from monitor.dumps import parse, select_source
from monitor.model import Article, BadRecord

PROFILE = SourceSettings(
    name="listing",
    zone="Asia/Almaty",
    boilerplate=("Images", "Straße gesperrt", "  All rights reserved. "),
)
ALMATY = ZoneInfo("Asia/Almaty")
BODY = "Karsu opens its first tram line\nThe mayor opened it on Tuesday, City Agency reports."


def _segments(dump: str, **changes: Any) -> list[Article | BadRecord]:
    profile = SourceSettings(**{**PROFILE.model_dump(), **changes})
    return list(parse(io.BytesIO(dump.encode()), profile, name="dump.txt"))


def _article(dump: str, **changes: Any) -> Article:
    (article,) = _segments(dump, **changes)
    assert isinstance(article, Article)
    return article


# ------------------------------------------------------------------ time lines


def test_well_formed_article() -> None:
    """Every field, with full confidence and no flag; outer white space does not count."""
    article = _article(f"\n\t 06.01.2026, 13:14 18816 \r\n  {BODY}\nImages\n\nIt is blue.  \n")
    assert article == Article(
        index=0,
        title="Karsu opens its first tram line",
        paragraphs=("The mayor opened it on Tuesday, City Agency reports.", "It is blue."),
        source="listing",
        published=datetime(2026, 1, 6, 13, 14, tzinfo=ZoneInfo("Asia/Almaty")),
        views=18816,
    )
    assert article.published is not None
    assert article.published.isoformat() == "2026-01-06T13:14:00+05:00"


@pytest.mark.parametrize(
    ("counter", "views", "flags"),
    [
        ("", None, ()),
        (" 0", 0, ()),
        (" 007", 7, ()),
        (" 18 816", 18816, ()),
        (" 18,816", 18816, ()),
        (" " + "9" * 19, None, ("bad-views",)),
        (" " + "9" * 300, None, ("bad-views",)),
    ],
)
def test_view_counters(counter: str, views: int | None, flags: tuple[str, ...]) -> None:
    """Digits count, whatever groups them; a number no database holds is flagged."""
    header = r"(?P<time>\S+, \d{2}:\d{2})(?: (?P<views>\d[\d ,]*))?"
    article = _article(f"06.01.2026, 13:14{counter}\n{BODY}", header=header)
    assert (article.views, article.flags) == (views, flags)
    assert article.published is not None


@pytest.mark.parametrize(
    "time", ["31.02.2026, 10:00", "06.13.2026, 10:00", "06.01.2026, 24:61", "06.01.0026, 10:00"]
)
def test_impossible_times_are_flagged(time: str) -> None:
    """The article is kept without a time, and says why; its neighbours are untouched."""
    first, second = _segments(f"{time} 5\n{BODY}\n06.01.2026, 13:14\n{BODY}")
    assert isinstance(first, Article)
    assert (first.published, first.views, first.flags) == (None, 5, ("bad-time",))
    assert first.confidence < 1.0
    assert isinstance(second, Article)
    assert second.confidence == 1.0


@pytest.mark.parametrize(
    ("header", "time_format", "line"),
    [
        (r"(?P<time>.+) h", "%Y-%m-%dT%H:%M", "2026-01-06T21:05 h"),
        (r"Posted (?P<time>\w+ .+)", "%B %d, %Y %I:%M %p", "Posted January 6, 2026 9:05 PM"),
        (r"(?P<time>[\d-]+ [\d.]+)", "%d-%m-%y %H.%M", "06-01-26 21.05"),
        (r"(?P<time>\d+\.\d+\.\d+ .+)", "%d.%m.%Y %H:%M", "6.1.2026 21:5"),
        (r"(?P<time>\d{14})", "%Y%m%d%H%M%S", "20260106210500"),
    ],
)
def test_time_formats(header: str, time_format: str, line: str) -> None:
    """Any strptime format, of fixed width or not."""
    article = _article(f"{line}\n{BODY}", header=header, time_format=time_format)
    assert article.published == datetime(2026, 1, 6, 21, 5, tzinfo=ZoneInfo("Asia/Almaty"))


def test_zone_in_the_time_line_wins() -> None:
    """Where the format has an offset, the profile's zone is not used."""
    article = _article(
        f"2026-01-06 13:14 +0200\n{BODY}",
        header="(?P<time>[-0-9: +]+)",
        time_format="%Y-%m-%d %H:%M %z",
    )
    assert article.published == datetime(2026, 1, 6, 11, 14, tzinfo=UTC)


def test_time_line_without_a_title() -> None:
    """A time line right above another, or at the end, is a bad record with its line number."""
    first, article, last = _segments(
        f"06.01.2026, 13:14 7\nImages\n06.01.2026, 13:15\n{BODY}\n06.01.2026, 13:16"
    )
    assert isinstance(first, BadRecord)
    assert (first.index, first.line, first.raw) == (0, 1, "06.01.2026, 13:14 7")
    assert "without a title" in first.reason
    assert isinstance(article, Article)
    assert article.index == 1
    assert isinstance(last, BadRecord)
    assert (last.index, last.line) == (2, 6)


def test_title_alone() -> None:
    """A time line and a title make an article that says it has no body."""
    article = _article("06.01.2026, 13:14\nKarsu opens its first tram line")
    assert (article.paragraphs, article.flags) == ((), ("no-body",))
    assert article.confidence < 1.0


def test_prose_where_the_title_should_be() -> None:
    """It serves as the title, flagged; if it is long, cut, and whole as the first paragraph."""
    short = _article("06.01.2026, 13:14\nThe mayor opened a tram line on Tuesday.\nIt is blue.")
    assert short.title == "The mayor opened a tram line on Tuesday."
    assert (short.paragraphs, short.flags) == (("It is blue.",), ("no-title-shape",))
    prose = "The mayor opened a tram line on Tuesday. " * 20
    long = _article(f"06.01.2026, 13:14\n{prose}\nIt is blue.")
    assert long.paragraphs == (prose.strip(), "It is blue.")
    assert prose.startswith(long.title.rstrip("…"))
    assert len(long.title) <= 300


def test_lines_that_only_begin_like_a_time_line() -> None:
    """The pattern must fit the whole line; a long line is never tried."""
    article = _article(
        f"06.01.2026, 13:14\n{BODY}\n06.01.2026, 13:14 was the moment.\n{'9' * 600}.",
        header=r"(?P<time>\d+(?:\.\d+\.\d+, \d+:\d+)?)",
    )
    assert len(article.paragraphs) == 3


# ------------------------------------------------------------------ crawl date and banner

FIRST = "06.01.2026, 13:14 18"


@pytest.mark.parametrize(
    "prefix", [" date 2026-01-07", "date 2026-01-07", "\ufeff date 2026-01-07"]
)
@pytest.mark.parametrize("rest", [f" {FIRST}", f"\n{FIRST}", f" \n\n{FIRST}", "\n"])
def test_crawl_date(prefix: str, rest: str) -> None:
    """On a line of its own or before the first time line, with or without byte order mark."""
    article = _article(f"{prefix}{rest}\n{BODY}")
    assert article.crawled == date(2026, 1, 7)
    assert article.title == "Karsu opens its first tram line"
    assert (article.views == 18) == (FIRST in rest)


def test_crawl_date_that_cannot_be() -> None:
    """It is taken for what it is, and the articles below say that it could not be read."""
    article = _article(f" date 2026-02-31 {FIRST}\n{BODY}")
    assert (article.crawled, article.flags) == (None, ("bad-crawl-date",))


def test_crawl_date_in_the_middle_begins_another_dump() -> None:
    """Joined dumps: each article has the crawl date above it; running text is no crawl date."""
    found = _segments(
        f" date 2026-01-07 {FIRST}\n{BODY}\ndate 2026-01-01 was a holiday.\n"
        f" date 2026-01-08 {FIRST}\n{BODY}\ndate 2026-01-09\n{FIRST}\n{BODY}"
    )
    assert [s.crawled.day for s in found if isinstance(s, Article) and s.crawled] == [7, 8, 9]
    assert isinstance(found[0], Article)
    assert found[0].paragraphs[-1] == "date 2026-01-01 was a holiday."


@pytest.mark.parametrize(
    "banner",
    [
        '"Fund for children": 35.20 million was spent"Fund for children": 35.20 million was spent',
        "Most read: trams of Karsu Most read: trams of Karsu",
        "What the new tram line changes for you?What the new tram line changes for you?",
    ],
)
@pytest.mark.parametrize("between", [" ", "\n"])
@pytest.mark.parametrize("below", [f"{FIRST}\n", ""])
def test_doubled_banner_is_dropped(banner: str, between: str, below: str) -> None:
    """Behind the crawl date or below it, above a time line or a title."""
    article = _article(f" date 2026-01-07{between}{banner}\n{below}{BODY}")
    assert article.title == "Karsu opens its first tram line"
    assert len(article.paragraphs) == 1


def test_doubled_banner_before_a_title_on_the_same_line() -> None:
    """What stands behind the doubled text on its line is kept."""
    banner = '"Fund for children": 35.20 million was spent'
    article = _article(f" date 2026-01-07 {banner}{banner}{BODY}")
    assert article.title == "Karsu opens its first tram line"


def test_doubled_title() -> None:
    """Above a lead, with no title between, the doubled text is the title after all."""
    title, lead = BODY.split("\n")
    article = _article(f" date 2026-01-07 {title}{title}\nImages\n{lead}")
    assert (article.title, article.paragraphs) == (title, (lead,))


def test_banner_of_the_profile() -> None:
    """A configured banner is dropped though it stands there once; a title behind it is not."""
    banner = r"Most read: [\w ]+;"
    article = _article(f" date 2026-01-07 Most read: trams; {BODY}", banner=banner)
    assert article.title == "Karsu opens its first tram line"
    article = _article(f" date 2026-01-07 Most read: trams;\n{BODY}", banner=banner)
    assert article.title == "Karsu opens its first tram line"


def test_title_behind_the_crawl_date() -> None:
    """Text that is neither time line nor banner is the first title."""
    article = _article(f" date 2026-01-07 {BODY}")
    assert article.title == "Karsu opens its first tram line"
    assert "no-time" in article.flags


# ------------------------------------------------------------------ boilerplate


@pytest.mark.parametrize(
    "line", ["Images", "IMAGES", "  images\t", "STRASSE GESPERRT", "straße gesperrt"]
)
def test_boilerplate_ignores_case_and_spaces(line: str) -> None:
    """Folded as case folding does; text around it makes another line of it."""
    article = _article(f"{FIRST}\n{line}\n{BODY}\n{line}\nAll rights reserved.\n{line} of trams")
    assert article.title == "Karsu opens its first tram line"
    assert article.paragraphs[1:] == (f"{line} of trams".strip(),)


def test_boilerplate_patterns_fit_whole_lines() -> None:
    """A pattern is boilerplate only where it covers the line."""
    article = _article(
        f"{FIRST}\n{BODY}\nRead 12 comments\nRead 12 comments below.",
        boilerplate_patterns=[r"Read \d+ comments"],
    )
    assert article.paragraphs[1:] == ("Read 12 comments below.",)


# ------------------------------------------------------------------ choosing the profile


def test_select_source() -> None:
    """The first pattern that fits wins; .gz is looked through; else the default profile."""
    kt = SourceSettings(name="kt", match=("kt-*.txt", "kazakhstan*"))
    other = SourceSettings(name="other", match=("*.txt",))
    assert select_source("kt-2026-01-07.txt", [kt, other]) is kt
    assert select_source("kt-2026-01-07.txt.gz", [kt, other]) is kt
    assert select_source("kt-2026-01-07.txt", [other, kt]) is other
    assert select_source("KT-2026.txt", [kt, other]) is other
    assert select_source("kt-2026.html", [kt, other]) == SourceSettings(name="default")
    assert select_source("kt-2026.html", []) == SourceSettings(name="default")
    assert select_source("kt-\udcff.txt", [kt]) is kt


def test_flags_have_a_confidence() -> None:
    """Confidence is that of the worst flag."""
    article = _article("31.02.2026, 13:14\nKarsu opens its first tram line")
    assert set(article.flags) == {"bad-time", "no-body"}
    assert article.confidence == 0.6
    assert re.fullmatch(r"[a-z-]+", article.flags[0])


def test_time_line_without_an_hour() -> None:
    """A date alone begins an article, too; the first minute of the day counts."""
    first, second = _segments(f"04.06.2026\n{BODY}\n05.06.2026 17426\nSecond title\nText.\n")
    assert isinstance(first, Article)
    assert isinstance(second, Article)
    assert (first.body, first.published, first.flags) == (
        BODY.splitlines()[1],
        datetime(2026, 6, 4, tzinfo=ZoneInfo("Asia/Almaty")),
        ("date-only",),
    )
    assert (second.title, second.views) == ("Second title", 17426)
    assert second.published == datetime(2026, 6, 5, tzinfo=ZoneInfo("Asia/Almaty"))


@pytest.mark.parametrize(
    "title", ["Karsu opens its tram line " * 2, "word " * 100_000], ids=["doubled", "long"]
)
def test_doubled_text_below_a_time_line_is_its_title(title: str) -> None:
    """A time line keeps the article below it, even one whose title stands twice in its line."""
    (article,) = _segments(f"28.02.2026, 10:00 5\n{title}\nThe mayor opened it on Tuesday.")
    assert isinstance(article, Article)
    assert article.published == datetime(2026, 2, 28, 10, tzinfo=ZoneInfo("Asia/Almaty"))
    assert title.startswith(article.title.rstrip("…"))


@pytest.mark.parametrize("year", ["0001", "0999", "9999"])
def test_crawl_date_of_no_sensible_year(year: str) -> None:
    """A slip in the year is no crawl date: it would put the dump before or after all others."""
    (article,) = _segments(f" date {year}-02-28\n28.02.2026, 10:00 5\n{BODY}")
    assert isinstance(article, Article)
    assert article.crawled is None
    assert "bad-crawl-date" in article.flags


BELOW = """\
 date 2026-01-07 Town News Town News
Karsu opens its first tram line
06.01.2026, 13:14 920
Karsu opened its first tram line on Tuesday, Town News reports.
The line is 5 km long.
Images
Snow closes the northern roads of the region
05.01.2026, 08:00 11
Snow closed three roads on Monday night, Town News reports.
"""


def _below(text: str) -> list[Article | BadRecord]:
    profile = SourceSettings(
        name="kt", format="text", zone="Asia/Almaty", boilerplate=("Images",), time_line="below"
    )
    return list(parse(io.BytesIO(text.encode()), profile, name="kt.txt"))


def test_time_lines_below_titles() -> None:
    """``time_line: below``: the line above a time line is its title, and of no other article."""
    first, second = _below(BELOW)
    assert isinstance(first, Article)
    assert isinstance(second, Article)
    assert (first.title, len(first.paragraphs), first.views) == (
        "Karsu opens its first tram line",
        2,
        920,
    )
    assert first.published == datetime(2026, 1, 6, 13, 14, tzinfo=ALMATY)
    assert (second.title, len(second.paragraphs), second.views) == (
        "Snow closes the northern roads of the region",
        1,
        11,
    )
    assert "no-time" not in first.flags + second.flags


def test_a_time_line_below_no_title() -> None:
    """At the dump's start, or right below another one, it begins an article all the same, less
    sure; nothing of the text is lost."""
    lines = BELOW.splitlines()
    for text in ("\n".join(lines[2:]), "\n".join([*lines[:3], *lines[2:]])):
        found = _below(text)
        kept = [line for one in found if isinstance(one, Article) for line in (one.title, one.body)]
        assert "\n".join(kept).count("The line is 5 km long.") == 1
        articles = [one for one in found if isinstance(one, Article)]
        assert articles[-1].title == "Snow closes the northern roads of the region"
        assert min(one.confidence for one in articles) <= 0.7


def test_a_refused_article_with_its_time_line_below() -> None:
    """What goes to quarantine is as it stood: retried, it is cut the same."""
    text = BELOW.replace("The line is", "The \x00 line is")
    first, second = _below(text)
    assert isinstance(first, BadRecord)
    assert first.raw.splitlines()[:2] == BELOW.splitlines()[1:3]
    assert first.line == 2
    assert isinstance(second, Article)
