"""Which literals must occur before a rule can match: what the automaton looks for.

The technique of percolators (Luwak's presearcher, Elasticsearch's percolator): of the parts that
must all be there the rarest one is enough, of alternatives all are needed.
"""

from __future__ import annotations

from typing import NamedTuple

from monitor.rules import names
from monitor.rules.reading import Trigger, word_trigger
from monitor.rules.regex import compile_regex
from monitor.rules.scan import in_word, literal, loose, original_words
from monitor.rules.stems import prefix
from monitor.rules.syntax import (
    And,
    Entity,
    Fuzzy,
    Glob,
    Group,
    In,
    Meta,
    Near,
    Node,
    Not,
    Or,
    Range,
    Regex,
    Stem,
    Term,
)

Triggers = tuple[Trigger, ...]

WATCHED = 2
"""Of what a rule needs, how many things the automaton looks for; the others are looked up where
these are there."""

_SHORTEST_PIECE = 3
"""Letters; a shorter piece of a word occurs in every article and costs more than it saves."""


def triggers(node: Node) -> Triggers | None:
    """Of these literals at least one occurs in every text for which the node is true.

    None: there are none, the node must be evaluated for every article.
    """
    found = _needed(node)
    return max(found, key=_rarity) if len(found) > 1 else found[0] if found else None


class Needs(NamedTuple):
    """What a text must have for a node to be true: one of each of these triggers, the rarest
    first. ``together``: of the first two in one paragraph, not overlapping."""

    triggers: list[Triggers]
    together: bool


def wakes(node: Node) -> Needs:
    """What a node needs; nothing: it is evaluated for every article.

    Second comes what must stand in one paragraph with the rarest, if there is any: most articles
    that have both of two words have them far apart.
    """
    found = _needed(node)
    if len(found) < 2:
        return Needs(found, together=False)
    first, *others = sorted(dict.fromkeys(found), key=_rarity, reverse=True)
    beside = _sides(node, first)
    second = next((other for other in others if other in beside), None)
    if second is None:
        return Needs([first, *others], together=False)
    others.remove(second)
    return Needs([first, second, *others], together=True)


def _sides(node: Node, one: Triggers) -> list[Triggers | None]:
    """What the operands need of a proximity, one of which needs ``one``; empty: there is none that
    must be true for the node to be true."""
    match node:
        case Near():
            sides = list(map(triggers, node.nodes))
            return sides if one in sides else []
        case And():
            parts = node.nodes
        case Group():
            parts = node.must
        case In():
            parts = (node.node,)
        case _:
            return []
    return next((found for part in parts if (found := _sides(part, one))), [])


def _needed(node: Node) -> list[Triggers]:
    """Literals of each of which at least one must occur."""
    match node:
        # The most frequent first: each class is compared in turn.
        case Term():
            return [(word_trigger(literal(node.text)),)]
        case And() | Near():
            return [found for part in node.nodes for found in _needed(part)]
        case Or():
            return _any_of(node.nodes)
        case Not() | Range() | Meta():
            return []
        case Entity():
            pieces = names.triggers(node.settings)
            return [pieces] if pieces else []
        case Glob():
            return _of_glob(node)
        case Fuzzy():
            return _of_fuzzy(node)
        case Stem():
            return _of_stem(node)
        case Regex():
            required = compile_regex(node.pattern, case=node.case).required()
            return [(Trigger(required, left=False, right=False),)] if required else []
        case In():
            return _needed(node.node)
        case Group():
            if node.must:
                return [found for part in node.must for found in _needed(part)]
            return _any_of(node.should)


def _any_of(nodes: tuple[Node, ...]) -> list[Triggers]:
    """What all alternatives need together: of each its rarest."""
    if len(nodes) == 1:
        return _needed(nodes[0])
    together: dict[Trigger, None] = {}
    for node in nodes:
        found = triggers(node)
        if found is None:
            return []
        for trigger in found:
            together[trigger] = None
    return [tuple(together)]


def _rarity(found: Triggers) -> tuple[int, int]:
    """The longer the shortest of them, and the fewer they are, the rarer."""
    if len(found) == 1:  # as nearly all are
        return len(found[0].text), -1
    return min([len(trigger.text) for trigger in found]), -len(found)


def _of_glob(node: Glob) -> list[Triggers]:
    parts = loose(node.parts)
    place, text = max(
        ((place, text) for place, (kind, text) in enumerate(parts) if kind == "text"),
        key=lambda found: len(found[1]),
    )
    trigger = Trigger(
        text,
        left=place == 0 and in_word(text[0]),
        right=place == len(parts) - 1 and in_word(text[-1]),
    )
    return [(trigger,)] if len(text.strip()) > 1 else []


def _of_fuzzy(node: Fuzzy) -> list[Triggers]:
    """``distance`` + 1 pieces with a letter between them: an edit, even the swap of two
    neighbours, touches one piece at most, so one of them stays whole."""
    word, count = literal(node.text), node.distance + 1
    letters = len(word) - node.distance
    if letters // count < _SHORTEST_PIECE:
        return []
    found, start = [], 0
    for number in range(count):
        size = letters * (number + 1) // count - letters * number // count
        found.append(Trigger(word[start : start + size], left=False, right=False))
        start += size + 1
    return [tuple(dict.fromkeys(found))]


def _of_stem(node: Stem) -> list[Triggers]:
    best = max(
        (prefix(word, node.language) for word in original_words(node.text)), key=len, default=""
    )
    return [(Trigger(best, left=True, right=False),)] if len(best) > 1 else []
