"""The lines of a text file, one after the other, whatever is in it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from monitor.errors import Problem

LONGEST = 8 * 2**20
"""Bytes of a line. OpenSanctions' longest entities take about one million."""

_CONTROL = re.compile("[\x00-\x08\x0b-\x1f\x7f\ud800-\udfff]")
# The first bytes of files that are often given instead of a text.
_NO_TEXT = {
    b"\xff\xfe": "UTF-16 text; save it as UTF-8",
    b"\xfe\xff": "UTF-16 text; save it as UTF-8",
    b"\x1f\x8b": "compressed; unpack it first",
    b"PK\x03\x04": "an archive or a spreadsheet; save it as CSV",
    b"\xd0\xcf\x11\xe0": "a spreadsheet; save it as CSV",
}


def control_character(text: str) -> re.Match[str] | None:
    """The first character that is none: a control character, or half of a pair."""
    return _CONTROL.search(text)


def named(char: str) -> str:
    return f"U+{ord(char):04X}"


def read_lines(path: Path, problems: list[Problem]) -> Iterator[tuple[int, str]]:
    """Number (from 1) and text of each line that is not blank, without its end.

    A line that is no UTF-8 or too long is a problem and left out; memory holds one line.
    """
    file = str(path)
    try:
        with path.open("rb") as stream:
            for start, why in _NO_TEXT.items():
                if stream.peek(4).startswith(start):
                    problems.append(Problem(file, 1, 1, "", why))
                    return
            number = 0
            while line := stream.readline(LONGEST):
                number += 1
                if len(line) == LONGEST and not line.endswith(b"\n"):
                    while line and not line.endswith(b"\n"):
                        line = stream.readline(LONGEST)
                    said = f"a line of more than {LONGEST // 2**20} MiB"
                    problems.append(Problem(file, number, 1, "", said))
                    continue
                try:
                    text = line.decode("utf-8-sig" if number == 1 else "utf-8")
                except UnicodeDecodeError as error:
                    column = len(line[: error.start].decode()) + 1
                    said = "not UTF-8 text; save the file as UTF-8"
                    problems.append(Problem(file, number, column, "", said))
                    continue
                if text := text.rstrip("\r\n"):
                    yield number, text
    except OSError as error:
        said = f"cannot be read: {error.strerror or error}"
        problems.append(Problem(file, 1, 1, "", said))
