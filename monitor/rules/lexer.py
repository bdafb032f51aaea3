"""The query language's tokens, and what words and phrases among them say.

A token is found where the parser stands, not in a pass of its own: behind ``views:`` and
``published:`` other signs mean something (``>=5``, ``10:30``) than elsewhere.
"""

from __future__ import annotations

import re
from typing import Literal

Parts = tuple[tuple[Literal["text", "one", "many"], str], ...]

# The signs that end a word; some more cannot begin one. As in Lucene, + - & | are common signs
# within a word (C++, AT&T, Al-Farabi), and so is / here (km/h).
_ENDING = r"\s()\[\]{}^~:!\"“”„«»"
_WORD_REST = rf"(?:[^{_ENDING}\\&|]++|\\.|&(?!&)|\|(?!\|))*+"
# What begins a phrase and what may end it, as languages pair their quotation marks.
_QUOTES = {'"': '"', "“": "”“", "”": "”“", "„": "“”", "«": "»", "»": "«»"}
_PHRASE = "|".join(
    rf"{mark}[^\\{closing}]*+(?:\\.[^\\{closing}]*+)*+[{closing}]"
    for mark, closing in _QUOTES.items()
)
_TOKEN = re.compile(
    rf"""\s*+(?:
        (?P<near> O?NEAR (?:/[^{_ENDING}]*+)? (?=[\s()\"“”„«»]|\Z))
      | (?P<word> [^{_ENDING}\\*?&|/+\-][^{_ENDING}\\*?&|]*+ (?=[\s)]|\Z) )
      | (?P<and> && ) | (?P<or> \|\| )
      | (?P<rough> (?:[^{_ENDING}\\&|/+\-]|\\.|&(?!&)|\|(?!\|)) {_WORD_REST} ) (?P<field> : )?
      | (?P<phrase> {_PHRASE} )
      | (?P<open> \( ) | (?P<close> \) ) | (?P<sign> [+\-!] )
      | (?P<regex> /[^/\\]*+(?:\\.[^/\\]*+)*+/ )
      | (?P<tilde> ~[^{_ENDING}]*+ )
      | (?P<end> \Z )
      | (?P<other> . )
    )""",
    re.VERBOSE | re.DOTALL,
)
_VALUE_TOKEN = re.compile(
    r"""\s*+(?:
        (?P<open> \( ) | (?P<close> \) ) | (?P<sign> [+\-!] )
      | (?P<and> && ) | (?P<or> \|\| )
      | (?P<value> [\[{][^\]}]*+[\]}]? | [<>]=?\s*+[^\s()]*+ | [^\s()]++ )
      | (?P<end> \Z )
    )""",
    re.VERBOSE | re.DOTALL,
)
_OPERATORS = {"AND": "and", "OR": "or", "NOT": "not"}

_ESCAPE = re.compile(r"\\(.)", re.DOTALL)
_PIECE = re.compile(r"(?P<text>(?:[^\\*?]++|\\.)++)|(?P<many>\*++)|(?P<one>\?)", re.DOTALL)


class QueryError(ValueError):
    """A query that cannot be used.

    ``message`` says what was expected, ``column`` where: a 0-based character offset in the
    query, at most its length.
    """

    def __init__(self, message: str, column: int) -> None:
        super().__init__(message, column)
        self.message = message
        self.column = column

    def __str__(self) -> str:
        return f"column {self.column + 1}: {self.message}"


class Lexer:
    """The query, one token at a time.

    ``kind``: ``word``; ``rough`` (a word with wildcards or escapes); ``field`` (a word and its
    colon); ``phrase``; ``regex``; ``value`` (a number, a time or a range of such); ``near``,
    ``and``, ``or``, ``not``; ``sign`` (+ - !); ``open``, ``close``; ``tilde`` (~2, ~>5);
    ``end``; ``other`` (a sign that means nothing where it stands). ``text`` is the token as
    written, a field's without the colon, and stands at ``start``; ``end`` is where it ends,
    ``behind`` where the token before it did. ``values``: numbers and times are to come.
    """

    __slots__ = ("behind", "end", "kind", "query", "start", "text", "values")

    def __init__(self, query: str) -> None:
        self.query = query
        self.values = False
        self.end = 0
        self.advance()

    def advance(self) -> None:
        """Go on to the next token. Whatever the query is, each call moves on or is at the end."""
        self.behind = self.end
        token = (_VALUE_TOKEN if self.values else _TOKEN).match(self.query, self.end)
        assert token is not None  # one of the alternatives takes whatever stands there
        kind = token.lastgroup or "end"
        self.text = text = token["rough" if kind == "field" else kind]
        self.end = token.end()
        self.start = self.end - len(text) - (kind == "field")
        if kind == "rough":
            kind = "rough" if "\\" in text or "*" in text or "?" in text else "word"
        if kind == "word" or kind == "value":
            kind = _OPERATORS.get(text, kind)
        self.kind = kind


def misplaced(sign: str) -> str:
    """Why a sign means nothing where an operand should begin."""
    if sign in _QUOTES:
        return "the quotation mark is never closed"
    reasons = {
        "/": "the regular expression is never closed: expected a second /",
        "^": "boosts have no meaning here: articles match or do not",
        "\\": "nothing stands behind the backslash",
        ":": "expected the name of a field before the colon",
    }
    reason = reasons.get(sign, "square and curly brackets belong to views:, growth: and published:")
    return f"{reason}; where the sign itself is meant, write \\{sign} or use quotes"


def parts_of(written: str, column: int) -> Parts:
    """A word or the inside of a phrase as literal text and wildcards; ``column``: where it is.

    ``**`` is one wildcard. Raises QueryError for an escape that is none.
    """
    if "\\" not in written and "*" not in written and "?" not in written:
        return (("text", written),)
    parts: list[tuple[Literal["text", "one", "many"], str]] = []
    for piece in _PIECE.finditer(written):
        if piece.lastgroup == "text":
            parts.append(("text", _unescaped(piece[0], column + piece.start())))
        else:
            parts.append(("many", "*") if piece.lastgroup == "many" else ("one", "?"))
    return tuple(parts)


def _unescaped(written: str, column: int) -> str:
    if "\\" not in written:
        return written
    for escape in _ESCAPE.finditer(written):
        if escape[1].isalnum():
            raise QueryError(
                f"\\{escape[1]} means nothing: a backslash stands only before special signs;"
                " for the backslash itself write two",
                column + escape.start(),
            )
    return _ESCAPE.sub(r"\1", written)
