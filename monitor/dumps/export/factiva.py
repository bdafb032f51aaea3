"""A document of Factiva: with a code before each field ("HD", "LP"), or as set for readers, with
its headline, byline, number of words, date, time, source and copyright above the text.

https://developer.dowjones.com/ names the codes; tables of them stand in Factiva's help too.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from monitor.dumps.export.dates import is_time, read_written
from monitor.dumps.export.documents import UnreadableError
from monitor.dumps.export.words import UNITS
from monitor.dumps.wrapped import unwrap
from monitor.text import one_line

CODES = {  # in the order in which they stand
    "CLM": "column", "SE": "section", "HD": "title", "BY": "byline", "CR": "credit",
    "WC": "length", "PD": "date", "ET": "time", "SN": "publication", "SC": "source_code",
    "ED": "edition", "PG": "page", "VOL": "volume", "LA": "language", "CY": "copyright",
    "CX": "correction", "LP": "lead", "TD": "text", "ART": "captions", "CT": "contact",
    "RF": "reference", "CO": "companies", "FDS": "company_codes", "IN": "industries",
    "NS": "subjects", "RE": "regions", "IPC": "provider_code", "IPD": "provider_descriptors",
    "DE": "descriptors", "PUB": "publisher", "AN": "number",
}  # fmt: skip
_ORDER = {code: place for place, code in enumerate(CODES)}
_CODE = re.compile(rf"[ \t]{{0,4}}({'|'.join(CODES)})(?:([ \t]+)(.*))?")
_WORDS = re.compile(rf"\d[\d., ]{{0,9}}\s{UNITS}", re.IGNORECASE)
_INDEXED = re.compile(r"[^:|]{1,60}\s?[:|]")
_RIGHTS = re.compile(r"(?:©|\(c\)|Copyright)", re.IGNORECASE)
_SOURCE_CODE = re.compile(r"[A-Z][A-Z0-9]{1,9}")
_BYLINE = re.compile(r"(?:by|von|par|por|di|da|door)\s+\S", re.IGNORECASE)
_MAX_HEADER = 14  # lines from the number of words to the copyright
_MAX_ABOVE = 6  # lines above the number of words
_MAX_SECTION = 3  # words


def is_coded(lines: Sequence[str]) -> bool:
    """Whether a document has codes before its fields."""
    codes = {found[1] for line in lines[:200] if (found := _CODE.fullmatch(line.rstrip()))}
    return "HD" in codes and len(codes & {"WC", "PD", "SN", "LP", "TD", "LA"}) >= 2


def read_coded(lines: Sequence[str]) -> dict[str, object]:
    """What the codes say. A line is one's continuation unless it begins with a later code.

    A code must be set apart by more than one space if the first is, as "IN KARSU" may begin a
    line of a text.
    """
    fields: dict[str, list[str]] = {}
    wide, code = False, ""
    for line in lines:
        found = _CODE.fullmatch(line.rstrip())
        if found is not None and _begins_field(found, fields, wide):
            wide = wide or (not fields and found[2] != " ")
            code = found[1]
            fields[code] = [found[3]] if found[3] else []
        elif code:
            fields[code].append(line)
    if "HD" not in fields:
        raise UnreadableError("a document without a headline (HD)")
    values: dict[str, object] = {
        CODES[code]: one_line(" ".join(lines))
        for code, lines in fields.items()
        if code not in ("LP", "TD")
    }
    values["body"] = (*_text(fields.get("LP", ())), *_text(fields.get("TD", ())))
    _date(values, str(values.pop("date", "")), str(values.get("time", "")))
    return values


def _begins_field(found: re.Match[str], fields: Mapping[str, object], wide: bool) -> bool:
    code, gap, value = found.groups()
    if code in fields or (wide and gap == " "):
        return False
    text = next((each for each in ("TD", "LP") if each in fields), None)
    if text is None:
        return True
    if _ORDER[code] <= _ORDER[text]:
        return False
    return gap != " " or code in ("TD", "AN") or _INDEXED.match(value) is not None


def _text(lines: Sequence[str]) -> tuple[str, ...]:
    return unwrap([line.strip() for line in lines])


def is_header(lines: Sequence[str], at: int) -> bool:
    """Whether the number of words stands in this line, and a date in the next that is not empty."""
    if len(lines[at]) > 40 or _WORDS.fullmatch(lines[at].strip()) is None:
        return False
    below = next((line for line in lines[at + 1 : at + 4] if line.strip()), "")
    return read_written(below) is not None


def read_plain(lines: Sequence[str]) -> dict[str, object]:
    """The lines of the header by their order, and the text below it.

    Raises UnreadableError for a document without one. What stands above the headline, a list of
    what was found say, is left out.
    """
    at = next((i for i in reversed(range(len(lines))) if is_header(lines, i)), None)
    if at is None:
        raise UnreadableError("a document without a number of words above a date")
    values: dict[str, object] = {"length": lines[at].strip()}
    _above(values, lines[:at])
    below = [i for i in range(at + 1, len(lines)) if lines[i].strip()][:_MAX_HEADER]
    header = [lines[i].strip() for i in below]
    timed = len(header) > 1 and is_time(header[1])
    _date(values, header[0], header[1] if timed else "")
    rest = header[2 if timed else 1 :]
    if rest:
        values["publication"] = rest[0]
    rights = next((i for i, line in enumerate(header) if _RIGHTS.match(line)), None)
    if rights is not None:
        end = below[rights] + 1
        if rights and not _SOURCE_CODE.fullmatch(header[rights - 1]):
            values["language"] = header[rights - 1]
        while end < len(lines) and lines[end].strip() and _RIGHTS.search(lines[end]):
            end += 1
    else:  # no copyright: the header ends with its first empty line
        start = below[min(2 if timed else 1, len(below) - 1)]
        end = next((i for i in range(start, len(lines)) if not lines[i].strip()), start + 1)
    values["body"] = unwrap(lines[end:])
    return values


def _above(values: dict[str, object], lines: Sequence[str]) -> None:
    """Section, headline and byline: the lines that stand together above the number of words."""
    together: list[str] = []
    for line in map(str.strip, reversed(lines)):
        if line and not together and "byline" not in values and _BYLINE.match(line):
            values["byline"] = line
        elif line and len(together) < _MAX_ABOVE:
            together.insert(0, line)
        elif together:
            break
    if not together and "byline" in values:
        together.append(str(values.pop("byline")))
    if len(together) > 1 and len(together[0].split()) <= _MAX_SECTION:
        values["section"] = together.pop(0)
    values["title"] = one_line(" ".join(together))


def _date(values: dict[str, object], date: str, time: str) -> None:
    written = read_written(date, time)
    values["published"] = date if written is None else written.moment
    values["date_only"] = written is not None and not written.hour
