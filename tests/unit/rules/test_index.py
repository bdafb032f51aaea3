"""The indexes over all triggers, held against a plain search for each of them."""

from __future__ import annotations

import subprocess
import sys
from array import array
from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.config.settings import RuleSettings
from monitor.rules import compile_rules, neighbours
from monitor.rules.block import Block, compile_block
from monitor.rules.index import MakeIndex, NativeIndex, PlainIndex
from monitor.rules.reading import LEFT, RIGHT, Document, Reading, Trigger
from monitor.rules.scan import Span, in_word, literal
from monitor.rules.watch import FewWatch

from .indexes import each_index, native

# Few characters, so that triggers often stand in the text; every other text is ASCII.
ASCII, WIDE = "ab .-", "ab ._'\né\u0940\u0301ж😀"
TEXTS = st.text(ASCII, max_size=30) | st.text(WIDE, max_size=30)
LITERALS = st.text("ab ", min_size=1, max_size=14) | st.text("ab .é\u0940ж", min_size=1, max_size=5)
# Long enough for several checkpoints, and alike for as long.
LONG = st.lists(st.sampled_from(["abababab", "abababa", "ab ab ab ", "é", "b"]), max_size=12).map(
    "".join
)


@st.composite
def triggers(draw: st.DrawFn, literals: st.SearchStrategy[str] = LITERALS) -> Trigger:
    """A literal with edges only where it has a letter or digit, as rules make them."""
    text = literal(draw(literals))
    if not any(map(str.isalnum, text)):
        return Trigger("ab")
    left, right = draw(st.booleans()), draw(st.booleans())
    return Trigger(text, left and in_word(text[0]), right and in_word(text[-1]))


def block_of(wanted: Sequence[Trigger]) -> Block:
    """A block with a rule for each trigger."""
    numbers = range(len(wanted))
    return Block(
        names=[str(number) for number in numbers],
        rows=[b""] * len(wanted),
        texts=[trigger.text for trigger in wanted],
        edges=bytearray(trigger.edges for trigger in wanted),
        starts=array("I", range(len(wanted) + 1)),
        waiting=array("I", numbers),
        beside=array("I", [0] * len(wanted)),
    )


def spans(make: MakeIndex, wanted: Sequence[Trigger], text: str) -> list[list[Span]]:
    """Where each of them stands, by an index over all."""
    found, woken = make(block_of(wanted)).look(text)
    by_trigger = [found.get(number, []) for number in range(len(wanted))]
    assert list(woken) == [number for number, places in enumerate(by_trigger) if places]
    assert [number in found for number in range(len(wanted))] == list(map(bool, by_trigger))
    assert [found[number] for number in woken] == [places for places in by_trigger if places]
    return by_trigger


@each_index
@given(TEXTS, TEXTS, st.lists(triggers(), unique=True, max_size=5))
def test_every_occurrence_is_found_and_no_other(index, title, body, wanted):
    """Signs, blanks, vowel signs and long triggers: as a search for each alone finds them."""
    reading = Reading(Document(title, body))
    assert spans(index, wanted, reading.text) == list(map(reading.find, wanted))


@each_index
@given(LONG, LONG, st.lists(triggers(LONG), unique=True, max_size=8))
def test_long_triggers_that_begin_alike(index, title, body, wanted):
    """However far two are the same, and however often they stand in the text."""
    reading = Reading(Document(title, body))
    assert spans(index, wanted, reading.text) == list(map(reading.find, wanted))


@each_index
@pytest.mark.parametrize("char", ["a", "§", "ж", "😀"])
def test_a_text_of_many_words_in_each_width_of_characters(index, char):
    """More words, and more of a single one, than are looked at together."""
    wanted = [
        Trigger("word"),
        Trigger("word 9", right=False),
        Trigger("ord", left=False, right=False),
        Trigger("word 999 word 1000"),
        Trigger("word 1 word"),
    ]
    body = f"{char} " + " ".join(f"word {number}" for number in range(3000))
    reading = Reading(Document("", body))
    found = spans(index, wanted, reading.text)
    assert found == list(map(reading.find, wanted))
    assert [len(places) for places in found] == [3000, 111, 3000, 1, 1]


@each_index
@pytest.mark.parametrize("char", ["a", "§", "ж", "😀"])
def test_triggers_that_are_longer_than_what_is_read_of_them(index, char):
    """Those that begin alike for 64 characters and more are told apart, each with its edges."""
    wall = "dam wall " * 8  # 72 characters
    wanted = [
        *[Trigger(wall[:length] + "x") for length in (62, 63, 64, 65, 70)],
        *[Trigger(wall + "gate" + end, right=False) for end in ("", "s", "§", "ж")],
        Trigger(wall + "gate"),
        Trigger(wall[1:] + "gate", left=False),
        Trigger(wall * 20 + "gate"),
    ]
    texts = [trigger.text for trigger in wanted]
    reading = Reading(Document(char, "\n".join([*texts, *[text + "s" for text in texts], wall])))
    found = spans(index, wanted, reading.text)
    assert found == list(map(reading.find, wanted))
    assert all(found)


@native
def test_a_text_that_begins_everywhere_like_a_long_trigger():
    """The time that takes is not that of the one times the other, which would be minutes."""
    wanted = [Trigger("a" * 90_000 + "b", left=False, right=False), Trigger("a " * 45_000 + "b")]
    assert spans(NativeIndex, wanted, "a" * 120_000 + "\n" + "a " * 60_000 + "\n") == [[], []]


@each_index
def test_no_triggers_at_all(index):
    """A rule set without literals finds nothing, and is no error."""
    found, woken = index(Block()).look("a\nb\n")
    assert list(woken) == []
    assert 0 not in found


@each_index
def test_a_sign_in_the_text_is_no_blank_of_a_phrase(index):
    """Signs are compared, also where an automaton sees blanks for them."""
    wanted = [
        Trigger("dam wall"),
        Trigger("c++", right=False),
        Trigger("$5", left=False),
        Trigger("dams", right=False),
    ]
    assert spans(index, wanted, "dam.wall c, us$5\n") == [[], [], [(14, 16)], []]
    assert spans(index, wanted, "dam wall (c++)\n") == [[(0, 8)], [(10, 13)], [], []]
    assert spans(index, wanted, "damsel\n") == [[], [], [], [(0, 4)]]


@each_index
def test_edges_are_asked_for_where_the_automaton_cannot_tell(index):
    """Vowel signs, which are no letters but stand in words, and the end of a long trigger."""
    wanted = [Trigger("dam"), Trigger("watercouncillor")]
    assert spans(index, wanted, "dam\u0940 \u0940dam dam\n")[0] == [(10, 13)]
    assert spans(index, wanted, "watercouncillors watercouncillor\n")[1] == [(17, 32)]


@each_index
@given(st.lists(triggers(), unique=True, max_size=6), triggers())
def test_the_number_of_a_trigger(index, wanted, other):
    """Each is known by its text and edges, and no other is."""
    made = index(block_of(wanted))
    assert list(map(made.number, wanted)) == list(range(len(wanted)))
    assert made.number(other) == (wanted.index(other) if other in wanted else None)


def letters_beside(before: str, behind: str) -> int:
    """These letters, or any where there are none."""
    return neighbours.beside(neighbours.bits_of(before), neighbours.bits_of(behind))


@st.composite
def blocks(draw: st.DrawFn) -> Block:
    """Rules that wait for several triggers, need others as well, in the same paragraph perhaps, or
    are always evaluated; triggers that stand beside some letters only."""
    words = ["a", "b", "c", "d", "e"]
    rules = draw(st.integers(1, 6))
    number = st.integers(0, rules - 1)
    waiting = draw(st.lists(st.lists(number, max_size=4, unique=True), min_size=5, max_size=5))
    guarded = draw(st.lists(number, unique=True))
    guards = [draw(st.lists(st.integers(0, 4), min_size=1, max_size=3)) for _ in guarded]
    letters = st.text("abc", max_size=2)
    kinds = [letters_beside(draw(letters), draw(letters)) for _ in range(2)]
    block = Block(
        names=[str(rule) for rule in range(rules)],
        rows=[b""] * rules,
        texts=words,
        edges=bytearray(draw(st.lists(st.integers(0, 3), min_size=5, max_size=5))),
        always=array("I", sorted(draw(st.sets(number)))),
        guarded=array("I", guarded),
        together=array("I", [rule for rule in guarded if draw(st.booleans())]),
        beside=array("I", draw(st.lists(st.integers(0, 2), min_size=5, max_size=5))),
        neighbours=neighbours.in_columns([neighbours.ANY, *kinds]),
    )
    for own in waiting:
        block.waiting.extend(own)
        block.starts.append(len(block.waiting))
    for own in guards:
        block.guards.extend(own)
        block.guard_starts.append(len(block.guards))
    return block


@native
@given(blocks(), st.text("abcdef \n.é1", max_size=40))
def test_both_indexes_say_the_same(block, text):
    """Where triggers stand, which rules wake, and which trigger is which."""
    plain, other = PlainIndex(block, FewWatch), NativeIndex(block)
    found, woken = other.look(text + "\n")
    expected, expected_to_wake = plain.look(text + "\n")
    numbers = range(len(block.texts))
    assert {number: found[number] for number in numbers if number in found} == expected
    assert woken == expected_to_wake
    for word, edges in zip(block.texts, block.edges, strict=True):
        for letters in ("", "a", "ab"):
            beside = letters_beside(letters, letters)
            trigger = Trigger(word, bool(edges & LEFT), bool(edges & RIGHT), beside)
            assert other.number(trigger) == plain.number(trigger)


@each_index
def test_a_name_does_not_hide_words_from_other_rules(index):
    """A name's trigger stands before few letters; who looks for the same text in other words finds
    it there."""
    rules = [
        {"name": "name", "entity": {"name": "Dana Vukzhugbayev"}},
        {"name": "glob", "query": "+wall +water* +vuk*"},
    ]
    rule_set = compile_rules(map(RuleSettings.model_validate, rules), index)
    found = rule_set.match(title="", body="The wall of Vukovar, under water.")
    assert [match.rule for match in found] == ["glob"]
    found = rule_set.match(title="", body="Dana Vukzhugbayev was there.")
    assert [match.rule for match in found] == ["name"]


@each_index
def test_two_words_that_must_stand_together_wake_a_rule_where_they_do(index):
    """Of words near each other the paragraphs tell first."""
    rule = RuleSettings(name="near", query="dam NEAR/5 wall")
    made = index(compile_block([rule], print))
    assert [list(made.look(text)[1]) for text in ("dam wall\n", "dam\nwall\n")] == [[0], []]
    rule_set = compile_rules([rule], index)
    assert rule_set.match(title="dam", body="wall") == []
    assert [m.rule for m in rule_set.match(title="a", body="wall\nwall x dam\ndam")] == ["near"]


@native
def test_memory_that_is_not_to_be_had():
    """Each request for memory that is refused is told, and leaves the index as it was."""
    refused = pytest.importorskip("_testcapi", reason="this Python comes without its test modules")
    rule = RuleSettings(name="near", query="dam NEAR/5 wall")
    index = NativeIndex(compile_block([rule], print))
    text = "dam\n" * 100 + "wall dam\n"
    told = 0
    for place in range(30):
        refused.set_nomemory(place, place + 1)
        try:
            woken = index.look(text)[1]
        except MemoryError:
            woken = None
        finally:
            refused.remove_mem_hooks()
        told += woken is None
        assert woken in (None, [0])
    assert told > 5
    assert index.look(text)[1] == [0]


def test_a_module_that_was_compiled_of_older_sources_is_not_used():
    """After an update without a new installation: Python does the work, and the log says why."""
    code = """
import sys, types
sys.modules["monitor.rules._index"] = types.ModuleType("monitor.rules._index")
from monitor.rules.block import Block
from monitor.rules.index import NATIVE, index_over
print(NATIVE, type(index_over(Block())).__name__)
"""
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert "rules.index_outdated" in run.stdout
    assert run.stdout.endswith("False PlainIndex\n")


@native
def test_a_damaged_block_is_refused():
    """A number that stands for nothing would be read from memory that is not the block's."""
    for column in ("waiting", "always", "guarded", "guards", "together"):
        block = block_of([Trigger("dam"), Trigger("wall")])
        getattr(block, column).append(2)
        with pytest.raises(ValueError, match="not the columns of a block"):
            NativeIndex(block)
    for starts in ([0, 1], [0, 2, 1], [1, 1, 2], [0, 1, 3], [0, 1, 2, 2]):
        block = block_of([Trigger("dam"), Trigger("wall")])
        block.starts = array("I", starts)
        with pytest.raises(ValueError, match="not the columns of a block"):
            NativeIndex(block)
    for beside, letters in (([0, 2], [0] * 8), ([0, 1], [0] * 7), ([0], [0] * 4), ([0, 0], [])):
        block = block_of([Trigger("dam"), Trigger("wall")])
        block.beside, block.neighbours = array("I", beside), array("I", letters)
        with pytest.raises(ValueError, match="not the columns of a block"):
            NativeIndex(block)
    block = block_of([Trigger("dam")])
    block.starts = array("Q", [0, 1])
    with pytest.raises(TypeError, match="arrays of the type I"):
        NativeIndex(block)


@native
@pytest.mark.parametrize(
    ("texts", "edges", "message"),
    [
        ([""], [0], "not a trigger: ''"),
        (["a\nb"], [0], "not a trigger"),
        (["+a"], [LEFT], "not a trigger"),
        (["a+"], [RIGHT], "not a trigger"),
        (["a"], [4], "not a trigger: 'a' with the edges 4"),
        (["a", "b", "a"], [3, 3, 3], "'a' is there twice"),
        (["a"], [], "as many edges as texts"),
        ([1], [0], "triggers are strings"),
    ],
)
def test_what_is_no_trigger_is_refused(texts, edges, message):
    """Blocks have none of these: folding leaves neither empty triggers nor line feeds."""
    block = block_of([Trigger("dam")] * len(texts))
    block.texts, block.edges = texts, bytearray(edges)
    with pytest.raises((ValueError, TypeError), match=message):
        NativeIndex(block)


@native
def test_what_is_found_is_asked_as_a_dict():
    """By the numbers of triggers; whatever else is asked for is not there."""
    found, _ = NativeIndex(block_of([Trigger("dam"), Trigger("wall")])).look("wall\n")
    assert (1 in found, found[1], found.get(1, [])) == (True, [(0, 4)], [(0, 4)])
    for key in (0, 2, -1, 2**32 - 1, 2**70, "dam", None):
        assert key not in found
        assert found.get(key, []) == []
        with pytest.raises(KeyError):
            found[key]


@native
def test_half_characters_and_a_missing_line_feed():
    """Texts of other makers: nothing is read beyond the end."""
    made = NativeIndex(block_of([Trigger("dam"), Trigger("dam wall"), Trigger("da", right=False)]))
    found, _ = made.look("\ud800dam")
    assert [number for number in range(3) if number in found] == [0, 2]
    for text in ("", "d", "da", "dam", "dam ", "dam w", "dam wall"):
        found, _ = made.look(text)
        assert (0 in found, 1 in found) == (text.startswith("dam"), text == "dam wall")
