"""Files named by shell patterns."""

from __future__ import annotations

import pytest

from monitor.config import parse_settings
from monitor.config.patterns import files_of


@pytest.fixture
def folder(tmp_path):
    """A folder whose own name has signs that mean something in a pattern."""
    folder = tmp_path / "a[1]*"
    (folder / "deep" / "er").mkdir(parents=True)
    (folder / "folder.yaml").mkdir()
    for name in ("b.yaml", "a.yaml", ".a.yaml", "c.txt", "deep/d.yaml", "deep/er/e.yaml"):
        (folder / name).touch()
    return folder


@pytest.mark.parametrize(
    ("pattern", "names"),
    [
        ("*.yaml", ["a.yaml", "b.yaml"]),
        ("a.yaml", ["a.yaml"]),
        (".a.yaml", [".a.yaml"]),
        ("[!a].yaml", ["b.yaml"]),
        ("deep/*.yaml", ["d.yaml"]),
        ("**/*.yaml", ["a.yaml", "b.yaml", "d.yaml", "e.yaml"]),
        ("deep/../c.*", ["c.txt"]),
    ],
)
def test_rule_files_are_found_by_pattern(settings, folder, pattern, names):
    """In the order of their names, folders and hidden files left out; below the folder of the
    configuration, whatever signs its own name has."""
    whole = str(folder / pattern).replace("a[1]*", "a[[]1][*]")
    assert [file.name for file in files_of(whole)] == names
    assert settings(f"rule_files: '{whole}'").rule_files == (whole,)


def test_relative_patterns_start_at_the_folder_of_the_file(folder):
    """So do those of folders whose names look like patterns."""
    (pattern,) = parse_settings("rule_files: '*.yaml'", folder=folder, env={}).rule_files
    assert [file.name for file in files_of(pattern)] == ["a.yaml", "b.yaml"]


def test_a_pattern_that_finds_nothing(messages, folder):
    """It is most likely a slip; so is a folder."""
    told = messages(f"rule_files:\n  - ./rules/*.yaml\n  - '{folder}'\n  - ''\n  - [a]\n")
    assert told == [
        "c.yaml:2:5: rule_files[0]: no such file: ./rules/*.yaml",
        f"c.yaml:3:5: rule_files[1]: a folder; write {folder}/*.yaml",
        "c.yaml:4:5: rule_files[2]: empty",
        "c.yaml:5:5: rule_files[3]: expected text",
    ]


def test_a_pattern_of_a_home_folder_that_is_none(messages):
    """It is told like that of any other path."""
    (told,) = messages("rule_files: '~nobody-has-this-name/*.yaml'")
    assert told == "c.yaml:1:1: rule_files[0]: no such home folder: ~nobody-has-this-name"
