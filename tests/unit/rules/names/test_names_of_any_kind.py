"""What holds for every name: triggers, offsets, odd settings, problems, bounded work."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.config.settings import EntitySettings, RuleSettings
from monitor.rules import compile_rules
from monitor.rules.names import compile_entity, problems, triggers
from monitor.rules.names.endings import ENDINGS, stem
from monitor.rules.names.letters import Kind, slots
from monitor.rules.names.pattern import WordPattern
from monitor.rules.reading import Document, Reading
from monitor.rules.scan import in_word, literal
from tests.unit.rules.names.naming import found
from tests.unit.rules.names.test_persons import FOUND

DOCS = Path(__file__).resolve().parents[4] / "docs"
NAMES = sorted({name for name, _ in FOUND})
SURNAMES = [
    *("Tokayev", "Sadykov", "Yemberdiyev", "Zelensky", "Tleuberdi", "Kosherbayev", "Adilbayeva"),
    *("Khodorkovsky", "Salman", "Li", "Kim", "Yov", "Gorbachev", "Vasilyeva", "Iyev", "Karin"),
    *("Trump", "Macron", "Šabanović", "Әділбаев", "Токаев", "Зеленський", "Ли", "Қазыхан"),
    *("Щукин", "O'Brien", "Dzhunusova", "Ksenofontov", "Xudoyberdiyev", "Ng", "Abdelaziz"),
]


KINDS = st.sampled_from(list(Kind))


def occurs(text: str, trigger) -> bool:
    """Whether a trigger stands in a scanned text."""
    return bool(Reading(Document(title="", body=text)).find(trigger))


@st.composite
def spelled(draw):
    """A surname and one of its spellings, drawn from the tables."""
    word, kind, cyrillic = draw(st.sampled_from(SURNAMES)), draw(KINDS), draw(st.booleans())
    pattern = WordPattern.surname(word, kind)
    last = len(pattern.slots) - 1
    text = ""
    for number, slot in enumerate(pattern.slots):
        spelling = draw(st.sampled_from(slot.cyrillic if cyrillic else slot.latin))
        if cyrillic and number == last and pattern.declined:
            bare, ending = stem(spelling.text, slot.row)
            text += bare + draw(st.sampled_from(sorted(ENDINGS[ending])))
        else:
            text += spelling.text
    return pattern, text


@given(spelled())
def test_every_spelling_of_the_tables_fits(drawn):
    """The pattern finds what it would write."""
    pattern, text = drawn
    assert not text or pattern.fit(text) is not None


@given(st.data())
def test_what_is_found_has_a_trigger(data):
    """In every article in which an entity is found its rule is looked at: a trigger stands in the
    text, or in a word of it without its apostrophes."""
    word = data.draw(st.sampled_from(SURNAMES))
    given_name = data.draw(st.sampled_from(["Barlybay", "Mohammed", "John", "Oleksandr", "Ян"]))
    settings = EntitySettings(name=f"{given_name} {word}", surname_alone=True)
    matcher = compile_entity(settings)
    assert matcher.triggers == triggers(settings)
    kind = data.draw(KINDS)
    made = slots(word, kind)
    cyrillic = data.draw(st.booleans())
    text = "".join(
        data.draw(st.sampled_from(slot.cyrillic if cyrillic else slot.latin)).text for slot in made
    )
    body = f"it is {text.capitalize()}{data.draw(st.sampled_from(['', 'а', 'у', 'ым', 'тың']))}."
    reading = Reading(Document(title="", body=body))
    rules = compile_rules([RuleSettings(name="r", entity=settings)])
    counted = bool(matcher.find(reading, 0, len(reading.text)).counted)
    assert [match.rule for match in rules.match(title="", body=body)] == ["r"] * counted


@pytest.mark.parametrize(("name", "spellings"), FOUND)
def test_every_example_has_a_trigger(name, spellings):
    """One trigger at least in each spelling of the examples; each is folded and not empty."""
    made = triggers(EntitySettings(name=name))
    assert all(trigger.text and literal(trigger.text) == trigger.text for trigger in made)
    for spelling in spellings.split(";"):
        assert any(occurs(spelling, trigger) for trigger in made), spelling


@given(
    st.sampled_from(["B. Sadykov", "Barlybay Sadykov", "Sadykov B.", "Барлыбая Садыкова"]),
    st.text(alphabet="ßİ\u0301😀\x00 \n.é—“ŉ", max_size=12),
    st.text(alphabet="ßİ\u0301😀\x00 \n,é—”ŉ", max_size=12),
)
def test_spans_are_right_among_odd_characters(name, before, behind):
    """The original words, whatever folding did to their surroundings."""
    text = f"{before}; {name};{behind}"
    assert [each.rstrip("\u0301") for each in found(text, name="Barlybay Sadykov")] == [name]


@given(
    st.lists(
        st.text(alphabet="abzhyekсжқый'’.,-& АЗİßﬁ№5\u0301\u00ad𐐀", min_size=1, max_size=9),
        min_size=1,
        max_size=5,
    ).map(" ".join),
    st.sampled_from(["person", "organisation", "place"]),
)  # fmt: skip
def test_any_settings_make_a_matcher(name, kind):
    """No error; where anything is left after folding, the name is found as it is written."""
    settings = EntitySettings.model_construct(
        name=name, kind=kind, aliases=(name,), exclude=(), surname=None, surname_alone=False
    )
    matcher = compile_entity(settings)
    reading = Reading(Document(title="", body=name))
    finding = matcher.find(reading, 0, len(reading.text))
    problems(settings)
    text = literal(name)
    if any(map(str.isalnum, text)) and kind != "organisation":
        assert finding.counted
        assert any(reading.find(trigger) for trigger in matcher.triggers)


@pytest.mark.parametrize(
    "name",
    ["A", "B. .", "- Bo", "Al -", "Al  Bo ", "a b c d e f g h", "’ Bo", "İ ß", "№ 5", "Al B.",
     "\u0301 Bo", "\u00ad Bo", "𐐀𐐁 Bo", "Ｚｈ Bo", "ﬁ Bo"],
)  # fmt: skip
def test_odd_names_are_found_as_they_are(name):
    """Whatever stands for a name."""
    assert found(name, name=name) == [name.strip(" -\u0301\u00ad")]


@pytest.mark.parametrize(
    ("entity", "wanted"),
    [
        ({"name": "Al Bo"}, []),
        ({"name": "A"}, [(("name",), "'A' is one letter or digit: it would be found everywhere")]),
        (
            {"name": "Al Bo", "aliases": ["Bo", "x"]},
            [(("aliases", 1), "'x' is one letter or digit: it would be found everywhere")],
        ),
        (
            {"name": "Al Bo", "surname": "Cy"},
            [(("surname",), "the name 'Al Bo' neither ends nor begins with 'Cy'")],
        ),
        ({"name": "Al Bo", "surname": "al"}, []),
        (
            {"name": "Al Bo", "surname": "Al Bo"},
            [(("surname",), "is the whole name, which leaves no given name")],
        ),
        (
            {"name": "Bo", "kind": "place", "surname_alone": True},
            [(("surname_alone",), "only a person has a surname, not a place")],
        ),
    ],
)
def test_problems(entity, wanted):
    """Each with the key it is about."""
    assert problems(EntitySettings(**entity)) == wanted


def test_only_the_region_counts_but_all_of_the_article_is_read():
    """A surname in the title counts for the full name in the body."""
    reading = Reading(Document(title="Sadykov resigns", body="Barlybay Sadykov left."))
    matcher = compile_entity(EntitySettings(name="Barlybay Sadykov"))
    title = matcher.find(reading, 0, reading.title_end)
    assert [hit[:2] for hit in title.counted] == [(0, 7)]
    body = matcher.find(reading, reading.title_end + 1, len(reading.text))
    assert [reading.original(*hit[:2]) for hit in body.counted] == ["Barlybay Sadykov"]


@pytest.mark.parametrize("part", ["Sadykov'", "Sadykov", "Qwertz Sadykov said ", "B.", "x"])
def test_a_hostile_article_is_bounded_work(part):
    """Endless words, apostrophes, initials and strange names before the surname."""
    reading = Reading(Document(title="", body=part * 60_000 + " B. Sadykov"))
    matcher = compile_entity(EntitySettings(name="Barlybay Sadykov", exclude=["Sadykov said"]))
    assert len(matcher.find(reading, 0, len(reading.text)).counted) <= 1


def test_a_long_article_is_bounded_work():
    """Names by the hundred thousand do not use up the budget: some of them are enough."""
    reading = Reading(Document(title="", body="B. Sadykov and Sadykov; " * 100_000))
    finding = compile_entity(EntitySettings(name="Barlybay Sadykov")).find(
        reading, 0, len(reading.text)
    )
    assert 500 < len(finding.counted) <= 2_000


def test_triggers_are_few_and_rare():
    """A dozen or so for half of the entities; one stands in a text that does not name it once in
    some thousand words, for each costs a closer look: pages of this project's own."""
    known = {name: triggers(EntitySettings(name=name)) for name in NAMES}
    numbers = sorted(map(len, known.values()))
    assert numbers[len(numbers) // 2] <= 15
    assert numbers[-1] <= 80
    pages = [DOCS / name for name in ("architecture.md", "operating.md", "systemd.md", "feeds.md")]
    reading = Reading(Document("", "\n".join(page.read_text("utf-8") for page in pages)))
    places = sum(len(reading.find(each)) for found in known.values() for each in found)
    assert places / len(known) < len(reading.words) / 2000


def test_triggers_stand_where_they_say():
    """A boundary is asked for only at an end of the literal that is a letter or digit."""
    for name in NAMES:
        for trigger in triggers(EntitySettings(name=name)):
            assert not trigger.left or in_word(trigger.text[0])
            assert not trigger.right or in_word(trigger.text[-1])


def test_a_hyphen_joins_another_name_only_if_that_has_a_capital():
    """``Sadykov-led`` is said of Sadykov; ``Sadykov-Omarov`` is somebody else."""
    text = "The Sadykov-led council. Barlybay Sadykov-led talks. Barlybay Sadykov-Omarov left."
    assert found(text, name="Barlybay Sadykov") == ["Sadykov", "Barlybay Sadykov"]
