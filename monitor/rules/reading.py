"""One article as the rules read it: folded once, everything else made when a rule asks for it."""

from __future__ import annotations

from array import array
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import datetime
from typing import NamedTuple, Protocol

from monitor.language import detect
from monitor.model import Evidence
from monitor.rules import neighbours
from monitor.rules.neighbours import Neighbours
from monitor.rules.scan import Field, Scan, Span, in_word, rest_of_word, words_of
from monitor.rules.stems import stem
from monitor.text import fold

Hit = tuple[int, int, str]
"""Start and end in ``Reading.text`` and the label of the clause."""

BUDGET = 200_000_000
"""Steps that costly clauses may take in one article, all rules together, and ..."""

RULE_BUDGET = 40_000_000
"""... each rule alone. A step is about a nanosecond of work; they are counted, not timed, so that
an article gets the same answer on every machine and in every replay."""


_NOWHERE: list[Span] = []
_evidence = tuple.__new__
_MARKS = "\u02ff"  # vowel signs, which are no letters but stand in words, come behind it


FREE_HITS = 100
"""Hits of one clause that cost nothing worth counting."""

_HIT_STEPS = 200  # to make a hit, sort it, and show it


class BudgetExceededError(Exception):
    """A costly clause would take more steps than are left; its rule is not decided."""


LEFT, RIGHT = 1, 2
"""Sides of a trigger."""


class Trigger(NamedTuple):
    """A folded literal (see ``scan.literal``) without which a clause cannot be true.

    ``left`` and ``right``: no letter or digit may stand before or behind it. Where they are
    False, it may be a part of a longer word. ``beside``: the letters that may stand there for the
    clause to be true.
    """

    text: str
    left: bool = True
    right: bool = True
    beside: Neighbours = neighbours.ANY

    @property
    def edges(self) -> int:
        """At which sides no word may go on, ``LEFT | RIGHT``; a sign has no word beside it."""
        left = self.left and in_word(self.text[0])
        right = self.right and in_word(self.text[-1])
        return LEFT * left | RIGHT * right


def word_trigger(text: str) -> Trigger:
    """A folded literal as a whole word or phrase: no letter or digit may stand beside its own."""
    return Trigger(text, in_word(text[0]), in_word(text[-1]))


Numbers = Callable[[Trigger], int | None]
"""Under which number the automaton of a rule set looks for a literal; None: it does not."""


def unwatched(trigger: Trigger) -> None:
    """The numbers where there is no automaton."""


class Watched(Protocol):
    """By number, where triggers stand, from left to right; those that stand nowhere are not in it.
    A dict is one."""

    def __contains__(self, number: object, /) -> bool: ...

    def __getitem__(self, number: int, /) -> list[Span]: ...

    def get(self, number: int, default: list[Span], /) -> list[Span]: ...


class Document(NamedTuple):
    """What rules may ask of an article. ``published`` is aware; ``language`` None: detected;
    ``growth`` in views per hour."""

    title: str
    body: str
    source: str | None = None
    language: str | None = None
    url: str | None = None
    views: int | None = None
    published: datetime | None = None
    growth: float | None = None


class Reading:
    """A document, folded; spans are offsets in ``text``.

    ``text`` is title, line feed, the body's paragraphs each ended by a line feed. The title is
    ``text[:title_end]``, the body starts at ``title_end + 1``, its lead (first paragraph that is
    not blank) ends at ``lead_end``.
    """

    def __init__(
        self,
        document: Document,
        scan: Scan | None = None,
        watched: Watched | None = None,
    ) -> None:
        """``watched``: where the triggers stand for which the rules' index has looked. None: it has
        not been over this text."""
        self.document = document
        self.scan = scan or Scan(document.title, document.body)
        self.text = self.scan.text
        self.left = BUDGET  # steps, of all rules together
        self.rule_left = RULE_BUDGET
        self.watched = watched
        self._found: dict[Trigger, list[Span]] = {}
        self._stems: dict[str | None, tuple[str, ...]] = {}
        # Made when first asked for, as each property says.
        self._title_end: int | None = None
        self._lead_end: int | None = None
        self._language = document.language or None
        self._detected = self._language is not None
        self._words: list[Span] | None = None
        self._distinct_words: dict[str, list[Span]] | None = None

    @property
    def title_end(self) -> int:
        if self._title_end is None:
            self._title_end = self.scan.title_end()
        return self._title_end

    @property
    def lead_end(self) -> int:
        if self._lead_end is None:
            self._lead_end = self._end_of_lead()
        return self._lead_end

    def _end_of_lead(self) -> int:
        end = self.title_end
        while end + 1 < len(self.text):
            start, end = end + 1, self.text.find("\n", end + 1)
            if self.text[start:end].strip():
                return end
        return end

    @property
    def language(self) -> str | None:
        """The article's language (ISO 639-1), as its source says or as detected."""
        if not self._detected:
            self._language = detect(f"{self.document.title}\n{self.document.body}")
            self._detected = True
        return self._language

    def region(self, field: str | None) -> Span:
        """Where a field stands: title, lead, body; None: all of the text."""
        if field is None:
            return 0, len(self.text)
        if field == "title":
            return 0, self.title_end
        start = min(self.title_end + 1, len(self.text))
        return start, (self.lead_end if field == "lead" else len(self.text))

    @property
    def words(self) -> list[Span]:
        """Every word, from left to right."""
        if self._words is None:
            self.spend(50 * len(self.text))
            self._words = words_of(self.text)
        return self._words

    @property
    def distinct_words(self) -> dict[str, list[Span]]:
        """Every word once, with all its places."""
        if self._distinct_words is None:
            places: dict[str, list[Span]] = {}
            for start, end in self.words:
                places.setdefault(self.text[start:end], []).append((start, end))
            self._distinct_words = places
        return self._distinct_words

    def stems(self, language: str | None) -> tuple[str, ...]:
        """The stem of each of ``words``, made of the original word."""
        stems = self._stems.get(language)
        if stems is None:
            self.spend(5000 * len(self.words))
            stems = tuple(stem_of(self.original(*span), language) for span in self.words)
            self._stems[language] = stems
        return stems

    def passages(self, lo: int, hi: int) -> Iterator[tuple[Field, int, str]]:
        """Field, offset in it and text of the original title and paragraphs in a region."""
        document = self.document
        if lo == 0:
            yield "title", 0, document.title
        if hi <= self.title_end:
            return
        lead = hi == self.lead_end and lo > 0
        number = self.text.count("\n", self.title_end + 1, hi)  # of the lead, from 0
        offset = 0
        for place, paragraph in enumerate(document.body.split("\n")):
            if not lead or place == number:
                yield "body", offset, paragraph
            offset += len(paragraph) + 1

    def find(self, trigger: Trigger) -> list[Span]:
        """Every occurrence, from left to right, overlapping ones too. Do not change the list."""
        found = self._found.get(trigger)
        if found is None:
            first = self.text.find(trigger.text)
            found = _NOWHERE if first < 0 else list(self._occurrences(trigger, first))
            self._found[trigger] = found
        return found

    def at(self, trigger: Trigger, number: int | None) -> list[Span]:
        """The same of a trigger for which the automaton may have looked (see ``Numbers``)."""
        if number is None or self.watched is None:
            return self.find(trigger)
        return self.watched.get(number, _NOWHERE)

    def _occurrences(self, trigger: Trigger, start: int) -> Iterator[Span]:
        text, wanted = self.text, trigger.text
        left, right = trigger.edges & LEFT, trigger.edges & RIGHT
        while start >= 0:
            end = start + len(wanted)
            if not (left and in_word(text[start - 1])) and not (right and in_word(text[end])):
                yield start, end
            start = text.find(wanted, start + 1)

    def word_at(self, position: int) -> Span:
        """The whole word around a position that is in a word."""
        text, start = self.text, position
        while start and ((char := text[start - 1]).isalnum() or (char > _MARKS and in_word(char))):
            start -= 1
        end = rest_of_word(text, position)
        return start, end

    def original(self, start: int, end: int) -> str:
        """What stands there as the author wrote it."""
        return self.scan.place(start, end)[3]

    def evidence(self, hit: Hit) -> Evidence:
        """The hit with its place in the original title or body."""
        field, start, end, text = self.scan.place(hit[0], hit[1])
        # The class itself would be called in Python, which takes longer than all of this.
        return _evidence(Evidence, (hit[2], field, start, end, text))

    def spend_on(self, spans: Sequence[Span]) -> None:
        """Account for the hits that these places become: a word that an article of megabytes
        repeats without end is costly as well. Raises BudgetExceededError."""
        if len(spans) > FREE_HITS:
            self.spend(_HIT_STEPS * len(spans))

    def spend(self, steps: int) -> None:
        """Account for costly work before it is done. Raises BudgetExceededError."""
        if steps > self.rule_left or steps > self.left:
            raise BudgetExceededError
        self.rule_left -= steps
        self.left -= steps


class Literals:
    """Some literals, for all of which the automaton may have looked.

    Their numbers stand side by side in memory: most rules are looked at for nothing, and what
    that takes is to fetch whatever is touched.
    """

    __slots__ = ("numbers", "triggers")

    def __init__(self, triggers: Iterable[Trigger], numbers: Numbers = unwatched) -> None:
        self.triggers = tuple(triggers)
        known = [number for trigger in self.triggers if (number := numbers(trigger)) is not None]
        self.numbers = array("I", known) if len(known) == len(self.triggers) else None

    def places(self, reading: Reading) -> list[Span]:
        """Where any of them stand, those of each from left to right."""
        watched, numbers = reading.watched, self.numbers
        if watched is None or numbers is None:
            return [span for trigger in self.triggers for span in reading.find(trigger)]
        return standing(watched, numbers)

    def may_stand(self, reading: Reading) -> bool:
        """Whether one of them stands in the text, or in the middle of a word of it."""
        watched, numbers = reading.watched, self.numbers
        if watched is None or numbers is None:
            return any(trigger.text in reading.text for trigger in self.triggers)
        return any(map(watched.__contains__, numbers))


def standing(watched: Watched, numbers: array[int]) -> list[Span]:
    """Where triggers of any of these numbers stand, those of each from left to right."""
    return [span for number in numbers if number in watched for span in watched[number]]


def stem_of(word: str, language: str | None) -> str:
    """The stem of an original word; the folded word where its language has no stemmer."""
    return (stem(word, language) if language else None) or fold(word)
