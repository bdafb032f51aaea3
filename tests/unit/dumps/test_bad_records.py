"""Rejected segments say whether all of their text is kept: only then can one be read again."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable

import pytest

from monitor.config import SourceSettings
from monitor.dumps import parse
from monitor.errors import DumpError
from monitor.model import BadRecord

WORDS = "Президент открыл школу. "  # two bytes a letter
TIMED = "05.03.2026, 13:14\nTitle\n"


def _crawl(block: str, length: int) -> str:
    head = "WARC/1.0\r\nWARC-Type: response\r\nContent-Type: application/http\r\n"
    return f"{head}Content-Length: {length}\r\n\r\n{block}\r\n\r\n"


def _archive() -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("logo.png", b"\x89PNG\r\n\x1a\n")
        archive.writestr("empty.txt", b"")
    return out.getvalue()


CUT: dict[str, Callable[[], bytes]] = {
    "text, a line": lambda: f"{TIMED}{WORDS * 30_000}\n".encode(),
    "text, an article": lambda: (TIMED + f"{WORDS * 20}\n" * 18_000).encode(),
    "a page": lambda: f"<!doctype html><p>{WORDS * 110_000}".encode(),
    "a feed": lambda: f"<rss><channel><item><title>{WORDS * 220_000}".encode(),
    "a record of a crawl": lambda: _crawl(WORDS * 2000, 5).encode(),
    "an answer without its end": lambda: _crawl("HTTP/1.1 200 OK", 15).encode(),
    "a message": lambda: (
        "From: a@b.example\nSubject: x\nDate: Thu, 5 Mar 2026 13:14:00 +0000\n"
        f"Content-Type: application/pdf\n\n{WORDS * 2000}"
    ).encode(),
    "files of an archive": _archive,
}
WHOLE: dict[str, bytes] = {
    "text": b"05.03.2026, 13:14\nTitle\nA line.\n05.03.2026, 13:15\n",
    "a page": b"<!doctype html><title>No text</title>",
    "a record of a crawl": _crawl("short", 2).encode(),
    "a record of JSON": b'{"title": "A"}\n{"title": }\n',
}


def _bad(data: bytes) -> list[BadRecord]:
    found = []
    try:
        for segment in parse(io.BytesIO(data), SourceSettings(name="s"), name="dump"):
            if isinstance(segment, BadRecord):
                found.append(segment)
    except DumpError:
        assert found
    return found


@pytest.mark.parametrize("case", CUT)
def test_one_that_is_kept_in_part_says_so(case: str) -> None:
    """Also where the beginning that is kept has fewer characters than bytes, or none."""
    found = _bad(CUT[case]())
    assert found
    assert not any(bad.whole for bad in found)


@pytest.mark.parametrize("case", WHOLE)
def test_one_that_is_kept_whole_says_so(case: str) -> None:
    """So that it can be read again once the profile is mended."""
    (bad,) = _bad(WHOLE[case])
    assert bad.whole
    assert bad.raw
