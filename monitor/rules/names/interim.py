"""The forms of names known so far, until the others take their place."""

from __future__ import annotations

import re
from dataclasses import dataclass

from monitor.config.settings import EntitySettings
from monitor.rules.entities import DIGRAPHS, Variant, variants
from monitor.rules.reading import Hit, Reading, Trigger, word_trigger
from monitor.rules.scan import literal

_GOES_BEFORE = re.compile(rf"(?:(?<![^\W_])(?:[^\W\d_]|{'|'.join(DIGRAPHS)})\. ?|\w')\Z")


@dataclass(frozen=True, slots=True)
class EntityFinding:
    counted: list[Hit]
    refused: list[tuple[Hit, str]]


def problems(settings: EntitySettings) -> list[tuple[tuple[str | int, ...], str]]:
    return []


def triggers(settings: EntitySettings) -> tuple[Trigger, ...]:
    texts = (literal(variant.text) for variant in variants(settings))
    return tuple(dict.fromkeys(word_trigger(t) for t in texts if any(map(str.isalnum, t))))


class EntityMatcher:
    def __init__(self, settings: EntitySettings) -> None:
        self.settings = settings
        self.triggers = triggers(settings)
        self.forms: dict[Trigger, tuple[str, Variant]] = {}
        for variant in variants(settings):
            label = f"entity: {variant.text} ({variant.form})"
            if text := literal(variant.text):
                self.forms.setdefault(word_trigger(text), (label, variant))
        self.excluded = [word_trigger(literal(phrase)) for phrase in settings.exclude]

    def find(self, reading: Reading, lo: int, hi: int) -> EntityFinding:
        counted: list[Hit] = []
        refused: list[tuple[Hit, str]] = []
        banned = [span for trigger in self.excluded for span in reading.find(trigger)]
        for trigger, (label, variant) in self.forms.items():
            for start, end in reading.find(trigger):
                if start < lo or end > hi:
                    continue
                before = reading.text[max(0, start - 8) : start]
                if any(a < end and start < b for a, b in banned):
                    refused.append(((start, end, label), "touches an excluded phrase"))
                elif variant.initial and _GOES_BEFORE.search(before):
                    refused.append(((start, end, label), "part of a longer name"))
                elif variant.capital and not reading.original(start, start + 1)[:1].isupper():
                    refused.append(((start, end, label), "an initial must be a capital letter"))
                else:
                    counted.append((start, end, label))
        counted.sort(key=lambda hit: (hit[0], -hit[1]))
        kept: list[Hit] = []
        for hit in counted:
            if not kept or hit[0] >= kept[-1][1]:
                kept.append(hit)
        return EntityFinding(kept, refused)


def compile_entity(settings: EntitySettings) -> EntityMatcher:
    return EntityMatcher(settings)
