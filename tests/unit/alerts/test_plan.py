"""What an alert says."""

from __future__ import annotations

from datetime import UTC, date, datetime
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from monitor.alerts import Routing, make_alerts
from monitor.alerts.plan import EXCERPT, excerpt_of, merge_spans
from monitor.config import RouteSettings
from monitor.model import Evidence, Known, Match, Outcome

NOW = datetime(2026, 2, 20, 12, tzinfo=UTC)
BODY = "The council met.\nThe harbour tariff rises; the harbour chair agreed.\nIt ended at noon."
KNOWN = Known(
    1, "00000000-0000-5000-8000-000000000001", "gazette", "Harbour Tariff Rises", 1, 1, (), None,
    None, date(2026, 2, 20), date(2026, 2, 20), "", 1, 7, NOW, NOW, NOW, 1.0, None,
)  # fmt: skip


def hit(word: str, field: str = "body", text: str = BODY) -> Evidence:
    start = text.index(word)
    return Evidence(f"any: {word}", field, start, start + len(word), word)


def test_rules_of_one_receiver_are_one_alert() -> None:
    """An article that hits two rules of one receiver is told once, with both names."""
    routing = Routing(RouteSettings(receiver="desk"))
    matches = [
        Match("harbour", (hit("Harbour", "title", KNOWN.title), hit("harbour"))),
        Match("tariff", (hit("tariff"),)),
    ]
    (planned,) = make_alerts(
        KNOWN, BODY, Outcome.NEW, matches, routing, now=NOW, base_url="http://page"
    )
    alert = planned.alert
    assert alert.rules == ("harbour", "tariff")
    assert alert.url == f"http://page/articles/{KNOWN.id}"
    assert alert.excerpt == "The harbour tariff rises; the harbour chair agreed."
    assert [alert.excerpt[a:b] for a, b in alert.excerpt_marks] == ["harbour", "tariff"]
    assert [alert.title[a:b] for a, b in alert.title_marks] == ["Harbour"]


def test_no_body_evidence_shows_the_lead() -> None:
    """A match in the title alone is shown with the lead, unmarked."""
    assert excerpt_of(BODY, [hit("Harbour", "title", KNOWN.title)]) == ("The council met.", ())


@given(
    paragraphs=st.lists(
        st.text(st.characters(exclude_characters="\n"), max_size=900), min_size=1, max_size=4
    ),
    data=st.data(),
)
def test_marks_show_what_was_matched(paragraphs: list[str], data: st.DataObject) -> None:
    """Every mark lies in the excerpt, and the first match is in it, whole or cut at its end."""
    body = "\n".join(paragraphs)
    index = data.draw(st.integers(0, len(paragraphs) - 1))
    offset = sum(len(p) + 1 for p in paragraphs[:index])
    length = len(paragraphs[index])
    if length == 0:
        return
    start = data.draw(st.integers(0, length - 1))
    end = data.draw(st.integers(start + 1, min(length, start + 60)))
    evidence = Evidence(
        "c", "body", offset + start, offset + end, body[offset + start : offset + end]
    )
    text, marks = excerpt_of(body, [evidence])
    assert len(text) <= EXCERPT + 1
    for a, b in marks:
        assert 0 <= a < b <= len(text)
        assert evidence.text.startswith(text[a:b])


@given(st.lists(st.tuples(st.integers(0, 50), st.integers(1, 9)), max_size=12))
def test_merged_spans_cover_the_same_places(pairs: list[tuple[int, int]]) -> None:
    """Merging keeps every covered position, leaves no overlap and sorts."""
    spans = [(start, start + length) for start, length in pairs]
    merged = merge_spans(spans)
    assert {i for a, b in spans for i in range(a, b)} == {i for a, b in merged for i in range(a, b)}
    assert all(one[1] < two[0] for one, two in pairwise(merged))
