"""Case endings that Cyrillic names take in Russian, Ukrainian and Kazakh text.

A name declines by what it ends in. All is written and compared folded: й is и, ё is е.
"""

from __future__ import annotations

from typing import Final

from monitor.text import fold

Cases = int
NOMINATIVE, GENITIVE, DATIVE, ACCUSATIVE, INSTRUMENTAL, PREPOSITIONAL = (1 << n for n in range(6))
ANY_CASE: Final = 63
FIXED = "fixed"
"""The class of names that do not decline: Шевченко, Гюго, Дзержински."""

_OBLIQUE = GENITIVE | DATIVE | INSTRUMENTAL | PREPOSITIONAL
_CLASSES: dict[str, dict[str, Cases]] = {
    "consonant": {  # Токаев, Назарбаев, Асад
        "": NOMINATIVE,
        "а": GENITIVE | ACCUSATIVE,
        "у": DATIVE,
        "ом ем ым им": INSTRUMENTAL,
        "е": PREPOSITIONAL,
        "ові еві": DATIVE | PREPOSITIONAL,
        "і": PREPOSITIONAL,
    },
    "а": {  # Никита, Иванова, Астана
        "а": NOMINATIVE,
        "ы и": GENITIVE,
        "е і": DATIVE | PREPOSITIONAL,
        "у": ACCUSATIVE,
        "ой ою ей ею": _OBLIQUE,
        "ої": GENITIVE,
    },
    "я": {  # Илья, Мария
        "я": NOMINATIVE,
        "и і": GENITIVE | DATIVE | PREPOSITIONAL,
        "е": DATIVE | PREPOSITIONAL,
        "ю": ACCUSATIVE,
        "ей ею ёй": INSTRUMENTAL,
    },
    "ая": {"ая": NOMINATIVE, "ой ою": _OBLIQUE, "ую": ACCUSATIVE},  # Яровая
    "ий": {  # Зеленский, Белый; Дмитрий, Юрий
        "ий ый ій": NOMINATIVE,
        "ого его ия ія": GENITIVE | ACCUSATIVE,
        "ому ему ию ію": DATIVE,
        "им ым ием ієм": INSTRUMENTAL,
        "ом ем ии ії": PREPOSITIONAL,
    },
    "й": {  # Барлыбай, Сергей
        "й": NOMINATIVE,
        "я": GENITIVE | ACCUSATIVE,
        "ю": DATIVE,
        "ем єм": INSTRUMENTAL,
        "е ї": PREPOSITIONAL,
    },
    "ой": {  # Толстой, Луговой
        "ой": NOMINATIVE,
        "ого оя": GENITIVE | ACCUSATIVE,
        "ому ою": DATIVE,
        "ым оем": INSTRUMENTAL,
        "ом ое": PREPOSITIONAL,
    },
    "о": {  # Дмитро, Кличко, in Ukrainian only
        "о": NOMINATIVE,
        "а": GENITIVE | ACCUSATIVE,
        "у ові": DATIVE | PREPOSITIONAL,
        "ом": INSTRUMENTAL,
    },
    "ь": {  # Игорь, Айгуль
        "ь": NOMINATIVE,
        "я": GENITIVE | ACCUSATIVE,
        "ю": DATIVE,
        "ем ью": INSTRUMENTAL,
        "е и": GENITIVE | DATIVE | PREPOSITIONAL,
    },
    FIXED: {"": ANY_CASE},
}
# Without "на" and "не": they would make Ахметовна of Ахметов.
_KAZAKH = (
    "ның нің дың дің тың тің ға ге қа ке ны ні ды ді ты ті да де та те дан ден тан тен нан нен "
    "мен бен пен"
)
_NAMES = {
    NOMINATIVE: "",
    GENITIVE: "genitive",
    GENITIVE | ACCUSATIVE: "genitive",
    DATIVE: "dative",
    DATIVE | PREPOSITIONAL: "dative",
    GENITIVE | DATIVE | PREPOSITIONAL: "genitive",
    ACCUSATIVE: "accusative",
    INSTRUMENTAL: "instrumental",
    PREPOSITIONAL: "prepositional",
    _OBLIQUE: "case ending",
    ANY_CASE: "",
}


def _spread() -> dict[str, dict[str, tuple[str, Cases]]]:
    """By class and ending: what evidence says of it and which cases it may be."""
    spread: dict[str, dict[str, tuple[str, Cases]]] = {}
    for name, endings in _CLASSES.items():
        table: dict[str, tuple[str, Cases]] = {}
        for texts, cases in endings.items():
            for text in map(fold, texts.split() or [""]):
                table.setdefault(text, (_NAMES[cases], cases))
        for text, (label, cases) in list(table.items()):
            if cases in (NOMINATIVE, ANY_CASE) and not label:
                for suffix in map(fold, _KAZAKH.split()):
                    table.setdefault(text + suffix, ("Kazakh case", ANY_CASE))
        spread[name] = table
    return spread


ENDINGS = _spread()
_VOWELS = frozenset("аеиоуыэюяәөұүіє")


def stem(text: str, row: str) -> tuple[str, str]:
    """What stays of the last sound's Cyrillic spelling, and the class it declines by."""
    if text in ("ии", "ыи", "іи"):
        return "", "ий"
    if text.endswith("ая"):
        return text[:-2], "ая"
    if row == "oy$":
        return "", "ой"
    if row == "o$":
        return "", "о"
    if row == "y/v" and text in ("и", "і"):
        return "", "й"
    if text[-1:] in ("а", "я", "ь"):
        return text[:-1], text[-1]
    if not text or text[-1] in _VOWELS:
        return text, FIXED
    return text, "consonant"
