"""From a message to the records in it: its own text, and messages that it carries."""

from __future__ import annotations

import re
from collections.abc import Iterator
from email.message import Message
from email.utils import parseaddr

from monitor.config import SourceSettings
from monitor.dumps.base import MAX_RAW
from monitor.dumps.encoding import Decoder
from monitor.dumps.mail.mbox import Piece, without_separator
from monitor.dumps.mail.mime import MimeError, Reading, decode_words, read_parts, split_header
from monitor.dumps.record import Record

MAX_CARRIED = 10
"""Messages in one another."""

_LONGEST_ADDRESS = 1000  # characters of a From field
_ANGLED = re.compile(r"\s*<([^<>]*)>")
_ADDRESSES = ("archived-at", "list-archive", "list-post", "list-id")


def read_message(piece: Piece, profile: SourceSettings) -> Iterator[Record | str]:
    """The records of a message, in their order; for what cannot be read, the reason."""
    data = without_separator(piece.data) if piece.data.startswith(b"From ") else piece.data
    yield from _records(data, piece.line, profile, 0)


def raw_text(data: bytes) -> str:
    """The beginning of a message, for quarantine."""
    return Decoder().decode(data[:MAX_RAW]).replace("\0", "\ufffd")


def _records(data: bytes, line: int, profile: SourceSettings, depth: int) -> Iterator[Record | str]:
    data = data.replace(b"\r\n", b"\n")
    if b"\r" in data and b"\n" not in data:
        data = data.replace(b"\r", b"\n")
    try:
        header, body = split_header(data.lstrip(b"\n"))
        if not header.keys():
            raise MimeError("a message without a header")
        found = read_parts(header, body, charset=profile.encoding)
    except MimeError as error:
        yield str(error)
        return
    if found.cut:
        yield "the message ends in its text"
    elif found.body or not found.attached:
        if not found.body and found.others:
            yield f"a message without a text: {', '.join(dict.fromkeys(found.others))}"
        else:
            yield Record(line, _values(header, found), raw=raw_text(data))
    if found.attached and depth == MAX_CARRIED:
        yield f"messages carried in one another more than {MAX_CARRIED} times"
        return
    for carried in found.attached:
        yield from _records(carried, line, profile, depth + 1)


def _values(header: Message, found: Reading) -> dict[str, object]:
    """All header fields, for ``fields``, under their names in small letters; then the usual."""
    values: dict[str, object] = {}
    for name, value in header.items():
        values.setdefault(name.lower(), decode_words(str(value)))
    for name in _ADDRESSES:
        if angled := _ANGLED.match(str(values.get(name, ""))):
            values[name] = angled[1]
    sender = str(header.get("from", ""))[:_LONGEST_ADDRESS]
    name, address = parseaddr(sender)
    values["from"] = {
        "value": decode_words(sender),
        "name": decode_words(name),
        "address": address,
    }
    language = found.language or str(values.get("content-language", ""))
    values |= {
        "title": values.get("subject", ""),
        "body": found.body,
        "text": found.plain,
        "html": found.html,
        "published": values.get("date") or _received(header),
        "url": values.get("archived-at", ""),
        "language": language.split(",")[0],
    }
    return values


def _received(header: Message) -> str:
    """When the last of its carriers took the message (RFC 5321, 4.4)."""
    _, semicolon, time = str(header.get("received", "")).rpartition(";")
    return " ".join(time.split()) if semicolon else ""
