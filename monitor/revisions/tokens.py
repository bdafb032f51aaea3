"""The words and figures of a text, as two texts are compared by them.

A figure is one token with its sign, its separators and what stands close to it: ``1 200``,
``-12,5%``, ``$3.4``, ``05.01.2022``, ``14:30``. Punctuation and blanks are no tokens: they lie
between them. Each ideograph, kana and Thai letter is a token: no blanks part their words.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from functools import lru_cache
from typing import NamedTuple

from monitor.text import fold

_CURRENCY = "$€£¥₸₽₴₺₹₼₾₩₪₫฿¢"
_BLANK = "[ \u00a0\u2009\u202f]"
# Invisible in a word, or a mark on its letter.
_IN_WORD = "[\\w\u00ad\u0300-\u036f\u0591-\u05c7\u064b-\u0652\u0900-\u0dff\u200b-\u200d\u2060]"
_TOKEN = re.compile(
    rf"""
    (?P<figure>
        (?<![\w.,]) (?:(?<![^\s(\[«"“„]) [-+−–±])? (?:[{_CURRENCY}]{_BLANK}?)?
        (?: \d{{1,3}} (?:(?:{_BLANK}|['’])\d{{3}})+ (?!\d) (?:[.,]\d+)? | \d+ (?:[.,:/–-]\d+)* )
        (?: {_BLANK}?[%‰{_CURRENCY}] | ° )?
    ) (?P<suffix> -?[^\W\d_]{{1,12}} )?
    | [\u0e00-\u0e7f\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff]
    | {_IN_WORD}+ (?: ['’ʼ‘`‐‑-] {_IN_WORD}+ )*
    """,
    re.VERBOSE,
)
_THOUSANDS = re.compile(r"\d{1,3}(?:,\d{3})+(?:\.\d+)?(?!\d)")
_DECIMAL_COMMA = re.compile(r"(?<=\d),(?=\d+\D*$)")
_UNSPOKEN = re.compile(r"[\W_]+")


_ORDINARY = 40  # characters of a word that is worth remembering
_PARAGRAPH = 2_000  # ... and of a paragraph


class Token(NamedTuple):
    """``text[start:end]``. Tokens with one ``key`` read the same; ``figure`` is the amount, the
    time or the date in it, empty for a word."""

    start: int
    end: int
    key: str
    figure: str


def tokens(text: str) -> Sequence[Token]:
    """The tokens of a text, in order."""
    return _of_paragraph(text) if len(text) <= _PARAGRAPH else tuple(_tokens(text))


@lru_cache(maxsize=64)
def _of_paragraph(text: str) -> tuple[Token, ...]:
    """A comparison asks three times for those of a paragraph: paired, compared, and read."""
    return tuple(_tokens(text))


def _tokens(text: str) -> Iterator[Token]:
    for found in _TOKEN.finditer(text):
        figure = found["figure"]
        if figure is None:
            word = found[0]
            key = _folded(word) if len(word) <= _ORDINARY else fold(word)
            yield Token(found.start(), found.end(), key, "")
        else:
            plain = _amount(figure)
            yield Token(found.start(), found.end(), plain + fold(found["suffix"] or ""), plain)


@lru_cache(maxsize=20_000)
def _folded(word: str) -> str:
    """The word folded; the two texts of an edit have the same words, most of them often."""
    return fold(word)


def skeleton(text: str) -> str:
    """What is left of a text without its looks: case, accents, punctuation, quotation marks,
    blanks, hyphens and invisible characters. Two figures never become one."""
    return "".join(
        f"\0{token.key}\0" if token.figure else _UNSPOKEN.sub("", token.key)
        for token in _tokens(text)
    )


def _amount(figure: str) -> str:
    """One spelling of those that certainly mean the same: ``1 200``, ``1,200`` and ``1200``;
    ``12,5`` and ``12.5``. ``1.200`` may be either, and stays."""
    plain = re.sub(rf"{_BLANK}|['’]", "", figure).replace("−", "-").replace("–", "-")
    if _THOUSANDS.search(plain):
        return plain.replace(",", "")
    return _DECIMAL_COMMA.sub(".", plain)
