"""Articles and rules for the matching benchmark, the same for the same seed.

Words have Zipf-like frequencies. Articles bear what rules look for as newspapers do: set phrases
that come again in many articles, and persons by their full name first, by initial and surname
after that. A quarter of the articles has typographic quotes, dashes and accents.
"""

from __future__ import annotations

import random
import re
from collections.abc import Iterator, Sequence
from itertools import accumulate

Text = tuple[str, str]  # title, body

COMMON = re.findall(r"\w+", "the of and in to a for on is that with as by at from was has it are")
ONSETS = re.findall(r"\w+", "b c d f g h k l m n p r s t v br ch cr dr fl gr pl pr sh st th tr")
SYLLABLES = [
    first + vowel + last
    for first in ONSETS
    for vowel in re.findall(r"\w+", "a e i o u ai ea ou")
    for last in ("", "", "n", "r", "l", "st")
]
STEMS = [
    first + vowel + last
    for first in re.findall(r"\w+", "b d g k l m n r s t z v p f zh kh sh")
    for vowel in "aoeui"
    for last in "bdgklmnrstzv"
]
"""Of surnames: other sounds than words have, as names have in newspapers."""
GIVEN = re.findall(
    r"\w+",
    "Askar Dana Yerlan Aigul Timur Zhanna Nurlan Saule Marat Gulnara Daniyar Asel Bolat Madina"
    " Sergey Olga Dmitry Yelena Andrei Natalya Pavel Irina Viktor Tatyana Ruslan Galina"
    " Kenji Hiroshi Maria Carlos Anna Peter John Mary Hans Greta Lars Ingrid Paul Laura",
)
ENDINGS = ("ov", "ova", "ev", "yev", "in", "sky", "bayev", "bekov", "enko", "son", "uly")


class Newsroom:
    """Writes articles and rules of one vocabulary."""

    def __init__(self, seed: int = 1, words: int = 30_000) -> None:
        self.chance = chance = random.Random(seed)
        self.words = _vocabulary(words, chance)
        self._weights = list(accumulate(1 / rank for rank in range(1, words + 1)))
        self.phrases = [self.phrase() for _ in range(20_000)]
        self.people = [
            (chance.choice(GIVEN), "".join(chance.choices(STEMS, k=2)).capitalize() + ending)
            for ending in chance.choices(ENDINGS, k=20_000)
        ]

    def phrase(self) -> str:
        """Two or three words that are not frequent, now and then one that is rare."""
        size = self.chance.choices((1, 2, 3), (3, 57, 40))[0]
        return " ".join(self.chance.sample(self.words[10_000 if size == 1 else 1000 :], size))

    def articles(self, count: int, length: int = 2500) -> Iterator[Text]:
        """``length`` characters of body each, about."""
        for number in range(count):
            title = " ".join(self._take(9)).capitalize()
            paragraphs: list[str] = []
            while sum(map(len, paragraphs)) < length:
                paragraphs.append(self._paragraph(typographic=number % 4 == 0))
            yield title, "\n".join(paragraphs)

    def _take(self, count: int) -> list[str]:
        return self.chance.choices(self.words, cum_weights=self._weights, k=count)

    def _paragraph(self, *, typographic: bool) -> str:
        sentences = [self._take(self.chance.randint(12, 24)) for _ in range(3)]
        sentences[0][4:4] = [self.chance.choice(self.phrases)]
        given, surname = self.chance.choice(self.people)
        sentences[1][0:0] = [given, surname]
        sentences[2][5:5] = [f"{given[0]}.{surname}"]
        text = ". ".join(" ".join(words).capitalize() for words in sentences) + "."
        if typographic:
            text = text.replace(" the ", " “the ", 1).replace(" of ", "” of ", 1)
            text = text.replace(" in ", " – in ", 1).replace("as ", "’s ", 1)
            text = text.replace("e", "é", 1)
        return text

    def rules(self, count: int) -> Iterator[dict[str, object]]:
        """70 % phrases, 20 % queries with proximity and wildcards, 10 % persons.

        Of the phrases and persons one in ten is one that articles bear.
        """
        chance = self.chance
        for number in range(count):
            name = f"rule-{number}"
            kind = number % 10
            if kind < 7:
                yield {"name": name, "any": [self._wanted(), self._wanted()]}
            elif kind < 9:
                yield {"name": name, "query": self._query(number)}
            else:
                known = chance.random() < 0.1
                given, surname = chance.choice(self.people) if known else self._stranger()
                yield {"name": name, "entity": {"name": f"{given} {surname}"}}

    def _wanted(self) -> str:
        return self.chance.choice(self.phrases) if self.chance.random() < 0.1 else self.phrase()

    def _stranger(self) -> tuple[str, str]:
        stem = "".join(self.chance.choices(STEMS, k=2)).capitalize()
        return self.chance.choice(GIVEN), stem + self.chance.choice(ENDINGS)

    def _query(self, number: int) -> str:
        a, b, c, d = self.chance.sample(self.words[2000:], 4)
        stem = max(a, b, c, d, key=len)[:-2]  # of a long word, as people write them
        match number // 10 % 4:
            case 0:
                return f'({a} OR "{b} {c}") AND {d} -{self.words[2500]}'
            case 1:
                return f'"{a} {b}"~5 AND ({stem}* OR {d})'
            case 2:
                return f"({a} OR {b}) NEAR/5 ({c} OR {stem}*)"
            case _:
                return f"+{a} +({b} {stem}*) -title:{d}"


def _vocabulary(size: int, chance: random.Random) -> list[str]:
    """Distinct words, the most frequent first."""
    words = dict.fromkeys(COMMON)
    while len(words) < size:
        words["".join(chance.choices(SYLLABLES, k=chance.choice((1, 2, 2, 2, 3))))] = None
    return list(words)


def as_yaml(rules: Sequence[dict[str, object]]) -> str:
    """The rules as a person would write them."""
    lines = ["rules:"]
    for rule in rules:
        lines.append(f"  - name: {rule['name']}")
        if "any" in rule:
            words = ", ".join(str(word) for word in rule["any"])
            lines.append(f"    any: [{words}]")
        elif "query" in rule:
            lines.append(f"    query: '{rule['query']}'")
        else:
            lines.append(f"    entity: {{name: {rule['entity']['name']}}}")
    return "\n".join(lines) + "\n"
