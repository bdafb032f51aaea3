"""A document of LexisNexis: as its older exports set it, with labels in capitals and lines broken
at eighty characters, or as Nexis Uni sets it, with its text between "Body" and "Classification".

Labels and dates may be English, German, French, Spanish or Dutch.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from monitor.dumps.export.dates import Written, is_time, read_written
from monitor.dumps.export.documents import UnreadableError
from monitor.dumps.wrapped import unwrap
from monitor.text import one_line

_HEAD = {  # labels above the text, by what they are called here
    "BYLINE": "byline", "AUTOR": "byline", "AUTEUR": "byline", "AUTHOR": "byline",
    "SECTION": "section", "RUBRIK": "section", "RUBRIQUE": "section", "SECCIÓN": "section",
    "LENGTH": "length", "LÄNGE": "length", "LONGUEUR": "length", "LONGITUD": "length",
    "LENGTE": "length", "HEADLINE": "title", "ÜBERSCHRIFT": "title", "TITRE": "title",
    "DATELINE": "dateline", "HIGHLIGHT": "highlight", "SERIES": "series", "COLUMN": "column",
    "DATE": "date", "SOURCE": "publication", "PUBLICATION": "publication",
    "DISTRIBUTION": "distribution", "VOLUME": "volume", "ISSUE": "issue", "TYPE": "type",
}  # fmt: skip
_TAIL = {  # labels below the text
    "LOAD-DATE": "load_date", "UPDATE": "load_date", "LANGUAGE": "language",
    "SPRACHE": "language", "LANGUE": "language", "IDIOMA": "language", "TAAL": "language",
    "PUBLICATION-TYPE": "publication_type", "JOURNAL-CODE": "journal_code", "URL": "url",
    "WEBSITE": "url", "ACC-NO": "number", "SUBJECT": "subject", "GRAPHIC": "graphic",
    "GRAFIK": "graphic", "CORRECTION": "correction", "CORRECTION-DATE": "correction_date",
    "NOTES": "notes", "COUNTRY": "country", "STATE": "state", "CITY": "city",
    "GEOGRAPHIC": "geographic", "INDUSTRY": "industry", "COMPANY": "company",
    "ORGANIZATION": "organization", "PERSON": "person", "TICKER": "ticker",
    "DOCUMENT-TYPE": "document_type", "PUB-TYPE": "publication_type",
}  # fmt: skip
_LABEL = re.compile(r"(?P<name>[A-ZÄÖÜÉÓ][A-ZÄÖÜÉÓ-]{2,24}):(?:\s+(?P<value>.*))?")
_TITLED = re.compile(r"(?P<name>[A-ZÄÖÜÉÓ][\wäöüéó]{2,14}(?:-[\w]{2,14})?):(?:\s*(?P<value>.*))?")
_BODY = re.compile(r"(?:BODY|Body|Volltext|VOLLTEXT|Corps|CORPS|Cuerpo|CUERPO):?")
_TEXT = re.compile(r"(?:BODY|VOLLTEXT|CORPS|CUERPO):\s*(.*)")
_CLASSES = re.compile(r"(?:Classification|Klassifikation|Clasificación|Graphic|Notes)")
_RIGHTS = re.compile(r"(?:Copyright|©|\(c\)|All Rights Reserved)", re.IGNORECASE)
_PAGE = re.compile(r"Page \d+(?: of \d+)?", re.IGNORECASE)
_MAX_LANGUAGE = 3  # words; "LANGUAGE: never stop learning it" is a headline
_MAX_TITLE_LINES = 4


@dataclass(frozen=True, slots=True)
class Block:
    """Lines between empty lines."""

    lines: tuple[str, ...]

    @property
    def text(self) -> str:
        return one_line(" ".join(self.lines))


def read_numbered(lines: Sequence[str]) -> dict[str, object]:
    """A document below "1 of 25 DOCUMENTS": what its labels say, its title, date and text.

    Raises UnreadableError for one with neither a date nor a label.
    """
    blocks = _blocks(lines)
    text = next((at for at, block in enumerate(blocks) if _is_text(block)), None)
    first = next((at for at, block in enumerate(blocks) if _label(block, _HEAD)), None)
    tail = _tail(blocks, (text or first or 0) + 1)
    values: dict[str, object] = {}
    stop = min(at for at in (first, text, tail) if at is not None)
    at = _top(blocks[:stop], values)
    if "published" not in values and first is None:
        raise UnreadableError("a document with neither a date nor labels")
    body: list[str] = []
    for block in blocks[at:tail]:
        named = _label(block, _HEAD) if text is None or at < text else None
        if named is not None and not body:
            _take(values, *named)
        else:
            body += ("", *_text_of(block))
        at += 1
    for block in blocks[tail:]:
        if named := _label(block, _TAIL):
            values.setdefault(*named)
    if "published" not in values and (written := read_written(str(values.get("date", "")))):
        _date(values, written, "", ())
    values["body"] = unwrap(body)
    return values


def _take(values: dict[str, object], name: str, value: str) -> None:
    """A headline with a label is surer than one found by its place."""
    if name == "title" or name not in values:
        values[name] = value


def read_uni(lines: Sequence[str]) -> dict[str, object]:
    """A document above "End of Document"; raises UnreadableError for one without a "Body".

    A list of what was found may stand above the first: the title is above the last date's
    publication.
    """
    text = next((at for at, line in enumerate(lines) if _BODY.fullmatch(line.strip())), None)
    if text is None:
        raise UnreadableError("a document without the line Body")
    values: dict[str, object] = {}
    head = [line.strip() for line in lines[:text]]
    labels = 0
    for at in reversed(range(len(head))):
        if written := read_written(head[at]):
            _date(values, written, head[at], head[at + 1 : at + 3])
            above = [number for number in range(at) if head[number]]
            if above:
                values["publication"] = head[above[-1]]
                values["title"] = _title_above(head[: above[-1]])
            labels = at + 1
            break
    end = next((at for at in range(text + 1, len(lines)) if _ends_text(lines[at])), len(lines))
    for line in (*head[labels:], *lines[end:]):
        if named := _titled(line.strip()):
            values.setdefault(*named)
    values["body"] = unwrap([line for line in lines[text + 1 : end] if not _is_page(line)])
    return values


def _blocks(lines: Iterable[str]) -> list[Block]:
    blocks: list[list[str]] = [[]]
    for line in lines:
        if line.strip():
            blocks[-1].append(line.rstrip())
        elif blocks[-1]:
            blocks.append([])
    return [Block(tuple(block)) for block in blocks if block]


def _is_text(block: Block) -> bool:
    return _TEXT.fullmatch(block.lines[0].strip()) is not None


def _text_of(block: Block) -> tuple[str, ...]:
    """The lines of a block without the label that says that it is text."""
    if found := _TEXT.fullmatch(block.lines[0].strip()):
        return (found[1], *block.lines[1:])
    return block.lines


def _label(block: Block, names: dict[str, str]) -> tuple[str, str] | None:
    """What a block says if it begins with one of these labels."""
    found = _LABEL.fullmatch(block.lines[0])
    if found is None or found["name"] not in names:
        return None
    name = names[found["name"]]
    return name, one_line(" ".join((found["value"] or "", *block.lines[1:])))


def _tail(blocks: Sequence[Block], start: int) -> int:
    """Where what stands below the text begins."""
    for at in range(start, len(blocks)):
        found = _label(blocks[at], _TAIL)
        if found and (found[0] != "language" or len(found[1].split()) <= _MAX_LANGUAGE):
            return at
    end = len(blocks)
    while end > start and _RIGHTS.match(blocks[end - 1].lines[0].strip()):
        end -= 1
    return end


def _top(blocks: Sequence[Block], values: dict[str, object]) -> int:
    """Publication, date and title from what stands above the labels; how many blocks they are."""
    rights = [at for at, block in enumerate(blocks) if _RIGHTS.match(block.lines[0].strip())]
    plain = [at for at in range(len(blocks)) if at not in rights]
    for place, at in enumerate(plain):
        for number, line in enumerate(blocks[at].lines):
            if (written := read_written(line)) is None:
                continue
            _date(values, written, line.strip(), blocks[at].lines[number + 1 :])
            above = [blocks[each].text for each in plain[:place]]
            above += map(str.strip, blocks[at].lines[:number])
            if above:
                values["publication"] = above[-1]
            if not plain[place + 1 :]:
                return len(blocks)
            title = plain[place + 1]
            values["title"] = blocks[title].text
            return title + 1
    if plain:
        values["title"] = blocks[plain[-1]].text
        if len(plain) > 1:
            values["publication"] = blocks[plain[0]].text
    return len(blocks)


def _date(values: dict[str, object], written: Written, line: str, below: Sequence[str]) -> None:
    if not written.hour:
        timed = (read_written(line, each) for each in below if is_time(each))
        written = next(filter(None, timed), written)
    values["published"] = written.moment
    values["date_only"] = not written.hour


def _title_above(lines: Sequence[str]) -> str:
    """The last lines that stand together."""
    title: list[str] = []
    for line in reversed(lines):
        if line and len(title) < _MAX_TITLE_LINES and not _is_page(line):
            title.append(line)
        elif title:
            break
    return one_line(" ".join(reversed(title)))


def _titled(line: str) -> tuple[str, str] | None:
    """What a line of Nexis Uni says if it is one with a label: "Length: 355 words"."""
    found = _TITLED.fullmatch(line) if len(line) <= 2000 else None
    if found is None:
        return None
    name = found["name"].upper()
    known = _HEAD.get(name) or _TAIL.get(name)
    return (known, found["value"] or "") if known else None


def _ends_text(line: str) -> bool:
    if _CLASSES.fullmatch(line.strip()):
        return True
    named = _titled(line.strip())
    return named is not None and named[0] in ("load_date", "publication_type")


def _is_page(line: str) -> bool:
    return _PAGE.fullmatch(line.strip()) is not None
