"""docs/rules.md says what is so: every example in it is run."""

from __future__ import annotations

import re
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
import yaml

from monitor.config import load_settings
from monitor.config.settings import RuleSettings
from monitor.config.yaml import read_yaml
from monitor.errors import ConfigError
from monitor.rules import load_rules
from monitor.rules.library import load_library
from monitor.rules.parser import QueryError, parse_query
from monitor.rules.stems import LANGUAGES

DOCS = Path(__file__).parents[3] / "docs" / "rules.md"
TEXT = DOCS.read_text("utf-8")
EXAMPLES = re.findall(r"```yaml\n(.*?)```\n\n```text\n(.*?)```", TEXT, re.DOTALL)
LINES = [(rules, line) for rules, lines in EXAMPLES for line in lines.splitlines()]
FACTS = ("source", "language", "url", "views", "growth", "published")


@pytest.mark.parametrize(("rules", "line"), LINES, ids=[line for _, line in LINES])
def test_an_example_is_true(rules, line):
    """A line matches if it says yes, and what stands in brackets is exactly what is found."""
    verdict, title, body, facts = read(line)
    expected = {
        (field, found)
        for field, text in (("title", title), ("body", body))
        for found in spans(text)
    }
    matches = load_rules(data(rules)).match(title=plain(title), body=plain(body), **facts)
    evidence = [e for match in matches for e in match.evidence]
    assert {(e.field, (e.start, e.end)) for e in evidence if e.field not in FACTS} == expected
    assert bool(matches) == (verdict == "yes")
    assert verdict in ("yes", "no")


def data(rules: str) -> dict[str, Any]:
    """As the program reads YAML, to which ``on`` is a word."""
    document = read_yaml(rules, "docs/rules.md", {})
    assert document.problems == []
    return document.data


def read(line: str) -> tuple[str, str, str, dict[str, Any]]:
    """``yes  A title // A [body]. ¶ Its second paragraph. {views: 5}``"""
    verdict, marked = line.split(maxsplit=1)
    facts = {}
    if found := re.fullmatch(r"(.*) (\{.*\})", marked):
        marked, facts = found[1], yaml.safe_load(found[2])
        assert set(facts) <= set(FACTS)
        assert isinstance(facts.get("published"), datetime | None)
    title, _, body = marked.rpartition(" // ")
    return verdict, title, body.replace(" ¶ ", "\n"), facts


def plain(marked):
    return re.sub(r"[\[\]]", "", marked)


def spans(marked):
    """Where bracketed words stand once the brackets are out."""
    for number, found in enumerate(re.finditer(r"\[([^]]*)\]", marked)):
        start = found.start() - 2 * number
        yield start, start + len(found[1])


def marked(kind: str, language: str = "text") -> list[str]:
    """The blocks behind ``<!-- kind -->``."""
    return re.findall(rf"<!-- {kind} -->\n```{language}\n(.*?)```", TEXT, re.DOTALL)


def test_no_example_is_left_out():
    """Every block of rules is followed by its examples, every other one is of a known kind."""
    others = len(marked("refused")) + len(marked("refused rules")) + len(marked("located", "yml"))
    others += len(marked("edits"))
    assert len(EXAMPLES) == TEXT.count("```yaml") == TEXT.count("```text") - others
    assert {verdict for _, line in LINES for verdict in [line.split()[0]]} == {"yes", "no"}


# --------------------------------------------------------------------------- what is refused


REFUSED = [pair for block in marked("refused") for pair in block.strip("\n").split("\n\n")]
REFUSED_RULES = [
    pair for block in marked("refused rules") for pair in block.strip("\n").split("\n\n")
]


@pytest.mark.parametrize("pair", REFUSED, ids=lambda pair: pair.partition("\n")[0])
def test_a_refused_query_is_refused_so(pair):
    """With this message, and the place of the mistake above it."""
    query, message = pair.split("\n")
    with pytest.raises(QueryError) as caught:
        parse_query(query)
    assert " " * caught.value.column + f"^ {caught.value.message}" == message


@pytest.mark.parametrize("pair", REFUSED_RULES, ids=lambda pair: pair.partition("\n")[0])
def test_a_refused_rule_is_refused_so(pair):
    """With this message."""
    rule, message = pair.split("\n")
    with pytest.raises(ConfigError) as caught:
        load_rules({"rules": [yaml.safe_load(rule)]})
    assert str(caught.value).endswith(f": {message.strip()}")


def test_a_mistake_is_placed_as_shown(tmp_path, monkeypatch):
    """File, line, column and key."""
    monkeypatch.chdir(tmp_path)
    ((rules, message),) = re.findall(
        r"<!-- located -->\n```yml\n(.*?)```\n\n```text\n(.*?)\n```", TEXT, re.DOTALL
    )
    Path("config.yaml").write_text(rules, "utf-8")
    with pytest.raises(ConfigError) as caught:
        load_library(load_settings(Path("config.yaml")))
    assert str(caught.value) == message


# --------------------------------------------------------------------------- lists of names


LISTS = re.findall(
    r"<!-- entities (\S+) -->\n```\w+\n(.*?)```\n\nIts rules are (`.*?`)\.\s", TEXT, re.DOTALL
)


@pytest.mark.parametrize(("name", "text", "rules"), LISTS, ids=[name for name, *_ in LISTS])
def test_an_entity_file_becomes_these_rules(name, text, rules, tmp_path):
    """Each entry one, by the file's own name and by none of its text."""
    (tmp_path / name).write_text(text, "utf-8")
    config = tmp_path / "config.yaml"
    config.write_text(f"entity_files: {name}\n", "utf-8")
    found = load_library(load_settings(config))
    assert list(found.names) == re.findall(r"`([^`]+)`", rules)
    assert found.feeds == ()


def test_every_format_of_entity_files_is_shown():
    """With an example that is run."""
    assert len(LISTS) == TEXT.count("<!-- entities ") == 3


# --------------------------------------------------------------------------- the rest


def test_every_operator_of_the_table_is_one():
    """What the first column of the reference shows can be written so."""
    (table,) = re.findall(r"<!-- operators -->\n(.*?)<!-- end -->", TEXT, re.DOTALL)
    rows = table.splitlines()[2:]
    written = [
        query.replace(r"\|", "|")
        for row in rows
        for query in re.findall(r"`([^`]+)`", re.split(r"(?<!\\)\|", row)[1])
    ]
    assert len(written) > 30
    for query in written:
        if not query.startswith("\\"):
            parse_query(query)


def test_the_languages_with_stems_are_listed():
    """All of them and no other."""
    (sentence,) = re.findall(r"There are stems in [^.]*\.", TEXT)
    assert set(re.findall(r"`([a-z]+)`", sentence)) == set(LANGUAGES)


def test_all_that_a_rule_can_have_is_shown():
    """In some example."""
    shown = {key for rules, _ in EXAMPLES for rule in data(rules)["rules"] for key in rule}
    assert shown == set(RuleSettings.model_fields)


def test_the_rules_in_the_readme_are_right():
    """They are the first that anybody sees."""
    readme = (DOCS.parents[1] / "README.md").read_text("utf-8")
    (rules,) = re.findall(r"```yaml\n(rules:.*?)```", readme, re.DOTALL)
    names = {m.rule for m in load_rules(data(rules)).match(title="Icebreaker", body="T. Kjelland")}
    assert names == {"shipping", "kjelland"}


def test_the_python_example_runs(capsys, tmp_path, monkeypatch):
    """Beside a configuration with a rule for the word."""
    (tmp_path / "config.yaml").write_text("rules: [{name: vote, any: referendum}]", "utf-8")
    monkeypatch.chdir(tmp_path)
    (code,) = re.findall(r"```python\n(.*?)```", TEXT, re.DOTALL)
    exec(compile(code, str(DOCS), "exec"), {})
    assert capsys.readouterr().out == "vote any: referendum body 4 referendum\n"
