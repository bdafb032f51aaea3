"""What stands between quotation marks, and which words are names. By signs alone."""

from __future__ import annotations

import re
from collections.abc import Sequence

from monitor.revisions.notes import DATES
from monitor.revisions.tokens import Token

_QUOTE = re.compile('["“”„‟«»‹›「」『』〝〞＂]')
_OPENING, _CLOSING = "„«‹「『〝", "»›」』〞"
_SENTENCE = re.compile(r"[.!?…:。]|[\"“„«‹「『(\[]|(?:^|\s)[-–—]\s|\n")
_TITLE_CASE = 0.8
"""The share of longer words with a capital from which on a capital says nothing."""

_CYRILLIC = re.compile(r"[\u0400-\u04ff]")
# Folded (й is и). Those of nouns and surnames, Russian and then Kazakh.
_ENDING = re.compile(
    r"(?<=\w{4})(?:ами|ями|ого|его|ому|ему|ои|ою|еи|ом|ем|ым|им|ах|ях|ую|ая|а|у|е|ы|и|я|ю|ь|о"
    r"|[тдн](?:ын|ін)|[тдн]ы[нң]|[тдн]і[нң]|қа|ке|га|ге|[тдн][аы]|[тдн][еі]|[тдн]а[нң]|[тдн]ен|[мбп]ен)$"
)


def quotations(text: str) -> list[tuple[int, int]]:
    """The spans between quotation marks, without these.

    Sources lose marks. A closing one without an opening one ends what began the paragraph or
    followed the last quotation; an opening one without a closing one holds to the end.
    """
    spans: list[tuple[int, int]] = []
    start: int | None = None
    done = 0
    for found in _QUOTE.finditer(text):
        at = found.start()
        if start is None and _opens(text, at):
            start = at + 1
        elif start is not None and found[0] in _OPENING:
            continue  # one inside another
        else:
            spans.append((done if start is None else start, at))
            start, done = None, at + 1
    if start is not None:
        spans.append((start, len(text)))
    return [(a, b) for a, b in spans if a < b]


def _opens(text: str, at: int) -> bool:
    if text[at] in _OPENING + _CLOSING:
        return text[at] in _OPENING
    before, after = text[at - 1 : at], text[at + 1 : at + 2]
    return (
        not before
        or before.isspace()
        or before in "([-–—"
        or (after.isalnum() and not before.isalnum() and before not in ".,!?…")
    )


def capitals(text: str, words: Sequence[Token]) -> tuple[set[int], set[int]]:
    """Which of the words are names, and which may be: they have a capital as the first words of
    a sentence have, or in a title in which most words have one."""
    sure: set[int] = set()
    perhaps: set[int] = set()
    upper = [not w.figure and text[w.start].isupper() and w.key not in DATES for w in words]
    longer = [n for n, w in enumerate(words) if not w.figure and w.end - w.start > 3]
    everywhere = len(longer) > 2 and sum(upper[n] for n in longer) >= _TITLE_CASE * len(longer)
    end = 0
    for n, word in enumerate(words):
        gap, end = text[end : word.start], word.end
        if not upper[n]:
            continue
        starts = n == 0 or (
            _SENTENCE.search(gap) is not None
            and not (gap.startswith(".") and _initial(words[n - 1], upper[n - 1]))
        )
        initial = word.end - word.start == 1
        if everywhere or (starts and not _goes_on(text, words, upper, n)) or initial:
            perhaps.add(n)
        else:
            sure.add(n)
    return sure, perhaps


def _initial(word: Token, upper: bool) -> bool:
    """``B`` or ``Zh``: the full stop behind it ends no sentence."""
    return upper and word.end - word.start <= 2


def _goes_on(text: str, words: Sequence[Token], upper: Sequence[bool], n: int) -> bool:
    """Whether a name goes on with the next word: ``Barlybay Sadykov``, ``B.Sadykov``."""
    if n + 1 == len(words) or not upper[n + 1]:
        return False
    return text[words[n].end : words[n + 1].start] in (" ", "\u00a0")


def base(key: str) -> str:
    """The name without what grammar adds to it: the English genitive, Cyrillic endings."""
    key = key.removesuffix("'s").removesuffix("'")
    return _ENDING.sub("", key) if _CYRILLIC.search(key) else key
