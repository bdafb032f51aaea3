"""Which literals must occur before a rule can match: what the automaton looks for.

The technique of percolators (Luwak's presearcher, Elasticsearch's percolator): of the parts that
must all be there the rarest one is enough, of alternatives all are needed.
"""

from __future__ import annotations

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


def wakes(node: Node) -> list[Triggers]:
    """What a text must have for the node to be true: of each of these at least one, the rarest
    first, then what must stand in one paragraph with it if there is any. Empty: the node is
    evaluated for every article."""
    found = _needed(node)
    if len(found) > 1:
        found = sorted(dict.fromkeys(found), key=_rarity, reverse=True)
        first, *others = found
        beside = next((other for other in others if together(node, first, other)), None)
        if beside is not None and beside != others[0]:
            others.remove(beside)
            found = [first, beside, *others]
    return found


def together(node: Node, one: Triggers, other: Triggers) -> bool:
    """Whether two of the things that a node needs must stand in one paragraph, not overlapping:
    those of two operands of a proximity."""
    match node:
        case Near():
            sides = list(map(triggers, node.nodes))
            return one in sides and other in sides
        case And():
            return any(together(part, one, other) for part in node.nodes)
        case Group():
            return any(together(part, one, other) for part in node.must)
        case In():
            return together(node.node, one, other)
        case _:
            return False


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
