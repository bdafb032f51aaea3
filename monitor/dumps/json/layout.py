"""Where the records of a JSON dump stand: each value is one, or they are in a list inside."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from monitor.config import SourceSettings
from monitor.dumps.record import USUAL, find

_DEEPEST = 6  # lists are looked for so far inside
_TEXTS = [name for name in USUAL["body"] if name not in ("description", "summary")]
"""Names of a text; the others a document may have too, of itself."""
_TITLES = [name for name in USUAL["title"] if name != "name"]


def find_records(first: object, profile: SourceSettings) -> str | None:
    """The path of the list of records in each value, None where the values are the records.

    ``first`` is the first value of the dump, or a list with the first values.
    """
    if isinstance(first, list):
        first = next((each for each in first if isinstance(each, Mapping)), None)
    if profile.items is not None:
        return profile.items
    if not isinstance(first, Mapping) or _rank(first, profile) == _ARTICLE:
        return None
    least = _NOTE if _rank(first, profile) else _LINK
    ranked = [(_rank(record, profile), path) for path, record in _lists(first)]
    best = max((rank for rank, _ in ranked), default=0)
    return next((path for rank, path in ranked if rank == best), None) if best >= least else None


_ARTICLE, _NOTE, _LINK = 3, 2, 1


def _rank(record: Mapping[str, object], profile: SourceSettings) -> int:
    """How much an object looks like an article: a text; a summary with a title; a title with
    a time or an address."""

    def has(field: str) -> bool:
        return bool(find(record, field, profile.fields))

    if has("body"):
        if "body" in profile.fields or any(record.get(name) for name in _TEXTS):
            return _ARTICLE
        return _NOTE if has("title") else 0
    dated = has("title") and has("published")
    # A name with an address is a tag or an author.
    linked = has("url") and ("title" in profile.fields or any(map(record.get, _TITLES)))
    return _LINK if dated or linked else 0


def _lists(document: Mapping[str, object]) -> Iterator[tuple[str, Mapping[str, object]]]:
    """``(path, first object)`` of the lists of objects in a document, the outer ones first."""
    level = [("", document)]
    for _ in range(_DEEPEST):
        deeper = []
        for path, value in level:
            for name, member in value.items():
                if isinstance(member, Mapping):
                    deeper.append((f"{path}{name}.", member))
                elif isinstance(member, list):
                    first = next((each for each in member if isinstance(each, Mapping)), None)
                    if first is not None:
                        yield f"{path}{name}", first
        level = deeper
