"""Edited copies of articles: five ways of editing, each as strong as asked for."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import replace

from newsroom import Newsroom

from monitor.model import Article

KINDS = {
    "words": "words here and there",
    "stretches": "a stretch of every paragraph",
    "sentences": "whole sentences",
    "longer": "paragraphs added",
    "one line": "words here and there, all in one paragraph",
}


class Editor:
    """Edits articles with the words that they are written in."""

    def __init__(self, newsroom: Newsroom, seed: int = 1) -> None:
        self._words = newsroom.words[:8000]
        self._chance = random.Random(seed)

    def edit(self, article: Article, kind: str, share: float) -> Article:
        """About ``share`` of the text is other (of "longer": is added)."""
        paragraphs = [paragraph.split() for paragraph in article.paragraphs]
        if kind == "longer":
            paragraphs = self._longer(paragraphs, share)
        else:
            change = {"stretches": self._stretch, "sentences": self._sentences}.get(
                kind, self._replace
            )
            paragraphs = [change(words, share) for words in paragraphs]
        if kind == "one line":
            paragraphs = [[word for words in paragraphs for word in words]]
        return replace(article, paragraphs=tuple(" ".join(words) for words in paragraphs))

    def _others(self, count: int) -> list[str]:
        return self._chance.choices(self._words, k=count)

    def _replace(self, words: list[str], share: float) -> list[str]:
        return [self._others(1)[0] if self._chance.random() < share else word for word in words]

    def _stretch(self, words: list[str], share: float) -> list[str]:
        size = round(len(words) * share)
        at = self._chance.randint(0, len(words) - size)
        return [*words[:at], *self._others(size), *words[at + size :]]

    def _sentences(self, words: list[str], share: float) -> list[str]:
        sentences = " ".join(words).split(". ")
        return ". ".join(
            " ".join(self._others(len(sentence.split())))
            if self._chance.random() < share
            else sentence
            for sentence in sentences
        ).split()

    def _longer(self, paragraphs: Sequence[list[str]], share: float) -> list[list[str]]:
        edited = list(paragraphs)
        for _ in range(round(share * sum(map(len, paragraphs)) / 60)):
            edited.insert(self._chance.randint(0, len(edited)), self._others(60))
        return edited
