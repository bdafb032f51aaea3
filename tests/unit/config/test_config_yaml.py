"""The YAML itself: what it may hold, what it stays, and how it is refused."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.config import parse_settings
from monitor.config.yaml import dotted, read_yaml
from monitor.errors import ConfigError

NOT_YAML = {
    "a: [1, 2\nb: 3\n": "f:2:2: not valid YAML: did not find expected ',' or ']', while parsing a"
    " flow sequence that starts in line 1",
    "a:\n\tb: 1\n": "f:2:1: not valid YAML: a tab; indent with spaces",
    'a: 1\nb: "no end\nc: 2\n': "f:4:1: not valid YAML: found unexpected end of stream, while"
    " scanning a quoted scalar that starts in line 2",
    "a: b: c\n": "f:1:5: not valid YAML: mapping values are not allowed in this context",
    "a: 1\n  b: 2\n": "f:2:4: not valid YAML: mapping values are not allowed in this context",
    "a: @x\n": "f:1:4: not valid YAML: found character that cannot start any token, while scanning"
    " for the next token",
    "a: x\x07y\n": "f:1:5: not valid YAML: control characters are not allowed",
    "a: \ud800\n": "f:1:4: not valid YAML: not a character",
    "a: 1\n---\nb: 2\n": "f:2:1: a second document (---) is not supported",
}


@pytest.mark.parametrize("text", NOT_YAML)
def test_bad_yaml_is_told_with_its_place(text):
    """What is no YAML gives one message with line and column, and no data."""
    document = read_yaml(text, "f", {})
    assert [str(problem) for problem in document.problems] == [NOT_YAML[text]]
    assert not document.readable


@pytest.mark.parametrize(
    "scalar", ["08:00", "no", "on", "2026", "007", "0x1F", "1.10", "1e3", "true", "2026-01-07"]
)
def test_plain_values_stay_as_written(scalar):
    """Nothing but null is reinterpreted: times, numbers, dates and the word no stay text."""
    assert read_yaml(f"a: {scalar}\nb: [{scalar}]", "f", {}).data == {"a": scalar, "b": [scalar]}


def test_null_is_null_and_quoted_null_is_text():
    """An empty value, ~ and null are nothing; in quotes they are text."""
    text = "a:\nb: ~\nc: null\nd: 'null'\ne: '~'\nf: ''\ng: !!str null\n"
    assert read_yaml(text, "f", {}).data == {
        "a": None,
        "b": None,
        "c": None,
        "d": "null",
        "e": "~",
        "f": "",
        "g": "null",
    }


def test_keywords_may_be_numbers_and_truth_values(settings):
    """A year, an agent's number and the word "no" are words to look for, exactly as written."""
    rule = settings("rules: [{name: a, any: [2026, 007, 1.10, no, true], all: 8}]").rules[0]
    assert rule.any == ("2026", "007", "1.10", "no", "true")
    assert rule.all == ("8",)


def test_a_name_may_be_a_number(settings):
    """So may the name of a rule."""
    assert settings("rules: [{name: 2026, any: x}]").rules[0].name == "2026"


def test_numbers_and_truth_values_are_read_where_they_belong(settings):
    """Settings that are numbers or truth values take the usual spellings."""
    web = settings("web: {port: '9', threads: 2, enabled: no}").web
    assert (web.port, web.threads, web.enabled) == (9, 2, False)


def test_a_key_without_a_value_counts_as_not_given(settings):
    """A section whose lines are all commented out has its defaults."""
    text = """\
    feeds:
      # title: x
    rules:
    sources:
      - name: a
        encoding: ~
        zone:
    """
    assert settings(text).feeds == settings("").feeds
    assert settings(text).rules == ()
    assert settings(text).sources[0].zone.key == "UTC"


# --------------------------------------------------------------------------- environment


def test_variables_are_expanded_in_values(settings):
    """A set variable, a default, an empty default and an escape, also within longer text."""
    text = """\
    feeds:
      title: "${A} and ${B:-b} and ${C:-}$${A}$"
      author: "$A ${not a name} ${"
    """
    feeds = settings(text, A="x ${B} y").feeds
    assert feeds.title == "x ${B} y and b and ${A}$"
    assert feeds.author == "$A ${not a name} ${"


def test_a_variable_wins_over_its_default(settings):
    """The default is for a variable that is not set; an empty one is set."""
    assert settings("feeds: {title: '${A:-b}c'}", A="a").feeds.title == "ac"
    assert settings("feeds: {title: '${A:-b}c'}", A="").feeds.title == "c"


def test_a_number_may_come_from_a_variable(settings):
    """What a variable holds is read by the setting's type."""
    assert settings("web: {port: '${PORT}'}", PORT="1234").web.port == 1234
    assert settings("web:\n  port: ${PORT:-8}").web.port == 8


def test_a_variable_is_never_read_as_yaml(settings):
    """Brackets, quotes and line feeds in a variable are text."""
    value = "[x, 'y']: {\n"
    assert settings("rules: [{name: a, any: ['${A}']}]", A=value).rules[0].any == (value,)


def test_a_variable_that_is_not_set(messages):
    """It is told once, by its name, at the value."""
    assert messages("feeds:\n  title: Of ${NOWHERE}\n") == [
        "c.yaml:2:10: feeds.title: the environment variable NOWHERE is not set"
    ]


def test_keys_are_not_expanded(messages):
    """A variable in a key is just an unknown key."""
    assert messages("${A}: x", A="inbox") == ["c.yaml:1:1: ${A}: unknown key"]


# --------------------------------------------------------------------------- aliases


def test_anchors_and_aliases(settings):
    """A value written once may be used again."""
    text = """\
    rules:
      - {name: a, any: &words [x, y], all: &one z}
      - {name: b, any: *words, none: *one}
    """
    a, b = settings(text).rules
    assert b.any == a.any == ("x", "y")
    assert b.none == a.all == ("z",)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("a: *b", "f:1:4: a: text that starts with * needs quotes (else it is an alias)"),
        ("a: &b [x, *b]", "f:1:11: a[1]: an alias that contains itself"),
        ("a: &b {c: {d: *b}}", "f:1:15: a.c.d: an alias that contains itself"),
        ("<<: {a: b}", "f:1:1: <<: merge keys (<<) are not supported"),
        ("a: !x y", "f:1:4: a: text that starts with ! needs quotes (else it is a tag)"),
        (
            "a: !!python/object:os.system [y]",
            "f:1:4: a: text that starts with ! needs quotes (else it is a tag)",
        ),
        ("? [a]\n: b", "f:1:3: a key must be plain text"),
        ("{a: 1, [b]: [c]}", "f:1:8: a key must be plain text"),
        ("a: &x 1\n*x : 2", "f:2:1: a key must be plain text"),
    ],
)
def test_yaml_that_is_not_supported(text, message):
    """Aliases to nowhere or to themselves, merge keys, tags and odd keys are refused."""
    assert [str(problem) for problem in read_yaml(text, "f", {}).problems] == [message]


def test_billion_laughs_end_early(messages):
    """Aliases of aliases are refused before they are written out."""
    lines = ["a: &a [x, x, x, x, x, x, x, x, x, x]"]
    for before, name in zip("abcdefgh", "bcdefghi", strict=True):
        lines.append(f"{name}: &{name} [{', '.join(['*' + before] * 10)}]")
    assert messages("\n".join(lines)) == ["c.yaml:5:36: too large once its aliases are written out"]


def test_routes_that_multiply_end_early(messages):
    """So are aliases in a setting that may hold itself."""
    text = "{receiver: a}"
    for depth in range(12):
        text = f"{{receiver: a, routes: [&r{depth} {text}, {', '.join([f'*r{depth}'] * 9)}]}}"
    (message,) = messages(f"receivers: [{{name: a}}]\nroute: {text}\n")
    assert message.endswith("too large once its aliases are written out")


@pytest.mark.parametrize(
    "text",
    [
        "a: " + "[" * 10_000,
        "a: " + "[" * 200_000 + "]" * 200_000,
        "{a: " * 200_000 + "}" * 200_000,
        "- " * 200_000 + "x",
        "".join(" " * depth + "a:\n" for depth in range(2_000)),
    ],
    ids=["open", "closed", "mappings", "dashes", "indented"],
)
def test_deep_nesting_is_a_message(text):
    """Any depth of brackets, keys or dashes is refused without overrunning a stack."""
    (problem,) = read_yaml(text, "f", {}).problems
    assert problem.message == "nested more than 64 levels deep"


# --------------------------------------------------------------------------- anything at all


def test_paths_are_written_with_dots_and_brackets():
    """Keys are joined by dots, positions stand in brackets."""
    assert dotted(("rules", 2, "any", 0)) == "rules[2].any[0]"
    assert dotted((3, "a")) == "[3].a"
    assert dotted(()) == ""


_LINES = st.sampled_from(
    """\
a: b
- a
  - b
  c: [d, {e: f}]
? x
: y
&n z
*n
'q
"
${V}
\t
rules:
  - name: a
    any: x
inbox: y
---
...
%YAML 1.2
!t u
# c
<<: *n
a: >
route: {receiver: a, routes: [{}]}
""".splitlines()
)


@given(st.lists(_LINES | st.text(max_size=12), max_size=12).map("\n".join))
def test_no_text_raises_anything_but_a_configuration_error(tmp_path_factory, text):
    """Whatever the file holds, there are settings or messages with places inside the file."""
    lines = text.count("\n") + text.count("\r") + text.count("\x85") + text.count("\u2028")
    lines += text.count("\u2029")
    try:
        parse_settings(text, "f", folder=tmp_path_factory.getbasetemp(), env={})
    except ConfigError as error:
        assert error.problems
        for problem in error.problems:
            assert 1 <= problem.line <= lines + 2
            assert problem.column >= 1
            assert problem.message
