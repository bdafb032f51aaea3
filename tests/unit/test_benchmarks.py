"""The benchmarks that nothing else runs still fit the program that they measure."""

from __future__ import annotations

import importlib
import re
from pathlib import Path
from types import ModuleType

import pytest

from monitor.config.settings import RuleSettings
from monitor.rules.ruleset import compile_rules
from monitor.rules.tree import tree_of
from monitor.text import fold

FOLDER = Path(__file__).parents[2] / "benchmarks"


@pytest.fixture
def newsroom(monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    monkeypatch.syspath_prepend(FOLDER)
    return importlib.import_module("newsroom")


def test_postgresql_is_asked_for_words_that_matched_articles_have(newsroom: ModuleType) -> None:
    """Every rule can be said as a tsquery, and where a rule matches an article, one of the words
    under which PostgreSQL finds the rule is in the article: else it would have less to do."""
    peers = importlib.import_module("peers")
    room = newsroom.Newsroom(1)
    articles = list(room.articles(100, 2500))
    settings = [RuleSettings.model_validate(rule) for rule in room.rules(1000)]
    trees = {rule.name: tree_of(rule) for rule in settings}
    assert all(map(peers.tsquery, trees.values()))
    rules = compile_rules(settings)
    matches = 0
    for title, body in articles:
        words = set(re.findall(r"\w+", fold(f"{title}\n{body}")))
        words |= {f"{word[:5]}*" for word in words}
        for match in rules.match(title=title, body=body):
            matches += 1
            assert peers.needed_words(trees[match.rule]) & words, match
    assert matches > 10
