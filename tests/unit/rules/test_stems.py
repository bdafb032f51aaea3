"""Stems of words, and what words of one stem begin with."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.rules.scan import literal
from monitor.rules.stems import LANGUAGES, prefix, stem
from monitor.text import fold

# Words in a row have one stem.
FORMS = {
    "de": [
        "Wahl Wahlen",
        "Bücher Büchern",
        "Straße Straßen Strasse",
        "aktuelle aktuellen aktueller",
        "Steuer Steuern",
        "Regierung Regierungen",
    ],
    "en": [
        "election elections elected electing elect",
        "die dies died dying",
        "lie lying",
        "tie tying ties",
        "sky skies",
        "happy happiness",
        "hope hoping hoped hopes",
        "hop hopping hopped",
        "war wars",
        "possible possibility possibilities",
        "nation national nationally nations",
        "country countries",
        "reporter Reporters REPORTERS",
    ],
    "es": ["elección elecciones", "nacional nacionales", "ministro ministros ministra"],
    "fi": ["vaali vaalit", "talo talot talossa"],
    "fr": ["élection élections", "animal animaux", "continuer continuation", "récent récemment"],
    "hu": ["ház házak házban", "választás választások"],
    "it": ["elezione elezioni", "governo governi", "esistente esistenza"],
    "nl": ["jaar jaren", "maan manen", "verkiezing verkiezingen"],
    "pl": ["wybory wyborów"],
    "pt": ["ministro ministros", "governo governos"],
    "ro": ["alegeri alegerile", "socialism socialist"],
    "ru": [
        "выборы выборов выборам выборами выборах",
        "парламент парламента парламенту парламентом парламенте",
        "йога йоги йогой",
        "ёлка ёлки елки Ёлками",
        "большой большая большие большими",
        "Министр МИНИСТРЫ министров",
        "война войны войной",
    ],
    "sv": ["val valet valen", "regering regeringen regeringar"],
    "tr": ["kitap kitabı kitaplar", "meclis MECLİS", "İstanbul istanbul"],
}
ROWS = [
    (language, row)
    for language, rows in FORMS.items()
    if language in LANGUAGES
    for row in rows
    if language != "pl" or "polish" in LANGUAGES.values()
]
WORDS = sorted({word for rows in FORMS.values() for row in rows for word in row.split()})
PARTS = [
    *"aeiouyäöüéèçñąęłśşğiıбвгдежзийклмнопрстуыэя",
    *("ae", "oe", "ue", "qu", "th", "st", "ll", "pp", "bb", "aa", "ij", "sch"),
    *("ing", "ed", "s", "ies", "ly", "ness", "ation", "ization", "bility", "ied", "ying"),
    *("en", "er", "ungen", "lich", "euse", "aux", "amment", "emment", "logie", "encia", "ción"),
    *("ler", "ları", "bı", "ğı", "ssa", "ksi", "nen", "ban", "ism", "ist", "ych", "ów", "ové"),
    *("ость", "ами", "ого", "ейший", "вшись", "ённый"),
]
MADE_UP = st.one_of(
    st.lists(st.sampled_from(PARTS), min_size=1, max_size=5).map("".join),
    st.builds(
        str.__add__,
        st.sampled_from(WORDS),
        st.lists(st.sampled_from(PARTS), max_size=2).map("".join),
    ),
    st.text(st.characters(categories=["Lu", "Ll", "Lo"]), min_size=1, max_size=8),
)
CODES = st.sampled_from(sorted(LANGUAGES))


@pytest.mark.parametrize(("language", "row"), ROWS)
def test_forms_of_a_word_have_one_stem(language, row):
    """And each begins with the prefix that is promised, with and without a language."""
    words = row.split()
    assert len({stem(word, language) for word in words}) == 1
    for one in words:
        for other in words:
            assert fold(other).startswith(prefix(one, language))
            assert fold(other).startswith(prefix(one, None))


def test_other_words_have_other_stems():
    """A stem that is too short would find anything."""
    for one, other in [("hope", "hop"), ("nation", "native"), ("war", "warn"), ("news", "new")]:
        assert stem(one, "en") != stem(other, "en")
    assert stem("йога", "ru") != stem("иго", "ru")
    assert stem("мой", "ru") != stem("море", "ru")


@given(MADE_UP, MADE_UP, CODES)
def test_words_of_one_stem_begin_alike(one, other, language):
    """Whatever the words, a prefix is one of each word with the same stem."""
    found = stem(one, language)
    assert fold(one).startswith(prefix(one, language))
    if stem(other, language) == found:
        assert fold(other).startswith(prefix(one, language))
        assert fold(other).startswith(prefix(one, None))


@given(MADE_UP, st.lists(st.sampled_from(PARTS), max_size=2), CODES)
def test_forms_made_by_endings_begin_alike(word, endings, language):
    """The same where the words have much in common, as two that are drawn have not."""
    other = word + "".join(endings)
    if stem(other, language) == stem(word, language):
        assert fold(word).startswith(prefix(other, language))
        assert fold(other).startswith(prefix(word, language))
        assert fold(word).startswith(prefix(other, None))


@given(MADE_UP)
def test_without_a_language_the_prefix_holds_in_every_one(word):
    """Also in one that has no stemmer, where the word itself is looked for."""
    shortest = prefix(word, None)
    assert fold(word).startswith(shortest)
    for language in LANGUAGES:
        if mine := prefix(word, language):
            assert mine.startswith(shortest)
        else:
            assert len(shortest) < 2


@given(MADE_UP, CODES)
def test_stems_are_folded_and_not_longer_than_the_word(word, language):
    """They are compared with one another, and cut out of the folded text."""
    found = stem(word, language)
    assert found is not None
    assert fold(found) == found
    assert len(found) <= len(fold(word)) + 1  # Turkish adds a vowel


@pytest.mark.parametrize(
    ("word", "language", "beginning"),
    [
        ("elections", "en", "elect"),
        ("water", "en", "water"),
        ("hoping", "en", "hop"),
        ("skies", "en", "sk"),
        ("dying", "en", ""),
        ("выборами", "ru", "выбор"),
        ("Zürich", "de", "zurich"),
        ("elections", None, "elec"),
        ("парламентом", None, "парламент"),
        ("الكتاب", "ar", ""),
        ("الكتاب", None, ""),
        ("parliament", "kk", "parliament"),
        ("x", "en", ""),
        ("", "en", ""),
        ("", None, ""),
    ],
)
def test_prefixes_are_as_long_as_they_can_be(word, language, beginning):
    """They are what the automaton looks for: the longer, the fewer articles are looked at."""
    found = prefix(word, language)
    assert found.startswith(beginning)
    assert bool(found) == bool(beginning)


def test_languages_without_a_stemmer():
    """Kazakh has none, nor has what is no language."""
    assert stem("сайлау", "kk") is None
    assert stem("word", "xx") is None
    assert stem("word", "") is None


@pytest.mark.parametrize("code", ["en-GB", "en_US", "EN", "eng-x", "en-Latn-GB"])
def test_regions_of_a_language(code):
    """A source may say en-GB; the region says nothing of stems."""
    known = not code.startswith("eng")
    assert stem("elections", code) == ("elect" if known else None)


def test_a_word_in_another_script_is_its_own_stem():
    """Names in foreign letters stand in texts of every language."""
    assert stem("Elections", "ru") == "elections"
    assert stem("Выборы", "en") == "выборы"
    assert stem("選挙", "en") == "選挙"


@pytest.mark.parametrize("word", ["", "'", "\0", "\ud800", "²", "a" * 100_000, "é" * 101, "🙂"])
def test_what_is_no_word(word):
    """Text may be anything; the stem is what folding leaves of it."""
    for language in LANGUAGES:
        assert stem(word, language) == fold(word.lower())


def test_decomposed_letters():
    """й and ё may be stored as two characters; the stem is the same."""
    assert stem("боевои\u0306", "ru") == stem("боевой", "ru")
    assert stem("E\u0301lections", "fr") == stem("élection", "fr")


def test_stems_are_scanned_forms():
    """What is taken for a trigger is a part of the text as it is scanned."""
    for word in WORDS:
        assert literal(prefix(word, None)) == prefix(word, None)


def test_threads_do_not_disturb_each_other():
    """A Snowball stemmer has a state; four threads get the answers of one."""
    words = [f"{word}{ending}" for word in WORDS for ending in ("", "ing", "en", "ами")]
    tasks = [(word, language) for word in words for language in ("en", "ru", "de")]
    with ThreadPoolExecutor(4) as threads:
        found = list(threads.map(lambda task: stem(*task), tasks))
    assert found == [stem(*task) for task in tasks]
