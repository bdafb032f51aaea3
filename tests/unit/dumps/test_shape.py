"""Titles are found by shape alone: in other articles than those the scoring was made with."""

from __future__ import annotations

import io
import random
import re

import pytest

from monitor.config import SourceSettings
from monitor.dumps import parse
from monitor.model import Article, BadRecord

PROFILE = SourceSettings(
    name="listing",
    zone="Asia/Almaty",
    boilerplate=("Images", "relevant news", "All rights reserved by the Steppe Courier."),
)

ARTICLES: dict[str, tuple[str, ...]] = {
    # Title Case, attribution at the lead's end
    "Orlovia and Tesmark Agree on a Common Railway Gauge": (
        "Minister of Transport of Orlovia Daniyar Seitov and his Tesmark colleague Ingrid Halle"
        " signed a memorandum on a common gauge in Port Almar, Ministry of Transport reports.",
        "During the meeting, D.Seitov said that trains now wait nine hours at the border.",
        "The parties agreed to meet again in May.",
    ),
    # sentence case, "citing", an upper-case subhead, a doubled caption, a lost opening quote
    "Lake Balgyn rises for the third year in a row": (
        "The level of Lake Balgyn has risen by 14 centimetres since January, Steppe News Agency"
        " reports, citing the press service of the Water Committee.",
        "Hydrologists explain it by heavy snow in the Tarlan mountains and by new sluices.",
        "WATER FOR THE DELTA",
        "Engineer Raushan Bekova says that the delta gets twice as much water as in 2019.",
        "Raushan Bekova, engineer of the Balgyn station, shows the old sluice, June 3, 2026.",
        "Raushan Bekova, engineer of the Balgyn station, shows the old sluice, June 3, 2026.",
        'We had forgotten what a flood looks like," she added.',
        "The committee will publish its forecast in autumn.",
    ),
    # a question
    "Who will pay for the new stadium in Karsu?": (
        "The city council of Karsu discussed on Tuesday how to finance a stadium for 30,000"
        " spectators, Steppe News Agency reports.",
        "Deputy mayor Oleg Marin named three investors.",
    ),
    # ends in a quotation
    'President Aliman opens museum of "The Silk Letters"': (
        "The Head of State attended the opening of a museum of manuscripts in Old Sarai, Steppe"
        " News Agency learned from the presidential press service.",
        "The museum shows 412 letters of merchants.",
    ),
    # ends in a number, one paragraph
    "Wheat exports to reach 9.4 million tonnes in 2026": (
        "Grain Union chairman Yerlan Omarov expects exports of 9.4 million tonnes, of which a third"
        " will go to Tesmark and Sorvia, the Ministry of Agriculture reports.",
    ),
    # a colon; a list in the body, introduced by a colon
    "World Review: Small islands seek a louder voice at the ocean summit": (
        "Leaders of fourteen island states met in Valmora to prepare a joint statement on rising"
        " seas, Globe Wire reports.",
        "They asked for three things:",
        "- a fund for sea walls",
        "- a seat at the table of lenders",
        "- an early warning system",
        "Prime Minister Tala Moe of Nuaro said the islands had waited long enough.",
        '"We do not ask for charity," she told reporters.',
    ),
    # quoted whole, short lead with another agency verb
    '"Golden Saddle" film festival names its winners': (
        "The jury of the festival in Karsu gave its main prize to the drama Salt Road by director"
        " Aigerim Nurlan, Steppe News Agency reports.",
        "The prize for the best actor went to Timur Asan.",
        "How were the winners chosen?",
        "Each of the seven jurors had one vote, and director Nurlan thanked them all.",
    ),
    # short title
    "Storm closes mountain pass": (
        "Rescuers closed the Tarlan pass on Sunday night because of a snowstorm, Emergency Ministry"
        " reports.",
        "Forty lorries wait on the Sorvian side.",
    ),
    # initials and an abbreviation at the end
    "Sorvia's foreign minister to visit the U.S.": (
        "Foreign Minister of Sorvia Marta Vild will fly to Washington next week for talks on visas,"
        " Globe Wire reports.",
        "M.Vild will also meet with students.",
    ),
}


def untimed(articles: dict[str, tuple[str, ...]]) -> str:
    """A dump without any time line."""
    return "\n".join(line for title, body in articles.items() for line in (title, *body))


def timed(articles: dict[str, tuple[str, ...]]) -> str:
    """A dump with a time line for each article, newest first."""
    return "\n".join(
        line
        for number, (title, body) in enumerate(articles.items())
        for line in (f"{28 - number:02}.02.2026, 09:{number:02} {100 + number}", title, *body)
    )


def segments(
    dump: str | bytes, profile: SourceSettings = PROFILE, *, name: str = "dump.txt"
) -> list[Article | BadRecord]:
    """What the dump is cut into."""
    data = dump.encode() if isinstance(dump, str) else dump
    return list(parse(io.BytesIO(data), profile, name=name))


def articles(dump: str | bytes, profile: SourceSettings = PROFILE) -> dict[str, tuple[str, ...]]:
    """Titles and paragraphs of a dump of which every segment must be an article."""
    found = segments(dump, profile)
    assert [segment for segment in found if isinstance(segment, BadRecord)] == []
    return {s.title: s.paragraphs for s in found if isinstance(s, Article)}


TITLE = "Karsu opens its first tram line to the airport"
LEAD = (
    "Mayor of Karsu Gulnar Iskak opened a tram line between the old town and the airport, Steppe"
    " News Agency reports."
)
REST = "The line is 18 kilometres long and has 21 stops."


def _shuffled(seed: int, chosen: dict[str, tuple[str, ...]]) -> dict[str, tuple[str, ...]]:
    items = list(chosen.items())
    random.Random(seed).shuffle(items)
    return dict(items)


@pytest.mark.parametrize("seed", range(20))
def test_titles_of_many_kinds_in_any_order(seed: int) -> None:
    """Questions, colons, quotations, numbers, initials at the end; lists and subheads inside."""
    wanted = _shuffled(seed, ARTICLES)
    assert articles(untimed(wanted)) == wanted


@pytest.mark.parametrize("seed", range(10))
def test_boilerplate_helps_and_is_dropped(seed: int) -> None:
    """Boilerplate above and below a title marks it even where the lead names no agency."""
    wanted = {
        title: (body[0].rpartition(", ")[0] + ".", *body[1:])
        for title, body in _shuffled(seed, ARTICLES).items()
    }
    lines = [" date 2026-03-01"]
    for title, body in wanted.items():
        lines += [title, " images ", *body, "ALL RIGHTS RESERVED BY THE STEPPE COURIER."]
    assert articles("\n".join(lines)) == wanted


@pytest.mark.parametrize("seed", range(10))
def test_a_missing_time_line_among_others(seed: int) -> None:
    """An article without its time line is cut from the timed one above it."""
    wanted = _shuffled(seed, ARTICLES)
    lines = timed(wanted).splitlines()
    times = [index for index, line in enumerate(lines) if line[:2].isdigit() and ".2026, " in line]
    for index in random.Random(seed).sample(times, 4):
        lines[index] = ""
    found = segments("\n".join(lines))
    assert {s.title: s.paragraphs for s in found if isinstance(s, Article)} == wanted
    assert sum(isinstance(s, Article) and s.published is None for s in found) == 4


@pytest.mark.parametrize(
    "lead",
    [
        "Mayor Gulnar Iskak opened a tram line in Karsu, Steppe News Agency reports.",
        'Mayor Gulnar Iskak opened "the line of the century", Globe Wire reports."',
        "Mayor Gulnar Iskak opened a tram line in Karsu, the press service of the city reports",
        "Mayor Gulnar Iskak opened a tram line, Globe Wire reports, citing the mayor's office.",
        "The city learned from its mayor that Steppe Agency learned from the builders of a line.",
        "KARSU, March 3 (Globe Wire) -- Mayor Gulnar Iskak opened a tram line on Tuesday.",
        "Мэр города Карсу открыла трамвайную линию в аэропорт, сообщает агентство «Степь».",
    ],
)
def test_ways_to_name_an_agency(lead: str) -> None:
    """However the lead names its agency, the line above it is a title."""
    other = {title: ARTICLES[title] for title in list(ARTICLES)[:3]}
    wanted = {**other, TITLE: (lead, REST)}
    assert articles(untimed(wanted)) == wanted


@pytest.mark.parametrize(
    "line",
    [
        "WHAT THE LINE CHANGES",
        "Prospects",
        "Next steps",
        "Money and people",
        "- the depot in the north of the town",
        "1. The depot in the north of the town",
        "Photo: city press service",
        "Photo by Steppe News Agency",
        "Read also: Karsu buys forty trams",
        "Who drives the trams?",
        '"I have waited for it all my life," said the first passenger',
        "the first tram left at noon and came back at one",
    ],
)
@pytest.mark.parametrize("time", ["", "28.02.2026, 10:00 55"])
def test_lines_inside_an_article_do_not_cut_it(line: str, time: str) -> None:
    """Subheads, list items, captions, questions and quotations stay paragraphs."""
    body = (LEAD, REST, line, "It took four years to build and cost 90 million.", "Trams are blue.")
    other = {title: ARTICLES[title] for title in list(ARTICLES)[:3]}
    wanted = {TITLE: body, **other}
    assert articles(f"{time}\n{untimed(wanted)}") == wanted


def test_unbulleted_list_is_no_row_of_titles() -> None:
    """Names one below the other, and the paragraph after them, belong to the article."""
    body = (
        LEAD,
        "The line was built by these firms:",
        "Tarlan Bridge and Tunnel Works",
        "Karsu Electric Traction Company",
        "Sorvian Institute of Urban Transport",
        "They worked for four years without a day of rest, as the mayor of Karsu recalled.",
    )
    wanted = {TITLE: body, **dict(list(ARTICLES.items())[:2])}
    assert articles(untimed(wanted)) == wanted


def test_doubled_captions_stay_paragraphs() -> None:
    """A caption that stands there twice, without a full stop, is no title."""
    caption = "Passengers wait for the first tram at the old town stop in Karsu"
    body = (LEAD, REST, caption, caption, "Four million passengers are expected in a year.")
    wanted = {TITLE: body, **dict(list(ARTICLES.items())[:2])}
    assert articles(untimed(wanted)) == wanted


@pytest.mark.parametrize(
    "scrap",
    [
        "Photo: city press service",
        "By Aigerim Nurlan and Oleg Marin",
        "Karsu, 3 March 2026",
        "Karsu. March 3. Steppe News Agency",
        "TRANSPORT",
        "Karsu",
    ],
)
def test_scrap_between_title_and_lead(scrap: str) -> None:
    """A caption, a byline, a place and date: a paragraph; the title stays the title."""
    wanted = {**dict(list(ARTICLES.items())[:2]), TITLE: (scrap, LEAD, REST)}
    assert articles(untimed(wanted)) == wanted


def test_title_repeated_as_a_caption() -> None:
    """The first of the two is the title, the second a paragraph."""
    wanted = {**dict(list(ARTICLES.items())[:2]), TITLE: (TITLE, LEAD, REST)}
    assert articles(untimed(wanted)) == wanted


def test_last_line_without_its_full_stop() -> None:
    """A slip at an article's end does not become the next one's title."""
    first, second, *_ = ARTICLES.items()
    wanted = {
        first[0]: (*first[1], "Another round of talks is planned for the autumn of this year"),
        second[0]: second[1],
    }
    assert articles(untimed(wanted)) == wanted


def test_confidence_tells_how_a_title_was_found() -> None:
    """Attribution and boilerplate most, then attribution alone, neither least, with flags."""
    bare = (LEAD.replace(", Steppe News Agency reports.", "."), REST)
    lines = [" date 2026-03-01", TITLE, *bare]
    for title, body in ARTICLES.items():
        lines += [title, *body]
    lines += ["relevant news", "Karsu orders forty new trams for its second line", LEAD, REST]
    found = segments("\n".join(lines))
    alone, *attributed, marked = (s for s in found if isinstance(s, Article))
    assert (alone.confidence, alone.flags) == (0.7, ("no-time", "shape-only"))
    assert len(attributed) == len(ARTICLES)
    assert {s.flags for s in attributed} == {("no-time", "no-boilerplate")}
    assert all(0.85 <= s.confidence <= 0.95 for s in attributed)
    # It ends as the first one does, which furniture that nobody knows would do.
    assert (marked.confidence, marked.flags) == (0.83, ("no-time", "shared-line"))


@pytest.mark.parametrize(
    "text",
    [
        "It was a dark night. Nobody came.\nThe rain fell on the roof for hours and hours.\nThen it"
        " stopped.",
        "milk\neggs\nbread\nsalt",
        "One line of text without an end",
        "One sentence, and that is all.",
        "My holidays\nWe went to the lake every day and came back late.\nIt was warm.",
        "Say it again and again Say it again and again",
        "x" * 5000,
    ],
)
def test_no_recognisable_article(text: str) -> None:
    """One article of low confidence, flagged; its first line serves as title; nothing is lost."""
    (article,) = segments(text)
    assert isinstance(article, Article)
    assert article.confidence <= 0.3
    assert "unrecognised" in article.flags
    first, *rest = text.splitlines()
    if len(first) > 300:
        assert article.title.rstrip("…") in first
        rest = [first, *rest]
    assert article.paragraphs == tuple(rest)


def test_text_above_the_first_title() -> None:
    """Prose above the first title is an article of low confidence; a stray line is a bad record."""
    body = f"{TITLE}\n{LEAD}\n{REST}"
    prose, article = segments(f" date 2026-03-01\nThe end of something that was cut off.\n{body}")
    assert isinstance(prose, Article)
    assert (prose.confidence, prose.title) == (0.2, "The end of something that was cut off.")
    assert isinstance(article, Article)
    assert article.title == TITLE
    stray, article = segments(f" date 2026-03-01 Most read this week\n{body}")
    assert isinstance(stray, BadRecord)
    assert (stray.line, stray.raw) == (1, "Most read this week")
    assert "above the first title" in stray.reason
    assert isinstance(article, Article)
    assert (article.index, article.title) == (1, TITLE)


def test_profile_patterns_count_most() -> None:
    """What the profile calls an attribution makes a title of a line that would not be one."""
    short = "Tram line opens"
    lead = "Mayor Gulnar Iskak opened a line to the airport of Karsu on Tuesday (via Agency Seven)."
    other = dict(list(ARTICLES.items())[:3])
    dump = untimed({**other, short: (lead, REST)})
    assert short not in articles(dump)
    profile = PROFILE.model_copy(
        update={"attribution": (*PROFILE.attribution, re.compile(r"\(via Agency Seven\)\.$"))}
    )
    assert short in articles(dump, profile)


@pytest.mark.parametrize("title", ["Who will pay for the stadium?", "The tram is here at last!"])
def test_banner_above_a_title_with_a_sentence_end(title: str) -> None:
    """Text that stands twice is a banner above a title that asks or exclaims, too."""
    banner = "Envoy of Tesmark visits the port of Karsu"
    dump = f" date 2026-03-01 {banner}{banner}\n{title}\n{LEAD}\n{REST}"
    assert articles(dump) == {title: (LEAD, REST)}


def test_one_paragraph_below_a_gap_is_no_title() -> None:
    """A lead right below boilerplate, with the next title after it, stays a lead."""
    short = "Deputy mayor Oleg Marin spoke with the builders by phone, Steppe News Agency reports."
    wanted = {"Marin and builders discuss the bridge": (short,), TITLE: (LEAD, REST)}
    lines = [line for title, body in wanted.items() for line in (title, "Images", *body)]
    assert articles("\n".join(lines)) == wanted


def test_title_taken_up_by_the_second_paragraph() -> None:
    """A lead that neither names an agency nor repeats the title is one if the next line does."""
    title = "Volunteers plant ten thousand saplings around Lake Balgyn"
    body = (
        "Even pensioners and pupils came with spades on the cold morning.",
        "Since the start of the week, 300 volunteers have put saplings along Lake Balgyn, and 9,000"
        " of them stand already. The planting goes on.",
    )
    wanted = {**dict(list(ARTICLES.items())[:4]), title: body, TITLE: (LEAD, REST)}
    assert articles(untimed(wanted)) == wanted


def test_long_caption_among_attributed_articles() -> None:
    """Where the other leads name their agency, a long caption is no title by itself."""
    caption = "President Daniyar Aliman and Prime Minister Emil Marsh of Sorvia in the White Palace"
    after = "Visitors from Valmora praised the work of the city and asked about the price."
    wanted = {TITLE: (LEAD, REST, caption, after), **dict(list(ARTICLES.items())[:4])}
    assert articles(untimed(wanted)) == wanted
