"""What a comparison of two texts shows and how it sums it up."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from monitor.model import Comparison, EditKind, ParagraphEdit, Run
from monitor.revisions import compare
from monitor.revisions.compare import MOST_PARAGRAPHS
from monitor.revisions.runs import runs
from monitor.revisions.steps import Steps
from monitor.revisions.summary import WEIGHTS, materiality

TITLE = "Dam bursts near Almaty"
PARAGRAPHS = (
    "A dam burst near Almaty on Monday, killing 12 people, officials said.",
    "President Tokayev flew to the region.",
    "“We will rebuild everything,” he told residents.",
    "Rescue work goes on.",
)
BODY = "\n".join(PARAGRAPHS)


def shown(changes: tuple[Run, ...]) -> str:
    marks = {"=": "{}", "-": "[-{}-]", "+": "{{+{}+}}"}
    return "".join(marks[run.op].format(run.text) for run in changes)


def between(before: str, after: str) -> str:
    return shown(runs(before, after, Steps(1_000_000)))


def kinds(before: tuple[str, str], after: tuple[str, str]) -> set[str]:
    return {kind.value for kind in compare(before, after).kinds}


def of_body(before: str, after: str) -> set[str]:
    return kinds((TITLE, before), (TITLE, after))


# --------------------------------------------------------------------------- words


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        ("It killed 12 people.", "It killed 15 people.", "It killed [-12-]{+15+} people."),
        (
            "President Tokayev visited Almaty on Monday.",
            "President Putin visited Moscow on Tuesday.",
            "President [-Tokayev-]{+Putin+} visited [-Almaty on Monday-]{+Moscow on Tuesday+}.",
        ),
        (
            "The dam broke. The end.",
            "The dam broke. The dam held. The end.",
            "The dam broke. {+The dam held. +}The end.",
        ),
        ("It cost 1,200 tenge", "It cost 1,300 tenge", "It cost [-1,200-]{+1,300+} tenge"),
        (
            "on 05.01.2022 at 14:30",
            "on 06.01.2022 at 14:30",
            "on [-05.01.2022-]{+06.01.2022+} at 14:30",
        ),
        ("He said so.", "He said so", "He said so[-.-]"),
        ("“We win”, he said", '"We win", he said', '[-“-]{+"+}We win[-”-]{+"+}, he said'),
        ("a word", "a\u00a0word", "a[- -]{+\u00a0+}word"),
        (
            "On the road to the city of the dead there was a man of the cloth.",
            "In a report of the ministry of the interior there is no word of it.",
            "[-On the road to the city of the dead there was a man of the cloth-]"
            "{+In a report of the ministry of the interior there is no word of it+}.",
        ),
        (
            "Growth was 4.2% in 2022.",
            "Growth was about 4.5% in 2022, the bank said.",
            "Growth was [-4.2%-]{+about 4.5%+} in 2022{+, the bank said+}.",
        ),
        ("Сообщил о 15 погибших.", "Сообщил о 17 погибших.", "Сообщил о [-15-]{+17+} погибших."),
        ("经济增长百分之五", "经济增长百分之六", "经济增长百分之[-五-]{+六+}"),
        ("", "new", "{+new+}"),
        ("old", "", "[-old-]"),
        ("the same", "the same", ""),
    ],
)
def test_words(before: str, after: str, expected: str) -> None:
    """Words, figures and dates are exchanged as a whole, and no word that says nothing is tied
    to its like in another sentence."""
    assert between(before, after) == expected


# --------------------------------------------------------------------------- paragraphs


def ops(before: str, after: str) -> list[tuple[str, int | None, int | None]]:
    return [(p.op, p.before, p.after) for p in compare((TITLE, before), (TITLE, after)).paragraphs]


def test_paragraphs_are_paired() -> None:
    """Same, edited, removed and added ones, in the order of the new text."""
    after = "\n".join(
        [PARAGRAPHS[0].replace("12", "15"), PARAGRAPHS[2], "Schools stay closed.", PARAGRAPHS[3]]
    )
    assert ops(BODY, after) == [
        ("edited", 0, 0),
        ("removed", 1, None),
        ("same", 2, 1),
        ("added", None, 2),
        ("same", 3, 3),
    ]


def test_moved_paragraphs_are_recognised() -> None:
    """One that stands elsewhere is moved, not removed and added; also when it was edited."""
    last_first = "\n".join([PARAGRAPHS[2], PARAGRAPHS[0], PARAGRAPHS[1], PARAGRAPHS[3]])
    assert ops(BODY, last_first)[0] == ("moved", 2, 0)
    edited = "\n".join([*PARAGRAPHS[1:], PARAGRAPHS[0].replace("12", "15")])
    assert ops(BODY, edited)[-1] == ("moved", 0, 3)


def test_repeated_paragraphs_keep_their_places() -> None:
    """Lines that stand in a text several times are no cause for confusion."""
    before = "Photo: agency\nOne thing.\nPhoto: agency\nAnother thing.\nPhoto: agency"
    after = "Photo: agency\nOne thing.\nPhoto: agency\nA third.\nAnother thing.\nPhoto: agency"
    assert [op for op, _, _ in ops(before, after)] == ["same"] * 3 + ["added"] + ["same"] * 2


# --------------------------------------------------------------------------- kinds


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ("12", "15", {"figures"}),
        ("12 people", "15 people and a dog", {"figures", "text"}),
        ("12", "twenty", {"figures"}),
        ("Monday", "Tuesday", {"figures"}),
        ("everything", "all of it", {"quotation"}),
        ("Tokayev", "Smaiylov", {"names"}),
        ("President Tokayev", "President Tokayev, with Yerlan Nyssanbayev,", {"names", "text"}),
        ("goes on", "continues", {"text"}),
        ("“We will rebuild everything,”", '"We will rebuild everything"', {"cosmetic"}),
        ("Almaty on", "Almaty\u00a0on", {"cosmetic"}),
        ("rebuild", "re\u00adbuild", {"cosmetic"}),
        ("“", "â€œ", {"cosmetic"}),
        ("residents", "resid\ufffdnts", {"cosmetic"}),
        ("region.\n", "region. ", {"cosmetic"}),
    ],
)
def test_kinds_of_edits(old: str, new: str, expected: set[str]) -> None:
    """An edit is told by what it changed, in either direction."""
    assert old in BODY
    edited = BODY.replace(old, new)
    assert of_body(BODY, edited) == expected
    assert of_body(edited, BODY) == expected


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("Он встретился с Иваном Петровым вчера.", "Он встретился с Иваном Сидоровым вчера."),
        ("Он сказал, что Токаев прав.", "Он сказал, что Токарев прав."),
        ("It was said by B. Sadykov today.", "It was said by B. Sadyrov today."),
    ],
)
def test_names(before: str, after: str) -> None:
    """Names are known by their capitals, in Latin and in Cyrillic."""
    assert of_body(before, after) == {"names"}


def test_grammar_is_no_other_name() -> None:
    """A name in another case is the same name."""
    assert of_body("Он знает Токаева давно.", "Он помог Токаеву давно.") == {"text"}
    assert of_body("It is Tokayev in the end.", "It is Tokayev's in the end.") == {"text"}


def test_what_is_said_again_is_not_new() -> None:
    """A paragraph that repeats figures and names brings none."""
    again = BODY + "\nThe 12 people lived near Almaty."
    assert of_body(BODY, again) == {"text"}
    more = BODY + "\nAnother 40 people were saved by Marat Ospanov."
    assert of_body(BODY, more) == {"figures", "names", "text"}


def test_exchanged_figures_are_figures() -> None:
    """That each of two figures stands elsewhere in the text does not hide their exchange."""
    assert of_body("There were 10 men and 20 women.", "There were 20 men and 10 women.") == {
        "figures"
    }


@pytest.mark.parametrize(
    "note",
    [
        "Correction: an earlier version of this story misstated the day.",
        "UPDATED at 14:30",
        "(Corrects the name in the second paragraph)",
        "This article has been updated.",
        "Исправлено: в тексте была ошибка.",
        "Материал обновлён",
        "Түзетілді: мәтінде қате болды.",
    ],
)
def test_notes_of_correction(note: str) -> None:
    """A note that comes is a correction; one that was there already is not."""
    assert "correction" in of_body(BODY, f"{BODY}\n{note}")
    assert "correction" not in of_body(f"{BODY}\n{note}", f"{BODY.replace('12', '15')}\n{note}")


@pytest.mark.parametrize("text", ["The ministry updated the list.", "The law was amended."])
def test_updates_of_other_things_are_no_notes(text: str) -> None:
    """What is told of a list or a law is not told of the article."""
    assert "correction" not in of_body(BODY, f"{BODY}\n{text}")


def test_headlines() -> None:
    """A title that says something else is a headline; one that looks otherwise is not."""
    assert kinds((TITLE, BODY), ("Dam broken near Almaty", BODY)) == {"headline"}
    assert kinds((TITLE, BODY), ("Dam bursts near Almaty?", BODY)) == {"headline"}
    assert kinds((TITLE, BODY), ("Dam bursts near Almaty, 15 dead", BODY)) == {
        "headline",
        "figures",
    }
    assert kinds((TITLE, BODY), ("“Dam bursts” near Almaty", BODY)) == {"cosmetic"}


# --------------------------------------------------------------------------- materiality


def test_what_matters() -> None:
    """A figure or a headline matters in a text of any length, words the less the longer it is."""
    long = "\n".join([BODY, *(f"Paragraph {n} says something about the dam." for n in range(200))])

    def matters(old: str, new: str) -> float:
        return compare((TITLE, long), (TITLE, long.replace(old, new))).materiality

    assert matters("12", "15") >= 0.6
    assert compare((TITLE, long), ("Dam is safe", long)).materiality >= 0.6
    assert matters("goes on", "continues") < 0.1
    assert matters("“", '"') == 0
    rewritten = compare((TITLE, BODY), ("Other news", "Nothing of it is left in here at all."))
    assert rewritten.materiality > 0.9


@given(
    few=st.sets(st.sampled_from(EditKind)),
    more=st.sets(st.sampled_from(EditKind)),
    share=st.floats(0, 1),
    further=st.floats(0, 1),
)
def test_materiality_is_monotone(
    few: set[EditKind], more: set[EditKind], share: float, further: float
) -> None:
    """It grows with the kinds and with the share, stays within 0-1, and is 0 for looks alone."""
    least, most = sorted((share, further))
    assert 0 <= materiality(few, least) <= materiality(few | more, most) <= 1
    assert (materiality(few, least) == 0) == (few <= {EditKind.COSMETIC})
    assert set(WEIGHTS) == set(EditKind) - {EditKind.COSMETIC}


# --------------------------------------------------------------------------- any text

WORDS = st.sampled_from(
    ["the", "dam", "Almaty", "12", "1 200", "“", "”", '"', ".", ",", "\u00a0", "\u00ad", "Токаев",
     "五", "�", "?", "-", "Correction:", "\t", "", "B.Sadykov", "3,5%", "\ud800"]
)  # fmt: skip
SENTENCES = st.lists(WORDS, max_size=8).map(" ".join)
BODIES = st.one_of(st.lists(SENTENCES, max_size=6).map("\n".join), st.text(max_size=60))
TEXTS = st.tuples(st.one_of(SENTENCES, st.text(max_size=20)), BODIES)


def rebuilt(changes: tuple[Run, ...], gone: str) -> str:
    return "".join(run.text for run in changes if run.op != gone)


def check(before: tuple[str, str], after: tuple[str, str], found: Comparison) -> None:
    """All that the types promise."""
    if found.title:
        assert (rebuilt(found.title, "+"), rebuilt(found.title, "-")) == (before[0], after[0])
    else:
        assert before[0] == after[0]
    old, new = (body.split("\n", MOST_PARAGRAPHS - 1) for _, body in (before, after))
    places: tuple[list[int], list[int]] = [], []
    for edit in found.paragraphs:
        check_paragraph(edit, old, new)
        for place, seen in zip((edit.before, edit.after), places, strict=True):
            if place is not None:
                seen.append(place)
    assert sorted(places[0]) == list(range(len(old)))
    assert places[1] == list(range(len(new)))
    assert 0 <= found.materiality <= 1
    assert (EditKind.COSMETIC in found.kinds) == found.cosmetic == (found.materiality == 0)


def check_paragraph(edit: ParagraphEdit, old: list[str], new: list[str]) -> None:
    if edit.op == "same":
        assert not edit.runs
        assert old[edit.before or 0] == new[edit.after or 0]
        return
    assert rebuilt(edit.runs, "+") == ("" if edit.before is None else old[edit.before])
    assert rebuilt(edit.runs, "-") == ("" if edit.after is None else new[edit.after])
    assert (edit.op == "added") == (edit.before is None)
    assert (edit.op == "removed") == (edit.after is None)
    assert all(run.text for run in edit.runs)
    assert all(one.op != other.op for one, other in pairwise(edit.runs))


@settings(deadline=None)
@given(before=TEXTS, after=TEXTS)
def test_runs_make_up_both_texts(before: tuple[str, str], after: tuple[str, str]) -> None:
    """Every character of both texts is in the comparison once, whatever they are."""
    found = compare(before, after)
    check(before, after, found)
    assert compare(before, after) == found


@settings(deadline=None)
@given(before=TEXTS, after=TEXTS)
def test_kinds_hold_both_ways(before: tuple[str, str], after: tuple[str, str]) -> None:
    """What is cosmetic is so in both directions, and a headline stays one."""
    there, back = compare(before, after), compare(after, before)
    assert there.cosmetic == back.cosmetic
    assert (EditKind.HEADLINE in there.kinds) == (EditKind.HEADLINE in back.kinds)


@given(text=TEXTS)
def test_nothing_changed(text: tuple[str, str]) -> None:
    """A text compared with itself has no change, and is cosmetic."""
    found = compare(text, text)
    assert found.title == ()
    assert {edit.op for edit in found.paragraphs} == {"same"}
    assert (found.kinds, found.materiality) == ((EditKind.COSMETIC,), 0)


# --------------------------------------------------------------------------- bounds

LONG = {
    "one word for ever": ("a " * 400_000, "a " * 399_999 + "b "),
    "two words in turn": ("a b " * 200_000, "b a " * 200_000),
    "one line": ("x" * 1_000_000 + " end", "x" * 1_000_000 + " finish"),
    "signs": ("." * 1_000_000, "," * 1_000_000),
    "short lines": ("\n".join("ab" * 20_000), "\n".join("ba" * 20_000)),
    "all lines edited": (
        "\n".join(f"line {n} tells of matter {n * 7} on {n}" for n in range(1_000)),
        "\n".join(f"line {n} told of matter {n * 9} in {n}" for n in range(1_000)),
    ),
    "reversed": (
        "\n".join(f"paragraph {n} of the text" for n in range(5_000)),
        "\n".join(f"paragraph {n} of the text" for n in reversed(range(5_000))),
    ),
    "many words": (
        " ".join(f"w{n % 977}" for n in range(30_000)),
        " ".join(f"w{n % 983}" for n in range(30_000)),
    ),
    "parts of lines": ("\n".join("ab" * 9_000 + "c"), "\n".join("ba" * 9_000 + "c")),
    "quotation marks": ('"' * 90_000, '" ' * 45_000),
}


@pytest.mark.parametrize("name", LONG)
def test_work_is_bounded(name: str) -> None:
    """Texts made to be dear are compared within the steps there are, and as exactly."""
    before, after = LONG[name]
    check((TITLE, before), (TITLE, after), compare((TITLE, before), (TITLE, after)))
