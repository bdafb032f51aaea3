"""Whether a surname in a text, with the words beside it, is a certain person."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum
from typing import NamedTuple

from monitor.rules.names import context
from monitor.rules.names.context import Token
from monitor.rules.names.endings import ACCUSATIVE, GENITIVE, Cases
from monitor.rules.names.forenames import Forenames, Given, fit_at
from monitor.rules.names.given import is_given_name
from monitor.rules.names.letters import Kind
from monitor.rules.names.pattern import Fit
from monitor.rules.names.person import Name, patterns_before, same_particle
from monitor.rules.names.spellings import ARTICLES
from monitor.rules.names.titles import ORDINARY, TITLES
from monitor.rules.reading import Reading

Rules = tuple[str, ...]
_FOREIGN_PARTICLES = frozenset(("bin", "ibn", "bint", "von", "van", "der", "бин", "ибн", "фон"))
_LONGER = "part of a longer name"
_MIDDLE = ("middle initial",)  # not worth a word where the first is an initial as well


class Named(Enum):
    """What a mention of a surname is."""

    FULL = "full"  # with the given name
    INITIAL = "initial"
    ALONE = "alone"
    OTHER = "other"  # somebody else's
    NOTHING = "nothing"  # no mention of the name, but near enough to say why


class Mention(NamedTuple):
    """A surname in a text with what belongs to it. ``rules`` say how it was found; ``why`` says
    why it does not count."""

    start: int
    end: int
    named: Named
    rules: Rules = ()
    why: str = ""


@dataclass(slots=True)
class _Place:
    """A whole surname, the words before it, and how the surname was found."""

    reading: Reading
    start: int
    last: int  # where its last word begins
    end: int
    before: list[Token]
    fit: Fit
    rules: Rules
    _behind: list[Token] | None = None

    @property
    def behind(self) -> list[Token]:
        """The words behind it, read where somebody asks: most surnames are refused before."""
        if self._behind is None:
            self._behind = context.tokens_behind(self.reading.text, self.end)
        return self._behind

    @property
    def double_barrelled(self) -> bool:
        """Whether a hyphen joins another name: ``Sadykov-Omarov``, not ``Sadykov-led``."""
        return (
            context.hyphened(self.reading, self.end)
            and bool(self.behind)
            and context.has_capital(self.reading, self.behind[0].start)
        )


class Bearer:
    """One name of the person, ready to be compared."""

    def __init__(self, name: Name, *, alias: bool) -> None:
        self._name = name
        self._alias = alias
        self.surname = name.surname_pattern()
        self._before = patterns_before(name)
        self._given = Forenames(name)
        self._may_have_article = name.kind is Kind.LOOSE and not name.before
        self._shown = " ".join(name.given)

    def mention(self, reading: Reading, start: int, end: int) -> Mention | None:
        """What the word at a place is, if it is this surname. Spans cover all that belongs."""
        fit = fit_at(self.surname, reading, start, end)
        if fit is None:
            return None
        last = start
        whole = self._whole(reading, context.tokens_before(reading.text, start), start)
        if whole is None:
            return Mention(start, end, Named.NOTHING, why="a part of the surname is not there")
        start, before, rules = whole
        if before and self._is_foreign(before[-1]):
            return Mention(before[-1].start, end, Named.OTHER, why=_LONGER)
        joined = ("hyphen left out",) if self._name.joined else ()
        place = _Place(reading, start, last, end, before, fit, (*rules, *fit.rules, *joined))
        return (
            self._in_order(place)
            or self._swapped(place)
            or self._with_comma(place)
            or self._alone(place)
        )

    def _whole(
        self, reading: Reading, before: list[Token], start: int
    ) -> tuple[int, list[Token], Rules] | None:
        """Where the surname begins with its earlier words, and the words before that."""
        rules: list[str] = []
        for pattern, optional in reversed(self._before):
            last = before[-1] if before else None
            if (
                last is not None
                and not last.dot
                and (pattern.fit(last.text) or same_particle(last.text, pattern.written))
            ):
                if last.text != pattern.written:
                    rules.append("Al/El" if optional else "particle")
                start, before = last.start, before[:-1]
            elif optional:
                rules.append("article left out")
            else:
                return None
        if self._may_have_article and before and _is_article(reading, before[-1]):
            rules.append("article put in")
            start, before = before[-1].start, before[:-1]
        return start, before, tuple(rules)

    def _is_foreign(self, token: Token) -> bool:
        """A particle that this name does not have."""
        if token.text not in _FOREIGN_PARTICLES or token.dot:
            return False
        return not self._given.have_particle(token.text)

    # ------------------------------------------------------------------ with given names

    def _in_order(self, place: _Place) -> Mention | None:
        """Given names, then the surname. The longest run of words before it that fits."""
        reading, before = place.reading, place.before
        for first, word in enumerate(before):
            if not self._given.may_begin_with(word.text[0]) or context.is_excellency(
                before[: first + 1]
            ):
                continue
            given = self._given.fit(reading, before[first:])
            if given is None:
                continue
            longer = (
                first and not given.full and _goes_before_initial(reading, before[:first], word)
            )
            why = ""
            if longer or place.double_barrelled:
                why = _LONGER
            elif _contradict(given.cases, place.fit.cases):
                why = "the endings of given name and surname do not agree"
            if why:
                return Mention(word.start, place.end, Named.OTHER, why=why)
            order = ("swapped",) if self._name.family_first else ()
            return self._named(word.start, place.end, given, (*order, *place.rules))
        return None

    def _swapped(self, place: _Place) -> Mention | None:
        """The surname, then given names or initials with dots."""
        reading, start, before = place.reading, place.start, place.before
        text = reading.text
        if text[place.end] != " " or not self._given.may_begin_with(text[place.end + 1]):
            return None
        for count in range(len(place.behind), 0, -1):
            words = place.behind[:count]
            last = words[-1]
            if len(last.text) == 1 and not last.dot:
                continue
            given = self._given.fit(reading, words)
            if given is None or _contradict(given.cases, place.fit.cases):
                continue
            while before and self._given.is_middle(before[-1]):  # García Márquez Gabriel
                start, before = before[-1].start, before[:-1]
                given = given._replace(left_out=given.left_out[1:])
            order = () if self._name.family_first else ("swapped",)
            return self._named(start, last.end + last.dot, given, (*order, *place.rules))
        return None

    def _with_comma(self, place: _Place) -> Mention | None:
        """``Sadykov, Barlybay``, unless a name goes on behind it: that is a list of people."""
        reading, end = place.reading, place.end
        if reading.text[end : end + 2] != ", ":
            return None
        if not self._given.may_begin_with(reading.text[end + 2]):
            return None
        behind = context.tokens_behind(reading.text, end + 1)
        for count in range(min(len(behind), len(self._given)), 0, -1):
            words = behind[:count]
            given = self._given.fit(reading, words)
            if given is None or not given.full or words[-1].is_initial:
                continue
            if count < len(behind) and context.has_capital(reading, behind[count].start):
                return None
            rules = ("swapped", "comma", *place.rules)
            return self._named(place.start, words[-1].end, given, rules)
        return None

    def _named(self, start: int, end: int, given: Given, rules: Rules) -> Mention:
        said = ("alias",) if self._alias else ()
        if not given.full:
            rules = ("initial", *(rule for rule in given.rules if rule not in _MIDDLE), *rules)
            return Mention(start, end, Named.INITIAL, _once(*said, *rules))
        left_out: Rules = ()
        if given.left_out:
            patronymic = self._given.are_patronymics(given.left_out)
            left_out = ("patronymic left out" if patronymic else "middle name left out",)
        rules = _once(*said, *given.rules, *left_out, *rules)
        return Mention(start, end, Named.FULL, rules or ("name",))

    # ------------------------------------------------------------------ without

    def _alone(self, place: _Place) -> Mention:
        """The surname without a given name that agrees: alone, or somebody else's."""
        reading, start, end, before = place.reading, place.start, place.end, place.before
        while before and self._given.is_middle(before[-1]):  # García Márquez
            start, before = before[-1].start, before[:-1]
        if context.joined_before(reading, start):
            return Mention(start, end, Named.NOTHING, why=_LONGER)
        if before and (mention := self._not_ours(reading, before, end)):
            return mention
        if not context.has_capital(reading, place.last):
            return Mention(start, end, Named.NOTHING, why="a surname alone must have a capital")
        if place.behind:
            after = place.behind[0]
            if after.is_initial and after.dot and context.has_capital(reading, after.start):
                return self._other(reading, "initial", start, after.end + 1, after)
            if place.double_barrelled:
                return Mention(start, end, Named.NOTHING, why=_LONGER)
            if context.other_behind(reading, after):
                known = self._name.family_first or is_given_name(after.text)
                other = Named.OTHER if known else Named.NOTHING
                return Mention(start, after.end, other, why=_LONGER)
        return Mention(start, end, Named.ALONE, _once("surname", *place.rules))

    def _not_ours(self, reading: Reading, before: Sequence[Token], end: int) -> Mention | None:
        """Why the words before the surname make it somebody else's."""
        last = before[-1]
        if context.is_excellency(before):
            return None
        if last.is_initial:
            if last.dot or context.is_bare_initial(reading, last):
                return self._other(reading, "initial", last.start, end, last)
            if last.text in self._given.initials and not context.has_capital(reading, last.start):
                why = "without a dot an initial must be a capital letter"
                return Mention(last.start, end, Named.NOTHING, why=why)
        elif context.other_given(reading, last):
            return self._other(reading, "name", last.start, end, last)
        return None

    def _other(self, reading: Reading, what: str, start: int, end: int, token: Token) -> Mention:
        shown = reading.original(token.start, token.end + token.dot)
        why = f"another {what}: {shown} is not {self._shown}"
        return Mention(start, end, Named.OTHER, why=why)


def _goes_before_initial(reading: Reading, before: Sequence[Token], initial: Token) -> bool:
    """Whether words make an initial and a surname behind them the end of a longer name: ``A.B.
    Sadykov``, not ``H.E. B. Sadykov`` or ``г. Б. Садыков``."""
    token = before[-1]
    if token.is_initial:
        alike = context.has_capital(reading, token.start) or not context.has_capital(
            reading, initial.start
        )
        return token.dot and alike and not context.is_excellency(before)
    return (
        token.text not in TITLES
        and token.text not in ORDINARY
        and is_given_name(token.text)
        and context.has_capital(reading, token.start)
    )


def _is_article(reading: Reading, token: Token) -> bool:
    """Whether a word is the Arabic article of a surname: al Assad, as-Sisi, but not ``as Sisi``."""
    if token.text not in ARTICLES or token.dot:
        return False
    return len(token.text) > 1 and (
        token.text in ("al", "el") or context.hyphened(reading, token.end)
    )


def _contradict(given: Cases | None, surname: Cases) -> bool:
    """Whether the endings show a woman: ``Нурлан Садыкова`` is nobody's genitive."""
    return given is not None and surname == GENITIVE | ACCUSATIVE and not given & surname


def _once(*rules: str) -> Rules:
    return tuple(dict.fromkeys(rules))
