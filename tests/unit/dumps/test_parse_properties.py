"""What holds for every dump: no crash, nothing lost, nothing twice, always the same."""

from __future__ import annotations

import gzip
import io
from collections import Counter

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from monitor.config import SourceSettings
from monitor.dumps import parse
from monitor.errors import DumpError
from monitor.model import Article, BadRecord

PROFILE = SourceSettings(name="listing", boilerplate=("Images", "relevant news"))
WORDS = st.sampled_from(
    ("Tram", "Karsu", "mayor", "opens", "the", "a", "line", "2026", "said", "reports.", "news,")
)
ODD_WORDS = st.sampled_from(("agency", "U.S.", "why?", '"So"', "НОВОСТИ", "город", "–", "’s", "…"))
LINES = st.one_of(
    st.lists(WORDS | ODD_WORDS, max_size=40).map(" ".join),
    st.sampled_from(
        [
            "",
            "Images",
            "relevant news",
            "06.01.2026, 13:14",
            "06.01.2026, 13:15 77",
            "31.02.2026, 13:15",
            "A SUBHEAD IN CAPITALS",
            "Karsu Opens Its First Tram Line to the Airport",
            "The mayor opened the line on Tuesday, City News Agency reports.",
            "The line is long and blue.",
            "- an item",
            "ends with a colon:",
        ]
    ),
    st.text(st.characters(exclude_categories=["Cs", "Cc"]), max_size=80),
)
DUMPS = st.lists(LINES, min_size=1, max_size=40).map("\n".join)


def _segments(data: bytes) -> list[Article | BadRecord] | str:
    """The segments, or the message of the error."""
    try:
        return list(parse(io.BytesIO(data), PROFILE, name="dump.txt"))
    except DumpError as error:
        return str(error)


@settings(max_examples=300)
@given(st.binary(max_size=400))
def test_any_bytes_give_segments_or_a_dump_error(data: bytes) -> None:
    """Nothing but DumpError is ever raised, and its message names the dump."""
    found = _segments(data)
    if isinstance(found, str):
        assert found.startswith("dump.txt: ")
    else:
        assert [segment.index for segment in found] == list(range(len(found)))


@settings(max_examples=100)
@given(DUMPS, st.data())
def test_damaged_gzip_gives_what_comes_before(text: str, data: st.DataObject) -> None:
    """Cut anywhere, a packed dump gives whole segments, the open one as a bad record, an error."""
    packed = gzip.compress(text.encode())
    cut = packed[: data.draw(st.integers(3, len(packed) - 1))]
    found: list[Article | BadRecord] = []
    with pytest.raises(DumpError, match="truncated"):
        for segment in parse(io.BytesIO(cut), PROFILE, name="dump.txt"):
            found.append(segment)
    assert all(isinstance(segment, BadRecord) for segment in found[-1:])
    assert [segment.index for segment in found] == list(range(len(found)))


@settings(max_examples=400)
@given(DUMPS)
def test_every_line_ends_up_in_one_place(text: str) -> None:
    """Lines that are no time line and no boilerplate: once in a title, paragraph or bad record."""
    found = _segments(text.encode())
    if isinstance(found, str):
        assert "empty" in found
        return
    kept: Counter[str] = Counter()
    for segment in found:
        if isinstance(segment, BadRecord):
            kept.update(segment.raw.split("\n"))
        else:
            kept.update(segment.paragraphs)
            if not segment.title.endswith("…") or segment.title in text:
                kept[segment.title] += 1
    wanted = Counter(
        stripped
        for line in text.split("\n")
        if (stripped := line.replace("\ufeff", "").strip())
        and stripped.casefold() not in ("images", "relevant news")
        and not (PROFILE.header.fullmatch(stripped))
    )
    kept = Counter({line: n for line, n in kept.items() if not PROFILE.header.fullmatch(line)})
    missing = wanted - kept
    assert all(_is_doubled(line) for line in missing), missing
    assert kept - wanted <= _halves(missing)  # a doubled title above a lead is a title, once


def _is_doubled(line: str) -> bool:
    """A banner: the one kind of text that is dropped."""
    return line[: len(line) // 2] == line[-(len(line) // 2) :]


def _halves(lines: Counter[str]) -> Counter[str]:
    return Counter({line[: len(line) // 2]: n for line, n in lines.items()})


@settings(max_examples=100)
@given(DUMPS)
def test_the_same_bytes_give_the_same_segments(text: str) -> None:
    """Also packed, and with other line ends."""
    plain = _segments(text.encode())
    assert _segments(text.encode()) == plain
    assert _segments(gzip.compress(text.encode())) == plain
    assert _segments(text.replace("\n", "\r\n").encode()) == plain
    assert _segments(text.encode("utf-8-sig")) == plain


@settings(max_examples=150)
@given(DUMPS)
def test_segments_are_well_formed(text: str) -> None:
    """Indices count up, titles are never blank, confidence fits the flags, texts hold no NUL."""
    found = _segments(text.encode())
    if isinstance(found, str):
        return
    assert [segment.index for segment in found] == list(range(len(found)))
    for segment in found:
        if isinstance(segment, BadRecord):
            assert segment.reason
            assert 1 <= segment.line <= text.count("\n") + 1
        else:
            assert segment.title.strip()
            assert all(map(str.strip, segment.paragraphs))
            assert 0 < segment.confidence <= 1
            assert (segment.confidence == 1) == (not segment.flags)
            assert "\n" not in segment.title + "".join(segment.paragraphs)
