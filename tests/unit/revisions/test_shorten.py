"""Comparisons cut down for those who have little room, and where text was added."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from monitor.model import Comparison
from monitor.revisions import added, compare, shortened
from monitor.revisions.shown import heading, kinds, left_out, marked, summary

WORDS = " ".join(f"word{n}" for n in range(60))
LONG = f"{WORDS} killed 12 people {WORDS} and hurt 30 {WORDS}"
EDITED = LONG.replace(" 12 ", " 15 ").replace(" 30 ", " 40 ")


def texts(found: Comparison) -> list[str]:
    return [f"{heading(edit)}: {marked(edit.runs)}" for edit in found.paragraphs]


def test_only_what_changed_with_its_context() -> None:
    """Paragraphs that are the same go, long unchanged text becomes an ellipsis at words' ends."""
    found = shortened(
        compare(("T", f"First.\n{LONG}\nLast."), ("T", f"First.\n{EDITED}\nLast.")), 1_000, 20
    )
    assert texts(found) == [
        "Edited: … word59 killed [-12-]{+15+} people word0 word1 … word59 and hurt"
        " [-30-]{+40+} word0 word1 word2 …"
    ]
    assert found.left_out == 0


def test_what_there_is_no_room_for_is_counted() -> None:
    """At least one paragraph is shown, the others as far as there is room."""
    before = "\n".join(f"Paragraph {n} is here and is to stay." for n in range(50))
    after = before.replace("is to stay", "goes")
    found = shortened(compare(("T", before), ("T", after)), 300)
    assert 1 <= len(found.paragraphs) < 50
    assert len(found.paragraphs) + found.left_out == 50
    assert left_out(found) == f"and {found.left_out} more changed paragraphs"
    assert left_out(shortened(found, 10_000)) == left_out(found)


def test_a_paragraph_that_moved_is_shown_by_its_beginning() -> None:
    """It has text to be known by, and says whether it was edited as well."""
    one, other = "One paragraph stands here first.", f"Another one is quite long. {WORDS}"
    found = compare(("T", f"{one}\n{other}"), ("T", f"{other}\n{one}"))
    (moved,) = shortened(found, 1_000, 20).paragraphs
    assert moved.op == "moved"
    assert heading(moved) == "Moved"
    assert marked(moved.runs) in {one, "Another one is quite long. word0 word1 …"}


def test_summary_in_words() -> None:
    """Kinds are named for readers; looks have no materiality."""
    found = compare(("Dam bursts", "It killed 12."), ("Dam holds", "It killed 15."))
    assert kinds(found) == "headline, figures"
    assert summary(found) == f"headline, figures · materiality {found.materiality:.2f}"
    assert summary(compare(("T", "so"), ("T", "so."))) == "looks only"


def test_where_text_was_added() -> None:
    """Spans of title and body as they are after the edit; what went is nowhere."""
    after = "First.\nIt killed 15 people.\nNew one."
    found = added(
        compare(("Dam", "First.\nIt killed 12 people.\nOld."), ("Dam burst", after)), after
    )
    assert [("Dam burst")[a:b] for a, b in found.title] == [" burst"]
    assert next(after[a:b] for a, b in found.body) == "15"
    at = after.index("15")
    assert found.touches("body", at, at + 2)
    assert found.touches("body", 0, at + 1)
    assert not found.touches("body", at - 3, at)
    assert not found.touches("title", 0, 3)
    assert not found.touches("views", 0, 99)


LINES = st.lists(st.text("ab .\n12", max_size=30), max_size=6).map("\n".join)


@settings(deadline=None)
@given(before=LINES, after=LINES, characters=st.integers(1, 400), context=st.integers(1, 40))
def test_bounded(before: str, after: str, characters: int, context: int) -> None:
    """A shortened comparison is no longer than asked for, but for a first paragraph and a title
    that have their context; it says the same of kinds and materiality."""
    found = compare((before, after), (after, before))
    short = shortened(found, characters, context)
    size = sum(len(run.text) for edit in short.paragraphs[1:] for run in edit.runs)
    assert size <= characters
    assert (short.kinds, short.materiality) == (found.kinds, found.materiality)
    changed = sum(edit.op != "same" for edit in found.paragraphs)
    assert len(short.paragraphs) + short.left_out == changed
    spans = added(found, before).body
    new = before.split("\n")
    assert "".join(before[a:b] for a, b in spans) == "".join(
        run.text
        for edit in sorted(found.paragraphs, key=lambda e: -1 if e.after is None else e.after)
        for run in edit.runs
        if run.op == "+" and edit.after is not None and new[edit.after]
    )
