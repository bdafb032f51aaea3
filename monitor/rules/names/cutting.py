"""How a folded word is cut into the rows of ``spellings``: expressions, the first that fits."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

_V = "aeiouy"
_CV = "аеиоуыэюяәөұүіє"

_LATIN_TOKENS = (
    # ends of surnames, also of women's
    ("(?<=[aeou])[iyj]?ev(?=a?$)", "ev/v"),
    ("a(?=[iyj]?ev(?:a?$))", "a!"),
    ("(?:i[yji]|yy|i)ev(?=a?$)", "iev"),
    ("'?[yj]ev(?=a?$)", "yev"),
    ("(?<=[csz]h)ev(?=a?$)", "ev/sh"),
    ("ev(?=a?$)|eff$", "ev"),
    ("[iyj]ov(?=a?$)", "yov"),
    ("ov(?=a?$)|off$", "ov"),
    ("(?<=..)(?:uly|uli)$", "uly"),
    ("(?<=..)(?:[kq]yzy|[kq]izi)$", "kyzy"),
    ("s'?k(?=(?:iy|yi|yy|ij|ii|yj|y|i|aya|aia|aja|a)$)", "sk"),
    ("(?<=sk)(?:aya|aia|aja|a)$", "aya$"),
    (f"(?<=[^{_V}'])(?:iy|yi|yy|ij|ii|yj|y|i)$", "iy$"),
    ("o[yij]$", "oy$"),
    ("o$", "o$"),
    ("(?<=a)(?:iy|yi|i|y)(?=lov)", "iy/l"),
    # vowels with a glide
    ("iye|ije", "iye"),
    ("iyo", "iyo"),
    ("i[yji]a", "iya"),
    ("iyu", "yu"),
    ("(?:^|(?<=[aeou]))(?:ye|ie)|^e|(?<=[aou])e", "ye"),
    ("'?ye|'e|ie", "'ye"),
    ("(?<!^)ja", "ja"),
    ("(?<!^)je", "je"),
    ("(?<!^)ju", "ju"),
    ("'?ya|(?<=[aeou])ia|^ia", "ya"),
    ("ia", "iya"),
    ("'?you|'?yu|iu", "yu"),
    ("'?yo", "yo"),
    (f"(?:^|(?<=[{_V}]))yi", "yi"),
    (f"(?<=[aeou])[yij](?![{_V}])", "y/v"),
    ("ou", "ou"),
    ("oo|u", "u"),
    # consonants
    ("shch|šč", "shch"),
    ("sch", "sch"),
    ("dzh|dj", "dzh"),
    ("zh", "zh"),
    ("(?<=^ba)kh?(?=[yi]t)", "khyt"),
    ("kh", "kh"),
    ("gh", "gh"),
    ("gu?(?=[ei])", "g/e"),
    ("tsch|tch|ch", "ch"),
    ("sh", "sh"),
    ("ts|tz(?!h)", "ts"),
    ("ph", "ph"),
    ("ks", "ks"),
    ("[kc]t", "kt"),
    ("ngh?", "ng"),
    ("t[iy]?l(?=eu)|^t[iy]?l(?=e)", "tl"),
    ("[bdfgklmnprstvz]&", "double"),
    (f"(?<=[{_V}])s(?=[{_V}])", "s/v"),
    (f"l'|l(?=[^{_V}']|$)", "l'"),
    ("r'|r$", "r'"),
    ("z'?(?=m)", "z'"),
    ("v$", "v$"),
)
_CYRILLIC_TOKENS = (
    (f"(?<=[{_CV}])(?<!и)ев(?=а?$)", "ev/v"),
    ("а(?=ева?$)", "a!"),
    ("иев(?=а?$)", "iev"),
    ("[ьъ]ев(?=а?$)", "yev"),
    ("(?<=[чшщж])ев(?=а?$)", "ev/sh"),
    ("ев(?=а?$)", "ev"),
    ("ов(?=а?$)", "ov"),
    ("(?<=..)[ұу]лы$", "uly"),
    ("(?<=..)[қк]ызы$", "kyzy"),
    ("сь?к(?=(?:[ииыі]и|ая|[аиі])$)", "sk"),
    ("(?<=[сь]к)(?:ая|а)$", "aya$"),
    (f"(?<=[^{_CV}ьъ'])(?:[иыі]и|и|ы|і)$", "iy$"),
    ("ои$", "oy$"),
    ("о$", "o$"),
    (f"(?:^|(?<=[{_CV}]))[еэє]", "ye"),
    ("[ьъ]е", "'ye"),
    ("(?<=а)иы?(?=лов)", "iy/l"),
    ("ие", "iye"),
    ("ия", "iya"),
    ("ь?[яй]а|ь?я", "ya"),
    ("[иь]?ю", "yu"),
    (f"(?<=[{_CV}])и(?![{_CV}])", "y/v"),
    ("[уұү]", "u"),
    ("[еэє]", "e"),
    ("[аә]", "a"),
    ("[оө]", "o"),
    ("ы", "y"),
    ("[иі]", "i"),
    ("дж", "dzh"),
    ("ж", "zh"),
    ("(?<=^ба)[хқк](?=ыт)", "khyt"),
    ("[хһ]", "kh"),
    ("щ", "shch"),
    ("ш", "sh"),
    ("ч", "ch"),
    ("ц", "ts"),
    ("кс", "ks"),
    ("кт", "kt"),
    ("нг|ң", "ng"),
    ("ғ", "gh"),
    ("[гґ]", "g"),
    ("қ", "q"),
    ("[бдзклмнпрстф]&", "double"),
    ("к", "k"),
    (f"(?<=[{_CV}])с(?=[{_CV}])", "s/v"),
    (f"ль|л(?=[^{_CV}']|$)", "l'"),
    ("рь|р$", "r'"),
    ("зь?(?=м)", "z'"),
    ("в$", "v$"),
    ("нь?", "n"),
    ("[ьъ']", "'"),
    *((c, n) for c, n in zip("бвдлмпрстзф", "bvdlmprstzf", strict=True)),
)
_LOOSE_TOKENS = (
    ("^abd(?:oo|ou|[uae])[lr]?|^abd$", "~abdul"),
    ("(?:iyy?|i)(?:ah|eh|a|e)$", "~iya$"),
    ("iyya|iya|ia|ya", "~ya"),
    ("(?:ah|eh|a|e)$", "~ah"),
    ("a[iy](?![aeou])|e[iy](?![aeou])", "~ay"),
    ("ou|oo|u|o", "~u"),
    ("ee|i", "~i"),
    ("e(?=[^aeiouy']$)", "~e"),
    ("aa|a|e", "~a"),
    ("yy|y(?=[aeou])", "~y"),
    ("y", "~i"),
    ("sh", "sh"),
    ("kh|x", "~kh"),
    ("gh", "~gh"),
    ("dh", "~dh"),
    ("th", "~th"),
    ("ch", "ch"),
    ("dzh|dj|zh|j", "~j"),
    ("^(?:gh|kh|g|q|k)add?h?h?(?=afi$)", "~gadd"),
    ("g", "~g"),
    (f"[bdflmnrstzp]&|(?<=[{_V}])[bdflmnrstzp](?=[{_V}])", "~double"),
    ("q", "~q"),
    ("kk?", "~k"),
    ("h", "~h"),
    ("w|v", "~w"),
    ("'", "~'"),
)


class Cutter:
    """Cuts a word by a table of expressions, of which the first that fits counts.

    Only those are tried that can begin with the letter that stands there: for each letter one
    expression is made of them when it is first needed.
    """

    def __init__(self, tokens: Sequence[tuple[str, str]]) -> None:
        self._tokens = [(text, row, _first_letters(text)) for text, row in tokens]
        self._made: dict[str, tuple[re.Pattern[str], list[str]]] = {}

    def cut(self, word: str) -> Iterator[tuple[str, str]]:
        """The rows and what is written for each; a letter of no row is one of its own."""
        place = 0
        while place < len(word):
            letter = word[place]
            if letter not in self._made:
                self._made[letter] = self._expression(letter)
            expression, rows = self._made[letter]
            found = expression.match(word, place)
            number = found.lastindex if found else None
            if found is None or number is None:
                yield letter, letter
                place += 1
            else:
                yield rows[number - 1], found[0]
                place = found.end()

    def _expression(self, letter: str) -> tuple[re.Pattern[str], list[str]]:
        parts: list[str] = []
        rows: list[str] = []
        for text, row, first in self._tokens:
            if letter in first:
                # A doubled letter is known here, so the tables need no back references.
                parts.append("(" + text.replace("&", re.escape(letter)) + ")")
                rows.append(row)
        return re.compile("|".join(parts or ["(?!)"])), rows


def _first_letters(expression: str) -> frozenset[str]:
    """With which letters a match can begin; knows the little that the tables use."""
    letters: set[str] = set()
    for choice in _choices(expression):
        rest = choice
        while rest:
            if rest[0] == "^":
                rest = rest[1:]
                continue
            end = _atom(rest)
            atom, rest = rest[:end], rest[end:]
            if atom.startswith(("(?<", "(?=", "(?!")):
                continue
            if atom.startswith("(?:"):
                inner = atom[3:-1]
                looks_only = all(
                    part in ("^",) or part.startswith("(?<") for part in _choices(inner)
                )
                if looks_only:
                    continue
                letters |= _first_letters(inner)
            else:
                letters |= set(atom.strip("[]"))
            if not rest.startswith("?"):
                break
            rest = rest[1:]
    return frozenset(letters)


def _choices(expression: str) -> list[str]:
    """What stands between the bars that are in no group."""
    found, depth, start = [], 0, 0
    for place, char in enumerate(expression):
        depth += (char in "([") - (char in ")]")
        if char == "|" and not depth:
            found.append(expression[start:place])
            start = place + 1
    return [*found, expression[start:]]


def _atom(expression: str) -> int:
    """How long the first group, class or letter is."""
    depth = 0
    for place, char in enumerate(expression):
        depth += (char in "([") - (char in ")]")
        if not depth:
            return place + 1
    return len(expression)


LATIN = Cutter(_LATIN_TOKENS)
CYRILLIC = Cutter(_CYRILLIC_TOKENS)
LOOSE = Cutter(_LOOSE_TOKENS)
