"""Cutting text into marked and unmarked pieces."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from monitor.feeds.marks import Piece, paragraphs, pieces, spans
from monitor.model import Evidence, Match

SPANS = st.lists(st.tuples(st.integers(-5, 60), st.integers(-5, 60)), max_size=8)
TEXT = st.text(st.sampled_from("ab \nя😀"), max_size=50)


def of(found: list[tuple[int, int]], field: str = "body") -> list[Match]:
    return [Match("r", (Evidence("c", field, *span, ""),)) for span in found]


def test_spans_are_those_of_the_field() -> None:
    """Evidence of the title does not mark the body."""
    found = [*of([(3, 5)], "title"), *of([(0, 2), (1, 4)])]
    assert spans(found, "body", 10) == ((0, 4),)
    assert spans(found, "title", 4) == ((3, 4),)


@given(SPANS, st.integers(0, 50))
def test_spans_cover_what_the_evidence_covers(found: list[tuple[int, int]], length: int) -> None:
    """Merged spans are sorted, apart, inside the text, and mark the same characters."""
    merged = spans(of(found), "body", length)
    covered = {i for start, end in found for i in range(max(start, 0), min(end, length))}
    assert {i for start, end in merged for i in range(start, end)} == covered
    assert all(a[1] < b[0] for a, b in pairwise(merged))


@given(TEXT, SPANS)
def test_pieces_and_paragraphs_mark_the_same_characters(
    text: str, found: list[tuple[int, int]]
) -> None:
    """Pieces joined are the text; paragraphs joined are its lines, with the same marks."""
    merged = spans(of(found), "body", len(text))
    whole = pieces(text, merged)
    assert "".join(piece.text for piece in whole) == text
    cut = list(paragraphs(text, merged))
    lines = ["".join(piece.text for piece in line) for line in cut]
    assert lines == [line for line in text.split("\n") if line.strip()]
    # blank lines are left out, so spaces are not compared
    assert marked_letters(piece for line in cut for piece in line) == marked_letters(whole)


def marked_letters(cut: Iterable[Piece]) -> str:
    return "".join("".join(piece.text for piece in cut if piece.marked).split())
