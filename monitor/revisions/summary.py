"""What kinds of change an edit is of, and how much it matters.

Materiality is ``1 - (1 - share) * product(1 - weight)`` over the kinds, to two places: ``share``
is that of the letters that came or went, and the weights are in ``WEIGHTS``. It is 0 for a
cosmetic edit alone, grows with every kind and with the share, and does not depend on the length
of the text where a headline, a figure or a note of correction changed.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Iterator, Sequence
from functools import cached_property, reduce

from monitor.model import EditKind, ParagraphEdit, Run
from monitor.revisions.damage import read_the_same
from monitor.revisions.marks import base, capitals, quotations
from monitor.revisions.notes import AMOUNTS, DATES, correction
from monitor.revisions.tokens import skeleton, tokens
from monitor.text import fold

WEIGHTS = {
    EditKind.HEADLINE: 0.6,
    EditKind.FIGURES: 0.6,
    EditKind.CORRECTION: 0.6,
    EditKind.QUOTATION: 0.4,
    EditKind.NAMES: 0.4,
    EditKind.TEXT: 0.05,
}

READ = 100_000
"""Characters of each text that are read for kinds; past that, changes are other words."""

FEWEST_LETTERS = 12
"""Letters of a passage that is taken for the same wherever it stands."""


def materiality(kinds: Collection[EditKind], share: float) -> float:
    """0-1, see above."""
    if set(kinds) <= {EditKind.COSMETIC}:
        return 0.0
    left = reduce(lambda product, kind: product * (1 - WEIGHTS.get(kind, 0.0)), kinds, 1.0)
    return round(1 - (1 - min(max(share, 0.0), 1.0)) * left, 2)


def summarise(
    before: tuple[str, str],
    after: tuple[str, str],
    title: Sequence[Run],
    paragraphs: Sequence[ParagraphEdit],
) -> tuple[tuple[EditKind, ...], float]:
    """The kinds, in the order of the enumeration, and the materiality of an edit.

    ``before`` and ``after`` are title and body, ``paragraphs`` those of both bodies compared.
    """
    reading = _Reading(_Text(*before), _Text(*after))
    if title:
        reading.take(title, whole=False, headline=True)
    moved = False
    for edit in paragraphs:
        if edit.runs:
            reading.take(edit.runs, whole=edit.op in ("added", "removed"))
        moved = moved or edit.op == "moved"
    kinds = reading.kinds()
    if not kinds and (moved or reading.changed) and not _rearranged(before, after, moved):
        kinds = {EditKind.TEXT}
    kinds = kinds or {EditKind.COSMETIC}
    size = max(len(before[0]) + len(before[1]), len(after[0]) + len(after[1]), 1)
    return tuple(kind for kind in EditKind if kind in kinds), materiality(
        kinds, reading.letters / size
    )


def _rearranged(before: tuple[str, str], after: tuple[str, str], moved: bool) -> bool:
    """Whether the texts differ in nothing but where their paragraphs begin and end."""
    if moved or max(len(before[1]), len(after[1])) > READ:
        return False
    return skeleton(before[1]) == skeleton(after[1])


class _Text:
    """A whole text: what it says somewhere is not new where it is said again."""

    def __init__(self, title: str, body: str) -> None:
        self._title, self._body = title, body[:READ]

    @cached_property
    def _passages(self) -> list[_Passage]:
        return [_Passage(self._title), _Passage(self._body)]

    @cached_property
    def figures(self) -> frozenset[str]:
        return frozenset(w.figure for p in self._passages for w in p.words if w.figure)

    @cached_property
    def words(self) -> frozenset[str]:
        """In their base forms."""
        return frozenset(base(word.key) for passage in self._passages for word in passage.words)

    @cached_property
    def names(self) -> frozenset[str]:
        """In their base forms; those of which a capital leaves no doubt."""
        return frozenset(base(p.words[n].key) for p in self._passages for n in p.names[0])

    def has(self, passage: str) -> bool:
        """Whether a passage stands here too; a few words stand everywhere and prove nothing."""
        wanted = skeleton(passage)
        return len(wanted) >= FEWEST_LETTERS and wanted in self._skeleton

    @cached_property
    def _skeleton(self) -> str:
        return skeleton(f"{self._title}\n{self._body}")


class _Passage:
    """A paragraph or a title."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.words = tokens(text)
        self._starts = [word.start for word in self.words]
        self._ends = [word.end for word in self.words]

    @cached_property
    def names(self) -> tuple[set[int], set[int]]:
        return capitals(self.text, self.words)

    @cached_property
    def quotations(self) -> list[tuple[str, range]]:
        """The texts between quotation marks, each with its words, that quote somebody: what has
        a capital in every word is the name of a thing."""
        found = []
        for start, end in quotations(self.text):
            places = self.within(start, end)
            if any(not self.text[self.words[n].start].isupper() for n in places):
                found.append((self.text[start:end], places))
        return found

    @cached_property
    def quoted(self) -> frozenset[int]:
        """The words that stand in quotations."""
        return frozenset(n for _, places in self.quotations for n in places)

    def within(self, start: int, end: int) -> range:
        """The words that a span touches."""
        first = bisect_right(self._ends, start)
        return range(first, max(first, bisect_left(self._starts, end)))


class _Side:
    """What one text has of a change."""

    def __init__(self, passage: _Passage, start: int, end: int) -> None:
        self.passage = passage
        self.places = passage.within(start, end)
        self.words = [passage.words[n] for n in self.places]
        if self.words:
            start, end = min(start, self.words[0].start), max(end, self.words[-1].end)
        self.text = passage.text[start:end]

    def figures(self) -> Counter[str]:
        return Counter(word.figure for word in self.words if word.figure)

    def amounts(self) -> Counter[str]:
        """Amounts, days and months in words."""
        return Counter(w.key for w in self.words if w.key in AMOUNTS or w.key in DATES)

    def names(self, certain: Callable[[str], bool]) -> dict[int, str]:
        """The names by their places, in their base forms; ``certain``: it is one elsewhere."""
        sure, perhaps = self.passage.names
        found = {n: base(self.passage.words[n].key) for n in self.places}
        return {
            n: name for n, name in found.items() if n in sure or (n in perhaps and certain(name))
        }


class _Reading:
    """The changes of an edit, read one after the other."""

    def __init__(self, before: _Text, after: _Text) -> None:
        self._before, self._after = before, after
        self._found: set[EditKind] = set()
        # words that went and came, by the kind that accounts for them if there is one
        self._gone: defaultdict[EditKind, Counter[str]] = defaultdict(Counter)
        self._came: defaultdict[EditKind, Counter[str]] = defaultdict(Counter)
        self._unread = 0
        self._room = READ
        self.changed = False

    def take(self, runs: Sequence[Run], *, whole: bool, headline: bool = False) -> None:
        """Read the changes of a paragraph or title; ``whole``: all of it came or went."""
        size = sum(len(run.text) for run in runs)
        if size > self._room:
            self._room = 0
            self.changed = True
            self._unread += max(
                sum(len(run.text) for run in runs if run.op == op) for op in ("-", "+")
            )
            return
        self._room -= size
        old, new = (
            _Passage("".join(run.text for run in runs if run.op != op)) for op in ("+", "-")
        )
        rest = EditKind.HEADLINE if headline else EditKind.TEXT
        note = correction(new.text)
        if note is not None and note[0] not in fold(old.text):
            self._found.add(EditKind.CORRECTION)
            rest = EditKind.CORRECTION
        if headline and _asks(old.text) != _asks(new.text):
            self._found.add(EditKind.HEADLINE)
        for gone_span, came_span in _changes(runs):
            gone, came = _Side(old, *gone_span), _Side(new, *came_span)
            if not read_the_same(gone.text, came.text):
                self.changed = True
                if headline:
                    self._found.add(EditKind.HEADLINE)
                self._read(gone, came, whole, rest)

    def kinds(self) -> set[EditKind]:
        """All kinds that were met; other words are text."""
        kinds = set(self._found)
        gone, came = (
            sum((words for kind, words in bags.items() if kind not in kinds), Counter[str]())
            for bags in (self._gone, self._came)
        )
        if self._unread or gone != came:
            kinds.add(EditKind.TEXT)
        return kinds

    @property
    def letters(self) -> int:
        """The letters of the words that came or went, whichever are more; words that only stand
        elsewhere are not among them."""
        gone, came = (sum(bags.values(), Counter[str]()) for bags in (self._gone, self._came))
        return self._unread + max(
            sum(len(word) * count for word, count in left.items())
            for left in (gone - came, came - gone)
        )

    def _read(self, gone: _Side, came: _Side, whole: bool, rest: EditKind) -> None:
        """Take down the words of a change; ``rest``: what accounts for those that nothing else
        does."""
        if self._figures(gone, came):
            self._found.add(EditKind.FIGURES)
        old, new = (side.names(self._is_name) for side in (gone, came))
        if self._named(set(old.values()), set(new.values())):
            self._found.add(EditKind.NAMES)
        for side, names, bags, other in (
            (gone, old, self._gone, self._after),
            (came, new, self._came, self._before),
        ):
            quoted = side.passage.quoted
            alone = not (gone.words and came.words)
            if whole:
                said = self._quoted(side, other)
            else:
                said = not quoted.isdisjoint(side.places) and not (alone and other.has(side.text))
            if said:
                self._found.add(EditKind.QUOTATION)
            for place, word in zip(side.places, side.words, strict=True):
                if word.figure or word.key in AMOUNTS or word.key in DATES:
                    kind = EditKind.FIGURES
                elif place in names:
                    kind = EditKind.NAMES
                else:
                    kind = EditKind.QUOTATION if place in quoted else rest
                bags[kind][word.key] += 1

    def _is_name(self, word: str) -> bool:
        return word in self._before.names or word in self._after.names

    def _named(self, old: set[str], new: set[str]) -> bool:
        """Whether a name became another, or came or went where the other text has it nowhere."""
        lost, won = old - new, new - old
        if lost and won:
            return True
        return bool(
            (lost and not lost <= self._after.words) or (won and not won <= self._before.words)
        )

    def _quoted(self, side: _Side, other: _Text) -> bool:
        """Whether a paragraph that came or went quotes what the other text has nowhere."""
        return any(not other.has(text) for text, _ in side.passage.quotations)

    def _figures(self, gone: _Side, came: _Side) -> bool:
        """Whether a figure became another, or came or went where the other text has it nowhere."""
        old, new = gone.figures(), came.figures()
        lost, won = old - new, new - old
        old_words, new_words = gone.amounts(), came.amounts()
        if (lost or old_words - new_words) and (won or new_words - old_words):
            return True
        return bool(
            (lost and not lost.keys() <= self._after.figures)
            or (won and not won.keys() <= self._before.figures)
        )


def _changes(runs: Sequence[Run]) -> Iterator[tuple[tuple[int, int], tuple[int, int]]]:
    """Of each change the span in the text before and the one in the text after."""
    a = b = 0
    start: tuple[int, int] | None = None
    for op, text in [*runs, Run("=", "")]:
        if op == "=":
            if start is not None:
                yield (start[0], a), (start[1], b)
            start = None
        elif start is None:
            start = a, b
        a += len(text) if op != "+" else 0
        b += len(text) if op != "-" else 0


def _asks(title: str) -> bool:
    """Whether a title is a question; lost quotation marks at both its ends make it none."""
    return title.rstrip(" \"'”’»)").endswith("?") and not title.startswith("?")
