r"""What a regular expression says, read for what RE2 does not do by itself.

RE2's ``\w``, ``\d``, ``\s`` and ``\b`` know ASCII only (https://github.com/google/re2/wiki/Syntax).
Here the classes are rewritten to Unicode's, ``\b`` at the outer ends is taken off for the search
to check, and what every match has in common is noted.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import NamedTuple

from monitor.rules.scan import in_word, literal

WORD = r"\pL\pM\pN_"
"""What goes into a character class for a letter, a digit, a vowel sign or an underscore."""

_CLASSES = {"w": WORD, "d": r"\p{Nd}", "s": r"\s\x0b\x1c-\x1f\x{85}\pZ"}
_POSIX_WORDS = ("alnum", "alpha", "digit", "lower", "upper", "word", "xdigit")
_CONTROLS = dict(zip("aftnrv", "\a\f\t\n\r\v", strict=True))

_GROUP = re.compile(r"\(\?(?:P?<\w+>|(?P<flags>[imsU-]*)(?P<end>[:)]))|\(")
_REPEAT = re.compile(r"(?:[*+?]|\{(?P<least>\d+)(?P<more>,(?P<most>\d*))?\})\??")
_CODE = re.compile(r"\\(?:x\{([0-9A-Fa-f]+)\}|x([0-9A-Fa-f]{2})|([0-7]{1,3}))")
_POSIX = re.compile(r"\[:(\^?\w+):\]")
_PROPERTY = re.compile(r"\\([pP])(?:\{(\^?)(\w+)\}|(\w))")


SHORTEST_REQUIRED = 3
"""Characters; shorter literals stand in every text."""

_LONGEST_RANGE = 500  # characters of a range that are looked at one by one


class PatternError(ValueError):
    """A regular expression that cannot be used: why, and at which character (0-based)."""

    def __init__(self, message: str, column: int = 0) -> None:
        super().__init__(message, column)
        self.message = message
        self.column = column

    def __str__(self) -> str:
        return self.message


class Outline(NamedTuple):
    """An expression as it is to be given to RE2, and what is known of its matches.

    ``left``, ``right``: a word boundary was asked for at that end and is not in ``expression``.
    ``nullable``: the empty text matches. ``longest``: characters; None: no limit. ``weight``: how
    many places of the expression a search may be in at once, roughly. ``required``: a folded
    literal that every match contains.
    """

    expression: str
    left: bool
    right: bool
    nullable: bool
    longest: int | None
    weight: int
    required: str | None


class _Piece(NamedTuple):
    """What is known of the matches of a part. ``first``, ``last``: that end is always in a word."""

    nullable: bool
    first: bool
    last: bool
    longest: int | None
    weight: int

    def then(self, other: _Piece) -> _Piece:
        return _Piece(
            self.nullable and other.nullable,
            self.first and (not self.nullable or other.first),
            other.last and (not other.nullable or self.last),
            None if self.longest is None or other.longest is None else self.longest + other.longest,
            self.weight + other.weight,
        )

    def either(self, other: _Piece) -> _Piece:
        return _Piece(
            self.nullable or other.nullable,
            self.first and other.first,
            self.last and other.last,
            None
            if self.longest is None or other.longest is None
            else max(self.longest, other.longest),
            self.weight + other.weight,
        )

    def repeated(self, least: int, most: int | None) -> _Piece:
        counted = max(least, most or 0)
        return _Piece(
            self.nullable or least == 0,
            self.first,
            self.last,
            None if most is None or self.longest is None else self.longest * most,
            max(1, self.weight) * counted if counted > 1 else self.weight,
        )


_NOTHING = _Piece(True, True, True, 0, 0)


def _letter(char: str) -> _Piece:
    return _Piece(False, in_word(char) or char == "_", in_word(char) or char == "_", 1, 0)


def _any_of(in_words: bool) -> _Piece:
    return _Piece(False, in_words, in_words, 1, 1)


@dataclass
class _Group:
    """Brackets being read: the alternatives before, the parts so far, the part just read."""

    before: _Piece | None = None
    parts: _Piece = _NOTHING
    last: _Piece = _NOTHING

    def add(self, piece: _Piece) -> None:
        self.parts, self.last = self.parts.then(self.last), piece

    def whole(self) -> _Piece:
        parts = self.parts.then(self.last)
        return parts if self.before is None else self.before.either(parts)

    def alternative(self) -> None:
        self.before, self.parts, self.last = self.whole(), _NOTHING, _NOTHING


def outline(pattern: str) -> Outline:
    """Read an expression that RE2 accepts. Raises PatternError for what is not supported."""
    return _Reader(pattern).read()


@dataclass
class _Reader:
    """One expression being read. RE2 has accepted it: brackets match, escapes mean something."""

    pattern: str
    out: list[str] = field(default_factory=list)
    # Letters that stand behind one another in every match; "\n" where something else may be.
    letters: list[str] = field(default_factory=list)
    groups: list[_Group] = field(default_factory=lambda: [_Group()])
    left: bool = False
    right: int | None = None  # where \b stands at the end

    def read(self) -> Outline:
        at = 0
        while at < len(self.pattern):
            at = self._next(at)
        whole = self.groups[0].whole()
        self._check_ends(whole)
        certain = "" if self.groups[0].before is not None else "".join(self.letters)
        required = literal(max(certain.split("\n"), key=len))
        return Outline(
            "".join(self.out),
            self.left,
            self.right is not None,
            whole.nullable,
            whole.longest,
            whole.weight,
            required if len(required) >= SHORTEST_REQUIRED and required.isalnum() else None,
        )

    def _check_ends(self, whole: _Piece) -> None:
        r"""Whether it is sure which side of a ``\b`` at an end is the word's."""
        if self.groups[0].before is not None and (self.left or self.right is not None):
            raise PatternError(
                r"\b beside | is not supported: write \b(?:a|b)\b for \ba\b|\bb\b",
                0 if self.left else self.right or 0,
            )
        for place, certain in ((0 if self.left else None, whole.first), (self.right, whole.last)):
            if place is not None and not certain:
                raise PatternError(
                    r"\b must stand beside a letter or digit in every match, which is not so here:"
                    " take it away",
                    place,
                )

    def _next(self, at: int) -> int:
        """Read what stands at an offset; returns where it ends."""
        pattern, char, group = self.pattern, self.pattern[at], self.groups[-1]
        if char == "\\":
            return self._escape(at)
        if char == "[":
            return self._class(at)
        if char == "(":
            opening = _GROUP.match(pattern, at)
            assert opening is not None  # RE2 knows no other bracket
            if opening["end"] == ")":
                self.out.append(opening[0])
                return opening.end()
            self.groups.append(_Group())
            # Groups need no numbers here, and RE2 is faster without.
            self.out.append(opening[0] if opening["end"] else "(?:")
            return opening.end()
        self.out.append(char)
        if char == ")":
            self.groups.pop()
            self._add(group.whole())
        elif char == "|":
            group.alternative()
        elif repeat := _REPEAT.match(pattern, at):
            self._repeat(repeat)
            return repeat.end()
        elif char in "^$":
            self._add(_NOTHING)
        elif char == ".":
            self._add(_any_of(False))
        else:
            self._letter(char)
        return at + 1

    def _add(self, piece: _Piece, letter: str = "\n") -> None:
        self.groups[-1].add(piece)
        if len(self.groups) == 1:
            self.letters.append(letter)

    def _letter(self, char: str) -> None:
        # Up to Hebrew, all that RE2 takes for one letter in capitals and not folds to one.
        self._add(_letter(char), char if char.isalnum() and char < "\u0600" else "\n")

    def _repeat(self, repeat: re.Match[str]) -> None:
        sign = repeat[0][0]
        self.out[-1] = repeat[0]
        if sign == "{":
            least = int(repeat["least"])
            most = least if repeat["more"] is None else int(repeat["most"] or -1)
        else:
            least, most = int(sign == "+"), 1 if sign == "?" else -1
        group = self.groups[-1]
        group.last = group.last.repeated(least, None if most < 0 else most)
        if len(self.groups) == 1 and self.letters:
            self.letters[-1] = "\n"

    def _escape(self, at: int) -> int:
        pattern, sign = self.pattern, self.pattern[at + 1]
        if sign == "Q":
            end = pattern.find(r"\E", at)
            for char in pattern[at + 2 : end if end >= 0 else len(pattern)]:
                self.out.append(char if char.isalnum() or char > "\x7f" else f"\\x{ord(char):02x}")
                self._letter(char)
            return end + 2 if end >= 0 else len(pattern)
        if sign == "b":
            self._boundary(at)
            return at + 2
        if sign in "BC":
            raise PatternError(
                rf"\{sign} is not supported: "
                + (r"only \b at the ends is" if sign == "B" else "write . for any character"),
                at,
            )
        if sign.lower() in _CLASSES:
            negated = "^" if sign.isupper() else ""
            self.out.append(f"[{negated}{_CLASSES[sign.lower()]}]")
            self._add(_any_of(sign in "wd"))
            return at + 2
        if sign in "Az":
            self.out.append(pattern[at : at + 2])
            self._add(_NOTHING)
            return at + 2
        if sign == "E":  # ends a \Q, also one that is not there
            return at + 2
        if kind := _PROPERTY.match(pattern, at):
            self.out.append(kind[0])
            self._add(_any_of(_in_words(kind)))
            return kind.end()
        char, end = _character(pattern, at)
        self.out.append(pattern[at:end])
        self._letter(char)
        return end

    def _boundary(self, at: int) -> None:
        if at == 0:
            self.left = True
        elif at + 2 == len(self.pattern) and len(self.groups) == 1:
            self.right = at
        else:
            raise PatternError(
                r"\b is supported only as the very first and the very last thing of an expression:"
                r" write \b(?:a|b)\b for \ba\b|\bb\b, and \W+ between words",
                at,
            )

    def _class(self, start: int) -> int:
        """Characters in square brackets."""
        pattern, at = self.pattern, start + 1
        negated = pattern[at] == "^"
        at += negated
        items: list[str] = []
        in_words = not negated
        first = at
        refused: tuple[str, int] | None = None
        while pattern[at] != "]" or at == first:
            begun = at
            if posix := _POSIX.match(pattern, at):
                at = posix.end()
                in_words &= posix[1] in _POSIX_WORDS
                items.append(posix[0])
            elif kind := _PROPERTY.match(pattern, at):
                at = kind.end()
                in_words &= _in_words(kind)
                items.append(kind[0])
            elif pattern[at] == "\\" and pattern[at + 1].lower() in _CLASSES:
                sign = pattern[at + 1]
                at += 2
                if sign in "WS":
                    refused = sign, begun
                in_words &= sign in "wd"
                items.append(r"\P{Nd}" if sign == "D" else _CLASSES[sign.lower()])
            else:
                low, at = _character(pattern, at)
                high = low
                if pattern[at] == "-" and pattern[at + 1] != "]":
                    high, at = _character(pattern, at + 1)
                in_words = in_words and _all_in_words(low, high)
                items.append(pattern[begun:at])
        if refused is not None:
            sign, column = refused
            if len(items) > 1:
                raise PatternError(
                    rf"\{sign} beside other characters in [...] is not supported:"
                    rf" write (?:\{sign}|[...])",
                    column,
                )
            in_words = negated and sign == "W"
            negated = not negated
        self.out.append(f"[{'^' * negated}{''.join(items)}]")
        self._add(_any_of(in_words))
        return at + 1


def _character(pattern: str, at: int) -> tuple[str, int]:
    """The one character written at an offset, escaped or not, and where it ends."""
    if pattern[at] != "\\":
        return pattern[at], at + 1
    if code := _CODE.match(pattern, at):
        return chr(int(code[1] or code[2] or code[3], 8 if code[3] else 16)), code.end()
    sign = pattern[at + 1]
    return _CONTROLS.get(sign, sign), at + 2


def _in_words(kind: re.Match[str]) -> bool:
    r"""Whether all of a ``\p{...}`` are letters, digits or vowel signs."""
    negated = (kind[1] == "P") != bool(kind[2])
    return not negated and (kind[3] or kind[4])[0] in "LMN" and len(kind[3] or kind[4]) <= 2


def _all_in_words(low: str, high: str) -> bool:
    if ord(high) - ord(low) > _LONGEST_RANGE:
        return False
    return all(char == "_" or in_word(char) for char in map(chr, range(ord(low), ord(high) + 1)))
