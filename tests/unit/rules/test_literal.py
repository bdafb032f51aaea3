"""Keywords in the form in which texts are scanned."""

from __future__ import annotations

from hypothesis import example, given
from hypothesis import strategies as st

from monitor.rules.scan import literal


@given(st.text(st.sampled_from("aBzZ09  -\"'`\t\n\r\x1c.+")))
@example("")
@example(" ")
@example("  Water  works ")
def test_the_short_way_is_the_long_way(text):
    """A phrase of letters and digits is folded as any other: as with a mark that folds to
    nothing at its end."""
    assert literal(text) == literal(text + "\u0301")
