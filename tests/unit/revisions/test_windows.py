"""Windows of a text: the same wherever texts are alike."""

from __future__ import annotations

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.revisions import windows
from monitor.text import fold

ALL = 10**6


def prose(seed: int, words: int, letters: str = "etaoinshrdlucmfwypvbgk") -> str:
    """Words of one to nine letters, the first letters more often."""
    chance = random.Random(seed)
    weights = [1 / (rank + 2) for rank in range(len(letters))]
    return " ".join(
        "".join(chance.choices(letters, weights, k=chance.randint(1, 9))) for _ in range(words)
    )


@given(before=st.text(max_size=60), after=st.text(max_size=60), seed=st.integers(0, 99))
def test_a_text_keeps_its_windows_in_another(before: str, after: str, seed: int) -> None:
    """Whatever stands before and after, all but those at the edges are found again."""
    text = prose(seed, 80)
    alone = set(windows.smallest(text, ALL))
    within = set(windows.smallest(fold(before) + text + fold(after), ALL))
    assert len(alone - within) <= 1  # an anchor may begin before the text


@given(st.text(max_size=200), st.integers(0, 9))
def test_any_text_has_few_enough(text: str, count: int) -> None:
    """At most so many, ascending, each once, unsigned 64 bits; also of no text at all."""
    found = windows.smallest(fold(text), count)
    assert len(found) <= count
    assert found == sorted(set(found))
    assert all(0 <= value < 2**64 for value in found)


@pytest.mark.parametrize(
    "letters",
    [
        "etaoinshrdlucmfwypvbgkjxqz",
        "оеаинтсрвлкмдпуяыьгзбчихжшюцщэф",
        "аеытнірлдқсмкубшғөңпожүі",
        "".join(map(chr, range(0x4E00, 0x9000, 41))),
        "اليمونرتبةعدسفهكقحج",
    ],
    ids=["latin", "russian", "kazakh", "chinese", "arabic"],
)
def test_every_script_has_windows(letters: str) -> None:
    """A text of two kilobytes has enough of them to choose from, and not one at every letter."""
    text = fold(prose(1, 500, letters))
    size = len(text.encode())
    assert size / 200 < len(windows.smallest(text, ALL)) < size / 10
