"""An HTTP response as a crawler stored it, with its body as a reader would have got it.

Crawlers store the body as it came, in chunks and packed, or unpacked with the old headers above it;
both are read. warcio takes the response apart.
"""

from __future__ import annotations

import io
import re
import zlib
from dataclasses import dataclass
from typing import Any

MAX_BODY = 16 * 1024 * 1024
"""Bytes, unpacked."""

_MAX_HEADER = 64 * 1024
_MAX_ENCODINGS = 3
_HEADER_END = re.compile(rb"\r?\n\r?\n")
_CHARSET = re.compile(r"charset\s*=\s*[\"']?([\w.:-]+)", re.IGNORECASE)
_ZSTD = b"\x28\xb5\x2f\xfd"


class BodyError(Exception):
    """The body cannot be read; the message says why."""


@dataclass(frozen=True, slots=True)
class Response:
    """``media``, its type, in small letters, "" for none; ``charset`` where one is stated."""

    status: int
    media: str
    charset: str | None
    headers: dict[str, str]
    packed: bytes


def read_response(block: bytes) -> Response:
    """The response that a record's block is; its body is left packed. Raises BodyError."""
    from warcio.statusandheaders import StatusAndHeadersParser

    end = _HEADER_END.search(block, 0, _MAX_HEADER)
    if end is None:
        raise BodyError("an HTTP response whose header does not end")
    parsed: Any = StatusAndHeadersParser([], verify=False).parse(io.BytesIO(block[: end.end()]))
    headers: dict[str, str] = {}
    for name, value in parsed.headers:
        headers.setdefault(name.strip().lower(), value.strip())
    status = parsed.statusline[:3]
    if not (parsed.protocol.startswith("HTTP/") and status.isascii() and status.isdecimal()):
        raise BodyError("no HTTP response")
    kind, charset = media_type(headers.get("content-type", ""))
    return Response(int(status), kind, charset, headers, block[end.end() :])


def media_type(content_type: str) -> tuple[str, str | None]:
    """``(type, charset)`` of a Content-Type."""
    kind, _, parameters = content_type.partition(";")
    charset = _CHARSET.search(parameters)
    return kind.strip().lower(), charset[1] if charset is not None else None


def read_body(response: Response) -> bytes:
    """The body without chunks and packing, of up to ``MAX_BODY`` bytes. Raises BodyError."""
    from warcio.bufferedreaders import ChunkedDataReader

    data = response.packed
    if "chunked" in response.headers.get("transfer-encoding", "").lower():
        data = ChunkedDataReader(io.BytesIO(data)).read()
    named = response.headers.get("content-encoding", "").lower().split(",")
    encodings = [name for each in named if (name := each.strip()) not in ("", "identity")]
    if len(encodings) > _MAX_ENCODINGS:
        raise BodyError("packed many times over")
    for encoding in reversed(encodings):
        data = _unpack(data, encoding)
    return data


def _unpack(data: bytes, encoding: str) -> bytes:
    if encoding in ("gzip", "x-gzip", "deflate"):
        return _inflate(data)
    if encoding == "zstd":
        return _unpack_zstd(data) if data.startswith(_ZSTD) else data
    if _looks_unpacked(data):
        return data
    raise BodyError(f"packed as {encoding}, which is not read")


def _inflate(data: bytes) -> bytes:
    """gzip, zlib or bare deflate, as browsers take each for the other; or none of them."""
    for window in (zlib.MAX_WBITS | 32, -zlib.MAX_WBITS):
        unpacker = zlib.decompressobj(window)
        try:
            unpacked = unpacker.decompress(data, MAX_BODY + 1)
        except zlib.error:
            continue
        if len(unpacked) > MAX_BODY:
            raise BodyError(f"a body of more than {MAX_BODY >> 20} MiB")
        if not unpacker.eof:
            raise BodyError("its packed body ends early")
        return unpacked
    if _looks_unpacked(data):
        return data
    raise BodyError("its packed body is damaged")


def _unpack_zstd(data: bytes) -> bytes:
    import zstandard

    try:
        with zstandard.ZstdDecompressor(max_window_size=MAX_BODY).stream_reader(data) as stream:
            unpacked = bytes(stream.read(MAX_BODY + 1))
    except zstandard.ZstdError as error:
        raise BodyError(f"its packed body is damaged: {error}") from error
    if len(unpacked) > MAX_BODY:
        raise BodyError(f"a body of more than {MAX_BODY >> 20} MiB")
    return unpacked


def _looks_unpacked(data: bytes) -> bool:
    """Whether it begins as mark-up or JSON does: the crawler unpacked it and kept the headers."""
    return data[:256].lstrip(b"\xef\xbb\xbf \t\r\n")[:1] in (b"<", b"{", b"[")
