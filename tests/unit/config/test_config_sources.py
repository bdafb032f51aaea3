"""Sources that no dump can come to, and folders that are none of theirs."""

from __future__ import annotations

import pytest


@pytest.mark.parametrize(
    ("upper", "lower"),
    [
        ("", ""),
        ("", "match: a.txt, folder: wire, content: x"),
        ("match: a-*", "match: [a-b-*, a-1.txt]"),
        ("match: a-*", "match: a-*, content: x"),
        ("folder: wire", "folder: wire, match: '*.txt'"),
        ("content: x", "content: x"),
        ("match: 'a[12]'", "match: 'a[12]'"),
    ],
)
def test_a_source_below_one_that_takes_all_of_its_dumps(messages, upper, lower):
    """Is a mistake, told with the source that is in its way."""
    (said,) = messages(
        f"sources:\n  - {{name: one, {upper}}}\n  - {{name: two, {lower}}}\n".replace(", }", "}")
    )
    assert said.startswith("c.yaml:3:5: sources[1]: no dump comes to 'two': all it would have go")


@pytest.mark.parametrize(
    ("upper", "lower"),
    [
        ("folder: wire", ""),
        ("folder: wire", "folder: other"),
        ("content: x", ""),
        ("content: x", "content: y"),
        ("match: '*.txt'", ""),
        ("match: a-*", "match: [a-b, b-a]"),
        ("match: 'a?'", "match: 'a*'"),
        ("match: '[a]*'", "match: 'a*'"),
        ("", "match: []"),
    ],
)
def test_a_source_that_something_is_left_for(settings, upper, lower):
    """Is none; nor is one without file names at all, which is for `parse --source`."""
    read = settings(
        f"sources:\n  - {{name: one, {upper}}}\n  - {{name: two, {lower}}}\n".replace(", }", "}")
    )
    assert [source.name for source in read.sources] == ["one", "two"]


def test_a_folder_in_a_pattern_for_names(messages):
    """Would never fit; there is a setting for it."""
    assert messages("sources: [{name: a, match: wire/*}]") == [
        "c.yaml:1:21: sources[0].match[0]: the name of no file has a / in it; see folder"
    ]


def test_a_source_folder_that_is_a_folder_of_the_program(messages):
    """What the program writes there would come back as dumps."""
    assert messages("inbox: ./data\nstate: ./data/state\nsources: [{name: a, folder: state}]") == [
        "c.yaml:3:21: sources[0].folder: the same folder as state, whose files are no dumps"
    ]
