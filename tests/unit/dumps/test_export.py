"""Exports of LexisNexis and Factiva as dumps: in all their layouts, damaged and hostile."""

from __future__ import annotations

import io
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from monitor.config import SourceSettings
from monitor.dumps import FORMATS, parse
from monitor.dumps.base import Context
from monitor.dumps.container import Source
from monitor.dumps.export import ExportFormat
from monitor.dumps.export.dates import read_written
from monitor.dumps.export.words import has_other_length, language_of_name
from monitor.errors import DumpError
from monitor.model import Article, BadRecord

FORMAT = ExportFormat()
ALMATY = ZoneInfo("Asia/Almaty")
PROFILE = SourceSettings(name="library", zone=ALMATY)

COVER = """



Download Request: Selected Items: 1-3
Time Of Request: Wednesday, January 07, 2026  09:12:31

Send To:
KARSU CITY LIBRARY

Terms: (tram AND (Karsu OR "old town") AND DATE(geq(01/01/2026)))


"""
TRAM = """                               1 of 3 DOCUMENTS



                                 Steppe Courier

                             January 5, 2026 Monday
                                  3:45 PM GMT

Karsu opens its first tram line to the airport after eleven years of planning
and three postponements

BYLINE: Aida Saparova

SECTION: CITY; Pg. 3

LENGTH: 52 words

DATELINE: KARSU, Jan 5

Mayor Gulnar Iskak opened a tram line between the old town and the airport of
Karsu on Monday, Steppe News reports.

The line is 18 kilometres long and has 21 stops, two of which are under the
ground. A ride takes half an hour.
   An indented paragraph begins without an empty line above it.

LANGUAGE: never stop learning it, said the mayor in four languages.

GRAPHIC: Photo, The mayor in the tram

LOAD-DATE: January 6, 2026

LANGUAGE: ENGLISH

URL: https://courier.example/tram

PUBLICATION-TYPE: Newspaper


                         Copyright 2026 Steppe Courier
                              All Rights Reserved

"""
STORM = """                               2 of 3 DOCUMENTS


                      Copyright 2026 Karsu Evening News
                              All Rights Reserved

                              Karsu Evening News

                             January 6, 2026 Tuesday
                                 Late Edition

SECTION: NEWS; Pg. A01

LENGTH: 9 words

HEADLINE: Storm closes mountain pass

BYLINE: Ilya Petrov;Dana Omarova

BODY:

Rescuers closed the Tarlan pass because of a snowstorm.

LOAD-DATE: January 6, 2026

"""
ICE = """                               Dokument 3 von 3

                               Vestnik Karsu

                         6. Januar 2026 Dienstag

Eis auf dem See

AUTOR: Von Dana Omarova

LÄNGE: 4 Wörter

Das Eis ist dick.

SPRACHE: GERMAN; DEUTSCH
"""
CLASSIC = COVER + TRAM + STORM + ICE
UNI = """Date and Time: 	Wednesday, January 7, 2026 9:12:00 AM GMT
Job Number: 	123456789
Documents (2)
1. Karsu opens its first tram line
Client/Matter: -None-
Search Terms: tram AND Karsu
2. Storm closes mountain pass

Karsu opens its first tram line
Steppe Courier
January 5, 2026 Monday 3:45 PM EST

Copyright 2026 Steppe Courier All Rights Reserved
Section: CITY; Pg. 3
Length: 52 words
Byline: Aida Saparova
Highlight: The line is 18 kilometres long.
Body


Mayor Gulnar Iskak opened a tram line between the old town and the airport of Karsu on Monday, in \
front of several thousand guests, Steppe News reports.
The line is 18 kilometres long and has 21 stops, two of which are under the ground. A ride takes \
half an hour, the operator of the line said.

Classification

Language: ENGLISH
Publication-Type: Newspaper
Load-Date: January 6, 2026

End of Document

Storm closes mountain pass
Karsu Evening News
6 January 2026

Copyright 2026 Karsu Evening News All Rights Reserved
Length: 9 words
Body

Rescuers closed the Tarlan pass because of a snowstorm.

Load-Date: January 6, 2026

End of Document
"""
CODED = """SE      City
HD      Karsu opens its first tram line
        to the airport
BY      By Aida Saparova
WC      30 words
PD      5 January 2026
ET      13:14
SN      Steppe Courier
SC      STCOUR
PG      3
LA      English
CY      (c) 2026 Steppe Courier. All rights reserved.

LP      Mayor Gulnar Iskak opened a tram line between the old town
        and the airport on Monday, Steppe News reports.

IN Karsu nobody was surprised.

TD      The line is 18 kilometres long and has 21 stops.

        It is blue.

CO      sttram : Steppe Trams
IN      i721 : Railroads
RE      kaz : Kazakhstan
PUB     Steppe Courier Ltd
AN      Document STCOUR0020260105em150000a

HD      Storm closes mountain pass
WC      9 words
PD      06 Jan 2026
SN      Steppe Courier
LA      English
LP      Rescuers closed the Tarlan pass because of a snowstorm.
AN      Document STCOUR0020260106em160000b

Search Summary
Text        tram AND Karsu
© 2026 Factiva, Inc. All rights reserved.
"""
PLAIN = """Karsu opens its first tram line
Steppe Courier, 13:14, 30 words, 5 January 2026, (English)
Mayor Gulnar Iskak opened a tram line between the old town and the airport ...

City
Karsu opens its first tram line
By Aida Saparova
30 words
5 January 2026
13:14
Steppe Courier
STCOUR
3
English
(c) 2026 Steppe Courier. All rights reserved.

Mayor Gulnar Iskak opened a tram line between the old town and the airport on Monday, Steppe News \
reports.

The line is 18 kilometres long and has 21 stops.

Document STCOUR0020260105em150000a

Storm closes mountain pass

9 words
6 January 2026
Steppe Courier
STCOUR
English
(c) 2026 Steppe Courier

Rescuers closed the Tarlan pass because of a snowstorm.

Document STCOUR0020260106em160000b

© 2026 Factiva, Inc. All rights reserved.
"""
LAYOUTS = {"classic": CLASSIC, "uni": UNI, "coded": CODED, "plain": PLAIN}
STORM_TEXT = ("Rescuers closed the Tarlan pass because of a snowstorm.",)


def _source(data: bytes, damage: DumpError | None = None) -> Source:
    stream = io.BytesIO(data)

    def pull(size: int) -> bytes:
        part = stream.read(size)
        if not part and damage is not None:
            raise damage
        return part

    return Source(pull)


def _cut(export: str | bytes, **settings: Any) -> list[Article | BadRecord]:
    data = export.encode() if isinstance(export, str) else export
    profile = PROFILE.model_copy(update=settings)
    found = list(FORMAT.parse(_source(data), profile, Context("export.txt")))
    assert [segment.index for segment in found] == list(range(len(found)))
    return found


def _articles(export: str | bytes, **settings: Any) -> list[Article]:
    found = _cut(export, **settings)
    articles = [segment for segment in found if isinstance(segment, Article)]
    assert len(articles) == len(found), found
    return articles


# ------------------------------------------------------------------ what is an export


@pytest.mark.parametrize("layout", LAYOUTS)
def test_sniffs(layout: str) -> None:
    """By the lines around its documents; nobody else takes it before."""
    for head in (LAYOUTS[layout].encode(), LAYOUTS[layout].encode("utf-16")):
        assert next(name for name, each in FORMATS.items() if each.sniff(head)) == "export"
    assert FORMAT.sniff(LAYOUTS[layout].replace("\n", "\r\n").encode())


@pytest.mark.parametrize(
    "text",
    [
        "",
        "1 of 3 documents was lost\nThe library said so.",
        "06.01.2026, 13:14\n1 of 3 DOCUMENTS\nThe archive lost two of three documents.",
        "The last page read:\nEnd of Document\nNobody knew why.",
        "Body\nThe police found it.\n\nEnd of Document\n",
        "IN KARSU\nHD television begins\nThe tram opens.",
        "30 words\nare enough.",
        CODED.partition("HD")[0],
    ],
)
def test_sniffs_not(text: str) -> None:
    """A text with one such line is a text."""
    assert not FORMAT.sniff(text.encode())


# ------------------------------------------------------------------ what exports say


def test_classic() -> None:
    """Both layouts of LexisNexis' older exports, and a German one."""
    tram, storm, ice = _articles(CLASSIC, fields={"source": "publication"})
    assert tram == Article(
        index=0,
        title="Karsu opens its first tram line to the airport after eleven years of planning"
        " and three postponements",
        paragraphs=(
            "Mayor Gulnar Iskak opened a tram line between the old town and the airport of Karsu"
            " on Monday, Steppe News reports.",
            "The line is 18 kilometres long and has 21 stops, two of which are under the ground."
            " A ride takes half an hour.",
            "An indented paragraph begins without an empty line above it.",
            "LANGUAGE: never stop learning it, said the mayor in four languages.",
        ),
        source="Steppe Courier",
        published=datetime(2026, 1, 5, 15, 45, tzinfo=UTC),
        url="https://courier.example/tram",
        language="en",
    )
    assert (storm.title, storm.paragraphs) == ("Storm closes mountain pass", STORM_TEXT)
    assert storm.source == "Karsu Evening News"
    assert (ice.title, ice.paragraphs) == ("Eis auf dem See", ("Das Eis ist dick.",))
    assert (ice.source, ice.language) == ("Vestnik Karsu", "de")
    for article in (storm, ice):
        assert article.published == datetime(2026, 1, 6, tzinfo=ALMATY)
        assert article.flags == ("date-only",)


def test_uni() -> None:
    """Nexis Uni: the cover sheet is left out, the text ends where it is classified."""
    tram, storm = _articles(UNI, fields={"source": "publication"})
    assert (tram.title, tram.source) == ("Karsu opens its first tram line", "Steppe Courier")
    assert tram.published == datetime.fromisoformat("2026-01-05T15:45:00-05:00")
    assert (tram.language, tram.flags) == ("en", ())
    assert [paragraph.split()[0] for paragraph in tram.paragraphs] == ["Mayor", "The"]
    assert tram.paragraphs[1].endswith("the operator of the line said.")
    assert (storm.title, storm.paragraphs) == ("Storm closes mountain pass", STORM_TEXT)


def test_factiva_codes() -> None:
    """Continuation lines belong to their field; a line of text may begin like a code."""
    tram, storm = _articles(CODED)
    assert tram.title == "Karsu opens its first tram line to the airport"
    assert tram.paragraphs == (
        "Mayor Gulnar Iskak opened a tram line between the old town and the airport on Monday,"
        " Steppe News reports.",
        "IN Karsu nobody was surprised.",
        "The line is 18 kilometres long and has 21 stops.",
        "It is blue.",
    )
    assert tram.published == datetime(2026, 1, 5, 13, 14, tzinfo=ALMATY)
    assert (tram.source, tram.language, tram.flags) == ("library", "en", ())
    assert (storm.title, storm.paragraphs) == ("Storm closes mountain pass", STORM_TEXT)
    tabs = CODED.replace("HD      ", "HD\t").replace("LP      ", "LP\t").replace("TD  ", "TD\t")
    assert _articles(tabs)[0].paragraphs == tram.paragraphs


def test_factiva_plain() -> None:
    """The list of what was found is left out; section, headline and byline are told apart."""
    fields = {"source": "publication", "url": "number"}
    tram, storm = _articles(PLAIN, fields=fields)
    assert tram.title == "Karsu opens its first tram line"
    assert [paragraph.split()[0] for paragraph in tram.paragraphs] == ["Mayor", "The"]
    assert tram.published == datetime(2026, 1, 5, 13, 14, tzinfo=ALMATY)
    assert (tram.source, tram.language, tram.flags) == ("Steppe Courier", "en", ())
    assert (storm.title, storm.paragraphs) == ("Storm closes mountain pass", STORM_TEXT)


def test_layouts_side_by_side() -> None:
    """Exports that were put together are cut each in its own way."""
    found = _articles(CODED + UNI + PLAIN + CLASSIC)
    assert len(found) == 9
    assert found[-1].title == "Eis auf dem See"


def test_boilerplate_and_fields() -> None:
    """The profile's lines are left out; any label may be a field."""
    _, storm = _articles(COVER + TRAM + STORM, fields={"title": "section", "source": "byline"})
    assert (storm.title, storm.source) == ("NEWS; Pg. A01", "Ilya Petrov;Dana Omarova")
    assert _articles(CLASSIC, boilerplate=("das eis ist dick.",))[2].paragraphs == ()


@pytest.mark.parametrize(
    ("text", "time", "moment", "hour"),
    [
        ("January 5, 2026 Monday 3:45 PM GMT", "", "2026-01-05T15:45:00+00:00", True),
        ("Monday, January 5, 2026", "", "2026-01-05T00:00:00", False),
        ("5 January 2026", "13:14", "2026-01-05T13:14:00", True),
        ("05 Jan 2026", "", "2026-01-05T00:00:00", False),
        ("January 5, 2026 Monday 12:05 AM EST", "", "2026-01-05T00:05:00-05:00", True),
        ("5 января 2026", "09.30", "2026-01-05T09:30:00", True),
        ("5. Januar 2026 Montag", "", "2026-01-05T00:00:00", False),
        ("le 5 janvier 2026", "", "2026-01-05T00:00:00", False),
        ("lunes 5 de enero de 2026", "", "2026-01-05T00:00:00", False),
        ("2026-01-05", "25:99", "2026-01-05T00:00:00", False),
        ("January 5, 2026", "3:45 PM XYZ", "2026-01-05T15:45:00", True),
        ("January 5, 2026", "3:45 PM +0530", "2026-01-05T15:45:00+05:30", True),
    ],
)
def test_dates(text: str, time: str, moment: str, hour: bool) -> None:
    """As databases print them, in several languages."""
    written = read_written(text, time)
    assert written is not None
    assert (written.moment.isoformat(), written.hour) == (moment, hour)


@pytest.mark.parametrize(
    "text", ["", "February 31, 2026", "January 2026", "On January 5, 2026 it rained",
             "5 Nonsense 2026", "May 0, 2026", "12 of 25 DOCUMENTS", "January 5, 20261"],
)  # fmt: skip
def test_no_dates(text: str) -> None:
    """Days that cannot be, and lines that do not begin with one."""
    assert read_written(text) is None


def test_word_counts() -> None:
    """A text that is far from the number of words it is said to have is less sure."""
    short = CLASSIC.replace("LENGTH: 9 words", "LENGTH: 1,362 words")
    assert _articles(short)[1].flags == ("date-only", "word-count")
    assert _articles(short)[1].confidence < _articles(CLASSIC)[1].confidence
    assert not has_other_length("9 words", ["word"] * 40)
    assert has_other_length("100 words", ["word"] * 59)
    assert has_other_length("1.000 Wörter", ["Wort"])
    assert not has_other_length("300 words", ["市長は路面電車を開通させた。"])
    assert not has_other_length("2 pages", ["word"] * 900)


def test_languages() -> None:
    """By their names, however they are written."""
    names = {"ENGLISH": "en", "GERMAN; DEUTSCH": "de", "Français": "fr", "Klingon": "Klingon"}
    assert {name: language_of_name(name) for name in names} == names


# ------------------------------------------------------------------ damaged exports


@pytest.mark.parametrize(
    ("layout", "old", "new", "reason"),
    [
        ("classic", STORM, "  2 of 3 DOCUMENTS\n\n", "neither a date nor labels"),
        ("uni", "Body\n\n\nMayor", "Mayor", "without the line Body"),
        ("coded", "HD      Karsu", "HQ      Karsu", "without a number of words"),
        ("plain", "30 words\n5 January 2026", "5 January 2026", "without a number of words"),
        ("classic", "The line is", "x" * 1_100_000 + " The line is", "longer than 1 MiB"),
        ("classic", "Das Eis", "Das\0Eis", "NUL"),
        ("classic", "Das Eis", "Das Eis\n" * 100_001, "100,000 lines"),
    ],
)
def test_bad_documents(layout: str, old: str, new: str, reason: str) -> None:
    """Each is told with its line; the others stay."""
    export = LAYOUTS[layout]
    found = _cut(export.replace(old, new, 1))
    (bad,) = (segment for segment in found if isinstance(segment, BadRecord))
    assert reason in bad.reason
    assert 1 <= bad.line <= export.count("\n")
    assert len(bad.raw) <= 64 * 1024
    whole = _cut(export)
    assert all(segment in whole for segment in found if segment is not bad)
    assert len(found) == len(whole)


def test_line_of_a_bad_document() -> None:
    """It is that of the document's first text."""
    export = CLASSIC.replace("Rescuers", "Res\0cuers")
    bad = _cut(export)[1]
    assert isinstance(bad, BadRecord)
    assert export.split("\n")[bad.line - 1].strip() == "Copyright 2026 Karsu Evening News"


@pytest.mark.parametrize("layout", ["uni", "coded", "plain"])
def test_ends_early(layout: str) -> None:
    """Documents that are whole stay; the one in which the export ends is a bad record."""
    export = LAYOUTS[layout]
    tram, bad = _cut(export.partition("pass because")[0])
    assert tram == _cut(export)[0]
    assert isinstance(bad, BadRecord)
    assert "ends in this document" in bad.reason
    found: list[Article | BadRecord] = []
    with pytest.raises(DumpError, match="truncated"):
        found += FORMAT.parse(_source(CLASSIC.encode(), DumpError("truncated")), PROFILE, Context())
    assert found[:2] == _cut(CLASSIC)[:2]
    assert isinstance(found[2], BadRecord)


def test_stray_text() -> None:
    """Text between documents is no cover sheet, and not lost."""
    stray = "The mayor of Karsu opened the line on Monday morning, Steppe News reports.\n"
    bad = _cut(UNI + stray)[2]
    assert isinstance(bad, BadRecord)
    assert "belongs to no document" in bad.reason
    assert bad.raw == stray.strip()


def test_empty() -> None:
    """A cover sheet alone is no dump."""
    with pytest.raises(DumpError, match="empty"):
        _cut(COVER)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252"])
def test_encodings(encoding: str) -> None:
    """LexisNexis writes code pages too."""
    assert _cut(CLASSIC.encode(encoding)) == _cut(CLASSIC)


@settings(max_examples=150, deadline=None)
@given(
    st.sampled_from(sorted(LAYOUTS)),
    st.floats(0, 1),
    st.lists(st.tuples(st.integers(0, 60), st.text(max_size=4)), max_size=5),
)
def test_damage_leaves_what_is_above_it(
    layout: str, place: float, edits: list[tuple[int, str]]
) -> None:
    """Whatever the damage: only DumpError, and documents that end above it are as they were."""
    export = LAYOUTS[layout]
    at = int(place * len(export))
    damaged = export
    for offset, piece in edits:
        start = at + offset
        damaged = damaged[:start] + piece + damaged[start + len(piece) :]
    found: list[Article | BadRecord] = []
    profile = PROFILE.model_copy(update={"format": "export"})
    try:
        found += parse(io.BytesIO(damaged.encode("utf-8", "replace")), profile, name="x")
    except DumpError:
        pass
    assert [segment.index for segment in found] == list(range(len(found)))
    above = export[:at]
    ends = ("2 of 3 DOCUMENTS\n", "Dokument 3 von 3\n", "End of Document\n", "0000a\n", "0000b\n")
    whole = sum(map(above.count, ends))
    assert found[:whole] == _cut(export)[:whole]


@settings(max_examples=150, deadline=None)
@given(st.lists(st.sampled_from([
    *{line for layout in LAYOUTS.values() for line in layout.split("\n")}, "", "\0", "Körper",
]), max_size=40).map("\n".join))  # fmt: skip
def test_any_order_of_lines(export: str) -> None:
    """Lines of exports in any order give segments or a DumpError, and titles that are not blank."""
    try:
        found = _cut(export)
    except DumpError:
        return
    for segment in found:
        assert segment.title.strip() if isinstance(segment, Article) else segment.reason
