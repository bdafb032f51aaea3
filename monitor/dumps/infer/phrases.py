"""How the leads of an unknown source name their agency."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence

from monitor.config import SourceSettings
from monitor.dumps.infer.moments import literal_pattern
from monitor.dumps.wording import attribution_points

_MOST_WORDS = 4
_ENOUGH = 0.6  # of the leads; then the usual phrases do
_SHARE = 0.2  # of the leads that a phrase must close
_SIGNED = re.compile(r"\(([^\W\d_][^()\d]{1,40})\)")
USUAL: tuple[re.Pattern[str], ...] = SourceSettings.model_fields["attribution"].default


def find_attribution(
    leads: Sequence[str], others: Sequence[str]
) -> tuple[tuple[str, ...] | None, str]:
    """``(patterns, evidence)``; None where the defaults do.

    ``leads`` are first paragraphs of different articles, ``others`` paragraphs below them: what
    is said as often there names no agency.
    """
    if len(leads) < 3:
        return None, f"the defaults: {len(leads)} leads are too few to tell"
    by_default = [lead for lead in leads if attribution_points(lead, USUAL) == 4]
    if len(by_default) >= _ENOUGH * len(leads):
        return None, f"the defaults fit {len(by_default)} of {len(leads)} leads"
    left = [lead for lead in leads if lead not in by_default]
    found: list[str] = []
    told: list[str] = []
    while len(left) >= 3:
        phrase = _best(left, others, at_least=max(3, _SHARE * len(leads)))
        if phrase is None:
            break
        pattern, text = phrase
        compiled = re.compile(pattern)
        count = sum(compiled.search(lead) is not None for lead in leads)
        left = [lead for lead in left if not compiled.search(lead)]
        found.append(pattern)
        told.append(f"“{text}” in {count}")
    if not found:
        return None, f"the defaults fit {len(by_default)} of {len(leads)} leads; no better was seen"
    usual = [pattern.pattern for pattern in USUAL] if by_default else []
    return (*found, *usual), f"of {len(leads)} leads: {', '.join(told)}"


def _best(
    leads: Sequence[str], others: Sequence[str], *, at_least: float
) -> tuple[str, str] | None:
    """The phrase that most leads end with, or have in brackets, and few other paragraphs do."""
    phrases: Counter[tuple[str, str]] = Counter()
    for lead in leads:
        words = lead.rstrip('"”’».!? ').split()
        for count in range(1, min(_MOST_WORDS, len(words) - 1) + 1):
            phrases["end", " ".join(words[-count:])] += 1
        for signed in {found[1] for found in _SIGNED.finditer(f"{lead[:80]} {lead[-80:]}")}:
            phrases["signed", signed] += 1
    best = None
    for (kind, text), count in phrases.items():
        if count < at_least:
            continue
        pattern = _phrase(kind, text)
        compiled = re.compile(pattern)
        elsewhere = sum(compiled.search(other) is not None for other in others)
        if elsewhere > 0.05 * len(others):
            continue
        # as many leads as can be, then the fewest words: they say it, the others vary
        rank = (count, kind == "signed", -len(text.split()))
        if best is None or rank > best[0]:
            best = (rank, pattern, text)
    return None if best is None else (best[1], best[2])


def _phrase(kind: str, text: str) -> str:
    words = literal_pattern(text)
    if kind == "signed":
        return rf"\({words}\)"
    start = r"\b" if text[:1].isalnum() else ""
    return rf"{start}{words}[.!?\"”’»]*$"
