"""Stems of words by the Snowball stemmers (https://snowballstem.org/algorithms/).

A stem is not a word: it is what the forms of a word have in common. Stems here are folded (see
``monitor.text``) and kept near the word: words of one stem begin alike, so that the automaton can
look for what they begin with. Stemmers that put another beginning in its place are therefore not
used (Indonesian, Irish, Serbian, Tamil, Yiddish, Dutch by Kraaij and Pohlmann), and what a stemmer
writes over the middle of a word is taken back.
"""

from __future__ import annotations

import re
import threading
import unicodedata
from collections.abc import Mapping, Sequence
from functools import lru_cache
from itertools import takewhile

import Stemmer

from monitor.rules.scan import in_word
from monitor.text import fold

_AVAILABLE = frozenset(Stemmer.algorithms())
_ALGORITHMS = {
    "ar": "arabic",
    "ca": "catalan",
    "cs": "czech",
    "da": "danish",
    "de": "german",
    "el": "greek",
    "en": "english",
    "es": "spanish",
    "et": "estonian",
    "fa": "persian",
    "fi": "finnish",
    "fr": "french",
    "hi": "hindi",
    "hu": "hungarian",
    "hy": "armenian",
    "it": "italian",
    "lt": "lithuanian",
    "nb": "norwegian",
    "nl": "dutch_porter" if "dutch_porter" in _AVAILABLE else "dutch",  # before Snowball 3 the same
    "nn": "norwegian",
    "no": "norwegian",
    "pl": "polish",
    "pt": "portuguese",
    "ro": "romanian",
    "ru": "russian",
    "sv": "swedish",
    "tr": "turkish",
}
LANGUAGES: Mapping[str, str] = {
    code: algorithm for code, algorithm in _ALGORITHMS.items() if algorithm in _AVAILABLE
}
"""ISO 639-1 code and the Snowball algorithm; which there are depends on PyStemmer's version."""

_ONE_EACH = tuple({algorithm: code for code, algorithm in LANGUAGES.items()}.values())

# A word without a letter of the language's script is its own stem. Other languages are Latin.
_LATIN = re.compile("[A-Za-z\u00c0-\u024f\u1e00-\u1eff]")
_SCRIPTS = {
    "ar": re.compile("[\u0600-\u06ff]"),
    "el": re.compile("[\u0370-\u03ff\u1f00-\u1fff]"),
    "fa": re.compile("[\u0600-\u06ff]"),
    "hi": re.compile("[\u0900-\u097f]"),
    "hy": re.compile("[\u0530-\u058f]"),
    "ru": re.compile("[\u0400-\u04ff]"),
}

# Endings of stems of which the part behind the bar may stand in place of other letters of the
# word: happi(ness) and happy, hope and hoping, possibl(e) and possibility; French constant and
# constamment; Dutch maan and manen; Turkish kitap and kitabı. The rest of the stem is as in the
# word. Found by stemming all endings of up to four letters behind made-up words; a stem that is
# further from its word all the same is not used. Elsewhere the last letter may be any.
_WRITTEN: Mapping[str, Sequence[tuple[str, int]]] = {
    code: [
        (ending.replace("|", ""), len(ending.partition("|")[2]))
        for ending in sorted(endings.split(), key=len, reverse=True)
    ]
    for code, endings in {
        "ca": "|c |g",
        "cs": "|k |h |ck |sk |c |v",
        "da": "",
        "de": "",
        "en": "|e |i |l |y",
        "es": "en|t en|te",
        "et": "|a |e |i |o |u |se",
        "fi": "|a |e |i |o |u |y",
        "fr": "|i |l a|nt e|nt eu|x",
        "hu": "|y",
        "it": "en|t en|te",
        "lt": "|t |d",
        "nb": "",
        "nl": "|b |c |d |f |g |h |k |l |m |n |p |r |s |t |v |z",
        "nn": "",
        "no": "",
        "pl": "",
        "pt": "en|t en|te",
        "ro": "|t",
        "ru": "",
        "sv": "",
        "tr": "|c |i |k |p |t |u",
    }.items()
}
# Stems of which nothing but the first letter is sure: dying, lying, tying, vying.
_IRREGULAR = {"en": frozenset(("die", "lie", "tie", "vie"))}
# The article before Arabic nouns is taken off, so their beginnings differ.
_NO_PREFIX = frozenset(("ar",))

_SHORTEST = 2  # a shorter prefix is of no use
_CACHED = 1 << 16  # some 10 MB
_LONGEST = 100  # characters; what is longer is no word and its own stem

_local = threading.local()


def stem(word: str, language: str) -> str | None:
    """The folded stem of an original word; None where its language has no stemmer.

    ``language`` may have a region (``en-GB``). The word is lower-cased but not folded before it is
    stemmed: й and и are two letters to the Russian stemmer. Safe in threads.
    """
    code = _code(language)
    return _stem(word, code) if code in LANGUAGES else None


def prefix(word: str, language: str | None) -> str:
    """What every word with the same stem begins with, folded; empty where that is not known.

    ``language`` None: in whichever of ``LANGUAGES``, or in one without a stemmer.
    """
    if language is not None:
        code = _code(language)
        return _prefix(word, code) if code in LANGUAGES else _useful(fold(word))
    return _prefix_in_all(word)


def _code(language: str) -> str:
    """``en`` of ``en-GB``."""
    return language if language in LANGUAGES else language.lower().replace("_", "-").split("-")[0]


@lru_cache(_CACHED)
def _stem(word: str, code: str) -> str:
    lowered = _lowered(word, code)
    return _stem_of(lowered, fold(lowered), code)


def _lowered(word: str, code: str) -> str:
    if code == "tr":  # its I is ı in small letters and its İ is i
        word = word.replace("İ", "i").replace("I", "ı")
    return unicodedata.normalize("NFC", word.lower())


def _stem_of(lowered: str, folded: str, code: str) -> str:
    if len(lowered) > _LONGEST or not _in_script(lowered, code):
        return folded
    found: str = _stemmer(LANGUAGES[code]).stemWord(lowered)
    if not (found.isascii() and found.isalnum()):  # else folding changes nothing
        found = fold(found)
    if code in _NO_PREFIX or folded.startswith(_sure(found, code)):
        return found
    return _written_out(found, folded) if code == "de" else folded


def _sure(stem: str, code: str) -> str:
    """What of a stem stands at the start of all its words."""
    if stem in _IRREGULAR.get(code, ()):
        return stem[0]
    if code not in _WRITTEN:
        return stem[:-1]
    for ending, written in _WRITTEN[code]:
        if stem.endswith(ending):
            return stem[:-written]
    return stem


def _written_out(stem: str, folded: str) -> str:
    """A German stem as far as the word goes, which may have ae, oe, ue where the stem has ä, ö, ü
    or, once folded, a, o, u: ``aktuell`` for ``aktull``. The whole word where that is not why they
    differ."""
    at = 0
    for letter in stem:
        if folded[at : at + 1] == "e" != letter and folded[at - 1 : at] in ("a", "o", "u"):
            at += 1
        if folded[at : at + 1] != letter:
            return folded
        at += 1
    return folded[:at]


@lru_cache(_CACHED)
def _prefix(word: str, code: str) -> str:
    if not _in_script(word, code):
        return _useful(fold(word))
    return "" if code in _NO_PREFIX else _useful(_sure(_stem(word, code), code))


@lru_cache(_CACHED)
def _prefix_in_all(word: str) -> str:
    lowered = _lowered(word, "")
    folded = least = most = fold(lowered)
    for code in _ONE_EACH:
        if not _in_script(lowered, code):
            continue
        if code in _NO_PREFIX:
            return ""
        found = _stem(word, code) if code == "tr" else _stem_of(lowered, folded, code)
        sure = _sure(found, code)
        least, most = min(least, sure), max(most, sure)
    # What the first and the last in order begin with, all between them do.
    size = 0
    while size < len(least) and least[size] == most[size : size + 1]:
        size += 1
    return _useful(least[:size])


def _useful(prefix: str) -> str:
    """Without what folding has made of a letter and is none, the middle dot of ŀ say."""
    if not prefix.isalnum():
        prefix = "".join(takewhile(in_word, prefix))
    return prefix if len(prefix) >= _SHORTEST else ""


def _in_script(word: str, code: str) -> bool:
    """Whether any letter of a word is one that the language is written with."""
    return _SCRIPTS.get(code, _LATIN).search(word) is not None


def _stemmer(algorithm: str) -> Stemmer.Stemmer:
    """This thread's own: a stemmer may not be used by two at once."""
    stemmers: dict[str, Stemmer.Stemmer] = _local.__dict__
    if algorithm not in stemmers:
        # Its own cache is a Python dict that is emptied now and then; ours is faster.
        stemmers[algorithm] = Stemmer.Stemmer(algorithm, 0)
    return stemmers[algorithm]
