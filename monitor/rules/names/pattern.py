"""One word of a name, to be compared with words of a text."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from monitor.rules.names.endings import ANY_CASE, ENDINGS, FIXED, Cases, stem
from monitor.rules.names.letters import Kind, Slot, Spelling, is_cyrillic, slots

_MOST_KEPT = 512  # words whose answer one pattern remembers
_LONGEST = 48  # letters; no name's word is longer

SHORTEST_DECLINED = 4
"""A surname of fewer letters does not decline: Ли, Ким, Цой would else be any short word."""


class Fit(NamedTuple):
    """How a word is the name's: the rules that were needed, the cases it may stand in, whether
    the text must have a diacritic on it."""

    rules: tuple[str, ...]
    cases: Cases = ANY_CASE
    marked: bool = False


class WordPattern:
    """Compares words with one word of a name (or several written as one)."""

    def __init__(self, made: tuple[Slot, ...], *, declined: bool) -> None:
        self.slots = made
        self.written = "".join(slot.written for slot in made)  # folded
        self.declined = declined
        self.cyrillic = is_cyrillic(self.written)
        self._known: dict[str, Fit | None] = {}
        self._tables: dict[bool, _Table] = {}  # by whether it is for Cyrillic; made when needed

    @classmethod
    def given(cls, word: str, kind: Kind) -> WordPattern:
        """The pattern of a given name as the form has it."""
        return cls(slots(word, kind), declined=True)

    @classmethod
    def surname(cls, word: str, kind: Kind) -> WordPattern:
        """The pattern of a surname as the form has it."""
        made = slots(word, kind)
        return cls(made, declined=declines(made))

    def joined(self, other: WordPattern) -> WordPattern:
        """Both words written as one."""
        return WordPattern(self.slots + other.slots, declined=self.declined)

    def fit(self, word: str) -> Fit | None:
        """How a folded word of a text is this word of the name, or None."""
        try:
            return self._known[word]
        except KeyError:
            if len(self._known) >= _MOST_KEPT:
                self._known.clear()
            found = self._known[word] = self._compare(word)
            return found

    def _compare(self, word: str) -> Fit | None:
        if not word or len(word) > _LONGEST:
            return None
        cyrillic = is_cyrillic(word)
        table = self._tables.get(cyrillic)
        if table is None:
            table = self._tables[cyrillic] = self._cyrillic() if cyrillic else self._latin()
        way = _Walk(word, table).way()
        apostrophe = way is None and "'" in word[1:-1] and "'" not in self.written
        if apostrophe:  # Mas'ud, Khamene'i
            way = _Walk(word.replace("'", ""), table).way()
        if way is None:
            return None
        spellings, label, cases = way
        rules = dict.fromkeys(spelling.rule for spelling in spellings if spelling.rule)
        if apostrophe:
            rules["apostrophe"] = None
        if cyrillic != self.cyrillic:
            rules = {"Cyrillic" if cyrillic else "Latin": None} | rules
        if label:
            rules[label] = None
        return Fit(tuple(rules), cases, any(spelling.marked for spelling in spellings))

    def _latin(self) -> _Table:
        last = len(self.slots) - 1
        return [
            [(spelling, spelling.text, FIXED if i == last else "") for spelling in slot.latin]
            for i, slot in enumerate(self.slots)
        ]

    def _cyrillic(self) -> _Table:
        last = len(self.slots) - 1
        table: _Table = []
        for i, slot in enumerate(self.slots):
            if i < last or not self.declined:
                ending = FIXED if i == last else ""
                table.append([(spelling, spelling.text, ending) for spelling in slot.cyrillic])
            else:
                table.append([(each, *stem(each.text, slot.row)) for each in slot.cyrillic])
        return table


_Step = tuple[Spelling, str, str]
"""A spelling, its letters (at a declined end: the stem), the class of endings behind it."""
_Table = list[list[_Step]]


class _Walk:
    """All ways through the sounds along a word, depth first; no place is tried twice."""

    __slots__ = ("_cyrillic", "_dead", "_table", "_word")

    def __init__(self, word: str, table: _Table) -> None:
        self._word, self._table = word, table
        self._cyrillic = is_cyrillic(word)
        self._dead: set[tuple[int, int]] = set()

    def way(self) -> tuple[list[Spelling], str, Cases] | None:
        """The spellings taken, the ending's name and cases."""
        return self._from(0, 0) if self._table else None

    def _from(self, number: int, place: int) -> tuple[list[Spelling], str, Cases] | None:
        if (number, place) in self._dead:
            return None
        word = self._word
        last = number == len(self._table) - 1
        for spelling, text, ending in self._table[number]:
            if not word.startswith(text, place):
                continue
            behind = place + len(text)
            if last:
                known = _ending(word[behind:], ending, cyrillic=self._cyrillic)
                if known is not None:
                    return [spelling], *known
            else:
                rest = self._from(number + 1, behind)
                if rest is not None:
                    rest[0].insert(0, spelling)
                    return rest
        self._dead.add((number, place))
        return None


def _ending(text: str, ending: str, *, cyrillic: bool) -> tuple[str, Cases] | None:
    """What an ending is called and which cases it may be; None: it is none of that class."""
    if not cyrillic:
        return None if text else ("", ANY_CASE)
    return ENDINGS[ending].get(text)


def declines(made: Sequence[Slot]) -> bool:
    """Whether a surname takes Russian endings."""
    return sum(len(slot.written) for slot in made) >= SHORTEST_DECLINED
