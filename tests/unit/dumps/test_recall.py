"""What was seen before helps where a dump has no time lines, and only there."""

from __future__ import annotations

import io
from collections.abc import Collection, Set

from monitor.config import SourceSettings
from monitor.dumps import parse
from monitor.dumps.recall import StoredRecall
from monitor.model import Article
from monitor.revisions import key_of_paragraph, key_of_title

SOURCE = SourceSettings(name="gazette")
FIRST = (
    "Karsu opens a new library by the river",
    "The mayor of Karsu opened a library with 40,000 books on Friday, Steppe News reports.",
    "It stands where the old mill was and has rooms for children.",
)
QUIET = (
    "Who will mend the bridge of Tarlan",
    "For nine years the old crossing has been shut, and nobody says who is to pay for it.",
    "Engineers named a sum of three million in spring.",
)


class Memory:
    """Remembers lines as a store does, and counts the questions."""

    def __init__(self, titles: Collection[str] = (), paragraphs: Collection[str] = ()) -> None:
        keys = {key_of_title("gazette", line) for line in titles}
        self.keys = keys | {key_of_paragraph(line) for line in paragraphs}
        self.questions = 0
        self.recall = StoredRecall("gazette", self._known)

    def _known(self, hashes: Collection[int]) -> Set[int]:
        self.questions += 1
        return set(hashes) & self.keys


def cut(lines: Collection[str], memory: Memory | None = None) -> list[Article]:
    recall = memory.recall if memory is not None else None
    found = parse(io.BytesIO("\n".join(lines).encode()), SOURCE, name="x", recall=recall)
    return [one for one in found if isinstance(one, Article)]


def titles(articles: Collection[Article]) -> list[str]:
    return [one.title for one in articles]


def test_a_known_title_needs_no_agency_in_its_lead() -> None:
    """It is a title, and the cut is surer than by its shape alone."""
    lines = [*FIRST, *QUIET]
    assert titles(cut(lines)) == [FIRST[0]]
    helped = cut(lines, Memory([QUIET[0]], QUIET[1:]))
    assert titles(helped) == [FIRST[0], QUIET[0]]
    assert helped[1].flags == ("no-time",)
    assert helped[1].confidence > 0.8


def test_a_known_paragraph_is_no_title() -> None:
    """Even where it looks like one, above something like a lead."""
    false = "Karsu orders forty new trams for its second line"
    lead = "The city of Karsu ordered forty trams for the second line, Steppe News reports."
    lines = [*FIRST, false, lead, *FIRST[2:]]
    assert titles(cut(lines)) == [FIRST[0], false]
    assert titles(cut(lines, Memory(paragraphs=[false]))) == [FIRST[0]]


def test_a_link_to_a_known_article_in_running_text_does_not_cut() -> None:
    """What stands below it takes up none of its words."""
    lines = [
        *FIRST,
        QUIET[0],
        "Children had drawn pictures of whales for the opening day.",
        FIRST[2],
    ]
    assert titles(cut(lines, Memory([QUIET[0]]))) == [FIRST[0]]


def test_nothing_is_asked_of_dumps_with_time_lines() -> None:
    """And of others twice for a stretch, not for each line."""
    memory = Memory([QUIET[0]])
    timed = ["05.03.2026, 10:00", *FIRST, "04.03.2026, 10:00", *QUIET]
    assert titles(cut(timed, memory)) == [FIRST[0], QUIET[0]]
    assert memory.questions == 0
    cut([*FIRST, *QUIET] * 20, memory)
    assert memory.questions == 2


def test_another_source_is_not_asked() -> None:
    """Two newspapers may use the same headline."""
    memory = Memory([QUIET[0]])
    other = StoredRecall("courier", memory._known)
    assert memory.recall.titles(QUIET) == {QUIET[0]}
    assert other.titles(QUIET) == set()
    assert other.paragraphs(["short"]) == set()
