"""What a message (RFC 5322, RFC 2045-2047) holds for its reader: header fields and texts.

Attachments are not looked into. Nesting and the number of parts are bounded: a message with more
of either is an error, not a longer wait.
"""

from __future__ import annotations

import binascii
import re
from collections.abc import Iterator
from dataclasses import dataclass
from email.message import Message
from email.parser import HeaderParser

from monitor.dumps.charset import decode
from monitor.dumps.encoding import Decoder
from monitor.dumps.markup import html_paragraphs
from monitor.dumps.wrapped import unflow, unwrap

MAX_HEADER = 256 * 1024
"""Bytes of all header fields of a message or a part."""
MAX_PARTS = 1000
MAX_NESTED = 20
MAX_TEXT = 4 * 1024 * 1024
"""Bytes of one text in a message."""
MAX_LINES = 100_000
"""Of one text."""

_LONGEST_FIELD = 4096  # characters of a field with parameters
_LONGEST_SIGNATURE = 15  # lines
_MUCH_LESS = 0.2  # of the text in HTML: such a plain text only says that there is one
_SHORT = 400  # characters of HTML's text that a shorter one is not measured against

_HEADER = re.compile(rb"(?:[!-9;-~]+[ \t]*:[^\n]*(?:\n|\Z)|[ \t][^\n]*(?:\n|\Z))*+")
_WORD = re.compile(r"=\?([^\s?*]{1,40})(?:\*[^\s?]{0,40})?\?([bq])\?([^?]*)\?=", re.IGNORECASE)
_BASE64 = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
_NOT_BASE64 = bytes(set(range(256)) - set(_BASE64))
_PLAIN = frozenset(("text/plain", "text/markdown"))


class MimeError(Exception):
    """The message cannot be read; says why."""


@dataclass(frozen=True, slots=True)
class Reading:
    """What there is to read: paragraphs of the plain text, of the HTML, and of what serves best.

    ``cut``: the latter ends where the message does, in the middle. ``attached`` are messages in
    the message; ``others`` the types of parts that are no text. ``language`` is of the first text.
    """

    plain: tuple[str, ...] = ()
    html: tuple[str, ...] = ()
    body: tuple[str, ...] = ()
    cut: bool = False
    attached: tuple[bytes, ...] = ()
    others: tuple[str, ...] = ()
    language: str = ""


def split_header(data: bytes) -> tuple[Message, bytes]:
    """The header of a message or part, and what stands below it; line ends are LF alone.

    Raises MimeError for too much of it. A line that is no field ends the header.
    """
    found = _HEADER.match(data[: MAX_HEADER + 1])
    end = found.end() if found is not None else 0
    if end > MAX_HEADER:
        raise MimeError(f"a header of more than {MAX_HEADER >> 10} KiB")
    text = Decoder().decode(data[:end])
    header = HeaderParser().parsestr(text.replace("\0", "\ufffd").lstrip(" \t") + "\n")
    for name in ("content-type", "content-disposition"):
        if len(header.get(name, "")) > _LONGEST_FIELD:
            del header[name]
    return header, data[end:].removeprefix(b"\n")


def read_parts(header: Message, body: bytes, *, charset: str | None) -> Reading:
    """The texts of a message; raises MimeError. ``charset`` is for parts that name none."""
    ends = header.get_content_maintype() != "multipart"
    return _Reader(charset).read(header, body, depth=0, ends=ends)


def decode_words(text: str) -> str:
    """A header field as it is meant (RFC 2047): encoded words decoded, never raises.

    Words of one charset side by side are put together first: some programs break them in the
    middle of a character.
    """
    parts: list[str] = []
    charset, held, end = "", b"", 0
    for word in _WORD.finditer(text):
        between = text[end : word.start()]
        if end and not between.strip():
            between = ""
        if held and (between or word[1].lower() != charset):
            parts.append(decode(held, http=charset))
            held = b""
        parts.append(between)
        charset, end = word[1].lower(), word.end()
        held += _word(word[2], word[3])
    if held:
        parts.append(decode(held, http=charset))
    return "".join((*parts, text[end:]))


def _word(encoding: str, text: str) -> bytes:
    data = text.encode("utf-8", "replace")
    if encoding in "bB":
        return _base64(data)
    return binascii.a2b_qp(data, header=True)


def _base64(data: bytes) -> bytes:
    """As much as is there, whatever stands in between."""
    data = data.translate(None, _NOT_BASE64)
    if len(data) % 4 == 1:  # a piece of a letter is none
        data = data[:-1]
    return binascii.a2b_base64(data + b"=" * (-len(data) % 4))


class _Reader:
    """Reads the parts of one message, and counts them."""

    def __init__(self, charset: str | None) -> None:
        self._charset = charset
        self._parts = 0

    def read(self, header: Message, body: bytes, *, depth: int, ends: bool) -> Reading:
        """``ends``: it is certain that the part ends here."""
        self._parts += 1
        if self._parts > MAX_PARTS:
            raise MimeError(f"more than {MAX_PARTS:,} parts")
        kind = header.get_content_type()
        if kind == "message/rfc822":
            return Reading(attached=(_decoded(header, body),))
        if kind.startswith("multipart/"):
            return self._multipart(header, body, depth, ends)
        is_html = kind == "text/html"
        is_text = is_html or kind in _PLAIN
        if not is_text or header.get_content_disposition() == "attachment":
            return Reading(others=(kind,))
        charset = header.get_content_charset() or self._charset
        data = _decoded(header, body)
        if len(data) > MAX_TEXT or data.count(b"\n") > MAX_LINES:
            raise MimeError(f"a text of more than {MAX_TEXT >> 20} MiB or {MAX_LINES:,} lines")
        text = decode(data, http=charset).replace("\0", "\ufffd")
        language = decode_words(str(header.get("content-language", "")))
        if is_html:
            found = html_paragraphs(text)
            return Reading(html=found, body=found, cut=not ends, language=language)
        found = _plain(header, text)
        return Reading(plain=found, body=found, cut=not ends, language=language)

    def _multipart(self, header: Message, body: bytes, depth: int, ends: bool) -> Reading:
        kind = header.get_content_subtype()
        boundary = header.get_boundary()
        if not boundary:
            raise MimeError("several parts, and no boundary that parts them")
        if depth == MAX_NESTED:
            raise MimeError(f"parts nested more than {MAX_NESTED} times")
        readings = []
        for part, closed in _split(body, boundary):
            inner, below = split_header(part)
            if kind == "digest":
                inner.set_default_type("message/rfc822")
            certain = closed or ends or _is_closed(inner, below)
            readings.append(self.read(inner, below, depth=depth + 1, ends=certain))
        if not readings:
            raise MimeError("several parts, and its boundary stands nowhere")
        joined = _join(readings)
        if kind == "alternative":
            chosen = _best(readings, joined)
            return Reading(
                joined.plain, joined.html, chosen.body, chosen.cut, joined.attached,
                joined.others, joined.language,
            )  # fmt: skip
        if kind == "report":  # the message that could not be delivered is no news
            return Reading(joined.plain, joined.html, joined.body, joined.cut)
        return joined


def _is_closed(header: Message, body: bytes) -> bool:
    """Whether a last part that nothing closes has an end of its own: that of its own parts."""
    boundary = header.get_boundary() if header.get_content_maintype() == "multipart" else None
    if not boundary:
        return False
    return any(found[1] for found in _boundary_lines(boundary).finditer(b"\n" + body))


def _boundary_lines(boundary: str) -> re.Pattern[bytes]:
    """Lines between parts, with the line feed above; the group is in the one below the last."""
    mark = re.escape(b"\n--" + boundary.encode("utf-8", "replace"))
    return re.compile(mark + rb"(--)?[ \t]*(?=\n|\Z)")


def _split(body: bytes, boundary: str) -> Iterator[tuple[bytes, bool]]:
    """The parts between lines of the boundary, and whether such a line ends them."""
    start = None
    body = b"\n" + body
    for found in _boundary_lines(boundary).finditer(body):
        if start is not None:
            yield body[start : found.start()], True
        start = found.end() + 1
        if found[1]:
            return
    if start is not None and body[start:].strip():
        yield body[start:], False


def _join(readings: list[Reading]) -> Reading:
    return Reading(
        plain=tuple(line for each in readings for line in each.plain),
        html=tuple(line for each in readings for line in each.html),
        body=tuple(line for each in readings for line in each.body),
        cut=any(each.cut for each in readings),
        attached=tuple(data for each in readings for data in each.attached),
        others=tuple(kind for each in readings for kind in each.others),
        language=next((each.language for each in readings if each.language), ""),
    )


def _best(readings: list[Reading], joined: Reading) -> Reading:
    """Of several ways to say the same: the plain text, unless it is whole in HTML alone."""
    plain = next((each for each in readings if each.plain and each.body == each.plain), Reading())
    html = next((each for each in reversed(readings) if each.html), Reading())
    if not plain.body or not html.body:
        return plain if plain.body else html if html.body else joined
    size, full = sum(map(len, plain.body)), sum(map(len, html.body))
    if size < _MUCH_LESS * full and full > _SHORT and not html.cut:
        return html
    return html if plain.cut and not html.cut else plain


def _decoded(header: Message, body: bytes) -> bytes:
    encoding = str(header.get("content-transfer-encoding", "")).strip().lower()
    if encoding == "quoted-printable":
        return binascii.a2b_qp(body)
    return _base64(body) if encoding == "base64" else body


def _plain(header: Message, text: str) -> tuple[str, ...]:
    """The paragraphs of a plain text without its signature (RFC 3676, 4.3)."""
    lines = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    for back, line in enumerate(reversed(lines[-_LONGEST_SIGNATURE:]), start=1):
        if line == "-- ":
            del lines[-back:]
            break
    if _parameter(header, "format") == "flowed":
        return unflow(lines, delsp=_parameter(header, "delsp") == "yes")
    return unwrap(lines)


def _parameter(header: Message, name: str) -> str:
    found = header.get_param(name, "")
    return found.lower() if isinstance(found, str) else ""
