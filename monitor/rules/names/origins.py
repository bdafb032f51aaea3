"""Of what kind a name is, and so how freely it may be respelled."""

from __future__ import annotations

import re
from collections.abc import Sequence

from monitor.rules.names import given
from monitor.rules.names.letters import Kind, is_cyrillic
from monitor.rules.names.spellings import PARTICLES

_SLAVIC_END = re.compile(
    "(?:[oe]va?|[oe]ff|[td]?zky|[st]s?'?k(?:iy|yi|yy|ij|ii|y|i|aya|aia|a)|enko|chuk|[iy]?uk|"
    "ovich|evich|ovych|[^aeiou]in|[^aeiou]ina)$"
)
_EASTERN_END = re.compile(
    "(?:[oe]va?|[oe]ff|s'?k(?:iy|yi|yy|ij|ii|yj|aya|aia)|[dt]sky|nsky|vsky|enko|chuk|[iy]uk|"
    "b[ae][yi]|bek|khan|zhan|jan|uly|kyzy|qyzy|g[uy]l|shvili|adze|ovich|evich|ovych|berdi|"
    "mukhamed(?:ov)?|bergen|tay|zoda|zade|yan)$|zh|kh(?!a?n?$)|q(?!u)|dzh|[lntd]y[au]"
)
_PLACE_END = re.compile(
    "(?:tau|too|tobe|kent|s[ck]|abad|bulak|bulaq|k[uo]l|kum|sa[iy]|grad|orda|kala|[oe]vo|[oe]vka|"
    "gorod|gorsk|stan|bad|[nt]ay)$|^[aq][kq](?=[tsmbkqzh])"
)
_LOOSE_PARTICLE = frozenset(
    word for word, row in PARTICLES.items() if row[:2] in ("al", "bi", "ab") and word.isascii()
)
_UKRAINIAN_END = re.compile("(?:enko|chuk|[iy]uk|s'?kyi|s'?kyy|ts'?kyi)$")


def slavic(word: str) -> bool:
    """Whether a folded word ends like a Slavic or Slavicised surname; its vowels are firm."""
    return _SLAVIC_END.search(word) is not None


def kind_of(words: Sequence[str]) -> Kind:
    """The kind of a person's name, by its folded words, given name first."""
    if any(map(is_cyrillic, words)):
        ukrainian = any(given.key(word) in given.UKRAINIAN for word in words[:-1])
        return Kind.UKRAINIAN if ukrainian or _has(words, "іїєґ") else Kind.EASTERN
    firm = slavic(words[-1])
    if not firm and (not _LOOSE_PARTICLE.isdisjoint(words[1:]) or _any_key(words, given.LOOSE)):
        return Kind.LOOSE
    if _UKRAINIAN_END.search(words[-1]) or _any_key(words[:-1], given.UKRAINIAN):
        return Kind.UKRAINIAN
    if _any_key(words[:-1], given.EASTERN) or any(map(_EASTERN_END.search, words)):
        return Kind.EASTERN
    if firm and _any_key(words, given.LOOSE | given.SHARED):
        return Kind.EASTERN
    return Kind.PLAIN


def kind_of_place(word: str) -> Kind:
    """The kind of a place's name of one word."""
    eastern = is_cyrillic(word) or _EASTERN_END.search(word) or _PLACE_END.search(word)
    return Kind.EASTERN if eastern else Kind.PLAIN


def _any_key(words: Sequence[str], table: frozenset[str]) -> bool:
    return any(given.key(word) in table for word in words)


def _has(words: Sequence[str], letters: str) -> bool:
    return not set(letters).isdisjoint("".join(words))
