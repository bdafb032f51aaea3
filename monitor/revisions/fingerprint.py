"""An article reduced to hashes. Quotation marks, case, diacritics and blanks never count."""

from __future__ import annotations

import re
import uuid
from datetime import UTC, date, datetime

import xxhash

from monitor.model import Article, Fingerprint
from monitor.revisions import windows
from monitor.text import fold

_NAMESPACE = uuid.UUID("6f1c7f0e-6f0b-5f3c-9d5e-3f9c2f1d8a47")
_SIGN = 1 << 63
_BLANKS = re.compile("[ \\t]+")
SHORTEST_PARAGRAPH = 40  # folded characters; shorter ones ("Photo: agency") identify nothing
# Lookup keys of one article's text. More would find more edited copies, and each costs about
# 25 bytes and a few microseconds; ``benchmarks/identity.py`` shows what these find.
MOST_PARAGRAPHS = 3
MOST_WINDOWS = 5


def fingerprint(article: Article, day: date) -> Fingerprint:
    """Hash title, paragraphs and the whole.

    ``day`` is the crawl day: it stands in for the minute of an article without a time stamp.
    """
    title, *rest = normal_lines(f"{article.title}\n{article.body}")
    paragraphs = tuple(filter(None, rest))
    title_key = hashed(title)
    return Fingerprint(
        title_key=title_key,
        content=hashed("\n".join([title, *paragraphs])),
        paragraphs=tuple(map(hashed, paragraphs)),
        moment=moment_feature(article.source, title_key, article.published, day),
        title=title_feature(article.source, title_key),
        folded=paragraphs,
    )


def text_keys(print_: Fingerprint) -> tuple[int, ...]:
    """Lookup keys of an article's text, a bounded number: those of its paragraphs and windows with
    the smallest hashes, so that two versions of a long article choose the same ones.

    Dear beside the rest of a fingerprint, and not asked for where title and time tell enough.
    """
    long = {
        key
        for key, paragraph in zip(print_.paragraphs, print_.folded, strict=True)
        if len(paragraph) >= SHORTEST_PARAGRAPH
    }
    keys = sorted(long)[:MOST_PARAGRAPHS]
    keys += map(signed, windows.smallest(" ".join(print_.folded), MOST_WINDOWS))
    return tuple(dict.fromkeys(keys))


def article_id(article: Article, title_key: int, day: date) -> str:
    """The permanent id: a UUIDv5 (RFC 9562) of source, publication minute (or day) and title.

    A store rebuilt from the same dumps gives the same ids, so feed readers see no article twice.
    """
    moment = _moment(article.published, day)
    return str(uuid.uuid5(_NAMESPACE, f"{article.source}\n{moment}\n{title_key}"))


def title_feature(source: str, title_key: int) -> int:
    """Lookup key of a title within a source."""
    return hashed(f"title\0{source}\0{title_key}")


def key_of_title(source: str, line: str) -> int:
    """Lookup key under which an article of the source with this title is stored; ``line`` is the
    title as it stands in a dump."""
    return title_feature(source, hashed(normal_lines(line)[0]))


def key_of_paragraph(line: str) -> int | None:
    """Lookup key under which an article with this paragraph may be stored; of an article's
    paragraphs only a choice are. None for a line too short to identify anything."""
    folded = normal_lines(line)[0]
    return hashed(folded) if len(folded) >= SHORTEST_PARAGRAPH else None


def moment_feature(source: str, title_key: int, published: datetime | None, day: date) -> int:
    """Lookup key of a title with its publication minute, or its crawl day where there is none."""
    return hashed(f"moment\0{source}\0{title_key}\0{_moment(published, day)}")


def _moment(published: datetime | None, day: date) -> str:
    if published is None:
        return day.isoformat()
    return published.astimezone(UTC).isoformat(timespec="minutes")


def normal_lines(text: str) -> list[str]:
    """The lines of a text, folded; no quotation marks, one blank between words."""
    folded = fold(text).replace('"', "")
    if "  " in folded or "\t" in folded:
        folded = _BLANKS.sub(" ", folded)
    return [line.strip() for line in folded.split("\n")]


def hashed(text: str) -> int:
    """Signed 64 bits, as both databases store them."""
    return signed(xxhash.xxh3_64_intdigest(text.encode("utf-8", "surrogatepass")))


def signed(value: int) -> int:
    return value - (1 << 64) if value >= _SIGN else value
