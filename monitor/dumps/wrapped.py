"""Text whose lines were broken at a width, as in mails and exports: back to paragraphs."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from monitor.text import one_line

_WIDEST = 100
"""Characters; a longer line was not broken at a width."""
_NARROWEST = 60
"""No width is less; shorter lines are as short as their writer wanted them."""


def unwrap(lines: Sequence[str]) -> tuple[str, ...]:
    """The paragraphs of a text, each on one line, none empty.

    A break is one of the width's if the next line's first word would not have fitted; the width
    is the longest line's. Empty lines and indented ones begin a paragraph. Where most of the text
    stands in long lines, each line is a paragraph.
    """
    width = _width(lines)
    paragraphs: list[list[str]] = []
    before = ""
    for line in map(str.rstrip, lines):
        text = line.lstrip()
        if text:
            indented = line[0].isspace() and bool(before) and not before[0].isspace()
            if before and not indented and _is_full(before, text, width):
                paragraphs[-1].append(text)
            else:
                paragraphs.append([text])
        before = line
    return _joined(paragraphs)


def _width(lines: Sequence[str]) -> int:
    """How wide the lines were set; 0 if they were not broken at a width."""
    long = short = widest = 0
    for line in map(str.rstrip, lines):
        if len(line) > _WIDEST and " " in line.lstrip():
            long += len(line)
        elif len(line) <= _WIDEST:
            short += len(line)
            if " " in line.lstrip():
                widest = max(widest, len(line))
    return 0 if long > short else max(widest, _NARROWEST)


def _is_full(line: str, below: str, width: int) -> bool:
    """Whether the first word of the line below had no room in this one, which is no address."""
    word = below.split(maxsplit=1)[0]
    return len(line) <= width < len(line) + 1 + len(word)


def unflow(lines: Iterable[str], *, delsp: bool) -> tuple[str, ...]:
    """The paragraphs of ``format=flowed`` (RFC 3676): a space at a line's end is a soft break.

    ``delsp``: that space is none of the text's. Lines quoted at different depths do not flow
    together; what is quoted keeps its marks.
    """
    paragraphs: list[list[str]] = []
    flows, depth = False, 0
    for line in lines:
        text = line.lstrip(">")
        quoted = len(line) - len(text)
        text = text.removeprefix(" ")  # stuffed, so that nothing else reads it as a quotation
        soft = text.endswith(" ") and text != "-- "
        if soft and delsp:
            text = text[:-1]
        if flows and quoted == depth and text != "-- ":
            paragraphs[-1].append(text)
        else:
            paragraphs.append([f"{'>' * quoted} {text}" if quoted else text])
        flows, depth = soft, quoted
    return tuple(filter(None, (one_line("".join(parts)) for parts in paragraphs)))


def _joined(paragraphs: Iterable[Sequence[str]]) -> tuple[str, ...]:
    return tuple(filter(None, (one_line(" ".join(parts)) for parts in paragraphs)))
