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
from monitor.dumps.markup import html_paragraphs
from monitor.dumps.times import read_stamp
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
}
"""Names under which a record has what an article needs, where the profile names none."""

_LONGEST_TITLE = 300  # characters of a text that serves as a title
_MAX_VIEWS = 2**63 - 1


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

    The body may be text (a paragraph a line) or a list of paragraphs. Without a title the first
    paragraph serves as one; without either it is a bad record.
    """

    def value(field: str) -> object:
        return find(record.values, field, profile.fields)

    def bad(reason: str) -> BadRecord:
        return BadRecord(index, record.line, reason, record.raw[:MAX_RAW])

    flags = record.flags
    title = one_line(_text(value("title")))
    paragraphs = _paragraphs(value("body"))
    if not title:
        if not paragraphs:
            return bad("neither a title nor a text")
        title, flags = cut(one_line(paragraphs[0]), _LONGEST_TITLE), (*flags, "no-title")
        if title == paragraphs[0]:
            paragraphs = paragraphs[1:]
    if sum(map(len, paragraphs)) + len(title) > MAX_ARTICLE:
        return bad(f"an article of more than {MAX_ARTICLE >> 20} MiB")
    if not paragraphs:
        flags += ("no-body",)
    stamp = read_stamp(
        value("published"), profile.zone, time_format=profile.time_format, arrived=arrived
    )
    flags += stamp.flags
    views, odd = _views(value("views"))
    flags += odd
    source = one_line(_text(value("source"))) or profile.name
    return Article(
        index=index,
        title=title,
        paragraphs=paragraphs,
        source=source,
        published=stamp.moment,
        views=views,
        crawled=crawled,
        confidence=confidence(flags),
        flags=flags,
        url=_url(value("url")),
        language=_language(value("language")),
    )


def find(values: Mapping[str, object], field: str, paths: Mapping[str, str]) -> object:
    """What a record has for a field of an article: at its path, else under a usual name."""
    if field in paths:
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


def _text(value: object) -> str:
    if value is None or isinstance(value, Mapping | bytes):
        return ""
    if isinstance(value, str):
        return value
    if isinstance(value, Sequence):
        return " ".join(filter(None, map(_text, value)))
    return str(value)


def _paragraphs(value: object) -> tuple[str, ...]:
    parts = value if isinstance(value, Sequence) and not isinstance(value, str | bytes) else [value]
    lines = (line.strip() for part in parts for line in _text(part).splitlines())
    return tuple(line.replace("\0", "\ufffd") for line in lines if line)


def _views(value: object) -> tuple[int | None, tuple[str, ...]]:
    """The counter, and a flag where there is one that is no number we can hold."""
    if value is None or value == "":
        return None, ()
    digits = "".join(filter(str.isdecimal, str(value))) if isinstance(value, str | int) else ""
    number = int(digits) if digits and len(digits) <= 19 else -1
    if isinstance(value, bool) or not 0 <= number <= _MAX_VIEWS or str(value).startswith("-"):
        return None, ("bad-views",)
    return number, ()


def _url(value: object) -> str | None:
    text = _text(value).strip()
    return text if text.startswith(("http://", "https://")) and len(text) <= 2048 else None


def _language(value: object) -> str | None:
    code = _text(value).strip().replace("_", "-").partition("-")[0].lower()
    return code if 2 <= len(code) <= 3 and code.isascii() and code.isalpha() else None
