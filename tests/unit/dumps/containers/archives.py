"""Archives for the tests, made in memory."""

from __future__ import annotations

import io
import tarfile
import zipfile
from typing import Any

from monitor.config import SourceSettings
from monitor.dumps import parse
from monitor.errors import DumpError
from monitor.model import Article, BadRecord

Files = dict[str, bytes]


def dump(number: int, articles: int = 3) -> bytes:
    """A small text dump; its titles tell its number."""
    return "\n".join(
        f"{day + 1:02}.02.2026, 09:{number % 60:02} {day}\nArticle {day} of dump {number} is here\n"
        f"The first paragraph of article {day}, of dump {number}."
        for day in range(articles)
    ).encode()


def tar_of(files: Files, form: int = tarfile.PAX_FORMAT) -> bytes:
    """A tar archive with these files."""
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w", format=form) as tape:
        for name, data in files.items():
            add(tape, name, data)
    return out.getvalue()


def add(tape: tarfile.TarFile, name: str, data: bytes = b"", **attributes: Any) -> None:
    """One member, with what else its header should say."""
    header = tarfile.TarInfo(name)
    header.size = len(data)
    for attribute, value in attributes.items():
        setattr(header, attribute, value)
    tape.addfile(header, io.BytesIO(data))


class _Pipe(io.RawIOBase):
    """Something that cannot be gone back in, so that sizes stand behind the data."""

    def __init__(self) -> None:
        self.data = b""

    def writable(self) -> bool:
        return True

    def write(self, data: Any) -> int:
        self.data += bytes(data)
        return len(data)


def zip_of(files: Files, packing: int = zipfile.ZIP_DEFLATED, *, streamed: bool = False) -> bytes:
    """A ZIP archive with these files."""
    pipe, memory = _Pipe(), io.BytesIO()
    with zipfile.ZipFile(pipe if streamed else memory, "w", packing) as archive:
        for name, data in files.items():
            archive.writestr(name, data)
    return pipe.data if streamed else memory.getvalue()


Taken = tuple[list[str], list[str], str]
"""Titles, reasons of bad records, and the message of the error that ended the dump, or ""."""


def taken(data: bytes, profile: SourceSettings | None = None) -> Taken:
    """What a dump of these bytes gives; its segments must be numbered through."""
    titles, reasons = [], []
    error = ""
    index = -1
    segments = parse(io.BytesIO(data), profile or SourceSettings(name="test"), name="dump")
    try:
        for index, segment in enumerate(segments):
            assert segment.index == index
            if isinstance(segment, Article):
                titles.append(segment.title)
            else:
                assert isinstance(segment, BadRecord)
                assert segment.line >= 1
                reasons.append(segment.reason)
    except DumpError as caught:
        error = str(caught).removeprefix("dump: ")
    return titles, reasons, error


def titles_of(*numbers: int, articles: int = 3) -> list[str]:
    """Those of the dumps with these numbers."""
    return [
        f"Article {day} of dump {number} is here" for number in numbers for day in range(articles)
    ]
