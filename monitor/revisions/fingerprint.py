"""An article reduced to hashes. Quotation marks, case, diacritics and blanks never count."""

from __future__ import annotations

import uuid
from datetime import UTC, date, datetime

import xxhash

from monitor.model import Article, Fingerprint
from monitor.text import fold

_NAMESPACE = uuid.UUID("6f1c7f0e-6f0b-5f3c-9d5e-3f9c2f1d8a47")
_SIGN = 1 << 63
SHORTEST_PARAGRAPH = 40  # folded characters; shorter ones ("Photo: agency") identify nothing
MOST_PARAGRAPHS = 8  # lookup keys of one article beside those of its title


def fingerprint(article: Article, day: date) -> Fingerprint:
    """Hash title, paragraphs and the whole.

    ``day`` is the crawl day: it stands in for the minute of an article without a time stamp.
    The paragraphs chosen as lookup keys are those with the smallest hashes, so that two
    versions of a long article choose the same ones.
    """
    title, *paragraphs = _normal_lines(f"{article.title}\n{article.body}")
    title_key = _hash(title)
    hashes = tuple(_hash(paragraph) for paragraph in paragraphs if paragraph)
    long = {_hash(p) for p in paragraphs if len(p) >= SHORTEST_PARAGRAPH}
    return Fingerprint(
        title_key=title_key,
        content=_hash("\n".join([title, *filter(None, paragraphs)])),
        paragraphs=hashes,
        features=(
            moment_feature(article.source, title_key, article.published, day),
            title_feature(article.source, title_key),
            *sorted(long)[:MOST_PARAGRAPHS],
        ),
    )


def article_id(article: Article, title_key: int, day: date) -> str:
    """The permanent id: a UUIDv5 (RFC 9562) of source, publication minute (or day) and title.

    A store rebuilt from the same dumps gives the same ids, so feed readers see no article twice.
    """
    moment = _moment(article.published, day)
    return str(uuid.uuid5(_NAMESPACE, f"{article.source}\n{moment}\n{title_key}"))


def title_feature(source: str, title_key: int) -> int:
    """Lookup key of a title within a source."""
    return _hash(f"title\0{source}\0{title_key}")


def key_of_title(source: str, line: str) -> int:
    """Lookup key under which an article of the source with this title is stored; ``line`` is the
    title as it stands in a dump."""
    return title_feature(source, _hash(_normal_lines(line)[0]))


def key_of_paragraph(line: str) -> int | None:
    """Lookup key under which an article with this paragraph may be stored; of an article's
    paragraphs only a choice are. None for a line too short to identify anything."""
    folded = _normal_lines(line)[0]
    return _hash(folded) if len(folded) >= SHORTEST_PARAGRAPH else None


def moment_feature(source: str, title_key: int, published: datetime | None, day: date) -> int:
    """Lookup key of a title with its publication minute, or its crawl day where there is none."""
    return _hash(f"moment\0{source}\0{title_key}\0{_moment(published, day)}")


def words(text: str) -> list[str]:
    """The words of a text as compared: folded, quotation marks out."""
    return [word for line in _normal_lines(text) for word in line.split()]


def _moment(published: datetime | None, day: date) -> str:
    if published is None:
        return day.isoformat()
    return published.astimezone(UTC).isoformat(timespec="minutes")


def _normal_lines(text: str) -> list[str]:
    folded = fold(text).replace('"', "")
    return [" ".join(line.split()) for line in folded.split("\n")]


def _hash(text: str) -> int:
    """Signed 64 bits, as both databases store them."""
    value: int = xxhash.xxh3_64_intdigest(text.encode("utf-8", "surrogatepass"))
    return value - (1 << 64) if value >= _SIGN else value
