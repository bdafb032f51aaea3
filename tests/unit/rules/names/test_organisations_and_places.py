"""Which spellings of organisations and places count."""

from __future__ import annotations

import pytest

from tests.unit.rules.names.naming import found, labels


@pytest.mark.parametrize(
    ("entity", "text", "wanted"),
    [
        (
            {"name": "The Water Council", "aliases": ["the WC", "Al-Farabi"]},
            "a water  council; W.Council; Council Water; WC; wc; The; Al Farabi’s",
            ["water  council", "WC", "Al Farabi"],
        ),
        (
            {"name": "KazMunayGas JSC"},
            "KazMunayGas grew; JSC KazMunayGas; KazMunayGas JSC; KAZMUNAYGAS’s; kazmunaygas",
            ["KazMunayGas", "KazMunayGas", "KazMunayGas JSC", "KAZMUNAYGAS"],
        ),
        (
            {"name": "JSC «Kazakhstan Temir Zholy»"},
            "Kazakhstan Temir Zholy; kazakhstan temir zholy",
            ["Kazakhstan Temir Zholy", "kazakhstan temir zholy"],
        ),
        ({"name": "ТОО Ромашка"}, "«Ромашка» и ромашка", ["Ромашка"]),
        ({"name": "Қазақтелеком АҚ"}, "Қазақтелеком өсті", ["Қазақтелеком"]),
        (
            {"name": "Johnson & Johnson Inc."},
            "Johnson and Johnson; Johnson & Johnson; Johnson",
            ["Johnson and Johnson", "Johnson & Johnson"],
        ),
        ({"name": "Samsung Electronics Co., Ltd."}, "Samsung Electronics", ["Samsung Electronics"]),
        ({"name": "Telefónica, S.A."}, "Telefonica and telefonica", ["Telefonica"]),
        ({"name": "Gazprom GmbH & Co. KG"}, "Gazprom", ["Gazprom"]),
        (
            {"name": "The Norland-Steel Company"},
            "Norland Steel; Norland-Steel Co.; the Norland-Steel Company; Norland",
            ["Norland Steel", "Norland-Steel", "Norland-Steel Company"],
        ),
        ({"name": "X LLP"}, "X and x", []),
        (
            {"name": "World Health Organization", "aliases": ["WHO", "UN body"]},
            "WHO is it? who knows, Who; un BODY",
            ["WHO", "un BODY"],
        ),
    ],
)
def test_an_organisation_is_found(entity, text, wanted):
    """With and without its legal form and article; acronyms in capitals only."""
    assert found(text, kind="organisation", **entity) == wanted


@pytest.mark.parametrize(
    ("name", "text", "wanted"),
    [
        ("Astana", "Astana, astana, в Астане, из Астаны, Астаной, астана, Astanada",
         ["Astana", "Астане", "Астаны", "Астаной"]),
        ("Kostanay", "Qostanay, Костанае, Қостанайда", ["Qostanay", "Костанае", "Қостанайда"]),
        ("The Hague", "in Hague, The Hague", ["Hague", "Hague"]),
        ("Nur-Sultan", "Nur Sultan, Nur–Sultan, Nur. Sultan", ["Nur Sultan", "Nur–Sultan"]),
        ("Almaty", "Алматы, в Алматы, almaty", ["Алматы", "Алматы"]),
        ("Mali", "Мали, mali, Mali, somali", ["Мали", "Mali"]),
        ("Shymkent", "Şymkent, Шымкенте, Symkent", ["Şymkent", "Шымкенте"]),
        ("haldenby", "haldenby, Haldenby", ["haldenby", "Haldenby"]),
        ("Алматы", "Almaty, Алматы, Алматыда", ["Almaty", "Алматы", "Алматыда"]),
    ],
)  # fmt: skip
def test_a_place_is_found(name, text, wanted):
    """As written, and of one word in the other script with case endings, with a capital."""
    assert found(text, name=name, kind="place") == wanted


def test_labels_of_organisations():
    """The words as found and the rules."""
    assert labels("KazMunayGas", name="KazMunayGas JSC", kind="organisation") == [
        "entity: KazMunayGas (name, legal form left out)"
    ]
    assert labels("NBK", name="National Bank", kind="organisation", aliases=["NBK"]) == [
        "entity: NBK (alias)"
    ]


@pytest.mark.parametrize("kind", ["organisation", "place", "person"])
def test_a_name_of_one_word_needs_its_capital(kind):
    """An apple is no Apple; but an alias counts as it is."""
    settings = {"name": "Apple", "kind": kind}
    assert found("Apple, APPLE, an apple", **settings) == ["Apple", "APPLE"]
    assert found("Apple, an apple", aliases=["apple"], **settings) == ["Apple", "apple"]
