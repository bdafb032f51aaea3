"""Rules that cannot be meant and articles that cannot be real: a clear error or bounded work."""

from __future__ import annotations

import pytest
from structlog.testing import capture_logs

from monitor.errors import ConfigError
from monitor.rules import load_rules
from monitor.rules.reading import RULE_BUDGET

LONGEST = 8 << 20  # bytes of an article that dumps are cut into, about


@pytest.fixture
def refused(tmp_path):
    """What is said of a rule that stands so in a file."""

    def said(rule: str) -> str:
        file = tmp_path / "r.yaml"
        file.write_text(f"rules:\n  - name: r\n    {rule}\n")
        with pytest.raises(ConfigError) as error:
            load_rules(file)
        return str(error.value).replace(f"{tmp_path}/", "")

    return said


def rule_set(*queries: str, **more: object):
    return load_rules({"rules": [
        {"name": f"r{number}", "query": query, **more} for number, query in enumerate(queries)
    ]})  # fmt: skip


@pytest.mark.parametrize(
    ("rule", "said"),
    [
        ("query: (dam OR ice", "r.yaml:3:12: rules[0].query: this bracket is never closed"),
        ("query: dam OR ice)", "r.yaml:3:22: rules[0].query: this bracket was never opened"),
        ("query: dam «ice", "r.yaml:3:16: rules[0].query: the quotation mark is never closed"),
        ("query: ''", "r.yaml:3:13: rules[0].query: the query is empty: expected a word"),
        ("query: '   '", "r.yaml:3:13: rules[0].query: the query is empty: expected a word"),
        ("query: '()'", "r.yaml:3:14: rules[0].query: expected a word, a phrase or a bracket in"),
        ("query: NOT dam", "r.yaml:3:12: rules[0].query: this would match nearly every article"),
        ("query: title:(-dam)", "r.yaml:3:19: rules[0].query: this would match nearly every"),
        ("query: dam OR a*", "r.yaml:3:19: rules[0].query: a wildcard needs at least two letters"),
        ("query: dam /(?=a)b/", "r.yaml:3:17: rules[0].query: look-ahead, (?=...), is not supp"),
        (r"query: dam /(a)\1/", "r.yaml:3:20: rules[0].query: a back-reference, \\1, is not"),
        ("query: |\n      dam AND\n      titel:x", "r.yaml:5:7: rules[0].query: unknown field ti"),
        ("query: 'it''s titel:x'", "r.yaml:3:19: rules[0].query: unknown field ti"),
        (
            f"query: '{'dam OR ' * 150_000}x'",
            "r.yaml:3:100013: rules[0].query: a query has at most 100,000 characters, this one has",
        ),
        (
            f"query: '{'(' * 10_000}x{')' * 10_000}'",
            "r.yaml:3:113: rules[0].query: more than 100 brackets inside one another",
        ),
        ("entity: {name: X}", "r.yaml:3:14: rules[0].entity.name: 'X' is one letter or digit"),
        (
            "entity: {name: Ingrid Berg, aliases: [Я]}",
            "r.yaml:3:43: rules[0].entity.aliases[0]: 'Я' is one letter or digit",
        ),
    ],
)  # fmt: skip
def test_a_mistake_is_named_with_its_place(refused, rule, said):
    """File, line, column, key and what was expected."""
    assert refused(rule).startswith(said)


@pytest.mark.parametrize("made_of", ["NOT ", "title:", "+(", "-(", "NOT (", "lead:("])
def test_ten_thousand_of_anything_that_nests(made_of):
    """Read or refused, never a RecursionError."""
    query = "water " + made_of * 10_000 + "dam" + ")" * made_of.count("(") * 10_000
    try:
        rules = rule_set(query)
    except ConfigError as error:
        assert "more than 100 brackets" in str(error)
    else:
        assert rules.match(title="dam water", body="")


def test_brackets_in_a_regular_expression_may_nest():
    """RE2 keeps count of them itself."""
    with pytest.raises(ConfigError, match=r"rules\[0\]\.query"):
        rule_set("/" + "(" * 40_000 + "x" + "+)" * 40_000 + "/")


def test_an_alias_of_two_entities_finds_both():
    """It is no error (``monitor rules lint`` warns): either may be meant."""
    rules = load_rules({"rules": [
        {"name": "one", "entity": {"name": "Ingrid Berg", "aliases": ["The Chair"]}},
        {"name": "two", "entity": {"name": "Zhandos Omarov", "aliases": ["The Chair"]}},
    ]})  # fmt: skip
    assert [m.rule for m in rules.match(title="", body="The Chair spoke.")] == ["one", "two"]


# ------------------------------------------------------------------------- articles of megabytes

DEAR = [
    '"dam wall"~2',
    " NEAR/50 ".join(["(dam OR burst OR leak OR wall)"] * 15),
    "leakages~2 OR bursted~2",
    "*am",
    "stem.en:bursting",
    "/[a-z]+ (?:dam|burst)/",
    "case:Dam",
    "dam OR wall",
]


def test_an_article_of_eight_megabytes_is_bounded_work():
    """Costly rules are not decided, and said to be so; the others are, and go on."""
    body = "dam burst leak wall " * (LONGEST // 20)
    rules = rule_set(*DEAR, "title:water", "water AND NOT ice")
    with capture_logs() as logs:
        matches = rules.match(title="Water", body=body)
    assert [match.rule for match in matches] == ["r8", "r9"]
    assert matches.undecided == {f"r{number}" for number in range(len(DEAR))}
    (line,) = logs
    assert (line["event"], line["log_level"]) == ("rules.not_decided", "warning")
    assert (set(line["rules"]), line["count"]) == (matches.undecided, len(DEAR))


@pytest.mark.parametrize("piece", [" ", "\n", "-\t", "a", "e\u0301", "\x00", ". "])
def test_megabytes_of_one_sign(piece):
    """No rule is the worse for it: what is in the title is found."""
    body = piece * (1_000_000 // len(piece))
    matches = rule_set("dam", "dam*", "d?m", '"dam burst"~2').match(title="Dam burst", body=body)
    assert [match.rule for match in matches] == ["r0", "r1", "r2", "r3"]


def test_an_ordinary_article_decides_everything():
    """But for proximity of fifteen operands that stand everywhere, which has too many ways."""
    body = "The dam burst: a leak in the wall. " * 100
    matches = rule_set(*DEAR).match(title="Water", body=body)
    assert matches.undecided == {"r1"}
    assert [match.rule for match in matches] == ["r0", "r2", "r3", "r4", "r5", "r7"]


def test_an_explanation_says_what_was_not_decided():
    """The tree has neither yes nor no for it, with the reason."""
    words = RULE_BUDGET // 1000
    found = rule_set("dam NEAR/5 wall").explain("r0", title="", body="dam wall\n" * words)
    assert (found.matched, found.tree.satisfied) == (False, None)
    assert "not decided: it would take too long" in found.reasons[0].message
