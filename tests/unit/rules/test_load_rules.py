"""Rules from files and mappings, and what is said of wrong ones."""

from __future__ import annotations

import pytest

from monitor.errors import ConfigError
from monitor.rules import load_rules

GOOD = """\
rules:
  - name: referendum
    any: [referendum, "constitutional reform"]
  - name: tokayev
    entity: {name: Kassym-Jomart Tokayev, aliases: [Head of State]}
"""


@pytest.fixture
def write(tmp_path):
    def write(text):
        file = tmp_path / "rules.yaml"
        file.write_text(text, "utf-8")
        return file

    return write


@pytest.fixture
def problems(write):
    """The problems of a file, each without the file's folder."""

    def problems(text):
        file = write(text)
        with pytest.raises(ConfigError) as caught:
            load_rules(file)
        return [line.replace(str(file), "r.yaml") for line in str(caught.value).splitlines()]

    return problems


def test_a_file_by_path_or_name_and_a_mapping(write):
    """All three give the same rules."""
    file = write(GOOD)
    mapping = {
        "rules": [
            {"name": "referendum", "any": ["referendum", "constitutional reform"]},
            {"name": "tokayev", "entity": {"name": "Kassym-Jomart Tokayev"}},
        ]
    }
    for source in (file, str(file), mapping):
        rules = load_rules(source)
        assert rules.names == ("referendum", "tokayev")
        assert [m.rule for m in rules.match(title="Referendum", body="K.Tokayev")] == [
            "referendum",
            "tokayev",
        ]


def test_of_a_whole_configuration_only_the_rules_are_looked_at(write):
    """Mistakes elsewhere, even a variable that is not set, do not matter here."""
    text = 'inbox: 7\nnonsense: true\nreceivers: ["${NOT_SET_ANYWHERE}"]\n' + GOOD
    assert load_rules(write(text)).names == ("referendum", "tokayev")


def test_no_rules_are_rules_too(write):
    """An empty list is a set that matches nothing."""
    assert load_rules(write("rules: []")).names == ()


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", ["r.yaml:1:1: rules: this key is needed and missing"]),
        ("other: 1", ["r.yaml:1:1: rules: this key is needed and missing"]),
        ("- a", ["r.yaml:1:1: expected keys and values"]),
        (
            'rules:\n  - name: a\n    any: [x, "!!"]',
            ["r.yaml:3:14: rules[0].any[1]: '!!' has no letter or digit to look for"],
        ),
        (
            "rules:\n  - name: a\n    any: ʹ",
            ["r.yaml:3:5: rules[0].any[0]: 'ʹ' has no letter or digit to look for"],
        ),
        (
            'rules:\n  - name: a\n    all: ["referend*"]',
            [
                "r.yaml:3:11: rules[0].all[0]: an asterisk stands for nothing here;"
                " write out each form of the word"
            ],
        ),
        (
            "rules:\n  - name: a\n    any: [x]\n  - any: [y]\n    name: a",
            ["r.yaml:5:5: rules[1].name: the name 'a' is taken by rules[0]"],
        ),
        (
            "rules:\n  - name: a\n    entity: {name: '--', aliases: ['?'], exclude: ['.']}",
            [
                "r.yaml:3:14: rules[0].entity.name: '--' has no letter or digit to look for",
                "r.yaml:3:36: rules[0].entity.aliases[0]: '?' has no letter or digit to look for",
                "r.yaml:3:52: rules[0].entity.exclude[0]: '.' has no letter or digit to look for",
            ],
        ),
        (
            "rules:\n  - name: a\n    query: x\n    any: y",
            ["r.yaml:2:5: rules[0]: a rule is either a query or any/all/none or an entity"],
        ),
        (
            "rules:\n  - name: a\n    query: water AND (dam",
            ["r.yaml:3:22: rules[0].query: this bracket is never closed"],
        ),
        (
            "rules:\n  - {name: a, query: 'it''s AND '}",
            [
                "r.yaml:2:33: rules[0].query: expected a word, a phrase or a bracket behind AND",
            ],
        ),
        (
            "rules:\n  - name: a\n    query: |\n      water\n      AND titel:dam\n    feed: no",
            ["r.yaml:5:11: rules[0].query: unknown field titel; did you mean title?"],
        ),
        (
            "rules:\n  - name: a\n    query: >\n      water\n      AND titel:dam",
            ["r.yaml:5:11: rules[0].query: unknown field titel; did you mean title?"],
        ),
        (
            "rules:\n  - {name: a, any: ['${NOT_SET_ANYWHERE}']}",
            ["r.yaml:2:21: rules[0].any[0]: the environment variable NOT_SET_ANYWHERE is not set"],
        ),
    ],
)
def test_a_mistake_is_told_with_its_place(problems, text, expected):
    """File, line, column, key path and what is wrong."""
    assert problems(text) == expected


def test_a_file_that_is_not_there_or_not_text(tmp_path):
    """The file is named; no traceback of the operating system."""
    with pytest.raises(ConfigError, match=r"nowhere\.yaml:1:1: cannot be read: "):
        load_rules(tmp_path / "nowhere.yaml")
    (tmp_path / "binary.yaml").write_bytes(b"rules: \xff")
    with pytest.raises(ConfigError, match=r"binary\.yaml:1:8: not UTF-8 text"):
        load_rules(tmp_path / "binary.yaml")


def test_a_mapping_has_key_paths_too():
    """There is no line to name, but the key is named."""
    with pytest.raises(ConfigError, match=r"rules\[1\]\.any\[0\]: '!!' has no letter"):
        load_rules({"rules": [{"name": "a", "any": "x"}, {"name": "b", "any": ["!!"]}]})
    with pytest.raises(ConfigError, match=r"rules: expected a list"):
        load_rules({"rules": 7})
