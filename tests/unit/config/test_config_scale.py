"""Many rules load, and many mistakes are all told."""

from __future__ import annotations

import pytest

from monitor.config import parse_settings
from monitor.errors import ConfigError

COUNT = 100_000
MISTAKES = 20_000


def test_a_hundred_thousand_rules_load(tmp_path):
    """Rules by the hundred thousand are an ordinary configuration."""
    text = "rules:\n" + "".join(
        f"  - name: r{i}\n    any: [word{i}, 'phrase number {i}']\n" for i in range(COUNT)
    )
    rules = parse_settings(text, folder=tmp_path, env={}).rules
    assert len(rules) == COUNT
    assert rules[-1].any == (f"word{COUNT - 1}", f"phrase number {COUNT - 1}")


def test_thousands_of_mistakes_are_told(tmp_path):
    """Each with its own line; the search for likely keys does not get in the way."""
    text = "rules:\n" + "".join(f"- {{name: r{i}, eny: x}}\n" for i in range(MISTAKES))
    with pytest.raises(ConfigError) as caught:
        parse_settings(text, folder=tmp_path, env={})
    problems = caught.value.problems
    assert len(problems) == MISTAKES
    assert [problem.line for problem in problems] == list(range(2, MISTAKES + 2))
