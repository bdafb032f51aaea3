"""The automaton over all triggers, held against a plain search for each of them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.rules.reading import Document, Reading, Trigger
from monitor.rules.scan import in_word, literal
from monitor.rules.watch import LEFT, RIGHT, FewWatch, ManyWatch, watch_over

# Few characters, so that triggers often stand in the text; every other text is ASCII.
both = pytest.mark.parametrize("watch", [FewWatch, ManyWatch])

TEXTS = st.text(alphabet="ab .-", max_size=30) | st.text(
    alphabet="ab ._'\né\u0940\u0301ж😀", max_size=30
)
LITERALS = st.text(alphabet="ab ", min_size=2, max_size=14) | st.text(
    alphabet="ab .é\u0940ж", min_size=2, max_size=5
)


@st.composite
def triggers(draw):
    """A literal with edges only where it has a letter or digit, as rules make them."""
    text = literal(draw(LITERALS))
    if len(text) < 2 or not any(map(str.isalnum, text)):
        return Trigger("ab")
    left, right = draw(st.booleans()), draw(st.booleans())
    return Trigger(text, left and in_word(text[0]), right and in_word(text[-1]))


@both
@given(TEXTS, TEXTS, st.lists(triggers(), unique=True, max_size=5))
def test_every_occurrence_is_found_and_no_other(watch, title, body, wanted):
    """Signs, blanks, vowel signs and long triggers: as a search for each alone finds them."""
    reading = Reading(Document(title, body))
    edges = bytes(LEFT * each.left | RIGHT * each.right for each in wanted)
    found = watch([each.text for each in wanted], edges).find(reading.text)
    assert [found.get(number, []) for number in range(len(wanted))] == list(
        map(reading.find, wanted)
    )


@both
def test_no_triggers_at_all(watch):
    """A rule set without literals finds nothing, and is no error."""
    assert watch([], b"").find("a\nb\n") == {}


@both
def test_a_sign_in_the_text_is_no_blank_of_a_phrase(watch):
    """The automaton sees blanks for signs; what it finds is compared with the text."""
    made = watch(["dam wall", "c++", "$5", "dams"], bytes([LEFT | RIGHT, LEFT, RIGHT, LEFT]))
    assert made.find("dam.wall c, us$5\n") == {2: [(14, 16)]}
    assert made.find("dam wall (c++)\n") == {0: [(0, 8)], 1: [(10, 13)]}
    assert made.find("damsel\n") == {3: [(0, 4)]}


@both
def test_edges_are_asked_for_where_the_automaton_cannot_tell(watch):
    """Vowel signs, which are no letters but stand in words, and the end of a long trigger."""
    made = watch(["dam", "watercouncillor"], bytes([LEFT | RIGHT] * 2))
    assert made.find("dam\u0940 \u0940dam dam\n") == {0: [(10, 13)]}
    assert made.find("watercouncillors watercouncillor\n") == {1: [(17, 32)]}


def test_many_triggers_are_looked_for_in_another_way():
    """What is quicker depends on how many there are."""
    assert isinstance(watch_over(["dam"], b"\3"), FewWatch)
    assert isinstance(watch_over([f"dam {n}" for n in range(2000)], bytes(2000)), ManyWatch)
