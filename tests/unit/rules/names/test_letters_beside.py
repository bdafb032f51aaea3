"""The letters beside a trigger, by which words are turned away that only begin like a name."""

from __future__ import annotations

from itertools import product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from monitor.config.settings import EntitySettings, RuleSettings
from monitor.rules import compile_rules
from monitor.rules.names.endings import ENDINGS, stem
from monitor.rules.names.letters import Kind, slots
from monitor.rules.names.pattern import declines
from monitor.rules.names.rarest import rarest
from monitor.rules.neighbours import fit
from tests.unit.rules.indexes import each_index

_LATIN = "abcdefghijklmnopqrstuvwxyz'"
_CYRILLIC = "абвгдежзиклмнопрстуфхцчшщьыэюяғқәіұ"


def _words() -> st.SearchStrategy[str]:
    def word(letters: str) -> st.SearchStrategy[str]:
        return st.text(letters, min_size=3, max_size=10).filter(lambda text: "'" not in text[0])

    ends = st.sampled_from(["", "yev", "enko", "bayev", "ova", "sky", "uly"])
    latin = st.tuples(word(_LATIN), ends).map("".join)
    return latin | word(_CYRILLIC)


@settings(max_examples=150)
@given(_words(), st.sampled_from(Kind), st.booleans(), st.data())
def test_every_spelling_has_a_trigger_with_such_letters_beside(word, kind, cyrillic, data):
    """However the sounds of a word are written and declined, one of its triggers stands there
    between letters that are named, or at the word's edge, or beside an apostrophe."""
    made = slots(word, kind)
    declined = declines(made)
    triggers = rarest(made, cyrillic=cyrillic, declined=declined)

    written = ""
    for place, slot in enumerate(made):
        choice = data.draw(st.sampled_from(slot.cyrillic if cyrillic else slot.latin)).text
        if cyrillic and declined and place == len(made) - 1:
            choice, row = stem(choice, slot.row)
            choice += data.draw(st.sampled_from(sorted(ENDINGS[row])))
        written += choice

    assert not triggers or any(
        written.startswith(trigger.text, place)
        and fit(f" {written} ", place + 1, end + 1, trigger.beside)
        for trigger, place in product(triggers, range(len(written)))
        for end in [place + len(trigger.text)]
    )


@pytest.mark.parametrize("text", ["vukust", "vukovar", "vuku"])
def test_a_word_that_goes_on_otherwise_has_none(text):
    """Behind the trigger of Vukzhugbayev come the spellings of zh, so no ordinary word is like
    it for longer."""
    made = slots("Vukzhugbayev", Kind.EASTERN)
    triggers = rarest(made, cyrillic=False, declined=True)
    found = [trigger for trigger in triggers if text.startswith(trigger.text)]
    assert found
    assert not any(fit(f" {text} ", 1, 1 + len(each.text), each.beside) for each in found)


@each_index
@pytest.mark.parametrize("name", ["Barlybay Sadykov", "Vuk Zhugbayev", "Барлыбай Садыков"])
@pytest.mark.parametrize("ends", [("", "zh"), ("w", ""), ("", "'s"), ("", "щ")])
def test_an_alias_that_goes_on_otherwise_is_found(name: str, ends: tuple[str, str], index):
    """An alias that begins or ends like the surname, and then goes on as no spelling of it does,
    is a thing to look for of its own: the letters beside the surname's triggers are not its."""
    before, behind = ends
    surname = name.split()[-1]
    for length in range(4, len(surname) + 1, 2):
        for alias in (before + surname[:length] + behind, before + surname[-length:] + behind):
            entity = EntitySettings(name=name, aliases=(alias,))
            rules = compile_rules([RuleSettings(name="r", entity=entity)], index)
            assert rules.match(title="", body=f"Of {alias}, we hear, there is news.")
