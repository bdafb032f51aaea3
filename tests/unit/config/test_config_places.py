"""Where mistakes are: keys, items, what stands behind aliases, characters inside of values."""

from __future__ import annotations

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from monitor.config.places import locate
from monitor.config.yaml import Document, read_items, read_yaml

TEXT = """\
# rules
inbox: x
rules:
  - name: a
    any: &words
      - b
      - {c: d,
         e: [f, g]}
  - &second {name: h, any: *words}
  - *second
  - {? [1, 2] : 3, i: j, i: k, <<: l, m: n}
copy: *second
"""


@pytest.mark.parametrize(
    ("path", "place"),
    [
        ((), (2, 1)),
        (("inbox",), (2, 1)),
        (("inbox", "nothing"), (2, 1)),
        (("nothing", 0, "nothing"), (2, 1)),
        (("rules",), (3, 1)),
        (("rules", 0), (4, 5)),
        (("rules", 0, "nothing"), (4, 5)),
        (("rules", 0, "any"), (5, 5)),
        (("rules", 0, "any", 0), (6, 9)),
        (("rules", 0, "any", 1, "c"), (7, 10)),
        (("rules", 0, "any", 1, "e", 1), (8, 17)),
        (("rules", 0, "any", 1, "e", 2), (8, 10)),
        (("rules", 1), (9, 5)),
        (("rules", 1, "any"), (9, 23)),  # where the alias stands ...
        (("rules", 1, "any", 0), (6, 9)),  # ... and what is behind it
        (("rules", 1, "any", 2), (9, 23)),
        (("rules", 1, "any", 1, "e", 1), (8, 17)),
        (("rules", 2), (10, 5)),
        (("rules", 2, "any"), (9, 23)),
        (("rules", 2, "any", 1, "c"), (7, 10)),  # behind two
        (("rules", 2, "none"), (10, 5)),
        (("rules", 3, "i"), (11, 20)),  # the first of two
        (("rules", 3, "m"), (11, 39)),
        (("rules", 4), (3, 1)),
        (("copy", "any", 1, "e", 0), (8, 14)),
    ],
)
def test_where_a_path_leads(path, place):
    """To its key or item, or to the nearest of its parents that is there."""
    assert locate(TEXT, [path])[path].place == place
    assert locate(TEXT, [("rules", 0), path, ("copy",)])[path].place == place


def test_a_text_that_ends_early():
    """What stands before the place where a text stops to be YAML is found."""
    found = locate("a: 1\nb: [c, d\ne: f", [("a",), ("b", 1), ("e",)])
    assert [spot.place for spot in found.values()] == [(1, 1), (2, 8), (1, 1)]
    assert locate("", [("a",)])[("a",)].place == (1, 1)


def test_one_by_one_is_as_all_at_once():
    """A document says the same of one path as of many."""
    document = read_yaml(TEXT, "f", {})
    paths = [("rules", 1, "any", 1, "e", 1), ("rules", 2, "none"), ("nothing",), ()]
    for path in paths:
        assert document.problem(path, "x") == document.placed([(path, "x", None)])[0]


# --------------------------------------------------------------------------- inside a value


def _character(text, offset):
    """Where the character stands of the value of the key ``q``."""
    return str(Document("f", text=text).placed([(("q",), "said", offset)])[0])


@pytest.mark.parametrize(
    ("text", "offset", "said"),
    [
        ("q: a OR b", 5, "f:1:9: q: said"),
        ("q: a OR b", 6, "f:1:10: q: said"),  # just behind
        ("{p: x, q: a OR b}", 5, "f:1:16: q: said"),
        ("q: &n a OR b", 5, "f:1:12: q: said"),
        ("q: !!str   a OR b", 5, "f:1:17: q: said"),
        ("q: 'a OR b'", 5, "f:1:10: q: said"),
        ("q: 'it''s OR b'", 8, "f:1:14: q: said"),
        ("q: 'it''s OR b'", 3, "f:1:9: q: said"),
        ('q: "a OR b"', 5, "f:1:10: q: said"),
        (r'q: "\"a\" OR \u0436\x41\tb"', 10, "f:1:26: q: said"),
        ('q: "šж OR b"', 6, "f:1:11: q: said"),
        ("q: šж OR 😀b", 7, "f:1:11: q: said"),
        ("q:\n    a OR b", 5, "f:2:10: q: said"),
        ("q: |\n  a\n    OR b\n", 5, "f:3:6: q: said"),
        ("q: |\n  a\n    OR b\n", 0, "f:2:3: q: said"),
        ("q: |\n  a\n    OR b\n", 9, "f:3:9: q: said"),  # just behind; the line end is no more
        ("q: |\n  a\n    OR b\n", 8, "f:3:9: q: said"),
        ("q: |-  # why\r\n\r\n  a\r\n  OR b", 3, "f:4:3: q: said"),
        ("q: |2\n     a\n", 3, "f:2:6: q: said"),
        ("q: &n |\n  a\n  b\n", 2, "f:3:3: q: said"),
        ("n: &n a OR b\nq: *n", 5, "f:1:12: q: said"),
        # Over several lines that are read as one.
        ("q: >\n  a\n  OR b\n", 5, "f:3:6: q: said"),
        ("q: >\n  a\n  OR b\n", 1, "f:2:4: q: said"),
        ("q: >-  # why\n\n  a\n\n    OR\n  b\n", 9, "f:6:3: q: said"),
        ("q: >\n  a\n  OR b\n", 6, "f:3:7: q: said"),  # just behind
        ("q: &n >-\r\n  a\r\n  OR b\r\n", 5, "f:3:6: q: said"),
        ("q: a\n  OR b\n", 5, "f:2:6: q: said"),
        ("q: a\n  OR b\n", 0, "f:1:4: q: said"),
        ("q: 'a''\n\n  OR b'\n", 6, "f:3:6: q: said"),
        ('q: "a\n  OR b"\n', 5, "f:2:6: q: said"),
        ('q: "a\\\n  OR b"\n', 4, "f:2:6: q: said"),
        # Not to be told: where the value starts, and the number.
        ('q: "\\x41\n  OR b"\n', 5, "f:1:4: q: said (at character 6)"),
        ("q: a ${B} OR c", 5, "f:1:4: q: said (at character 6)"),
        ("q: [a]", 5, "f:1:1: q: said (at character 6)"),
        ("p: x", 5, "f:1:1: q: said (at character 6)"),
    ],
)
def test_where_a_character_stands(text, offset, said):
    """Exactly, where the value stands in the text as it is or line by line."""
    assert _character(text, offset) == said


_VALUES = st.text(st.sampled_from("ab  '\"\\\n\tж😀#:-&*|>{}[],"), max_size=30)


@given(_VALUES, st.sampled_from([None, "'", '"', "|", ">"]), st.data())
def test_a_place_that_is_told_is_the_right_one(value, style, data):
    """However a value is written: the place has its very character, or is not told at all."""
    text = yaml.dump({"p": {"q": value}}, default_style=style, allow_unicode=True, width=40)
    read = yaml.safe_load(text)["p"]["q"]
    if not read:
        return
    offset = data.draw(st.integers(0, len(read) - 1))
    (problem,) = Document("f", text=text).placed([(("p", "q"), "", offset)])
    if problem.message == "" and not read[offset].isspace():
        there = text.split("\n")[problem.line - 1][problem.column - 1 :]
        assert there.startswith((read[offset], "\\"))


# --------------------------------------------------------------------------- item by item


def _items(text, **env):
    document = Document("f", text=text)
    return list(read_items(document, env, "rules")), document


def test_items_are_handed_over_as_they_end():
    """Before the rest of the text is read: even if that is no YAML."""
    document = Document("f", text="rules:\n- {a: b}\n- c\n-\n- [d]\nx: [")
    items = read_items(document, {}, "rules")
    assert [next(items) for _ in range(4)] == [{"a": "b"}, "c", None, ["d"]]
    assert document.readable
    assert list(items) == []
    assert not document.readable
    (problem,) = document.problems
    assert problem.message.startswith("not valid YAML: ")


def test_the_list_itself_stays_empty():
    """What was handed over is forgotten; what stands beside it is kept."""
    items, document = _items("a: 1\nrules: [x, [rules, y]]\nb: {rules: [z]}")
    assert items == ["x", ["rules", "y"]]
    assert document.data == {"a": "1", "rules": [], "b": {"rules": ["z"]}}


@pytest.mark.parametrize(
    "text",
    [
        "rules: &all [a, b]\ncopy: *all",
        "other: &all [a, b]\nrules: *all",
        "rules: [a, b]\nrules: [c]",
    ],
)
def test_a_list_with_an_anchor_or_behind_an_alias(text):
    """Is handed over too; of two the first, as anywhere."""
    items, document = _items(text)
    assert items == ["a", "b"]
    assert document.data.get("copy", ["a", "b"]) == ["a", "b"]


def test_aliases_of_items_before():
    """An anchor keeps what it names: whole items and what stands in them."""
    items, document = _items("rules:\n- &a {x: &x [1]}\n- *a\n- {y: *x}")
    assert items == [{"x": ["1"]}, {"x": ["1"]}, {"y": ["1"]}]
    assert document.problems == []


@pytest.mark.parametrize("text", ["", "a: b", "rules: a", "rules: {a: b}", "[rules, [a]]", "[["])
def test_no_list_has_no_items(text):
    """Whatever else stands there is left to be looked at."""
    items, document = _items(text)
    assert items == []
    assert document.data == read_yaml(text, "f", {}).data


def test_problems_of_items_have_their_path():
    """The reader's own messages count the items that were handed over."""
    _, document = _items("rules:\n- a\n- b: ${NOT_SET}\n- c: [!d e, f]\n  c: 1\n- <<: x")
    assert [str(problem).split(": ")[:2] for problem in document.problems] == [
        ["f:3:6", "rules[1].b"],
        ["f:4:7", "rules[2].c[0]"],
        ["f:5:3", "rules[2].c"],
        ["f:6:3", "rules[3].<<"],
    ]


_LINES = st.sampled_from(
    """\
rules:
- a
- &n b
- *n
  c: d
- {e: [f, &m g]}
- *m
rules: [h]
x: &l [i]
rules: *l
'
- - j
k:
  - l
<<: m
- ${A}
""".splitlines()
)


@given(st.lists(_LINES, max_size=9).map("\n".join))
def test_item_by_item_is_as_whole(text):
    """The same items and the same problems as in the whole text, for any text."""
    whole = read_yaml(text, "f", {})
    items, document = _items(text)
    assert document.problems == whole.problems
    assert document.readable == whole.readable
    if whole.readable:
        listed = whole.data.get("rules") if isinstance(whole.data, dict) else None
        assert items == (listed if isinstance(listed, list) else [])
