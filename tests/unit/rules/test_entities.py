"""Which spellings of a name count."""

from __future__ import annotations

import pytest

from monitor.errors import ConfigError
from monitor.rules import load_rules


def found(text, **entity):
    """What counts as the entity in a text."""
    rules = load_rules({"rules": [{"name": "r", "entity": entity}]})
    return [e.text for match in rules.match(title="", body=text) for e in match.evidence]


def test_a_person_of_two_names():
    """Full name, swapped, initial before and behind the surname; never the surname alone."""
    for form in (
        "Barlybay Sadykov",
        "Sadykov Barlybay",
        "B.Sadykov",
        "B. Sadykov",
        "B Sadykov",
        "Sadykov B.",
    ):
        assert found(f"met {form}", name="Barlybay Sadykov") == [form]
    assert found("Sadykov said", name="Barlybay Sadykov") == []


@pytest.mark.parametrize(
    ("name", "spellings"),
    [
        (
            "Barlybay Sadykov",
            "BARLYBAY SADYKOV, Sadykov Barlybay; B.Sadykov, B. Sadykov, B  Sadykov, b.sadykov",
        ),
        ("Zhandos Adilbayev", "Zh.Adilbayev, Zh. Adilbayev, ZH.ADILBAYEV, Z.Adilbayev"),
        ("Yermek Kosherbayev", "Ye.Kosherbayev, Y. Kosherbayev, Ye Kosherbayev"),
        ("Shchukin Petrov", "Shch. Petrov, S.Petrov"),
        (
            "Kassym-Jomart Tokayev",
            "Kassym-Jomart Tokayev, Kassym Jomart Tokayev, K.Tokayev, K.-J.Tokayev,"
            " K.-J. Tokayev, K.J. Tokayev, K. J. Tokayev, K-J. Tokayev, K–J Tokayev, KJ Tokayev,"
            " Tokayev K.-J.",
        ),
        (
            "Donald John Trump",
            "Donald John Trump, Donald J. Trump, Donald Trump, D.J. Trump, D. Trump, Trump Donald",
        ),
        ("Gabriel García Márquez", "G. Garcia Marquez, Gabriel García Márquez, G.Marquez"),
        ("Mohammed bin Salman", "M. bin Salman, Mohammed bin Salman"),
        ("Ursula von der Leyen", "U.von der Leyen, Ursula von der Leyen"),
        ("Anna Smith-Jones", "A.Smith-Jones, A. Smith Jones"),
        ("Ержан Қазыхан", "Е.Қазыхан, Е. ҚАЗЫХАН, Қазыхан Ержан"),
        ("Refik Šabanović", "R.Sabanovic, Refik Šabanović"),
        ("B. Sadykov", "B.Sadykov, B Sadykov"),
        ("Pelé", "Pele, PELÉ"),
    ],
)
def test_a_person_is_found_in_every_spelling(name, spellings):
    """Each spelling in the list is evidence of its own, whole."""
    wanted = [spelling.strip() for spelling in spellings.replace(";", ",").split(",")]
    assert found(spellings, name=name) == wanted


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("Barlybay Sadykov", "Sadykov; D.Sadykov; Barlybay; B.Sadykova; B., Sadykov; B.\nSadykov"),
        ("Barlybay Sadykov", "he is not b sadykov"),
        ("Askar Mamin", "not a Mamin, a\u00a0Mamin"),
        ("Kairat Sadykov", "B.K. Sadykov; B. K.Sadykov; Zh.K. Sadykov"),
        ("Jomart Tokayev", "K.-J. Tokayev; K.J.Tokayev"),
        ("Serik Tokayev", "KAZAKHSTAN’S TOKAYEV"),
        ("Zarina Adilbayeva", "Zh.Adilbayeva"),
        ("Mohammed bin Salman", "Salman, bin Salman, M.Salman"),
    ],
)
def test_other_people_are_not_found(name, text):
    """Other initials, longer surnames, more initials before, an article or possessive."""
    assert found(text, name=name) == []


def test_an_initial_after_a_title_or_a_sentence_counts():
    """Only other initials before an initial make another name; Mr. and a full stop do not."""
    text = "Mr. B.Sadykov; It ended. B. Sadykov; said ‘B.Sadykov’"
    assert len(found(text, name="Barlybay Sadykov")) == 3


def test_an_alias_that_spells_the_name_otherwise_gets_initials():
    """Either order, any near spelling; the alias itself always counts."""
    entity = {"name": "Daulet Yemberdiyev", "aliases": ["Daulet Emberdiyev"]}
    text = "D.Emberdiyev, Emberdiyev Daulet, D. Yemberdiyev"
    assert found(text, **entity) == ["D.Emberdiyev", "Emberdiyev Daulet", "D. Yemberdiyev"]
    swapped = {"name": "Kassym-Jomart Tokayev", "aliases": ["Toqaev Qasym-Jomart"]}
    assert found("Q.Toqaev, Q.-J. Toqaev", **swapped) == ["Q.Toqaev", "Q.-J. Toqaev"]
    married = {"name": "Maria Ivanova", "aliases": ["Maria Petrova"]}
    assert found("M.Petrova", **married) == ["M.Petrova"]
    short = {"name": "Barlybay Sadykov", "aliases": ["B.Sadikov"]}
    assert found("B. Sadikov", **short) == ["B. Sadikov"]


@pytest.mark.parametrize("kind", ["organisation", "place"])
def test_organisations_and_places_have_no_initials(kind):
    """Only the name and the aliases, each without its article."""
    entity = {"name": "The Water Council", "kind": kind, "aliases": ["the WC", "Al-Farabi"]}
    assert found("a water  council; W.Council; Council Water; WC; The", **entity) == [
        "water  council",
        "WC",
    ]
    assert found("a The", name="The The", kind=kind) == ["The"]
    assert found("a The", name="The", kind=kind) == ["The"]


def test_excluded_phrases_win():
    """Over the name and its aliases, where they touch; elsewhere the name counts."""
    entity = {
        "name": "Kassym-Jomart Tokayev",
        "aliases": ["Tokayev", "Tokayev Street"],
        "exclude": ["Tokayev Street", "Mr. Tokayev"],
    }
    assert found("Tokayev Street, Kassym-Jomart Tokayev Street", **entity) == []
    assert found("Mr. Tokayev Street. Tokayev, Tokayev’s street", **entity) == ["Tokayev"] * 2


def test_of_forms_that_overlap_the_longest_is_evidence():
    """Not the alias inside the full name as well."""
    entity = {"name": "Kassym-Jomart Tokayev", "aliases": ["Tokayev", "President Tokayev"]}
    text = "President Tokayev, Kassym-Jomart Tokayev, Tokayev"
    assert found(text, **entity) == ["President Tokayev", "Kassym-Jomart Tokayev", "Tokayev"]


def test_an_entity_with_none():
    """none rules out an entity's rule like any other."""
    rules = load_rules(
        {"rules": [{"name": "r", "entity": {"name": "Al Bo"}, "none": ["obituary"]}]}
    )
    assert rules.match(title="A.Bo", body="")
    assert not rules.match(title="A.Bo", body="Obituary")


@pytest.mark.parametrize(
    "name",
    ["B. .", "- Bo", "Al -", "Al  Bo ", "a b c d e f g h", "’ Bo", "İ ß", "№ 5", "Al B.",
     "\u0301 Bo", "\u00ad Bo", "𐐀𐐁 Bo", "Ｚｈ Bo", "ﬁ Bo"],
)  # fmt: skip
def test_odd_names_are_no_error(name):
    """Whatever stands for a name is found as itself where it can be."""
    assert found(name, name=name) == [name.strip(" -\u0301\u00ad")]


@pytest.mark.parametrize("name", ["A", ".", "№"])
def test_a_name_of_less_than_two_letters_is_refused(name):
    """It would be every initial of every other name, or nothing."""
    with pytest.raises(ConfigError):
        found("A.", name=name)
