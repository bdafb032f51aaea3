"""What stands beside a surname: words, initials, other names."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from monitor.rules.names.given import is_given_name
from monitor.rules.names.titles import (
    INITIALS,
    NAMED_AFTER,
    ONE_LETTER_WORDS,
    ORDINARY,
    TITLES,
)
from monitor.rules.reading import Reading
from monitor.rules.scan import in_word
from monitor.text import fold

MOST_BESIDE = 5  # words on either side that may belong to a name
_LINE = 400  # characters on either side that tell how a line uses capitals
_LONGEST = 64  # letters of a word beside a name that are looked at
_MOST_APOSTROPHES = 3  # on either side of a word's piece
_FAR = 20_000  # characters of an article that are searched for the same word
_FEW = 4  # words; a line of fewer says nothing
_MOST_CAPITAL = 0.9  # of the words of a headline
_SIGNS = "\"'“”‘’«»(),.:;!?"
_PARTICLES_BEHIND = frozenset(["al", "el", "bin", "ibn", "bint", "аль", "эль", "бин", "ибн"])
_BEFORE_PLACES = frozenset(["of", "the", "in", "at", "near", "в", "во", "из", "на"])
_STOPS = frozenset("\n.!?:;•(…'")


_token = tuple.__new__  # the class itself would be called in Python, which takes twice as long


class Token(NamedTuple):
    """A word beside a name: its place, its folded letters, whether a dot follows."""

    start: int
    end: int
    text: str
    dot: bool

    @property
    def is_initial(self) -> bool:
        """Whether it looks like one: a letter, or two or more that stand for one sound."""
        return self.text.isalpha() and (len(self.text) == 1 or (self.dot and self.text in INITIALS))


def name_word(reading: Reading, place: int) -> tuple[int, int]:
    """The word around a place, with the apostrophes in it: ``zelens'kyi``."""
    text = reading.text
    start, end = reading.word_at(place)
    for _ in range(_MOST_APOSTROPHES):
        if start < 2 or text[start - 1] != "'" or not in_word(text[start - 2]):
            break
        start = reading.word_at(start - 2)[0]
    for _ in range(_MOST_APOSTROPHES):
        if text[end] != "'" or not in_word(text[end + 1]):
            break
        end = reading.word_at(end + 1)[1]
    return start, end


def tokens_before(text: str, place: int) -> list[Token]:
    """The words before a name, nearest last, as far as they may belong to it.

    They are joined by a space, initials also by a dot; any other sign or a word with a dot that
    is no initial ends them.
    """
    found: list[Token] = []
    while len(found) < MOST_BESIDE and place > 0:
        end = place
        if text[end - 1] == " ":
            end -= 1
            # Most are between two spaces, and need no look at each letter.
            farthest = end - _LONGEST - 1
            start = text.rfind(" ", farthest if farthest > 0 else 0, end) + 1
            if start and (word := text[start:end]).isalnum():
                found.append(_token(Token, (start, end, word, False)))
                place = start
                continue
        dot = text[end - 1] == "."
        if dot:
            end -= 1
            if text[end - 1] == " ":  # B .Sadykov
                end -= 1
        if end == place or end <= 0 or not in_word(text[end - 1]):
            break
        start = end
        while max(0, end - _LONGEST) < start and (
            in_word(text[start - 1])
            or (text[start - 1] == "'" and start > 1 and in_word(text[start - 2]))
        ):
            start -= 1
        token = Token(start, end, text[start:end], dot)
        if dot and not token.is_initial:
            break
        found.append(token)
        place = start
    found.reverse()
    return found


def tokens_behind(text: str, place: int) -> list[Token]:
    """The words behind a name, nearest first, as far as they may belong to it."""
    found: list[Token] = []
    while len(found) < MOST_BESIDE:
        if text[place] == " ":
            place += 1
            end = text.find(" ", place, place + _LONGEST + 1)
            if end > 0 and (word := text[place:end]).isalnum():  # as in tokens_before
                found.append(_token(Token, (place, end, word, False)))
                place = end
                continue
        elif not found or not found[-1].dot:
            break
        start = end = place
        while end - start < _LONGEST and (
            in_word(text[end]) or (text[end] == "'" and end > start and in_word(text[end + 1]))
        ):
            end += 1
        if end == start:
            break
        dot = text[end] == "."
        token = Token(start, end, text[start:end], dot)
        if dot and not token.is_initial:
            token = token._replace(dot=False)
            found.append(token)
            break
        found.append(token)
        place = end + dot
    return found


def is_excellency(before: Sequence[Token]) -> bool:
    """Whether the last words are ``H.E.``, His Excellency, and no initials."""
    return [(each.text, each.dot) for each in before[-2:]] == [("h", True), ("e", True)]


def has_capital(reading: Reading, place: int) -> bool:
    """Whether the letter there is a capital as the author wrote it."""
    return reading.original(place, place + 1)[:1].isupper()


def is_capitals(reading: Reading, start: int, end: int) -> bool:
    """Whether the author wrote it wholly in capitals."""
    return reading.original(start, end).isupper()


def is_bare_initial(reading: Reading, token: Token) -> bool:
    """Whether an initial without a dot is one: a capital, and no Russian preposition."""
    return token.text not in ONE_LETTER_WORDS and is_capitals(reading, token.start, token.end)


def hyphened(reading: Reading, place: int) -> bool:
    """Whether the space at a place of the text is a hyphen that joins two words."""
    return reading.text[place] == " " and reading.original(place, place + 1) in "-‐‑"


def joined_before(reading: Reading, start: int) -> bool:
    """Whether a hyphen joins another name before: ``Omarov-Sadykov``."""
    return (
        start > 1
        and hyphened(reading, start - 1)
        and in_word(reading.text[start - 2])
        and has_capital(reading, reading.word_at(start - 2)[0])
    )


def other_given(reading: Reading, token: Token) -> bool:
    """Whether the word directly before a surname is the given name of somebody else.

    In this order: names of the table are; words without a capital, titles, words that begin
    sentences, nationalities, months, possessives and abbreviations are not; nor is an unknown
    word in a line that writes most words with capitals, behind ``of`` or ``in``, or one that the
    article also writes without a capital. Any other word with a capital is.
    """
    text = reading.text
    if "'" in token.text or token.dot or not has_capital(reading, token.start):
        return False
    ordinary = token.text in TITLES or token.text in ORDINARY
    if is_given_name(token.text):  # Said, Sultan: a name, but where a sentence may begin so
        return not (ordinary and _begins_sentence(text, token.start))
    if ordinary or not token.text.isalpha():
        return False
    if is_capitals(reading, token.start, token.end) or _in_capitals(reading, token.start):
        return False
    before = text[max(0, token.start - 6) : token.start].split(" ")
    if len(before) > 1 and not before[-1] and before[-2] in _BEFORE_PLACES:
        return False
    return not (_begins_sentence(text, token.start) and _written_small(reading, token.text))


def other_behind(reading: Reading, token: Token) -> bool:
    """Whether the word directly behind a surname makes it another name: ``Sadykov Daniyar``,
    ``Nazarbayev University``, ``Ahmad al-Siyabi``."""
    if token.text in _PARTICLES_BEHIND:
        return True
    if not has_capital(reading, token.start):
        return False
    if is_given_name(token.text) or token.text in NAMED_AFTER:
        return True
    if token.text in TITLES or token.text in ORDINARY or not token.text.isalpha():
        return False
    return not (is_capitals(reading, token.start, token.end) or _in_capitals(reading, token.start))


def _begins_sentence(text: str, place: int) -> bool:
    before = text[max(0, place - 2) : place].rstrip(" ")
    return place == 0 or not before or before[-1] in _STOPS


def _written_small(reading: Reading, word: str) -> bool:
    """Whether the article has the word without a capital as well."""
    text = reading.text
    place = text.find(word, 0, _FAR)
    for _ in range(8):
        if place < 0:
            return False
        alone = not in_word(text[place - 1]) and not in_word(text[place + len(word)])
        if alone and not has_capital(reading, place):
            return True
        place = text.find(word, place + 1, _FAR)
    return False


def _in_capitals(reading: Reading, place: int) -> bool:
    """Whether the line writes most words with capitals, as headlines do: then they tell nothing."""
    text = reading.text
    start = max(text.rfind("\n", max(0, place - _LINE), place) + 1, place - _LINE, 0)
    end = text.find("\n", place, place + _LINE)
    end = end if end >= 0 else min(len(text), place + _LINE)
    words = (word.strip(_SIGNS) for word in reading.original(start, end).split())
    telling = [word for word in words if word.isalpha() and fold(word) not in ORDINARY]
    capital = sum(word[0].isupper() for word in telling)
    return len(telling) >= _FEW and capital >= _MOST_CAPITAL * len(telling)
