"""What one clause finds in an article: one class for each kind of leaf.

A finder is made of a leaf of the tree when its rule is first looked at closely. ``find`` gives
all hits in a region of ``Reading.text``, from left to right, or None where the clause is not
true; what needs no place in the text (a date, a source) and what is searched in the original
(regular expressions) comes as evidence ready made.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

from rapidfuzz.distance import OSA

from monitor.model import Evidence
from monitor.rules.names import compile_entity
from monitor.rules.reading import (
    FREE_HITS,
    Hit,
    Numbers,
    Reading,
    Trigger,
    stem_of,
    unwatched,
    word_trigger,
)
from monitor.rules.regex import compile_regex
from monitor.rules.scan import (
    Parts,
    Span,
    exact_form,
    in_a_row,
    in_word,
    literal,
    loose,
    original_words,
    rest_of_word,
    word_class,
)
from monitor.rules.syntax import Entity, Fuzzy, Glob, Meta, Range, Regex, Stem, Term
from monitor.text import fold

Found = Sequence[Hit | Evidence]

_ORIGINAL_STEPS = 2000  # to see what the author wrote at one place


class Finder(Protocol):
    """A clause ready to be looked for."""

    label: str

    def find(self, reading: Reading, lo: int, hi: int) -> Found | None:
        """Its hits between two offsets of ``reading.text``; None: it is not true.

        Raises BudgetExceededError.
        """


class TermFinder:
    """Whole-word occurrences of a literal."""

    __slots__ = ("exactness", "label", "number", "trigger", "wanted")

    def __init__(self, term: Term, numbers: Numbers = unwatched) -> None:
        self.label = term.label
        self.trigger = word_trigger(literal(term.text))
        self.number = numbers(self.trigger)
        self.exactness = term.exactness
        self.wanted = exact_form(term.text, term.exactness)

    def find(self, reading: Reading, lo: int, hi: int) -> Found | None:
        watched, number = reading.watched, self.number
        if watched is None or number is None:
            if reading.text.find(self.trigger.text, lo, hi) < 0:
                return None
            spans = reading.find(self.trigger)
        elif number in watched:
            spans = watched[number]
        else:
            return None
        label = self.label
        if lo or hi < len(reading.text):
            spans = within(spans, lo, hi)
        reading.spend_on(spans)
        if self.exactness != "folded":
            spans = self._exact(reading, spans)
        return [(start, end, label) for start, end in spans] or None

    def _exact(self, reading: Reading, spans: Sequence[Span]) -> list[Span]:
        """Those of which the author's capitals or accents agree with the rule's."""
        if len(spans) > FREE_HITS:
            reading.spend(_ORIGINAL_STEPS * len(spans))
        wanted, exactness = self.wanted, self.exactness
        agree: dict[str, bool] = {}  # a word has few forms in one article
        found = []
        for span in spans:
            original = reading.original(*span)
            if original not in agree:
                agree[original] = exact_form(original, exactness) == wanted
            if agree[original]:
                found.append(span)
        return found


class GlobFinder:
    """Words and phrases with wildcards, by an expression over the folded text; one asterisk at
    the end, which most are, without."""

    __slots__ = ("anchor", "label", "number", "pattern", "sign", "starts")

    def __init__(self, glob: Glob, numbers: Numbers = unwatched) -> None:
        self.label = glob.label
        parts = loose(glob.parts)
        prefix = [kind for kind, _ in parts] == ["text", "many"]
        self.pattern = None if prefix else _expression(parts)
        texts = [Trigger(text, False, False) for kind, text in parts if kind == "text"]
        # Literal text at the front, if there is any: only its occurrences need a look.
        self.starts = beginning(parts) if parts[0][0] == "text" else None
        self.anchor = self.starts or max(texts, key=lambda trigger: len(trigger.text))
        # An asterisk may also stand for nothing before a sign: `*'s`.
        self.sign = None if self.starts or in_word(texts[0].text[0]) else texts[0]
        self.number = numbers(self.anchor)

    def find(self, reading: Reading, lo: int, hi: int) -> Found | None:
        places = reading.at(self.anchor, self.number)
        if not places:
            return None
        if self.starts is None:
            places = reading.words
            if self.sign:
                places = sorted({*places, *reading.find(self.sign)})
        reading.spend(1000 * len(places))
        text, label = reading.text, self.label
        if self.pattern is None:
            return [
                (start, end, label)
                for start, stop in places
                if start >= lo and (end := rest_of_word(text, stop)) <= hi
            ] or None
        match = self.pattern.match
        found = (match(text, start) for start, _ in places)
        return [
            (*hit.span(), label) for hit in found if hit and hit.start() >= lo and hit.end() <= hi
        ] or None


class FuzzyFinder:
    """Words within an edit distance: optimal string alignment."""

    __slots__ = ("distance", "label", "word")

    def __init__(self, fuzzy: Fuzzy) -> None:
        self.label, self.distance, self.word = fuzzy.label, fuzzy.distance, literal(fuzzy.text)

    def find(self, reading: Reading, lo: int, hi: int) -> Found | None:
        words = reading.distinct_words
        reading.spend(150 * len(words))
        most, size, wanted = self.distance, len(self.word), self.word
        near = [
            word
            for word in words
            if abs(len(word) - size) <= most
            and OSA.distance(wanted, word, score_cutoff=most) <= most
        ]
        spans = sorted(span for word in near for span in words[word])
        return [(start, end, self.label) for start, end in within(spans, lo, hi)] or None


class StemFinder:
    """Words, or words in a row, with given stems."""

    __slots__ = ("_wanted", "label", "language", "words")

    def __init__(self, clause: Stem) -> None:
        self.label, self.language = clause.label, clause.language
        self.words = tuple(original_words(clause.text))
        self._wanted: dict[str | None, tuple[str, ...]] = {}

    def find(self, reading: Reading, lo: int, hi: int) -> Found | None:
        language = self.language or reading.language
        wanted = self._wanted.get(language)
        if wanted is None:
            wanted = tuple(stem_of(word, language) for word in self.words)
            self._wanted[language] = wanted
        found: list[Hit] = []
        spans = reading.words
        stems = reading.stems(language)
        reading.spend(50 * len(spans))
        count = len(wanted)
        for place in range(len(spans) - count + 1):
            if stems[place] != wanted[0] or stems[place : place + count] != wanted:
                continue
            start, end = spans[place][0], spans[place + count - 1][1]
            if start >= lo and end <= hi and in_a_row(reading.text, spans[place : place + count]):
                found.append((start, end, self.label))
        return found or None


class RegexFinder:
    """An RE2 expression in the original title and paragraphs."""

    __slots__ = ("expression", "label", "pattern")

    def __init__(self, regex: Regex) -> None:
        self.label = regex.label
        self.expression = compile_regex(regex.pattern, case=regex.case)

    def find(self, reading: Reading, lo: int, hi: int) -> Found | None:
        found: list[Evidence] = []
        for field, offset, text in reading.passages(lo, hi):
            reading.spend(2000)
            found += [
                Evidence(self.label, field, start + offset, end + offset, text[start:end])
                for start, end in self.expression.spans(text, reading.spend)
            ]
        return found or None


class EntityFinder:
    """A person, organisation or place."""

    __slots__ = ("label", "matcher")

    def __init__(self, entity: Entity, numbers: Numbers = unwatched) -> None:
        self.label = entity.label
        self.matcher = compile_entity(entity.settings, numbers)

    def find(self, reading: Reading, lo: int, hi: int) -> Found | None:
        return self.matcher.counted(reading, lo, hi)


class RangeFinder:
    """Views, their growth or the time of publication between two bounds."""

    __slots__ = ("label", "range")

    def __init__(self, clause: Range) -> None:
        self.label, self.range = clause.label, clause

    def find(self, reading: Reading, lo: int, hi: int) -> Found | None:
        clause, document = self.range, reading.document
        value: int | float | datetime | None = getattr(document, clause.field)
        if value is None or not in_range(clause, value):
            return None
        text = value.isoformat() if isinstance(value, datetime) else number(value)
        return [Evidence(self.label, clause.field, 0, len(text), text)]


class MetaFinder:
    """The article's source, language or address as a whole."""

    __slots__ = ("field", "label", "pattern")

    def __init__(self, meta: Meta) -> None:
        self.label, self.field = meta.label, meta.field
        wild = {"one": ".", "many": ".*"}
        body = "".join(
            re.escape(fold(t)) if kind == "text" else wild[kind] for kind, t in meta.parts
        )
        region = "(?:-.*)?" if meta.field == "language" else ""
        self.pattern = re.compile(body + region, re.DOTALL)

    def find(self, reading: Reading, lo: int, hi: int) -> Found | None:
        if self.field == "language":
            value = reading.language
        else:
            value = getattr(reading.document, self.field)
        if value is None or self.pattern.fullmatch(fold(value)) is None:
            return None
        return [Evidence(self.label, self.field, 0, len(value), value)]


def beginning(parts: Parts) -> Trigger:
    """The literal text with which a pattern begins."""
    text = parts[0][1]
    return Trigger(text, in_word(text[0]), len(parts) == 1 and in_word(text[-1]))


def number(value: int | float) -> str:
    """A counter, or a growth to one digit behind the point, as evidence shows it."""
    return str(value) if isinstance(value, int) else f"{value:.1f}"


def in_range(clause: Range, value: object) -> bool:
    """Whether a value lies between the bounds; None is open."""
    low, high = clause.low, clause.high
    above = low is None or value > low or (clause.low_included and value == low)  # type: ignore[operator]
    below = high is None or value < high or (clause.high_included and value == high)  # type: ignore[operator]
    return above and below


def within(spans: Sequence[Span], lo: int, hi: int) -> list[Span]:
    """Those that lie wholly between two offsets."""
    return [span for span in spans if span[0] >= lo and span[1] <= hi]


def _expression(parts: Parts) -> re.Pattern[str]:
    """Wildcards as an expression over folded text, to be tried where a word may begin.

    All but the last stretch of literal text is taken at its first place and never given back
    (an atomic group): what follows could follow from there as well. So a row of asterisks costs
    no more than one.
    """
    word = word_class()
    stretches = [""]
    for kind, text in parts:
        if kind == "many":
            stretches.append("")
        else:
            stretches[-1] += word if kind == "one" else re.escape(text)
    first, *others = stretches
    made = first
    for place, stretch in enumerate(others, 1):
        last = place == len(others)
        made += f"{word}*?{stretch}" if last else f"(?>{word}*?{stretch})" if stretch else ""
    (kind, text), (last_kind, last_text) = parts[0], parts[-1]
    if kind != "text" or in_word(text[0]):
        made = f"(?<!{word})" + made
    if last_kind != "text" or in_word(last_text[-1]):
        made += f"(?!{word})"
    return re.compile(made)
