"""Rules compiled in several blocks, as several files are, kept and loaded: as compiled at once."""

from __future__ import annotations

import pytest

from monitor.config.settings import RuleSettings
from monitor.rules import compile_rules
from monitor.rules.block import Block, compile_block
from monitor.rules.index import MakeIndex
from monitor.rules.ruleset import RuleSet

from .indexes import each_index

RULES = [
    RuleSettings.model_validate({"name": f"rule-{number}"} | keys)
    for number, keys in enumerate(
        [
            {"any": ["water"]},
            {"query": "water NEAR/9 river"},
            {"query": "/a .am/"},
            {"query": "river NEAR/9 sea AND dam"},
            {"entity": {"name": "Barlybay Sadykov"}},
            # The same triggers, beside other letters.
            {"entity": {"name": "Ivan Baktygulov"}},
            {"entity": {"name": "Ivan Baktygaliyev"}},
            {"entity": {"name": "Barlybay Sadykov", "surname_alone": True}, "feed": False},
            # The name's trigger as what is needed as well, beside any letter.
            {"query": "reservoirs AND sadyko*"},
            {"all": ["water", "river"], "any": ["dam", "sea"]},
            {"query": "water NEAR/9 river", "min_hits": 3},
            {"any": ["water", "river"], "scope": "title"},
        ]
    )
]
TEXTS = [
    "Water of the river",
    "Water\nof the river, the sea",
    "The sea and the river\nand a dam",
    "Barlybay Sadykov said that Sadykov",
    "Sadykov alone",
    "Садыкова Барлыбая",
    "Ivan Baktygulov",
    "Ivan Baktygaliyev",
    "reservoirs of sadykozzz",
    "water and river, water by the river, the sea",
    "nothing",
    "",
]


def kept(rules: list[RuleSettings]) -> Block:
    """The rules as a block that was written to a file and loaded."""

    def report(*said: object) -> None:
        raise AssertionError(said)

    return Block.load(compile_block(rules, report).dump())


def says(rules: RuleSet, text: str) -> list[object]:
    """Every rule that matches, with its evidence."""
    return list(rules.match(title=text, body=text, language="en"))


@each_index
@pytest.mark.parametrize("turned", [False, True])
def test_wherever_rules_are_cut_into_blocks_the_same_match(index: MakeIndex, turned):
    """In two blocks, one after the other, and in a block for each."""
    rules = RULES[::-1] if turned else RULES
    whole = compile_rules(rules, index)
    said = [says(whole, text) for text in TEXTS]
    assert any(said)
    cuts = [[rules[:at], rules[at:]] for at in range(len(rules) + 1)]
    for parts in [*cuts, [[rule] for rule in rules]]:
        joined = RuleSet.of([kept(part) for part in parts], index)
        assert joined.names == whole.names
        assert joined.feeds == whole.feeds
        assert [says(joined, text) for text in TEXTS] == said


@each_index
def test_a_rule_among_others_finds_what_it_finds_alone(index: MakeIndex):
    """Whatever else is looked for under the same triggers."""
    whole = compile_rules(RULES, index)
    alone = [compile_rules([rule], index) for rule in RULES]
    for text in TEXTS:
        assert says(whole, text) == [match for one in alone for match in says(one, text)]
