"""Lines broken at a width become paragraphs again."""

from __future__ import annotations

import textwrap

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from monitor.dumps.wrapped import unflow, unwrap

WORDS = st.text("abcdefgh", min_size=1, max_size=12)
TEXTS = st.lists(WORDS, min_size=1, max_size=60).map(" ".join)


@settings(max_examples=150)
@given(st.lists(TEXTS, min_size=1, max_size=6), st.integers(60, 90))
def test_unwraps_what_was_wrapped(paragraphs: list[str], width: int) -> None:
    """Paragraphs set at any usual width, with empty lines between them, come back whole, as long
    as one line shows the width."""
    wrapped = "\n\n".join(textwrap.fill(paragraph, width) for paragraph in paragraphs)
    lines = wrapped.split("\n")
    if max(map(len, lines)) == width:
        assert unwrap(lines) == tuple(paragraphs)
    assert " ".join(unwrap(lines)).split() == wrapped.split()


@pytest.mark.parametrize(
    ("lines", "paragraphs"),
    [
        (["Thick ice.", "No boats."], ("Thick ice.", "No boats.")),
        (["x" * 70 + " end", "", "y"], ("x" * 70 + " end", "y")),
        (["one two " * 30, "three"], ("one two " * 29 + "one two", "three")),
        (["a b " * 20 + "c.", "   An indented one."], ("a b " * 20 + "c.", "An indented one.")),
        (["https://courier.example/" + "x" * 60, "Read"],
         ("https://courier.example/" + "x" * 60, "Read")),
        ([], ()),
        (["", "  "], ()),
    ],
)  # fmt: skip
def test_breaks_that_are_meant(lines: list[str], paragraphs: tuple[str, ...]) -> None:
    """Short lines, long lines, indented lines and addresses begin paragraphs of their own."""
    assert unwrap(lines) == paragraphs


@pytest.mark.parametrize(
    ("lines", "delsp", "paragraphs"),
    [
        (["The tram ", "is blue.", "It is long."], False, ("The tram is blue.", "It is long.")),
        (["трам ", "вай"], True, ("трамвай",)),
        (["> old ", "> text", "new"], False, ("> old text", "new")),
        ([">> a ", "> b"], False, (">> a", "> b")),
        ([" >stuffed ", "line"], False, (">stuffed line",)),
        (["end ", "-- ", "Courier"], False, ("end", "--", "Courier")),
    ],
)
def test_flowed(lines: list[str], delsp: bool, paragraphs: tuple[str, ...]) -> None:
    """RFC 3676: soft breaks, stuffing, quotations and signatures."""
    assert unflow(lines, delsp=delsp) == paragraphs
