"""What the words of a query mean: alone, behind a prefix, or in brackets behind one."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from difflib import get_close_matches
from typing import NoReturn, get_args

from monitor.rules.lexer import Parts, QueryError, parts_of
from monitor.rules.ranges import RangeField
from monitor.rules.scan import in_word, literal
from monitor.rules.stems import LANGUAGES
from monitor.rules.syntax import (
    Exactness,
    Fuzzy,
    Glob,
    Leaf,
    Meta,
    MetaField,
    Stem,
    Term,
    TextField,
)

_TEXT_FIELDS: dict[str, TextField] = {field: field for field in get_args(TextField)}
_META_FIELDS: dict[str, MetaField] = {field: field for field in get_args(MetaField)}
_RANGE_FIELDS: dict[str, RangeField] = {field: field for field in get_args(RangeField)}
_EXACTNESS: dict[str, Exactness] = {"case": "case", "accent": "accent", "exact": "exact"}
_PREFIXES = (*_TEXT_FIELDS, *_META_FIELDS, *_RANGE_FIELDS, *_EXACTNESS, "stem")

WORD = re.compile(r"(?:[^\s\\]|\\.)+", re.DOTALL)
"""A word of a phrase; an escaped blank does not end it."""

_PLAIN = re.compile("[0-9A-Za-zА-Яа-я]")
"""Letters and digits that folding leaves letters and digits: no need to fold a text with one."""

MAX_WILDCARDS = 20

_FUZZY_LENGTHS = {1: 4, 2: 6}
"""The letters that a word must have at least, by how many of them may differ."""


@dataclass(frozen=True, slots=True)
class Scope:
    """What the prefixes before a clause, and around it, say of it."""

    text: TextField | None = None
    meta: MetaField | None = None
    range: RangeField | None = None
    exactness: Exactness = "folded"
    stem: str | None = None  # a language; "": that of the article

    @property
    def modifier(self) -> str | None:
        """The modifier in force, as its author would know it."""
        if self.stem is not None:
            return f"stem.{self.stem}:" if self.stem else "stem:"
        return None if self.exactness == "folded" else f"{self.exactness}:"


ANYWHERE = Scope()


# ---------------------------------------------------------------------- what prefixes mean


def enter(scope: Scope, name: str, column: int) -> Scope:
    """The scope behind one more prefix."""
    around = scope.meta or scope.range
    if name in _TEXT_FIELDS:
        if around:
            raise QueryError(f"{name}: has no meaning behind {around}:", column)
        return replace(scope, text=_narrower(scope.text, _TEXT_FIELDS[name], column))
    if name in _META_FIELDS or name in _RANGE_FIELDS:
        prefix = f"{around}:" if around else scope.modifier
        if prefix:
            raise QueryError(f"{name}: has no meaning behind {prefix}", column)
        if name in _META_FIELDS:
            return replace(scope, meta=_META_FIELDS[name])
        return replace(scope, range=_RANGE_FIELDS[name])
    modifier, _, language = name.partition(".")
    if name not in _EXACTNESS and modifier != "stem":
        _unknown(name, column)
    if around:
        raise QueryError(f"{name}: has no meaning behind {around}:", column)
    if modifier == "stem":
        if name != "stem" and language not in LANGUAGES:
            raise QueryError(
                f"stems are known in {', '.join(sorted(LANGUAGES))}; not in {language or '?'}",
                column,
            )
        if scope.exactness != "folded":
            raise QueryError(f"{name}: and {scope.modifier} cannot be combined", column)
        return replace(scope, stem=language)
    if scope.stem is not None:
        raise QueryError(f"{name}: and {scope.modifier} cannot be combined", column)
    both = {scope.exactness, _EXACTNESS[name]} - {"folded"}
    return replace(scope, exactness=_EXACTNESS[name] if len(both) == 1 else "exact")


def _narrower(outer: TextField | None, field: TextField, column: int) -> TextField:
    """Where something must stand that is asked for in ``field`` inside ``outer``."""
    if outer is None or outer == field:
        return field
    if "title" in (outer, field):
        raise QueryError(f"nothing stands in both {outer} and {field}", column)
    return "lead"


def _unknown(name: str, column: int) -> NoReturn:
    near = get_close_matches(name.lower(), _PREFIXES, n=1)
    if near:
        raise QueryError(f"unknown field {name}; did you mean {near[0]}?", column)
    raise QueryError(
        f"unknown field {name[:40]}; there are {', '.join(_PREFIXES)}; where the colon itself is"
        " meant, write \\: or use quotes",
        column,
    )


def refuse_under(scope: Scope, what: str, column: int) -> None:
    """Raise QueryError if a modifier or a field of the article's data is in force."""
    prefix = f"{scope.meta}:" if scope.meta else scope.modifier
    if prefix:
        raise QueryError(f"{what} has no meaning under {prefix}", column)


# ------------------------------------------------------------------- what words and phrases mean


def clause(scope: Scope, written: str, column: int, label: str) -> Leaf:
    """A word, or the inside of a phrase, as the clause that its scope makes of it."""
    parts = parts_of(written, column)
    wild = len(parts) > 1 or parts[0][0] != "text"
    if scope.meta is not None:
        if wild:
            _need_two_letters(parts, column)
        else:
            need_letters(parts[0][1], column)
        return Meta(scope.meta, parts, label)
    if wild:
        refuse_under(scope, "a wildcard", column)
        if len(parts) > MAX_WILDCARDS and sum(kind != "text" for kind, _ in parts) > MAX_WILDCARDS:
            raise QueryError(f"a word or phrase has at most {MAX_WILDCARDS} wildcards", column)
        for word in WORD.finditer(written):
            inside = parts if word[0] == written else parts_of(word[0], column)
            _need_two_letters(inside, column + word.start())
        return Glob(parts, label)
    text = parts[0][1]
    need_letters(text, column)
    if scope.stem is not None:
        return Stem(text, scope.stem or None, label)
    return Term(text, label, scope.exactness)


def need_letters(text: str, column: int) -> None:
    """Signs alone are found nowhere or everywhere."""
    if text.isascii() and text.isalnum():  # as most are
        return
    if not _PLAIN.search(text) and not any(map(str.isalnum, literal(text))):
        raise QueryError(
            f"expected a word with a letter or a digit, not {text[:40] or 'nothing'}", column
        )


def _need_two_letters(parts: Parts, column: int) -> None:
    letters = "".join([text for kind, text in parts if kind == "text"])
    if letters[:2].isalnum() and len(letters) > 1:
        return
    if sum(map(str.isalnum, letters)) < 2 and any(kind != "text" for kind, _ in parts):
        raise QueryError("a wildcard needs at least two letters or digits beside it", column)


def fuzzy(scope: Scope, written: str, column: int, sign: str, place: int, label: str) -> Fuzzy:
    """A word and the ``~``, ``~1`` or ``~2`` behind it, which stands at ``place``."""
    refuse_under(scope, "a fuzzy word", column)
    parts = parts_of(written, column)
    if len(parts) > 1 or parts[0][0] != "text":
        raise QueryError("a fuzzy word has no wildcards", column)
    text = parts[0][1]
    folded = literal(text)
    if not folded or not all(map(in_word, folded)):
        raise QueryError(f"{sign} looks for one word of letters and digits", column)
    distance = {"~": 1 if len(folded) <= 5 else 2, "~1": 1, "~2": 2}.get(sign)
    if distance is None:
        raise QueryError(f"expected ~1 or ~2 (letters that may differ), not {sign[:20]}", place)
    if len(folded) < _FUZZY_LENGTHS[distance]:
        raise QueryError(
            f"~{distance} needs a word of at least {_FUZZY_LENGTHS[distance]} letters: shorter"
            " words are like too many others",
            column,
        )
    return Fuzzy(text, distance, label)
