"""Whether words of a text are a person's given names: spelled out, abbreviated, some left out."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

from monitor.rules.names import context
from monitor.rules.names.context import Token
from monitor.rules.names.endings import Cases
from monitor.rules.names.given import is_given_name
from monitor.rules.names.pattern import Fit, WordPattern
from monitor.rules.names.person import GivenName, Name, is_patronymic, same_particle
from monitor.rules.names.titles import INITIALS, PATRONYMIC_WORDS
from monitor.rules.reading import Reading

Rules = tuple[str, ...]
_DIACRITICS = frozenset("žżẑšşșśŝčçćĉ")
_MOST_RUN_TOGETHER = 6


class Given(NamedTuple):
    """How words are the given names: the rules, whether the first is spelled out, the cases of
    the last that is (None: none is), the given names that the words leave out."""

    rules: Rules
    full: bool
    cases: Cases | None
    left_out: tuple[int, ...] = ()


class Step(NamedTuple):
    """One or two words as one or two given names."""

    words: int
    names: int
    rules: Rules = ()
    full: bool = True
    cases: Cases | None = None


class Forenames:
    """The given names of one form of a person's name, ready to be compared."""

    def __init__(self, name: Name) -> None:
        self._given = [GivenName(word, name.kind) for word in name.given]
        self._joined = [
            one.pattern.joined(two.pattern)
            for one, two in zip(self._given, self._given[1:], strict=False)
        ]
        self._middle = [
            given
            for given in self._given[name.first :]
            if not given.initial_only and not given.patronymic
        ]
        self._first = name.first  # how many words a hyphen joins to the first given name

    @property
    def initials(self) -> frozenset[str]:
        """Those of the first, folded."""
        return self._given[0].initials

    def __len__(self) -> int:
        return len(self._given)

    def are_patronymics(self, numbers: Iterable[int]) -> bool:
        """Whether the given names of these numbers all are."""
        return all(self._given[number].patronymic for number in numbers)

    def have_particle(self, text: str) -> bool:
        """Whether one of them is this particle: bin, von."""
        return any(same_particle(text, given.pattern.written) for given in self._given)

    def is_middle(self, token: Token) -> bool:
        """Whether a word is the form's own earlier surname, not a second given name."""
        return (
            not token.dot
            and any(given.pattern.fit(token.text) for given in self._middle)
            and not is_given_name(token.text)
        )

    def may_begin_with(self, letter: str) -> bool:
        """Whether a word that begins so may be the first of them, as few may."""
        return letter in self._given[0].letters

    def fit(self, reading: Reading, words: Sequence[Token]) -> Given | None:
        """How words are the given names, first to last; all of them must be used."""
        first = words[0]
        if not self.may_begin_with(first.text[0]):
            return None
        if len(words) == 1 and not first.dot and self._run_together(reading, first):
            return Given((), full=False, cases=None)
        return self._from(reading, words, 0, 0)

    def _from(
        self, reading: Reading, words: Sequence[Token], place: int, number: int
    ) -> Given | None:
        """The words from ``place`` on as the given names from ``number`` on."""
        if place == len(words):
            return Given((), True, None, tuple(range(number, len(self._given))))
        for step in self._steps(reading, words, place, number):
            rest = self._from(reading, words, place + step.words, number + step.names)
            if rest is None:
                continue
            left_out = rest.left_out if step.words else (number, *rest.left_out)
            cases = step.cases if rest.cases is None else rest.cases
            full = step.full if place == 0 else rest.full
            return Given((*step.rules, *rest.rules), full, cases, left_out)
        return None

    def _steps(
        self, reading: Reading, words: Sequence[Token], place: int, number: int
    ) -> Iterator[Step]:
        """What the word at a place may be, the likeliest first."""
        word = words[place]
        if number < len(self._given):
            given = self._given[number]
            if not given.initial_only and not word.dot:
                yield from self._spelled_out(reading, words, place, number)
            if self._is_initial_of(reading, given, words[place:]):
                yield Step(1, 1, ("middle initial",) if number else (), full=False)
            if number:
                yield Step(0, 1)
        if number and not word.dot and self._may_be_patronymic(word.text):
            yield Step(1, 0, ("patronymic",))
        if number and place + 1 < len(words) and words[place + 1].text in PATRONYMIC_WORDS:
            yield Step(2, 0, ("patronymic",))
        if self._may_be_middle(reading, word, place, number):
            yield Step(1, 0, ("middle initial",))

    def _may_be_middle(self, reading: Reading, word: Token, place: int, number: int) -> bool:
        """Whether an initial may be that of a patronymic or middle name which the form lacks:
        behind as many words as it has given names, those that a hyphen joins counting once."""
        if number != len(self._given) or not (word.is_initial and word.dot and 0 < place < 3):
            return False
        joined = self._first > 1 and place == number - self._first + 1
        return place == number or (joined and not context.hyphened(reading, word.start - 1))

    def _spelled_out(
        self, reading: Reading, words: Sequence[Token], place: int, number: int
    ) -> Iterator[Step]:
        given, (start, end, text, _) = self._given[number], words[place]
        if fit := fit_at(given.pattern, reading, start, end):
            yield Step(1, 1, fit.rules, cases=fit.cases)
        for other in given.others:
            if fit := other.fit(text):
                yield Step(1, 1, ("given name in another language", *fit.rules), cases=fit.cases)
        if number < len(self._joined) and (
            fit := fit_at(self._joined[number], reading, start, end)
        ):
            yield Step(1, 2, ("joined", *fit.rules), cases=fit.cases)
        parted = text + words[place + 1].text if place + 1 < len(words) else ""
        if parted and not words[place + 1].dot and (fit := given.pattern.fit(parted)):
            yield Step(2, 1, ("parted", *fit.rules), cases=fit.cases)

    def _is_initial_of(self, reading: Reading, given: GivenName, words: Sequence[Token]) -> bool:
        """Whether the first of the words abbreviates a given name: with a dot behind it or
        behind another initial (K-J.), else as a capital."""
        word = words[0]
        if word.text not in given.initials:
            return False
        if word.dot:
            return True
        if len(word.text) > 1:
            return word.text in INITIALS and context.has_capital(reading, word.start)
        dotted = any(each.dot for each in words)
        return dotted or context.is_bare_initial(reading, word)

    def _run_together(self, reading: Reading, token: Token) -> bool:
        """``KJ`` of Kassym-Jomart."""
        if not 2 <= len(token.text) <= _MOST_RUN_TOGETHER or len(self._given) < 2:
            return False
        ends = {0}
        for given in self._given[:3]:
            ends = {
                end + len(initial)
                for end in ends
                for initial in given.initials
                if initial and token.text.startswith(initial, end)
            }
        return len(token.text) in ends and context.is_capitals(reading, token.start, token.end)

    def _may_be_patronymic(self, text: str) -> bool:
        """A patronymic that the form does not have."""
        return is_patronymic(text) and not any(given.patronymic for given in self._given)


def fit_at(pattern: WordPattern, reading: Reading, start: int, end: int) -> Fit | None:
    """How the word at a place fits, its diacritics too where the spelling asks for them."""
    fit = pattern.fit(reading.text[start:end])
    if fit is None or not fit.marked:
        return fit
    original = unicodedata.normalize("NFC", reading.original(start, end).lower())
    return None if _DIACRITICS.isdisjoint(original) else fit
