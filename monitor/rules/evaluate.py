"""Which occurrences make a rule true. Pure functions over what the automaton found.

``found`` is always that of the rule's scope, see ``in_scope``.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterator, Sequence
from itertools import accumulate

from monitor.rules.compiled import Found, NameForm, Rule
from monitor.rules.entities import DIGRAPHS
from monitor.rules.scan import Scan, Span

Occurrence = tuple[int, int, str]
"""Start and end in ``Scan.text``, label of the clause."""

MOST_OCCURRENCES = 20
"""Of one clause in one field; more of the same adds nothing to the reason."""

# Another initial ("B. ", "Zh.") or the end of a possessive ("Kazakhstan's ").
_GOES_BEFORE = re.compile(rf"(?:(?<![^\W_])(?:[^\W\d_]|{'|'.join(DIGRAPHS)})\. ?|\w')\Z")
_LOOK_BACK = 8


def in_scope(found: Found, scope: str, title_end: int) -> Found:
    """What was found in the field or fields that a scope (title, body, both) names."""
    if scope == "both":
        return found
    kept = {
        number: [span for span in spans if (span[0] < title_end) == (scope == "title")]
        for number, spans in found.items()
    }
    return {number: spans for number, spans in kept.items() if spans}


def evaluate(rule: Rule, found: Found, scan: Scan) -> list[Occurrence]:
    """The occurrences that make the rule true, from left to right; none: it does not match."""
    for number in rule.none:
        if number in found:
            return []
    occurrences: list[Occurrence] = []
    for number, label in rule.all.items():
        if number not in found:
            return []
        occurrences += [(*span, label) for span in few(found[number], scan)]
    if rule.any:
        present = rule.any.keys() & found.keys()
        if not present:
            return []
        for number in present:
            label = rule.any[number]
            occurrences += [(*span, label) for span in few(found[number], scan)]
    if rule.entity:
        occurrences, _ = entity_occurrences(rule, found, scan)
        if len(occurrences) > MOST_OCCURRENCES:
            kept = set(few([(start, end) for start, end, _ in occurrences], scan))
            occurrences = [item for item in occurrences if item[:2] in kept]
    occurrences.sort()
    return occurrences


def few(spans: Sequence[Span], scan: Scan) -> Sequence[Span]:
    """The first of them in each field."""
    if len(spans) <= MOST_OCCURRENCES:
        return spans
    title_end = scan.title_end()
    title = [span for span in spans if span[0] < title_end]
    body = [span for span in spans if span[0] > title_end]
    return [*title[:MOST_OCCURRENCES], *body[:MOST_OCCURRENCES]]


def entity_occurrences(
    rule: Rule, found: Found, scan: Scan
) -> tuple[list[Occurrence], list[tuple[Occurrence, str]]]:
    """Where the entity is named, and what looked so but does not count, with the reason.

    Of forms that overlap the longest counts (``Kassym-Jomart Tokayev`` and its alias
    ``Tokayev``). An excluded phrase takes away every form that it touches.
    """
    counted: list[Occurrence] = []
    refused: list[tuple[Occurrence, str]] = []
    for number in rule.entity.keys() & found.keys():
        form = rule.entity[number]
        for start, end in found[number]:
            occurrence = (start, end, form.label)
            if why := _other_name(form, scan, start):
                refused.append((occurrence, why))
            else:
                counted.append(occurrence)
    if counted and not found.keys().isdisjoint(rule.exclude):
        banned = sorted(
            (*span, label)
            for number, label in rule.exclude.items()
            for span in found.get(number, ())
        )
        touched = dict(_touched(counted, banned))
        counted = [occurrence for occurrence in counted if occurrence not in touched]
        refused += touched.items()
    return _longest(counted), sorted(refused)


def _other_name(form: NameForm, scan: Scan, start: int) -> str | None:
    """Why initial and surname that stand here are not this name, or None."""
    variant = form.variant
    if variant.initial and _GOES_BEFORE.search(scan.text[max(0, start - _LOOK_BACK) : start]):
        return "part of a longer name"
    if variant.capital and not scan.place(start, start + 1)[3][:1].isupper():
        return "without a dot an initial must be a capital letter"
    return None


def _touched(
    occurrences: Sequence[Occurrence], banned: Sequence[Occurrence]
) -> Iterator[tuple[Occurrence, str]]:
    """Those that overlap an excluded phrase, with the reason; ``banned`` is sorted."""
    starts = [start for start, _, _ in banned]
    reach = list(accumulate(banned, _farther))
    for start, end, label in occurrences:
        before = bisect_left(starts, end)
        if before and reach[before - 1][1] > start:
            yield (start, end, label), f"touches an excluded phrase ({reach[before - 1][2]})"


def _farther(one: Occurrence, other: Occurrence) -> Occurrence:
    return other if other[1] > one[1] else one


def _longest(occurrences: list[Occurrence]) -> list[Occurrence]:
    """From left to right, of two that overlap the longer."""
    kept: list[Occurrence] = []
    for item in sorted(occurrences, key=lambda o: (o[0], -o[1], o[2])):
        if not kept or item[0] >= kept[-1][1]:
            kept.append(item)
        elif item[1] - item[0] > kept[-1][1] - kept[-1][0]:
            kept[-1] = item
    return kept
