"""Generated articles, rules and dumps of realistic length, the same for the same seed."""

from __future__ import annotations

import random
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

_SYLLABLES = tuple(
    a + b
    for a in ("k", "r", "m", "t", "s", "d", "v", "l", "b", "p", "n")
    for b in ("a", "or", "in", "e")
)


def vocabulary(size: int = 20_000, seed: int = 1) -> list[str]:
    """Invented words, commonest first (short ones tend to come first, as in a language)."""
    chance = random.Random(seed)
    words: dict[str, None] = {}
    while len(words) < size:
        length = 1 + int(len(words) > 60) + chance.randint(0, 2)
        words["".join(chance.choice(_SYLLABLES) for _ in range(length))] = None
    return list(words)


class Writer:
    """Writes articles of about 2.5 kB with Zipf-like word frequencies."""

    def __init__(self, seed: int = 1) -> None:
        self.chance = random.Random(seed)
        self.words = vocabulary()
        weights = [1 / (rank + 3) for rank in range(len(self.words))]
        self.pool = self.chance.choices(self.words, weights, k=400_000)
        self.at = 0

    def take(self, count: int) -> list[str]:
        """The next words of the stream."""
        if self.at + count > len(self.pool):
            self.chance.shuffle(self.pool)
            self.at = 0
        self.at += count
        return self.pool[self.at - count : self.at]

    def paragraph(self, count: int) -> str:
        words = self.take(count)
        words[0] = words[0].capitalize()
        words[count // 2] += ","
        if self.chance.random() < 0.4:
            words[count // 3] += "’s"
        return " ".join(words) + "."

    def article(self) -> tuple[str, list[str]]:
        """Title and paragraphs, about 2,500 characters in all."""
        title = " ".join(word.capitalize() for word in self.take(9))
        lead = self.paragraph(42)[:-1] + ", the Norland News Agency reports."
        return title, [lead, *(self.paragraph(46) for _ in range(6))]


def write_dump(
    file: Path, *, articles: int = 0, size: int = 0, seed: int = 1, minute: int = 0
) -> int:
    """Write one dump of ``articles`` articles, or of at least ``size`` bytes; returns how many."""
    writer = Writer(seed)
    start = datetime(2026, 2, 20, 12) - timedelta(minutes=minute)  # noqa: DTZ001 - a dump's own
    count = written = 0
    with file.open("w", encoding="utf-8") as out:
        written += out.write(" date 2026-02-20 ")
        while count < articles or written < size:
            title, paragraphs = writer.article()
            moment = start - timedelta(minutes=count)
            lines = [f"{moment:%d.%m.%Y, %H:%M} {100 + count}", title, *paragraphs, ""]
            written += out.write("\n".join(lines))
            count += 1
    return count


def rules(count: int, seed: int = 2) -> Iterator[dict[str, object]]:
    """Rules of one to three words of the vocabulary's middle and tail, some of them entities."""
    chance = random.Random(seed)
    words = vocabulary()
    for i in range(count):
        phrase = " ".join(chance.sample(words[500:], chance.choice((1, 2, 2, 3))))
        if i % 10 == 0:
            given, surname = (chance.choice(words[2000:]).capitalize() for _ in range(2))
            yield {"name": f"person-{i}", "entity": {"name": f"{given} {surname}"}}
        else:
            yield {"name": f"rule-{i}", "any": [phrase, " ".join(chance.sample(words[3000:], 2))]}
