"""The profile of an unknown source of JSON: where its records have what an article needs."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from statistics import median
from typing import Any, Literal
from zoneinfo import ZoneInfo

from monitor.dumps.infer.draft import Draft
from monitor.dumps.infer.moments import find_moment, order_of, time_format
from monitor.dumps.infer.samples import MOST, Sample
from monitor.dumps.record import at_path
from monitor.dumps.shape import could_be_title
from monitor.dumps.times import read_stamp
from monitor.errors import DumpError

_DEEPEST = 4
_MOST_RECORDS = 500
_FIRST_LINES = 20  # of them, some may be damaged
_LEAST = 1.5  # points that make a field what it is taken for
_UTC = ZoneInfo("UTC")

Role = Literal["title", "body", "published", "views", "url", "language"]

# Points for the last part of a path, by role: whole words of the key.
_KEYS: dict[Role, Mapping[str, float]] = {
    "title": {"title": 3, "headline": 3, "subject": 2, "name": 1, "heading": 2, "subtitle": -2},
    "body": {"body": 3, "text": 3, "content": 2.5, "fulltext": 3, "description": 1, "summary": 0.5},
    "published": {
        "published": 3,
        "pubdate": 3,
        "date": 2,
        "time": 1.5,
        "timestamp": 1.5,
        "created": 1.5,
        "updated": -1,
        "modified": -1,
        "crawled": -3,
        "fetched": -3,
        "expires": -3,
    },
    "views": {"views": 3, "view": 3, "hits": 3, "reads": 3, "pageviews": 3, "visits": 2},
    "url": {"url": 3, "link": 3, "permalink": 3, "href": 2, "canonical": 3, "image": -5, "img": -5},
    "language": {"language": 3, "lang": 3, "locale": 2},
}
_WORD = re.compile(r"[A-Z]?[a-z]+|[A-Z]+(?![a-z])")
_CODE = re.compile(r"[a-z]{2,3}(?:[-_][A-Za-z]{2,4})?")
_TAG = re.compile(r"<[a-z/][^>]*>", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class _Field:
    """What the records have at one path."""

    path: str
    values: tuple[Any, ...]
    share: float  # of the records that have it

    def points(self, role: Role) -> float:
        words = [word.lower() for word in _WORD.findall(self.path.rpartition(".")[2])]
        names = [*words, "".join(words)]
        key = sum(_KEYS[role].get(name, 0) for name in dict.fromkeys(names))
        value = _JUDGES[role](self)
        if value <= 0:
            return 0.0
        return (value + min(key, 3)) * self.share - 0.3 * self.path.count(".")


def infer_records(samples: Sequence[Sample], draft: Draft) -> None:
    """Put into the draft where the records are and what they have. Raises DumpError."""
    found = [_records(sample) for sample in samples]
    paths = {path for path, _ in found}
    if len(paths) > 1:
        shown = ", ".join(sorted(path or "at the top" for path in paths))
        raise DumpError(f"the dumps have their records in different places: {shown}")
    records = [record for _, each in found for record in each][:_MOST_RECORDS]
    if len(records) < 2:
        raise DumpError("a single record was found, which shows no pattern; give more dumps")
    path = paths.pop()
    draft.put("items", path or None, f"Records: {len(records)} looked at.")
    fields = _fields(records)
    chosen: dict[Role, _Field] = {}
    for role in _JUDGES:
        ranked = sorted(
            (field for field in fields if field not in chosen.values()),
            key=lambda field: (-field.points(role), field.path),
        )
        if ranked and ranked[0].points(role) >= _LEAST:
            chosen[role] = ranked[0]
    if "body" not in chosen and "title" not in chosen:
        raise DumpError("no pattern was found: the records have neither a title nor a text")
    named = {role: field.path for role, field in chosen.items()}
    shown = "; ".join(
        f"{role}: {_example(field)}" for role, field in chosen.items() if role != "body"
    )
    draft.put("fields", named, f"Fields, by names and values. {shown}.")
    _times(chosen.get("published"), draft)


def _times(field: _Field | None, draft: Draft) -> None:
    """How the times are written, where that is not found out anyway."""
    if field is None:
        draft.doubts.append("no field holds the time of publication; articles have none.")
        return
    stamps = [read_stamp(value, _UTC) for value in field.values]
    if all("bad-time" not in stamp.flags for stamp in stamps):
        if any(isinstance(v, int | float) or _has_zone(v) for v in field.values):
            draft.put("zone", None, "Zone: not needed, the times have their offset.")
        return
    moments = [find_moment(str(value)) for value in field.values]
    known = [moment for moment in moments if moment is not None]
    try:
        order = order_of(known)
    except ValueError as error:
        raise DumpError(f"the times contradict each other: {error}") from error
    skeletons = {moment.skeleton for moment in known}
    if len(skeletons) == 1:
        written = time_format(skeletons.pop(), order, known)
        draft.put("time_format", written, f"Times such as “{field.values[0]}”.")
    else:
        draft.doubts.append(f"the times are written in {len(skeletons)} ways, not all can be read.")
    if not order.sure:
        draft.doubts.append(f"whether the day or the month comes first cannot be told: {order.why}")


def _has_zone(value: object) -> bool:
    return isinstance(value, str) and re.search(r"(?:Z|[+-]\d\d:?\d\d)$", value) is not None


def _example(field: _Field) -> str:
    text = str(field.values[0])
    return f"“{text[:50]}{'…' if len(text) > 50 else ''}” ({field.share:.0%})"


# --------------------------------------------------------------------------- records


def _records(sample: Sample) -> tuple[str, list[Mapping[str, Any]]]:
    """The path of the list of records, "" for the top, and the records. Raises DumpError."""
    lines = [line for line in sample.text.split("\n") if line.strip()]
    first = [_line(line) for line in lines[:_FIRST_LINES]]
    by_line = first[0] is not None or 2 * sum(one is not None for one in first) > len(first)
    if by_line and len(lines) > 1:
        return "", [one for one in map(_line, lines[:_MOST_RECORDS]) if one is not None]
    if not sample.whole:
        raise DumpError(f"{sample.name}: a document of more than {MOST >> 20} MiB; give a smaller")
    try:
        document = json.loads(sample.text)
    except (ValueError, RecursionError) as error:
        raise DumpError(f"{sample.name}: no JSON: {error}") from error
    lists = list(_lists(document, "", 0))
    if not lists:
        return "", [document] if isinstance(document, Mapping) else []
    return max(lists, key=lambda each: (_weight(each[1]), -len(each[0])))


def _line(line: str) -> Mapping[str, Any] | None:
    try:
        record = json.loads(line)
    except (ValueError, RecursionError):
        return None
    return record if isinstance(record, Mapping) else None


def _lists(value: object, path: str, depth: int) -> Iterator[tuple[str, list[Mapping[str, Any]]]]:
    """Every list of mappings in a document, with its path."""
    if depth > _DEEPEST:
        return
    if isinstance(value, list):
        records = [one for one in value if isinstance(one, Mapping)]
        if records and len(records) >= len(value) / 2:
            yield path, records
    elif isinstance(value, Mapping):
        for key, each in value.items():
            yield from _lists(each, f"{path}.{key}" if path else str(key), depth + 1)


def _weight(records: Sequence[Mapping[str, Any]]) -> int:
    """Characters of text in the first few of them."""
    return sum(len(value) for record in records[:50] for value in _strings(record, 0))


def _strings(value: object, depth: int) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif depth < _DEEPEST and isinstance(value, Mapping | list):
        inner = value.values() if isinstance(value, Mapping) else value
        for each in inner:
            yield from _strings(each, depth + 1)


def _fields(records: Sequence[Mapping[str, Any]]) -> list[_Field]:
    paths = dict.fromkeys(path for record in records for path in _paths(record, "", 0))
    fields = []
    for path in paths:
        values = [at_path(record, path) for record in records]
        present = tuple(value for value in values if value not in (None, "", [], {}))
        if 2 * len(present) >= len(records):
            fields.append(_Field(path, present, len(present) / len(records)))
    return fields


def _paths(value: Mapping[str, Any], path: str, depth: int) -> Iterator[str]:
    for key, each in value.items():
        here = f"{path}.{key}" if path else str(key)
        if isinstance(each, Mapping):
            if depth < _DEEPEST:
                yield from _paths(each, here, depth + 1)
        else:
            yield here


# --------------------------------------------------------------------------- roles


def _texts(field: _Field) -> list[str]:
    return [value for value in field.values if isinstance(value, str)]


def _title(field: _Field) -> float:
    texts = [text for text in _texts(field) if not text.startswith(("http://", "https://"))]
    if len(texts) < 0.9 * len(field.values):
        return 0.0
    usual = [text for text in texts if 10 <= len(text) <= 300 and "\n" not in text]
    if len(usual) < 0.8 * len(texts) or len(set(texts)) < 0.6 * len(texts):
        return 0.0
    return 1.0 + sum(could_be_title(text) for text in usual) / len(texts)


def _body(field: _Field) -> float:
    lengths = [
        len(_TAG.sub("", value)) if isinstance(value, str) else sum(map(len, value))
        for value in field.values
        if isinstance(value, str)
        or (isinstance(value, list) and all(isinstance(each, str) for each in value))
    ]
    if len(lengths) < 0.9 * len(field.values) or median(lengths) < 80:
        return 0.0
    return 2.0 + min(median(lengths) / 500, 3.0)


def _published(field: _Field) -> float:
    read = sum(
        not isinstance(value, bool)
        and (
            "bad-time" not in read_stamp(value, _UTC).flags
            if isinstance(value, int | float)
            else isinstance(value, str) and len(value) <= 60 and find_moment(value) is not None
        )
        for value in field.values
    )
    small = any(isinstance(value, int | float) and value < 10**8 for value in field.values)
    return 1.5 if read >= 0.8 * len(field.values) and not small else 0.0


def _views(field: _Field) -> float:
    words = {word.lower() for word in _WORD.findall(field.path.rpartition(".")[2])}
    numbers = [
        value
        for value in field.values
        if not isinstance(value, bool)
        and (isinstance(value, int) or (isinstance(value, str) and value.strip().isdecimal()))
    ]
    named = bool(words & set(_KEYS["views"]))
    return 1.0 if named and len(numbers) >= 0.9 * len(field.values) else 0.0


def _url(field: _Field) -> float:
    texts = [text for text in _texts(field) if text.startswith(("http://", "https://"))]
    if len(texts) < 0.9 * len(field.values) or len(set(texts)) < 0.8 * len(texts):
        return 0.0
    pictures = sum(text.lower().endswith((".jpg", ".png", ".webp", ".gif")) for text in texts)
    return 0.0 if 2 * pictures > len(texts) else 1.0


def _language(field: _Field) -> float:
    return 1.0 if all(_CODE.fullmatch(text) for text in map(str, field.values)) else 0.0


_JUDGES: dict[Role, Callable[[_Field], float]] = {
    "published": _published,
    "url": _url,
    "views": _views,
    "language": _language,
    "body": _body,
    "title": _title,
}
