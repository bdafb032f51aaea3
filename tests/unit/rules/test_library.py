"""All rules of a configuration, from wherever they come, and their compiled form kept in files."""

from __future__ import annotations

import os
import threading

import pytest
from structlog.testing import capture_logs

from monitor.config import load_settings
from monitor.errors import ConfigError
from monitor.rules import load_rules
from monitor.rules.cache import FORMAT, Cache, key_of
from monitor.rules.library import MOST_PROBLEMS, load_library

CONFIG = """\
rules:
  - name: water
    any: [water]
rule_files: [more/*.yaml, last.yaml]
"""


KIND = (b"rules", bytes([False]), b"default")  # of a rule file of this configuration


@pytest.fixture
def folder(tmp_path):
    """A configuration with rules of its own and in three files."""
    (tmp_path / "config.yaml").write_text(CONFIG)
    (tmp_path / "more").mkdir()
    (tmp_path / "more" / "b.yaml").write_text("rules: [{name: dam, query: dam AND burst}]")
    (tmp_path / "more" / "a.yaml").write_text("rules: [{name: flood, any: flood}]")
    (tmp_path / "last.yaml").write_text("rules: [{name: drought, all: [dry, field]}]")
    return tmp_path


@pytest.fixture
def library(folder):
    """The rules of the folder's configuration, with or without a cache."""
    return lambda cache=None: load_library(load_settings(folder / "config.yaml", {}), cache=cache)


@pytest.fixture
def problems(folder, library):
    """What the configuration is refused with, file names without the folder."""

    def problems(cache=None):
        with pytest.raises(ConfigError) as caught:
            library(cache)
        return str(caught.value).replace(f"{folder}/", "").splitlines()

    return problems


def _found(rules):
    return [match.rule for match in rules.match(title="Flood", body="A dam has burst. Water!")]


# --------------------------------------------------------------------------- together


def test_all_rules_of_a_configuration(library):
    """The configuration's own, then those of files by the order of patterns and of names."""
    rules = library()
    assert rules.names == ("water", "flood", "dam", "drought")
    assert _found(rules) == ["water", "flood", "dam"]


def test_rules_of_a_file_that_names_more(folder):
    """load_rules reads a configuration as load_library does, whatever else stands in it."""
    (folder / "config.yaml").write_text(CONFIG + "inbox: [7]\nreceivers: ${NOT_SET}\n")
    assert load_rules(folder / "config.yaml").names == ("water", "flood", "dam", "drought")
    mapping = {"rules": [{"name": "a", "any": "b"}], "rule_files": str(folder / "last.yaml")}
    assert load_rules(mapping).names == ("a", "drought")


def test_rules_only_in_files(folder, library):
    """The configuration needs none of its own."""
    (folder / "config.yaml").write_text("rule_files: more/*.yaml")
    assert library().names == ("flood", "dam")
    assert load_rules(folder / "config.yaml").names == ("flood", "dam")


def test_a_file_counts_once(folder, library):
    """Two patterns may mean the same file."""
    (folder / "config.yaml").write_text("rule_files: ['more/*.yaml', 'more/a*', '*/b.yaml']")
    assert library().names == ("flood", "dam")


def test_no_rules_at_all(folder, library):
    """A configuration that only collects."""
    (folder / "config.yaml").write_text("log: {level: info}")
    assert library().names == ()


# --------------------------------------------------------------------------- mistakes


def test_mistakes_of_all_files_are_told(folder, problems):
    """Each with its place, in the order in which the files are read."""
    (folder / "config.yaml").write_text(CONFIG.replace("any: [water]", "query: '(water'"))
    (folder / "more" / "a.yaml").write_text("rules:\n  - name: A B\n    any: x\n    eny: y\n")
    (folder / "more" / "b.yaml").write_text("rules:\n- {name: a, any: [x, '--']}\n- [b]\n")
    (folder / "last.yaml").write_text("rules: [\n")
    told = problems()
    assert [" ".join(line.split(": ")[:2]) for line in told] == [
        "config.yaml:3:13 rules[0].query",
        "more/a.yaml:2:5 rules[0].name",
        "more/a.yaml:4:5 rules[0].eny",
        "more/b.yaml:2:22 rules[0].any[1]",
        "more/b.yaml:3:3 rules[1]",
        "last.yaml:2:1 not valid YAML",
    ]
    assert told[2].endswith("unknown key; did you mean entity?")


def test_names_are_unique_over_all_files(folder, problems):
    """The message names both places, also where the rules come from the cache."""
    cache = folder / "cache"
    for name in ("more/a.yaml", "more/b.yaml", "last.yaml"):
        load_rules(folder / name, cache=cache)
    (folder / "config.yaml").write_text(CONFIG.replace("water\n", "dam\n"))
    load_rules({"rules": []}, cache=cache)
    (folder / "last.yaml").write_text(
        "rules:\n- {any: x, name: dry}\n- {any: x,\n   name: flood}\n- {any: x, name: dry}\n"
    )
    expected = [
        "more/b.yaml:1:10: rules[0].name: the name 'dam' is taken by rules[0] (config.yaml:2:5)",
        "last.yaml:4:4: rules[1].name: the name 'flood' is taken by rules[0] (more/a.yaml:1:10)",
        "last.yaml:5:12: rules[2].name: the name 'dry' is taken by rules[0]",
    ]
    assert problems() == expected
    assert problems(cache) == expected
    assert problems(cache) == expected


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "1:1: rules: this key is needed and missing"),
        ("rulez: []", "1:1: rules: this key is needed and missing"),
        ("rules: 7", "1:1: rules: expected a list"),
        ("- a", "1:1: expected keys and values"),
        ("just text", "1:1: expected keys and values"),
        ("rules: []\n---\n", "2:1: a second document (---) is not supported"),
        (
            "rules: []\nrule_files: more/*.yaml",
            "2:1: rule_files: only the configuration itself names further files",
        ),
        ("\0", "1:1: not valid YAML: control characters are not allowed"),
    ],
)
def test_a_file_that_has_no_rules(folder, problems, text, said):
    """Is told from one with an empty list."""
    (folder / "last.yaml").write_text(text)
    (line,) = problems()
    assert line.startswith(f"last.yaml:{said}")


def test_a_file_that_is_not_text(folder, problems):
    """The place of the first wrong byte."""
    (folder / "last.yaml").write_bytes(b"rules: \xff")
    assert problems() == ["last.yaml:1:8: not UTF-8 text"]


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_a_file_that_may_not_be_read(folder, problems):
    """Is told beside the other mistakes."""
    (folder / "last.yaml").chmod(0)
    (folder / "more" / "a.yaml").write_text("rules: 7")
    assert problems() == [
        "more/a.yaml:1:1: rules: expected a list",
        "last.yaml:1:1: cannot be read: Permission denied",
    ]


def test_sources_must_be_there(folder, problems):
    """A rule of a source that is none would never match."""
    (folder / "last.yaml").write_text(
        "rules:\n  - name: a\n    any: b\n    sources:\n      - default\n      - defautl\n"
    )
    assert problems() == [
        "last.yaml:6:9: rules[0].sources[1]: there is no source 'defautl'; did you mean default?"
    ]
    assert load_rules(folder / "last.yaml").names == ("a",)


def test_a_pattern_that_finds_the_configuration(folder, problems):
    """Its rules are not read twice."""
    (folder / "config.yaml").write_text(CONFIG.replace("last.yaml", "'*.yaml'"))
    said = "rule_files[1]: this finds the configuration itself; give rule files a folder"
    assert problems() == [f"config.yaml:4:27: {said}"]


def test_files_that_vanish(folder):
    """Files may go between reading the configuration and reading them: told, never passed over."""
    settings = load_settings(folder / "config.yaml", {})
    (folder / "last.yaml").unlink()
    with pytest.raises(ConfigError, match=r"config\.yaml:4:27: rule_files\[1\]: no such file"):
        load_library(settings)


def test_mistakes_without_number_are_not_all_told(folder, problems):
    """A file of nothing but mistakes gives some, and says that there are more; the files after
    it are not looked at."""
    lines = [f"- {{name: r{i}, eny: x, any: y}}" for i in range(10 * MOST_PROBLEMS)]
    (folder / "more" / "b.yaml").write_text("rules:\n" + "\n".join(lines))
    (folder / "last.yaml").write_text("rules: [")
    told = problems()
    assert len(told) == MOST_PROBLEMS + 1
    assert told[0].startswith("more/b.yaml:2:14: rules[0].eny: unknown key")
    assert told[-2].startswith("more/b.yaml:1001:")
    assert told[-1] == "more/b.yaml:1001:16: more than 1,000 mistakes; the rest is not told"


def test_many_names_that_are_taken(folder, problems):
    """Nor are those: and their places are looked up together."""
    lines = "\n".join(f"- {{name: r{i}, any: y}}" for i in range(3 * MOST_PROBLEMS))
    for name in ("a", "b"):
        (folder / "more" / f"{name}.yaml").write_text("rules:\n" + lines)
    told = problems()
    assert len(told) == MOST_PROBLEMS + 1
    assert told[998] == (
        "more/b.yaml:1000:4: rules[998].name: the name 'r998' is taken by rules[998]"
        " (more/a.yaml:1000:4)"
    )


# --------------------------------------------------------------------------- entities


@pytest.fixture
def people(folder):
    """A configuration with a list of persons beside its rule files."""
    (folder / "config.yaml").write_text(CONFIG + "entity_files: [{path: people.csv, on: new}]\n")
    (folder / "people.csv").write_text(
        "name,aliases\nErlan Karin,State Counsellor\nDaulet Yemberdiyev,State Counsellor\n"
    )
    return folder


def test_entities_of_files_are_rules(people, library):
    """After all others; an alias of two entities finds both."""
    for cache in (None, people / "cache", people / "cache"):
        rules = library(cache)
        assert rules.names[4:] == ("erlan-karin", "daulet-yemberdiyev")
        assert rules.info("erlan-karin").on == ("new",)
        found = rules.match(title="The State Counsellor", body="")
        assert [match.rule for match in found] == ["erlan-karin", "daulet-yemberdiyev"]
    assert load_rules(people / "config.yaml").names == rules.names


def test_mistakes_of_entity_files(people, problems):
    """With the line of the entry and its key; names taken in other files, too."""
    (people / "people.csv").write_text(
        "rule,name,sources\nflood,Erlan Karin,\nb,--,\nc,Barlybay Sadykov,nowhere\nd,,\n"
    )
    told = problems(people / "cache")
    assert told[:3] == [
        "people.csv:2:1: name: the name 'flood' is taken by rules[0] (more/a.yaml:1:10)",
        "people.csv:3:3: name: '--' has no letter or digit to look for",
        "people.csv:4:1: sources[0]: there is no source 'nowhere'",
    ]
    assert len(told) == 4
    assert told[3].startswith("people.csv:5:")


def test_names_that_entities_of_kept_files_take(people, problems):
    """The line of an entry is found though the file was not read."""
    cache = people / "cache"
    (people / "more" / "a.yaml").write_text("rules: []")
    (people / "more" / "c.yaml").write_text("rules: []")
    config = "entity_files: [people.csv, more.csv]\n"
    (people / "more.csv").write_text("name\nA Person\n\nErlan Karin\n")
    for text in ("entity_files: people.csv\n", "entity_files: more.csv\n"):
        (people / "config.yaml").write_text(text)
        load_library(load_settings(people / "config.yaml", {}), cache=cache)
    (people / "config.yaml").write_text(config)
    for _ in range(2):
        assert problems(cache) == [
            "more.csv:4:1: name: the name 'erlan-karin' is taken by the entry in line 2"
            " (people.csv:2:1)"
        ]


def test_other_settings_of_an_entity_file(people, library):
    """Make other rules of the same file."""
    cache = people / "cache"
    library(cache)
    (people / "config.yaml").write_text("entity_files: [{path: people.csv, prefix: p-}]\n")
    assert library(cache).names == ("p-erlan-karin", "p-daulet-yemberdiyev")


# --------------------------------------------------------------------------- kept


def _files(cache):
    return {path.name: path.read_bytes() for path in cache.iterdir()}


def test_the_second_start_reads_what_the_first_kept(folder, library):
    """With the same rules and matches; the files are for us only."""
    cache = folder / "state" / "rules"
    first = library(cache)
    kept = _files(cache)
    assert len(kept) == 3
    assert {path.stat().st_mode & 0o777 for path in cache.iterdir()} == {0o600}
    assert cache.stat().st_mode & 0o777 == 0o700
    before = {path: path.stat().st_mtime_ns for path in cache.iterdir()}
    second = library(cache)
    assert second.names == first.names
    assert _found(second) == _found(first) == _found(library())
    assert second.settings("dam") == first.settings("dam")
    assert {path: path.stat().st_mtime_ns for path in cache.iterdir()} == before


def test_what_was_kept_is_used(folder, library):
    """Kept rules are not compiled anew: what stands in the cache under the right key counts."""
    cache = Cache(folder / "cache")
    library(folder / "cache")
    last, other = folder / "last.yaml", folder / "more" / "a.yaml"
    content = cache.get(other, key_of(*KIND, other.read_bytes()))
    cache.put(last, key_of(*KIND, last.read_bytes()), content)
    other.unlink()
    assert library(folder / "cache").names == ("water", "dam", "flood")


def test_a_changed_file_is_read_anew(folder, library):
    """And only its own cache file is written."""
    cache = folder / "cache"
    library(cache)
    before = _files(cache)
    (folder / "last.yaml").write_text("rules: [{name: rain, any: water}]")
    assert library(cache).names == ("water", "flood", "dam", "rain")
    after = _files(cache)
    assert before.keys() == after.keys()
    assert sum(before[name] != after[name] for name in before) == 1


def test_files_of_sources_that_are_gone_are_removed(folder, library):
    """So are those that a crash left half-written, but not those that somebody writes now."""
    cache = folder / "cache"
    library(cache)
    for name, old in (("left.writing", True), ("new.writing", False), ("notes.txt", True)):
        (cache / name).write_bytes(b"x")
        if old:
            os.utime(cache / name, (0, 0))
    (folder / "more" / "b.yaml").unlink()
    library(cache)
    names = sorted(name for name in _files(cache) if not name.endswith(".rules"))
    assert names == ["new.writing", "notes.txt"]
    assert len(_files(cache)) == 4


@pytest.mark.parametrize(
    "damage",
    [
        lambda data: b"",
        lambda data: data[:7],
        lambda data: data[:-1],
        lambda data: data + b"x",
        lambda data: data[:-20] + bytes([data[-20] ^ 1]) + data[-19:],
        lambda data: data.replace(FORMAT, b"press-monitor rules 0\n"),
        lambda data: b"\x80\x04N." + data,
        lambda data: data[: len(FORMAT)] + bytes(32) + data[len(FORMAT) + 32 :],
    ],
    ids=["empty", "cut", "short", "longer", "one bit", "other format", "pickle", "other program"],
)
def test_damaged_files_are_written_anew(folder, library, damage):
    """Whatever stands there: the rules are those of the sources."""
    cache = folder / "cache"
    names = library(cache).names
    good = _files(cache)
    for path in cache.iterdir():
        path.write_bytes(damage(path.read_bytes()))
    assert library(cache).names == names
    assert _files(cache) == good


def test_whole_bytes_that_are_no_rules_are_written_anew(folder, library):
    """A checksum alone does not make a block of rules."""
    cache = folder / "cache"
    names = library(cache).names
    good = _files(cache)
    source = folder / "last.yaml"
    key = key_of(*KIND, source.read_bytes())
    for content in (b"", b"nonsense", b"N", b"\xfb" * 9):
        Cache(cache).put(source, key, content)
        assert library(cache).names == names
        assert _files(cache) == good


def test_a_folder_in_place_of_a_cache_file(folder, library):
    """Is left alone and told, as anything that cannot be written."""
    cache = folder / "cache"
    library(cache)
    for path in list(cache.iterdir()):
        path.unlink()
        path.mkdir()
    assert len(library(cache).names) == 4
    assert all(path.is_dir() for path in cache.iterdir())
    assert not list(cache.glob("*.writing"))


def test_a_cache_folder_that_cannot_be_written(folder, library):
    """The rules are there all the same, and one line says why the next start is slow too."""
    (folder / "file").touch()
    with capture_logs() as logs:
        assert len(library(folder / "file" / "cache").names) == 4
    assert [entry["event"] for entry in logs] == ["rules.not_kept"]


def test_what_depends_on_the_environment_is_not_kept(folder, library, monkeypatch):
    """A file with a variable in it means another thing tomorrow."""
    cache = folder / "cache"
    (folder / "last.yaml").write_text("rules: [{name: '${RULE}', any: x}]")
    for name in ("one", "two"):
        monkeypatch.setenv("RULE", name)
        assert library(cache).names[-1] == name
    assert len(_files(cache)) == 2


def test_what_has_mistakes_is_not_kept(folder, library, problems):
    """They are told at each start."""
    cache = folder / "cache"
    for text in ("rules: [{name: a, any: x}, {name: a, any: y}]", "rules: [{name: a}]"):
        (folder / "last.yaml").write_text(text)
        assert problems(cache) == problems(cache) != []
        assert len(_files(cache)) == 2


def test_a_configuration_that_names_files_is_not_kept_for_its_rules(folder):
    """What it names may change while it does not."""
    cache = folder / "cache"
    for _ in range(2):
        assert len(load_rules(folder / "config.yaml", cache=cache)) == 4
    (folder / "more" / "c.yaml").write_text("rules: [{name: c, any: c}]")
    assert len(load_rules(folder / "config.yaml", cache=cache)) == 5


def test_many_write_at_once(folder):
    """Whoever reads meanwhile finds one file or the other, whole."""
    source, cache = folder / "last.yaml", Cache(folder / "cache")
    contents = [bytes([n]) * 200_000 for n in range(4)]
    key = key_of(b"x")
    cache.put(source, key, contents[0])
    seen = set()

    def write(content: bytes) -> None:
        mine = Cache(folder / "cache")
        for _ in range(20):
            mine.put(source, key, content)
            seen.add(mine.get(source, key))

    threads = [threading.Thread(target=write, args=(content,)) for content in contents]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert seen <= set(contents)
    assert cache.get(source, key) in contents
    assert len(list((folder / "cache").iterdir())) == 1


def test_keys_tell_apart():
    """What is joined together otherwise is another key."""
    keys = {key_of(b"ab", b"c"), key_of(b"a", b"bc"), key_of(b"abc"), key_of(b"abc", b"")}
    assert len(keys) == 4
    assert key_of(b"a") == key_of(b"a")
