"""From a record, named values as a structured format has them, to an article.

Formats that say what is a title and what a time (JSON, feeds, mail, exports) make records; what
becomes of one is decided here, the same for all. A source's ``fields`` say where a record has what
an article needs: ``headline``, or a path through mappings and lists, ``content.text`` or
``authors.0.name``. Where they do not, the first of the usual names that is there counts.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from monitor.config import SourceSettings
from monitor.dumps.base import MAX_ARTICLE, MAX_RAW
from monitor.dumps.flags import confidence
from monitor.dumps.landmarks import Landmarks
from monitor.dumps.markup import html_paragraphs
from monitor.dumps.plain import (
    count_of,
    language_of,
    line_of,
    paragraphs_of,
    scalar_of,
    url_of,
)
from monitor.dumps.times import read_day, read_stamp
from monitor.model import Article, BadRecord
from monitor.text import cut, one_line

__all__ = ["USUAL", "Record", "article_of", "at_path", "find", "html_paragraphs"]

USUAL = {
    "title": ("title", "headline", "name", "subject"),
    "body": ("body", "text", "content", "articleBody", "content_text", "description", "summary"),
    "published": ("published", "date", "datePublished", "published_at", "pubDate", "time"),
    "views": ("views", "view_count", "views_count", "hits"),
    "url": ("url", "link", "permalink", "href"),
    "language": ("language", "lang", "inLanguage"),
    "source": (),
    "crawled": ("crawled", "crawled_at", "fetched", "fetched_at", "scraped", "scraped_at"),
}
"""Names under which a record has what an article needs, where the profile names none."""

_LONGEST_TITLE = 300  # characters of a text that serves as a title
_LONGEST_SOURCE = 200


@dataclass(frozen=True, slots=True)
class Record:
    """One record of a dump. ``line`` is where it begins (1-based: a line, or the record's own
    number where the format has no lines); ``raw`` its text for quarantine; ``flags`` what the
    format found odd about it."""

    line: int
    values: Mapping[str, object]
    raw: str = ""
    flags: tuple[str, ...] = ()


def article_of(
    record: Record,
    profile: SourceSettings,
    *,
    index: int,
    crawled: date | None = None,
    arrived: datetime | None = None,
) -> Article | BadRecord:
    """The article that a record is, or a bad record that says why it is none.

    The body may be text (a paragraph a line), HTML, or a list of these; a tuple is taken for
    paragraphs of plain text. Lines that are the source's boilerplate are left out. Without a title
    the first paragraph serves as one; without either it is a bad record. Never raises.
    """

    def value(field: str) -> object:
        return find(record.values, field, profile.fields)

    def bad(reason: str) -> BadRecord:
        return BadRecord(index, record.line, reason, record.raw[:MAX_RAW])

    flags = record.flags
    title, paragraphs = line_of(value("title")), paragraphs_of(value("body"))
    if profile.boilerplate or profile.boilerplate_patterns:
        is_boilerplate = Landmarks(profile).boilerplate
        paragraphs = tuple(each for each in paragraphs if not is_boilerplate(each))
    if not title:
        title, flags = next(filter(None, map(one_line, paragraphs)), ""), (*flags, "no-title")
        if not title:  # at most control characters
            return bad("neither a title nor a text")
    elif len(title) > _LONGEST_TITLE:
        paragraphs, flags = (title, *paragraphs), (*flags, "no-title")
    if paragraphs and paragraphs[0] == title and len(title) <= _LONGEST_TITLE:
        paragraphs = paragraphs[1:]
    title = cut(title, _LONGEST_TITLE)
    if sum(map(len, paragraphs)) + len(title) > MAX_ARTICLE:
        return bad(f"an article of more than {MAX_ARTICLE >> 20} MiB")
    if not paragraphs:
        flags += ("no-body",)
    stamp = read_stamp(
        scalar_of(value("published")),
        profile.zone,
        time_format=profile.time_format,
        arrived=arrived,
    )
    views, odd = count_of(value("views"))
    if crawled is None:
        crawled, strange = read_day(scalar_of(value("crawled")), profile.zone)
        odd += strange
    flags += stamp.flags + odd
    return Article(
        index=index,
        title=title,
        paragraphs=paragraphs,
        source=cut(line_of(value("source")), _LONGEST_SOURCE) or profile.name,
        published=stamp.moment,
        views=views,
        crawled=crawled,
        confidence=confidence(flags),
        flags=flags,
        url=url_of(value("url")),
        language=language_of(value("language")),
    )


def find(values: Mapping[str, object], field: str, paths: Mapping[str, str]) -> object:
    """What a record has for a field of an article: at its path, else under a usual name."""
    if paths and field in paths:
        return at_path(values, paths[field])
    for name in USUAL[field]:
        found = values.get(name)
        if found is not None and found != "":
            return found
    return None


def at_path(value: object, path: str) -> object:
    """The value at ``a.b.0``, None where the path leads nowhere. A key may have dots in it."""
    if isinstance(value, Mapping) and path in value:
        return value[path]
    name, dot, rest = path.partition(".")
    if isinstance(value, Mapping):
        found = value.get(name)
    elif isinstance(value, Sequence) and not isinstance(value, str | bytes) and name.isdecimal():
        found = value[int(name)] if int(name) < len(value) else None
    else:
        return None
    return at_path(found, rest) if dot else found
