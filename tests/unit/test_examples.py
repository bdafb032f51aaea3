"""The sample dumps are cut, counted and matched as examples/README.md says."""

from __future__ import annotations

import re
import shutil
from collections.abc import Sequence
from datetime import date, datetime, timedelta
from io import BytesIO, StringIO
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from monitor.app.app import App
from monitor.config import load_settings
from monitor.dumps import parse, select_source
from monitor.model import Article
from monitor.rules import compile_rules

EXAMPLES = Path(__file__).parents[2] / "examples"
DUMPS = sorted((EXAMPLES / "dumps").glob("*.txt"))
SETTINGS = load_settings(EXAMPLES / "config.yaml", {})
OSLO = ZoneInfo("Europe/Oslo")

FLIGHTS = "Norland and Kestria Discuss Direct Flights"
FLIGHTS_EDITED = "Norland and Kestria Agree on Three Direct Flights a Week"
REFERENDUM = "Parliament of Norland Sets Date of Referendum on Second Chamber"
AMBASSADOR = "Foreign Minister of Norland Received Ambassador of Belmora"
RIVERS = "Low Rivers Put Shipping on the Skarn Under Strain, Experts Say"
UNIVERSITIES = "Universities of Norland and Carelle Will Award Joint Degrees"
SUPPLY = "President Sørlund holds meeting on water supply of the eastern districts"
BELLS = "Museum of Haldenby Returns Two Bells to Sundara"
SUMMIT = "Preparations for Northern Waters Summit Reviewed in Haldenby"
CREDENTIALS = "Ambassador of Norland Presents Credentials in Carelle"
BORDER = "Border Crossing at Tollen Will Reopen After Nine Years"
ELECTIONS = "Sørlund rejects speculation about early elections"
ICEBREAKER = "Icebreaker Stella Borealis Leaves Haldenby for Her Last Voyage"
AGREEMENT = "Norland and Carelle Sign Agreement on Rescue at Sea"
COUNCIL = "Water Council of Norland Names Its First Members"
OBSERVERS = "International Observers Invited to Referendum in Norland"
HARVEST = "Farmers in the East of Norland Switch to Barley"

# Title, day and time (None: no time line), view counter, number of paragraphs.
Row = tuple[str, str | None, int | None, int]
EXPECTED: dict[str, list[Row]] = {
    "norland-2026-03-02.txt": [
        (FLIGHTS, "2026-03-02 09:40", 1240, 5),
        (REFERENDUM, "2026-03-01 18:05", 9871, 6),
        (AMBASSADOR, "2026-03-01 15:20", 8115, 5),
        (RIVERS, "2026-03-01 11:02", 7702, 9),
        (UNIVERSITIES, "2026-02-28 16:30", 15306, 5),
        (SUPPLY, "2026-02-28 12:12", 16044, 6),
        (BELLS, "2026-02-28 09:15", 14988, 5),
    ],
    "norland-2026-03-03.txt": [
        (SUMMIT, None, None, 6),
        (CREDENTIALS, None, None, 5),
        (BORDER, "2026-03-02 14:25", 6318, 5),
        (FLIGHTS, "2026-03-02 09:40", 7455, 5),
        (REFERENDUM, "2026-03-01 18:05", 14920, 6),
        (AMBASSADOR, "2026-03-01 15:20", 11837, 5),
        (RIVERS, "2026-03-01 11:02", 11240, 9),
        (SUPPLY, "2026-02-28 12:12", 18201, 6),
    ],
    "norland-2026-03-04.txt": [
        (ELECTIONS, "2026-03-04 08:50", 2066, 6),
        (ICEBREAKER, "2026-03-03 17:35", 8450, 7),
        (SUMMIT, "2026-03-03 10:10", 9127, 6),
        (CREDENTIALS, "2026-03-02 19:45", 10554, 5),
        (BORDER, "2026-03-02 14:25", 11002, 5),
        (FLIGHTS_EDITED, "2026-03-02 09:40", 12870, 6),
        (REFERENDUM, "2026-03-01 18:05", 19263, 6),
        (RIVERS, "2026-03-01 11:02", 14418, 9),
    ],
    "norland-2026-03-05.txt": [
        (AGREEMENT, None, None, 6),
        (COUNCIL, None, None, 5),
        (ELECTIONS, None, None, 6),
        (ICEBREAKER, None, None, 7),
        (SUMMIT, None, None, 6),
        (FLIGHTS_EDITED, None, None, 6),
        (RIVERS, None, None, 9),
        (BELLS, None, None, 5),
    ],
    "norland-2026-03-06.txt": [
        (OBSERVERS, "2026-03-05 17:15", 1873, 5),
        (HARVEST, "2026-03-05 10:30", 5240, 5),
        (AGREEMENT, "2026-03-04 16:20", 11021, 6),
        (COUNCIL, "2026-03-04 12:00", 11690, 5),
        (ELECTIONS, "2026-03-04 08:50", 13577, 6),
        (ICEBREAKER, "2026-03-03 17:35", 16903, 7),
        (BORDER, "2026-03-02 14:25", 15846, 5),
        (REFERENDUM, "2026-03-01 18:05", 24410, 6),
    ],
}
RULES = {
    FLIGHTS: {"air-travel"},
    FLIGHTS_EDITED: {"air-travel"},
    REFERENDUM: {"referendum", "sorlund"},
    AMBASSADOR: {"kjelland"},
    RIVERS: {"summit", "water-shortage", "shipping"},
    UNIVERSITIES: set(),
    SUPPLY: {"water-shortage", "sorlund"},
    BELLS: {"darvel"},
    SUMMIT: {"summit", "sorlund", "kjelland"},
    CREDENTIALS: {"referendum", "sorlund"},
    BORDER: {"water-shortage", "shipping"},
    ELECTIONS: {"referendum", "sorlund"},
    ICEBREAKER: {"shipping", "darvel"},
    AGREEMENT: {"kjelland"},
    COUNCIL: {"water-shortage", "water-council"},
    OBSERVERS: {"referendum"},
    HARVEST: {"water-shortage"},
}


def _cut(content: bytes, name: str) -> list[Article]:
    profile = select_source(name, SETTINGS.sources)
    assert profile.name == "norland-today"
    segments = list(parse(BytesIO(content), profile, name=name))
    assert all(isinstance(segment, Article) for segment in segments)
    return [segment for segment in segments if isinstance(segment, Article)]


def _row(article: Article) -> Row:
    time = article.published and article.published.strftime("%Y-%m-%d %H:%M")
    return article.title, time, article.views, len(article.paragraphs)


def test_every_sample_is_known_here():
    """No dump is without its expectation."""
    assert [dump.name for dump in DUMPS] == list(EXPECTED)


@pytest.mark.parametrize("dump", DUMPS, ids=lambda dump: dump.name)
def test_titles_times_and_counters(dump):
    """Each dump is cut into the intended articles, with the source's own time zone."""
    articles = _cut(dump.read_bytes(), dump.name)
    assert [_row(article) for article in articles] == EXPECTED[dump.name]
    assert {article.crawled for article in articles} == {date.fromisoformat(dump.stem[-10:])}
    for article in articles:
        if article.published is not None:
            assert article.published.utcoffset() == datetime(2026, 3, 1, tzinfo=OSLO).utcoffset()


@pytest.mark.parametrize("dump", DUMPS, ids=lambda dump: dump.name)
def test_the_same_articles_without_any_time_line(dump):
    """With every time line gone, titles and paragraphs are found from the text's shape alone."""
    time = re.compile(r"\d\d\.\d\d\.\d{4}, \d\d:\d\d(?: \d+)?")
    text = dump.read_text("utf-8")
    bare = "\n".join(time.sub("", line) for line in text.splitlines() if not time.fullmatch(line))
    assert time.search(bare) is None
    told = [(a.title, a.paragraphs) for a in _cut(text.encode(), dump.name)]
    assert [(a.title, a.paragraphs) for a in _cut(bare.encode(), dump.name)] == told


@pytest.mark.parametrize("dump", DUMPS, ids=lambda dump: dump.name)
def test_boilerplate_and_banner_are_no_text(dump):
    """No paragraph is boilerplate, and the banner is nowhere."""
    for article in _cut(dump.read_bytes(), dump.name):
        assert not {"Images", "relevant news"} & set(article.paragraphs)
        assert "Reproduction in any form" not in article.body
        assert "Norland Reads" not in article.title + article.body


def test_the_samples_have_the_defects_they_are_there_for():
    """Doubled banner and caption, lost quotes, subheads, both apostrophes: all still in there."""
    text = {dump.name: dump.read_text("utf-8") for dump in DUMPS}
    everything = "".join(text.values())
    lines = everything.splitlines()
    assert '"Norland Reads"' in text["norland-2026-03-03.txt"].partition("year")[2].splitlines()[0]
    caption = "The icebreaker Stella Borealis at the quay of Haldenby. Photo: Norland Today"
    assert f"{caption}\n{caption}\n" in everything
    assert "A COMMON TABLE" in lines
    assert any(line.count('"') % 2 and not line.startswith('"') for line in lines)
    for spelling in ("D’Arvel", "D'Arvel", "Kjelland", "T.Kielland", "I.Sørlund", "I. Sorlund"):
        assert spelling in everything
    assert re.search(r"\d\d\.\d\d\.\d{4}", text["norland-2026-03-05.txt"]) is None


def test_the_rules_find_what_they_are_there_for():
    """Each article has its rules, and each rule has an article."""
    rules = compile_rules(SETTINGS.rules)
    found = {
        article.title: {match.rule for match in rules.match(title=article.title, body=article.body)}
        for dump in DUMPS
        for article in _cut(dump.read_bytes(), dump.name)
    }
    assert found == RULES
    assert set().union(*found.values()) == {rule.name for rule in SETTINGS.rules}


# --------------------------------------------------------------------------- the whole way


def _ingest(folder: Path, dumps: Sequence[Path]) -> tuple[dict[str, tuple[int, ...]], set[object]]:
    """Ingest one after another; the ledger's counts by dump, and the articles in the end."""
    shutil.copy(EXAMPLES / "config.yaml", folder)
    settings = load_settings(folder / "config.yaml", {})
    inbox = settings.inbox.model_copy(update={"settle": timedelta(0)})
    app = App(settings.model_copy(update={"inbox": inbox}), out=StringIO())
    app.open()
    try:
        for dump in dumps:
            inbox.path.mkdir(exist_ok=True)
            shutil.copy(dump, inbox.path)
            assert app.run_once() == 0
        ledger = {
            row.name: (row.articles, row.new, row.revised, row.unchanged)
            for row in app.store.pages.dumps()
        }
        articles = {
            (a.title, a.body, a.revision, a.published, a.views, a.rules)
            for a in app.store.pages.articles()
        }
    finally:
        app.close()
    return ledger, articles


def _readme() -> dict[str, tuple[int, ...]]:
    """The table of counts in examples/README.md."""
    rows = re.findall(
        r"^\| `?([\w.-]+)`? \| (\d+) \| (\d+) \| (\d+) \| (\d+) \|",
        (EXAMPLES / "README.md").read_text("utf-8"),
        re.MULTILINE,
    )
    return {name: tuple(map(int, counts)) for name, *counts in rows}


def test_the_counts_of_the_readme(tmp_path):
    """New, revised and unchanged articles of each dump are what README.md promises."""
    ledger, articles = _ingest(tmp_path, DUMPS)
    promised = _readme()
    together = promised.pop("together")
    assert ledger == promised
    assert tuple(map(sum, zip(*ledger.values(), strict=True))) == together
    assert len(articles) == together[1]


def test_any_order_and_any_repetition_come_to_the_same(tmp_path):
    """The last dump first, one of them twice: the same articles with the same histories."""
    forward, backward = tmp_path / "forward", tmp_path / "backward"
    forward.mkdir()
    backward.mkdir()
    _, in_order = _ingest(forward, DUMPS)
    _, other = _ingest(backward, [*reversed(DUMPS), DUMPS[0]])
    assert other == in_order
