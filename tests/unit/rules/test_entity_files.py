"""Lists of entities in YAML, CSV and FollowTheMoney's JSON lines; right ones and wrong ones."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.config.settings import EntityFileSettings, EntitySettings, RuleSettings
from monitor.rules.entity_files import MOST_PROBLEMS, aliases_of_several, read_entities
from monitor.rules.entity_files.lines import LONGEST
from monitor.rules.entity_files.naming import Names, slug

EXAMPLE = Path(__file__).parents[3] / "examples" / "entities.csv"
NAME = re.compile("[a-z0-9][a-z0-9._-]{0,63}")


@pytest.fixture
def read(tmp_path):
    """Write a file and read it: rules with lines, problems as ``line:column: path: message``."""

    def of(content, name="people.csv", **settings):
        path = tmp_path / name
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        problems = []
        rules = list(read_entities(EntityFileSettings(path=path, **settings), problems))
        return rules, [str(problem).removeprefix(f"{path}:") for problem in problems]

    return of


def ftm(schema="Person", **entity):
    properties = {key: entity.pop(key) for key in list(entity) if key not in ("id", "caption")}
    return json.dumps({"id": "x1", "schema": schema, "properties": properties} | entity) + "\n"


# --------------------------------------------------------------------------- what is read


def test_csv_with_every_column(read):
    """Each column reaches its setting; empty cells are as the file's settings say."""
    rules, problems = read(
        "name,kind,aliases,exclude,surname,surname_alone,rule,id,on,priority,labels,languages,"
        "sources,feed\n"
        '"Zeinep Askarova",Person,"Z. Askar; Zeynep Askarova|Head of ""Zhaz""",Askarova Street,'
        "Askarova,yes,people.askarova,7,new|dropped,High,desk=east; tier=1,en|ru,agency,true\n"
        "Almas Water Fund,organisation,,,,,,,,,,,,\n",
        labels={"desk": "home", "list": "a"},
        priority="low",
        prefix="w.",
    )
    assert problems == []
    (line, full), (other, short) = rules
    assert (line, other) == (2, 3)
    assert full == RuleSettings(
        name="w.people.askarova",
        entity=EntitySettings(
            name="Zeinep Askarova",
            aliases=("Z. Askar", "Zeynep Askarova", 'Head of "Zhaz"'),
            exclude=("Askarova Street",),
            surname="Askarova",
            surname_alone=True,
        ),
        on=("new", "dropped"),
        priority="high",
        labels={"desk": "east", "list": "a", "tier": "1"},
        languages=("en", "ru"),
        sources=("agency",),
        feed=True,
    )
    assert short == RuleSettings(
        name="w.almas-water-fund",
        entity=EntitySettings(name="Almas Water Fund", kind="organisation"),
        priority="low",
        labels={"desk": "home", "list": "a"},
        feed=False,
    )


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
@pytest.mark.parametrize("end", ["\n", "\r\n"])
@pytest.mark.parametrize("mark", ["", "\ufeff"])
def test_csv_as_programs_write_it(read, delimiter, end, mark):
    """Comma, semicolon or tab; ends of lines of both kinds; with a byte order mark or without."""
    rows = [("Name", "Aliases"), ("Anna Berg", '"A. B.; Ann|Nan"'), ("", ""), ("Ívar Dal", "")]
    text = mark + "".join(delimiter.join(row) + end for row in rows) + end
    rules, problems = read(text)
    assert problems == []
    assert [(line, rule.entity.name) for line, rule in rules] == [(2, "Anna Berg"), (4, "Ívar Dal")]
    assert rules[0][1].entity.aliases == ("A. B.", "Ann", "Nan")


def test_csv_with_one_column(read):
    """A list of names is enough; the last line may have no end."""
    rules, problems = read("name\nAnna Berg\nБарлыбай Садыков")
    assert problems == []
    assert [rule.name for _, rule in rules] == ["anna-berg", "barlybai-sadykov"]


def test_yaml(read):
    """The keys of an entity and of a rule beside each other; lines are those of the entries."""
    rules, problems = read(
        "# People\n"
        "- name: Zeinep Askarova\n"
        "  aliases: [Head of Zhaz, Z. Askar]\n"
        "  rule: askarova\n"
        "  labels: {desk: east}\n"
        "- {name: Almas, kind: organisation, on: started, id: 12}\n",
        "people.yml",
        labels={"desk": "home", "list": "a"},
    )
    assert problems == []
    (first, person), (second, fund) = rules
    assert (first, second) == (2, 6)
    assert person.name == "askarova"
    assert person.labels == {"desk": "east", "list": "a"}
    assert person.entity.aliases == ("Head of Zhaz", "Z. Askar")
    assert (fund.name, fund.on, fund.entity.kind) == ("12", ("started",), "organisation")


def test_ftm(read):
    """Persons and organisations; their other names without what is the same or too weak."""
    rules, problems = read(
        ftm(
            id="NK-Ab1",
            caption="Zeinep Askarova",
            name=["ASKAROVA, Zeinep", "Zeinep Askarova", "Зейнеп Аскарова"],
            alias=["Askarova Zeinep", "Zeinep", "zeinep askarova", "Zeynep Askarova", "*", "ZA"],
            weakAlias=["The Dove"],
            previousName=["Zeinep Omarova", "阿斯卡"],
            lastName=["Askarova"],
            birthDate=["1970"],
        )
        + ftm("Sanction", id="s1", authority=["somebody"])
        + ftm("Vessel", id="v1", name=["Victoria"])
        + ftm("PublicBody", id="b1", name=["Water Fund"], abbreviation=["WF"], alias=["Fund"]),
        "entities.ftm.json",
    )
    assert problems == []
    assert [line for line, _ in rules] == [1, 4]
    assert [rule.name for _, rule in rules] == ["nk-ab1", "b1"]
    assert rules[0][1].entity == EntitySettings(
        name="Zeinep Askarova",
        surname="Askarova",
        aliases=("Зейнеп Аскарова", "Zeynep Askarova", "Zeinep Omarova", "阿斯卡"),
    )
    assert rules[1][1].entity == EntitySettings(
        name="Water Fund", kind="organisation", aliases=("Fund", "WF")
    )


@pytest.mark.parametrize(
    ("properties", "name", "surname"),
    [
        ({"name": ["Askarova Zeinep"], "lastName": ["ASKAROVA"]}, "Zeinep Askarova", "Askarova"),
        ({"name": ["Askarova, Zeinep"]}, "Zeinep Askarova", None),
        ({"name": ["Ana de la Cruz"], "lastName": ["de la Cruz"]}, "Ana de la Cruz", "de la Cruz"),
        ({"name": ["Ana Cruz"], "lastName": ["Other", "Cruz"]}, "Ana Cruz", "Cruz"),
        ({"name": ["Cruz"], "lastName": ["Cruz"]}, "Cruz", None),
        ({"firstName": ["Ana"], "lastName": ["Cruz"]}, "Ana Cruz", "Cruz"),
        ({"name": ["Ana Cruz", "A. Cruz"], "lastName": []}, "Ana Cruz", None),
    ],
)
def test_names_of_ftm_persons_are_given_name_first(read, properties, name, surname):
    """As the matcher expects them, whatever the order in the list."""
    rules, problems = read(ftm(**properties), "a.json")
    assert problems == []
    assert (rules[0][1].entity.name, rules[0][1].entity.surname) == (name, surname)


def test_many_romanised_forms_of_one_name(read):
    """What folds to the same is one alias, in whichever order the words stand."""
    forms = [f"{given} {last}" for given in ("Álmas", "ALMAS") for last in ("Töre", "tore", "TORE")]
    forms += [" ".join(reversed(form.split())) for form in forms] + ["Tore, Almas", "Almas Tor"]
    rules, problems = read(ftm(name=forms * 30), "a.json")
    assert problems == []
    assert rules[0][1].entity.aliases == ("Almas Tor",)


@pytest.mark.parametrize(
    ("name", "content", "count"),
    [
        ("a.yaml", "- name: Anna Berg\n", 1),
        ("a.TSV", "name\tkind\nAnna Berg\tperson\n", 1),
        ("a.jsonl", ftm(name=["Anna Berg"]), 1),
        ("list", "- name: Anna Berg\n", 1),
        ("list", "\n\nname;kind\nAnna Berg;person\n", 1),
        ("list.txt", ftm(name=["Anna Berg"]), 1),
        ("list", '[{"name": "Anna Berg"}]', 1),
    ],
)
def test_the_format_is_told_by_name_and_first_line(read, name, content, count):
    """So that an entity file may be written as just its path."""
    rules, problems = read(content, name)
    assert problems == []
    assert len(rules) == count


def test_the_format_may_be_given(read):
    """It wins over the name."""
    rules, problems = read("- name: Anna Berg\n", "people.csv", format="yaml")
    assert problems == []
    assert len(rules) == 1


def test_the_example_is_read():
    """examples/entities.csv, whose people are invented."""
    problems = []
    rules = [rule for _, rule in read_entities(EntityFileSettings(path=EXAMPLE), problems)]
    assert problems == []
    assert rules[0].name == "people.sorlund"
    assert {rule.entity.kind for rule in rules} == {"person", "organisation", "place"}


def test_rules_come_one_by_one(tmp_path):
    """The first is there before the rest of the file is read: here, before it is written."""
    path = tmp_path / "a.csv"
    path.write_text("name\n" + "Anna Berg\n" * 100_000)
    with path.open("r+") as file:
        rules = read_entities(EntityFileSettings(path=path), [])
        assert next(rules)[0] == 2
        file.truncate(0)
    assert sum(1 for _ in rules) < 99_999


# --------------------------------------------------------------------------- names of rules


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("Kassym Askarov", "kassym-askarov"),
        ("Қайрат Әбілұлы Щукин-Ёлкин", "kairat-abiluly-shchukin-elkin"),
        ("Юрій Їжак", "yurii-izhak"),
        ("O’Brien & Sons, Ltd.", "obrien-sons-ltd"),
        ("people.askarova_2", "people.askarova_2"),
        ("NK-2JsQ3Xh7", "nk-2jsq3xh7"),
        ("Œuvre Łódź", "oeuvre-lodz"),
        ("李 Wei", "wei"),
        ("-x-", "x"),
        ("a\ud800b", "a-b"),
    ],
)
def test_slugs(text, name):
    """What stands in alerts, addresses and file names."""
    assert slug(text) == name


def test_slugs_of_other_scripts():
    """Of a name in no letter that can be written otherwise, a number that is always the same."""
    assert slug("王小明") == slug("王小明") != slug("王大明")
    assert NAME.fullmatch(slug("王小明"))


@given(st.lists(st.text(max_size=80), max_size=20), st.sampled_from(["", "a.", "x" * 40]))
def test_names_are_valid_and_unique(texts, prefix):
    """Whatever the entities are called, and the same the next time."""
    names = Names(prefix)
    found = [names.name(text) for text in texts]
    assert all(NAME.fullmatch(name) and name.startswith(prefix.rstrip("-")) for name in found)
    assert len(set(found)) == len(found)
    again = Names(prefix)
    assert [again.name(text) for text in texts] == found


def test_names_that_are_the_same(read):
    """Two people of one name are two rules."""
    rules, problems = read("name\nAnna Berg\nAnna-Berg\nANNA BERG\n" + "x" * 80 + "\n" + "x" * 99)
    assert problems == []
    assert [rule.name for _, rule in rules] == [
        *("anna-berg", "anna-berg-2", "anna-berg-3"),
        *("x" * 64, "x" * 62 + "-2"),
    ]


# --------------------------------------------------------------------------- what is wrong


@pytest.mark.parametrize(
    ("content", "problems"),
    [
        (
            "name,alias,Kind\nAnna Berg,x,person\n",
            ["1:6: alias: unknown column; did you mean aliases?"],
        ),
        ("name,qqq\nAnna Berg,x\n", ["1:6: qqq: unknown column"]),
        ("name,name\nAnna Berg,x\n", ["1:6: name: this column stands here twice"]),
        (
            "name,kind\nAnna Berg,persn\n",
            ["2:11: kind: input should be 'person', 'organisation' or 'place'"],
        ),
        (
            'name,aliases,surname_alone\nAnna Berg,"x, y",perhaps\n',
            ["2:18: surname_alone: expected true or false"],
        ),
        ("name,aliases\nAnna Berg,Ann; ...\n", ["2:11: aliases[1]: '...' has no letter or digit"]),
        ("name,aliases\n,Ann\n", ["2:1: name: this key is needed and missing"]),
        ('name\n"Anna\n', ["2:1: a quotation mark is opened and not closed in this line"]),
        ('name\n"Anna"x\n', ["2:1: not CSV: ',' expected after '\"'"]),
        (
            "name,kind\nBerg, Anna,person\n",
            ["2:1: 3 cells where the header has 2; a cell with ',' in it needs quotation marks"],
        ),
        ("name\nAn\0na\n", ["2:3: a control character (U+0000)"]),
        ("name\nAn\x1bna\n", ["2:3: a control character (U+001B)"]),
        ("name\n*\n", ["2:1: name: '*' has no letter or digit to look for"]),
        ("name,labels\nAnna,east\n", ["2:6: labels: expected label=value; label=value"]),
        (
            "name,labels\nAnna,rule=x\n",
            ["2:6: labels: 'rule' is a label that every alert has; choose another name"],
        ),
        ("name,priority\nAnna,top\n", ["2:6: priority: input should be 'low', 'normal', 'high'"]),
        ("name,id\nAnna,7\nBerta,7\n", ["3:7: id: '7' is given twice (first in line 2)"]),
        ("name,rule\nAnna,a\nBerta,a\n", ["3:7: rule: 'a' is given twice (first in line 2)"]),
        ("name\n" + "x" * 140_000, ["2:1: not CSV: field larger than field limit (131072)"]),
    ],
)
def test_mistakes_in_csv(read, content, problems):
    """Each with its line, the column of the cell, and what was expected; the rest is read."""
    rules, found = read(content + "\nZeinep Askarova\n")
    assert [one for one in found if one.startswith("1:")] or rules
    assert len(found) == len(problems)
    for one, expected in zip(found, problems, strict=True):
        assert one.startswith(expected)
    if "name" in content.split("\n")[0]:
        assert rules[-1][1].entity.name == "Zeinep Askarova"


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        ("", "1:1: there is no entity in the file"),
        ("\n \n", "2:1: the header (first line) has no column name"),
        ("name,kind\n", "1:1: there is no entity in the file"),
        ("Anna Berg\nBerta Dal\n", "1:1: the header (first line) has no column name; columns are"),
        (b"\xff\xfen\0a\0m\0e\0", "1:1: UTF-16 text; save it as UTF-8"),
        (b"PK\x03\x04....", "1:1: an archive or a spreadsheet; save it as CSV"),
        (b"\x1f\x8b\x08\x00", "1:1: compressed; unpack it first"),
        (b"n\0a\0m\0e\0\n", "1:2: a control character (U+0000)"),
    ],
)
def test_files_that_are_no_csv(read, content, problem):
    """One clear word, no rule."""
    rules, found = read(content)
    assert rules == []
    assert found[0].startswith(problem)


def test_a_line_in_another_encoding(read):
    """It is left out; the lines around it are not."""
    cyrillic = "Барлыбай".encode("windows-1251")
    rules, found = read(b"name\nAnna\nIv " + cyrillic + b"\nBerta\n")
    assert [rule.entity.name for _, rule in rules] == ["Anna", "Berta"]
    assert found == ["3:4: not UTF-8 text; save the file as UTF-8"]


def test_a_line_without_end(read):
    """Memory holds no more of it than a line may have."""
    rules, found = read(b"name\n" + b"x" * (2 * LONGEST + 5) + b"\nAnna\n")
    assert [(line, rule.entity.name) for line, rule in rules] == [(3, "Anna")]
    assert found == ["2:1: a line of more than 8 MiB"]


def test_a_file_full_of_mistakes(read):
    """The first thousand are told."""
    rules, found = read("name,kind\n" + "Anna,x\n" * (MOST_PROBLEMS + 100))
    assert rules == []
    assert len(found) == MOST_PROBLEMS + 1
    assert found[-1] == f"{MOST_PROBLEMS + 1}:1: 1,000 mistakes; the rest of the file is not read"


def test_a_file_that_cannot_be_read(tmp_path):
    """It may be gone by the time it is read."""
    path = tmp_path / "a.csv"
    path.touch()
    settings = EntityFileSettings(path=path)
    path.unlink()
    problems = []
    assert list(read_entities(settings, problems)) == []
    assert [p.message for p in problems] == ["cannot be read: No such file or directory"]


@pytest.mark.parametrize(
    ("prefix", "message"),
    [("x" * 41, "more than 40 characters"), ("-a", "does not begin with a letter or digit")],
)
def test_prefixes_that_leave_no_name(read, prefix, message):
    """They are told once, not for each entry."""
    rules, found = read("name\nAnna\nBerta\n", prefix=prefix)
    assert rules == []
    assert len(found) == 1
    assert message in found[0]


@pytest.mark.parametrize(
    ("content", "problems"),
    [
        ("", ["1:1: there is no entity in the file"]),
        ("[]", ["1:1: there is no entity in the file"]),
        ("name: Anna\n", ["1:1: expected a list: entries that each start with '- name: '"]),
        ("- Anna\n", ["1:3: [0]: expected keys and values"]),
        (
            "- nam: Anna\n",
            [
                "1:3: [0].nam: unknown key; did you mean name?",
                "1:3: [0].name: this key is needed and missing",
            ],
        ),
        ("- name: Anna\n  aliases: ['...']\n", ["2:13: [0].aliases[0]: '...' has no letter"]),
        ("- name: [Anna]\n", ["1:3: [0].name: expected text"]),
        ("- name: Anna\n  rule: [x]\n", ["2:3: [0].rule: expected text"]),
        ('- name: "An\\0na"\n', ["1:3: [0].name: a control character (U+0000)"]),
        ("- name: !x Anna\n", ["1:9: [0].name: text that starts with ! needs quotes"]),
        ("- {name: Anna, id: a}\n- {name: Berta, id: a}\n", ["2:17: [1].id: 'a' is given twice"]),
        ("- name: Anna\n  labels: x\n", ["2:3: [0].labels: "]),
        ("- name: [\n", ["2:1: not valid YAML: "]),
        ("- name: Anna\n\tx: y\n", ["2:1: not valid YAML: "]),
        ("[" * 100_000, ["1:65: nested more than 64 levels deep"]),
        (b"- name: \xff\n", ["1:9: not UTF-8 text"]),
    ],
)
def test_mistakes_in_yaml(read, content, problems):
    """Each with its place in the file."""
    _, found = read(content, "a.yaml")
    assert len(found) == len(problems)
    for one, expected in zip(found, problems, strict=True):
        assert one.startswith(expected)


def test_one_mistake_in_yaml_costs_one_entry(read):
    """The others are rules."""
    rules, found = read("- name: Anna\n- nam: Berta\n- name: !x y\n- name: Dora\n", "a.yaml")
    assert [(line, rule.entity.name) for line, rule in rules] == [(1, "Anna"), (4, "Dora")]
    assert sorted(found) == [
        "2:3: [1].nam: unknown key; did you mean name?",
        "2:3: [1].name: this key is needed and missing",
        "3:9: [2].name: text that starts with ! needs quotes (else it is a tag)",
    ]


GOOD = ftm(id="good", name=["Anna Berg"])


@pytest.mark.parametrize(
    ("line", "problem"),
    [
        ("{", "not JSON: expecting property name enclosed in double quotes"),
        ('{"id": NaN}', "not JSON: NaN is no value"),
        ('{"id": 1e999, "schema": "Person"}', "id: expected text"),
        ("[" * 100_000, "not an entity: nested too deep"),
        ('{"a":' * 100_000, "not an entity: nested too deep"),
        ("[]", "expected one entity a line"),
        ("1" * 5000, "not JSON: "),
        ("null", "expected one entity a line"),
        ('{"id": "a"}', "schema: expected the name of a schema"),
        ('{"id": "a", "schema": "Person"}', "properties: expected keys and values"),
        ('{"id": "", "schema": "Person", "properties": {}}', "id: expected text"),
        (ftm(id="a"), "properties.name: the entity has no name"),
        (ftm("Company", id="a", firstName=["x"]), "properties.name: the entity has no name"),
        (ftm(id="a", name="Anna"), "properties.name: expected a list of texts"),
        (ftm(id="a", name=["Anna"], alias=[1]), "properties.alias: expected a list of texts"),
        (ftm(id="a", name=["..."]), "name: '...' has no letter or digit"),
        (ftm(id="a", name=["An\0na"]), "name: a control character (U+0000)"),
        (ftm(id="a", name=["An\ud800na"]), "name: a control character (U+D800)"),
        (ftm(id="good", name=["Berta"]), "id: 'good' is given twice (first in line 1)"),
        ("\x00", "not JSON: expecting value"),
    ],
)
def test_mistakes_in_ftm(read, line, problem):
    """A bad line is told with its number and costs nothing but itself."""
    rules, found = read(f"{GOOD}{line.rstrip()}\n{ftm(id='last', name=['Dora Dal'])}", "a.json")
    assert [(number, rule.name) for number, rule in rules] == [(1, "good"), (3, "last")]
    assert len(found) == 1
    number, _, said = found[0].partition(":")
    assert number == "2"
    assert said.partition(": ")[2].startswith(problem)


def test_ftm_without_anybody(read):
    """A file of sanctions alone is a mistake, not an empty list."""
    rules, found = read(ftm("Sanction", id="s") + ftm("Address", id="a", name=["Water"]), "a.json")
    assert rules == []
    assert found[0].startswith("1:1: no entity of a schema that has a name to look for: Person,")


JSON = st.recursive(
    st.none() | st.booleans() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner),
    max_leaves=8,
)


@given(
    st.fixed_dictionaries(
        {"id": JSON, "schema": st.sampled_from(["Person", "Company"]) | JSON},
        optional={
            "caption": JSON,
            "properties": JSON
            | st.dictionaries(st.sampled_from(["name", "alias", "lastName"]), st.lists(st.text())),
        },
    )
)
def test_any_json_is_a_rule_or_a_problem(tmp_path_factory, entity):
    """And a rule's entity is a valid one."""
    path = tmp_path_factory.mktemp("ftm") / "a.json"
    path.write_text(json.dumps(entity) + "\n")
    problems = []
    rules = list(read_entities(EntityFileSettings(path=path), problems))
    assert bool(rules) != bool(problems)
    for _, rule in rules:
        assert RuleSettings.model_validate(rule.model_dump()) == rule


@given(st.binary(max_size=200), st.sampled_from(["a.csv", "a.json", "a.yaml"]))
def test_any_bytes_are_rules_or_problems(tmp_path_factory, content, name):
    """Nothing is raised."""
    path = tmp_path_factory.mktemp("bytes") / name
    path.write_bytes(b"name\n" * (name == "a.csv") + content)
    problems = []
    rules = list(read_entities(EntityFileSettings(path=path), problems))
    assert rules or problems


# --------------------------------------------------------------------------- ambiguous names


def rule(name, entity, *aliases, kind="person"):
    return RuleSettings(name=name, entity={"name": entity, "aliases": aliases, "kind": kind})


def test_aliases_of_two_entities():
    """An alias that another entity has, as alias or as name, whichever comes first."""
    found = aliases_of_several(
        [
            rule("a", "Anna Berg", "Head of State", "A. Berg"),
            rule("b", "Berta Dal", "HEAD of  State"),
            rule("c", "Anna-Berg", "Head of State"),
            rule("d", "World Health Fund", "WHF", kind="organisation"),
            rule("e", "WHF", kind="organisation"),
            RuleSettings(name="f", any="Head of State"),
        ]
    )
    assert [tuple(one) for one in found] == [
        ("HEAD of  State", "b", ("entity", "aliases", 0), "a"),
        ("WHF", "e", ("entity", "name"), "d"),
    ]


def test_names_of_two_entities_are_no_aliases():
    """Namesakes exist; a rule for each kind, or two for one person, are meant."""
    rules = [rule("a", "Jordan"), rule("b", "Jordan", kind="place"), rule("c", "Jordan")]
    assert list(aliases_of_several(rules)) == []
