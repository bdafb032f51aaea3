"""What came near: where the words of a clause that is not true stand after all, and why they do
not count there."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from typing import TypeVar

from rapidfuzz.distance import OSA

from monitor.model import Evidence
from monitor.rules.finders import Finder, Found, GlobFinder, TermFinder, within
from monitor.rules.near import near
from monitor.rules.reading import (
    RULE_BUDGET,
    BudgetExceededError,
    Hit,
    Reading,
    stem_of,
    word_trigger,
)
from monitor.rules.reasons import Reason
from monitor.rules.regex import compile_regex
from monitor.rules.scan import Span, in_word, literal, original_words
from monitor.rules.stems import stem
from monitor.rules.steps import NearStep
from monitor.rules.syntax import Fuzzy, Glob, Node, Regex, Stem, Term

MOST = 20
"""Near misses shown of one kind."""

NOWHERE = "no field"
"""The part of an article that lies in both title and body."""

_WIDEST = 1_000
"""Words; what stands further apart than this is not near in any sense."""

_T = TypeVar("_T")
_KEPT = {"case": "capitals", "accent": "accents", "exact": "capitals and accents"}


def where(field: str | None) -> str:
    """A field as a sentence names it."""
    if field is None:
        return "title or body"
    return "two fields at once" if field == NOWHERE else f"the {field}"


class NearMisses:
    """Of clauses that are not true in a field of one article (None: anywhere)."""

    def __init__(self, reading: Reading, field: str | None) -> None:
        self.reading = reading
        self.field = field
        self.region: Span = (1, 0) if field == NOWHERE else reading.region(field)

    def of(self, node: Node, finder: Finder) -> Iterator[Reason]:
        """The near misses of a leaf: other fields first. Raises BudgetExceededError."""
        if self.field is not None:
            yield from self._elsewhere(finder)
        match node:
            case Term():
                assert isinstance(finder, TermFinder)
                yield from self._of_term(node, finder)
            case Glob():
                assert isinstance(finder, GlobFinder)
                yield from self._of_glob(node, finder)
            case Fuzzy():
                yield from self._of_fuzzy(node)
            case Stem():
                yield self._of_stem(node)
            case Regex() if node.case:
                yield from self._of_regex(node)

    def too_far(self, step: NearStep) -> Reason:
        """Why operands that all are there are not near each other."""
        label, slop, ordered = step.near.label, step.near.slop, step.near.ordered
        self.reading.rule_left = RULE_BUDGET
        try:
            hits = [operand.find(self.reading, *self.region) for operand in step.operands]
            found = [_spans(each) for each in hits]
            if ordered and self._near(found, slop, ordered=False):
                stretch = self._stretch(found, slop, ordered=False)
                return Reason.at(self._evidence(stretch, label), False, "in another order")
            least = self._least(found, slop, ordered)
            if least is None:
                said = "all are there, but not together in one paragraph"
                return Reason(label, None, False, said + (" in this order" if ordered else ""))
            stretch = self._stretch(found, least, ordered)
        except BudgetExceededError:
            return Reason(label, None, False, "all are there, but not near each other")
        said = f"{least} other {_words(least)} between, at most {slop} may be"
        return Reason.at(self._evidence(stretch, label), False, said)

    # ------------------------------------------------------------------ by kind of clause

    def _elsewhere(self, finder: Finder) -> Iterator[Reason]:
        found = finder.find(self.reading, 0, len(self.reading.text)) or ()
        placed = (h if isinstance(h, Evidence) else self.reading.evidence(h) for h in found)
        looks = "asks for" if self.field == NOWHERE else "looks at"
        only = "" if self.field == NOWHERE else " only"
        said = f"the rule {looks} {where(self.field)}{only}"
        for evidence in _few(placed):
            yield Reason.at(evidence, False, said)

    def _of_term(self, term: Term, finder: TermFinder) -> Iterator[Reason]:
        label, reading = term.label, self.reading
        if term.exactness != "folded" and (spans := self._here(reading.find(finder.trigger))):
            said = f"{_KEPT[term.exactness]} must agree with {term.text}"
            yield from (self._at(span, label, said) for span in _few(spans))
            return
        words = finder.trigger.text.split()
        # An expression takes much longer to look for than a word: only where it may be found.
        found = self._otherwise(words, label) if all(w in reading.text for w in words) else []
        yield from found
        if not found and len(words) > 1:
            yield from self._missing(words, label)

    def _otherwise(self, words: Sequence[str], label: str) -> list[Reason]:
        """Where the letters of a term stand in a row, but not as the term."""
        pattern = "[ \n]+".join(map(re.escape, words))
        cut_off = (self._cut_off(span, label) for span in _few(self._matches(pattern)))
        found = [reason for reason in cut_off if reason is not None]
        if found or len(words) == 1:
            return found
        alone = (f"(?<!\\w){re.escape(word)}(?!\\w)" for word in words)
        parted = _few(self._matches(r"[^\w\n]+".join(alone)))
        return [self._at(span, label, "another sign stands between the words") for span in parted]

    def _cut_off(self, span: Span, label: str) -> Reason | None:
        """Why the letters of a term do not count where they stand."""
        text, title_end = self.reading.text, self.reading.title_end
        longer = self._widened(span)
        if span[0] < title_end < span[1]:
            return Reason(label, None, False, "begins in the title and ends in the body")
        if longer != span:
            return self._at(longer, label, "only as a part of a longer word")
        if "\n" in text[slice(*span)]:
            return self._at(span, label, "goes on in another paragraph")
        return None

    def _missing(self, words: Sequence[str], label: str) -> Iterator[Reason]:
        """Which words of a phrase are there, if some are."""
        missing = [
            word
            for word in dict.fromkeys(words)
            if not self._here(self.reading.find(word_trigger(word)))
        ]
        if not missing:
            said = f"the words are in {where(self.field)}, but not side by side"
            yield Reason(label, None, False, said)
        elif len(missing) < len(set(words)):
            said = f"not in {where(self.field)}: there is no {' and no '.join(missing[:3])}"
            yield Reason(label, None, False, said)

    def _of_glob(self, glob: Glob, finder: GlobFinder) -> Iterator[Reason]:
        if " " in "".join(text for _, text in glob.parts):
            return
        anchor = finder.anchor.text
        spans = dict.fromkeys(map(self._widened, _few(self._matches(re.escape(anchor)))))
        for span in spans:
            yield self._at(span, glob.label, f"does not fit {glob.label}")

    def _of_fuzzy(self, fuzzy: Fuzzy) -> Iterator[Reason]:
        """The word with the fewest edits, if it is like the wanted one at all."""
        wanted, words = literal(fuzzy.text), self.reading.distinct_words
        self.reading.spend(500 * len(words))
        most = min(fuzzy.distance + 2, len(wanted) // 2)
        best: tuple[int, str] | None = None
        for word, spans in words.items():
            distance = OSA.distance(wanted, word, score_cutoff=most)
            if distance <= most and (best is None or distance < best[0]) and self._here(spans):
                best = distance, word
        if best is not None:
            distance, word = best
            said = f"{distance} letters differ, at most {fuzzy.distance} may"
            for span in _few(self._here(words[word])):
                yield self._at(span, fuzzy.label, said)

    def _of_stem(self, clause: Stem) -> Reason:
        language = clause.language or self.reading.language
        words = original_words(clause.text)
        if language is None:
            said = "the article's language is not known, so only the word itself counts"
        elif all(stem(word, language) is None for word in words):
            said = f"there are no stems for {language}, so only the word itself counts"
        else:
            stems = " ".join(stem_of(word, language) for word in words)
            several = len(words) > 1
            said = f"no {'words' if several else 'word'} with the stem{'s' * several} {stems}"
        return Reason(clause.label, None, False, f"not in {where(self.field)}: {said}")

    def _of_regex(self, regex: Regex) -> Iterator[Reason]:
        expression = compile_regex(regex.pattern, case=False)
        found = (
            Evidence(regex.label, field, start + offset, end + offset, text[start:end])
            for field, offset, text in self.reading.passages(*self.region)
            for start, end in expression.spans(text, self.reading.spend)
        )
        for evidence in _few(found):
            yield Reason.at(evidence, False, "capitals must agree")

    # ------------------------------------------------------------------------ proximity

    def _near(self, found: Sequence[Sequence[Span]], slop: int, ordered: bool) -> bool:
        return all(near(self.reading.text, found, slop, ordered=ordered, spend=self.reading.spend))

    def _least(self, found: Sequence[Sequence[Span]], slop: int, ordered: bool) -> int | None:
        """The least number of words between with which all would be near; None: too many."""
        too_few, enough = slop, max(1, 2 * slop)
        while not self._near(found, enough, ordered):
            if enough >= _WIDEST:
                return None
            too_few, enough = enough, min(2 * enough, _WIDEST)
        while enough - too_few > 1:
            middle = (too_few + enough) // 2
            if self._near(found, middle, ordered):
                enough = middle
            else:
                too_few = middle
        return enough

    def _stretch(self, found: Sequence[Sequence[Span]], slop: int, ordered: bool) -> Span:
        """From the first operand to the last, of the first combination in the text."""
        taking = near(self.reading.text, found, slop, ordered=ordered, spend=self.reading.spend)
        spans = [sorted(each) for each in taking]
        start = min(each[0][0] for each in spans)
        for end in sorted({end for each in spans for _, end in each}):
            inside = [within(each, start, end) for each in spans]
            if all(inside) and self._near(inside, slop, ordered):
                return start, end
        return start, max(each[0][1] for each in spans)

    # -------------------------------------------------------------------------- places

    def _matches(self, pattern: str) -> Iterator[Span]:
        """Where an expression fits the folded text, in the region."""
        found = (hit.span() for hit in re.finditer(pattern, self.reading.text))
        return (span for span in found if self._here([span]))

    def _here(self, spans: Sequence[Span]) -> list[Span]:
        return within(spans, *self.region)

    def _at(self, span: Span, label: str, said: str) -> Reason:
        return Reason.at(self._evidence(span, label), False, said)

    def _evidence(self, span: Span, label: str) -> Evidence:
        hit: Hit = (*span, label)
        return self.reading.evidence(hit)

    def _widened(self, span: Span) -> Span:
        """The span with the rest of the words that it cuts."""
        text, (start, end) = self.reading.text, span
        if in_word(text[start]):
            start = self.reading.word_at(start)[0]
        if in_word(text[end - 1]):
            end = self.reading.word_at(end - 1)[1]
        return start, end


def _spans(hits: Found | None) -> list[Span]:
    return sorted({(hit[0], hit[1]) for hit in hits or () if len(hit) == 3})


def _few(found: Iterable[_T]) -> Iterator[_T]:
    return islice(found, MOST)


def _words(count: int) -> str:
    return "word" if count == 1 else "words"
