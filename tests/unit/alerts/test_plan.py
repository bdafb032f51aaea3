"""What an alert says."""

from __future__ import annotations

from datetime import UTC, date, datetime
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.alerts import (
    Found,
    Original,
    Routing,
    Telling,
    make_alerts,
    risen_alerts,
    told_with_original,
)
from monitor.alerts.plan import EXCERPT, excerpt_of, merge_spans
from monitor.config import RouteSettings
from monitor.model import Alert, AlertKind, Copy, Evidence, Known, Match, RuleInfo

NOW = datetime(2026, 2, 20, 12, tzinfo=UTC)
BODY = "The council met.\nThe harbour tariff rises; the harbour chair agreed.\nIt ended at noon."
KNOWN = Known(
    1, "00000000-0000-5000-8000-000000000001", "gazette", "Harbour Tariff Rises", 1, 1, (), None,
    None, date(2026, 2, 20), date(2026, 2, 20), "", 1, 7, NOW, NOW, NOW, 1.0, None,
)  # fmt: skip


def hit(word: str, field: str = "body", text: str = BODY) -> Evidence:
    start = text.index(word)
    return Evidence(f"any: {word}", field, start, start + len(word), word)


EDITED = "The council met.\nThe tariff stays.\nIt ended at noon."
HARBOUR = Match("harbour", (hit("Harbour", "title", KNOWN.title), hit("harbour")))
TARIFF = Match("tariff", (hit("tariff"),))
DESK = Routing(RouteSettings(receiver="desk"))


def told(
    now: Found,
    before: Found | None = None,
    *,
    routing: Routing = DESK,
    language: str = "",
    **rules: RuleInfo,
) -> list[tuple[str, Alert]]:
    """Receivers and alerts; ``rules`` are those that are not by default."""

    def info(name: str) -> RuleInfo:
        return rules.get(name, RuleInfo())

    telling = Telling(KNOWN, routing, info, NOW, "http://page", language)
    planned = make_alerts(telling, now, before)
    return [(one.receiver, one.alert) for one in planned]


def found(*matches: Match, body: str = BODY) -> Found:
    return Found(KNOWN.title, body, matches)


def test_rules_of_one_receiver_are_one_alert() -> None:
    """An article that hits two rules of one receiver is told once, with both names."""
    ((_, alert),) = told(found(HARBOUR, TARIFF))
    assert alert.kind is AlertKind.NEW
    assert alert.rules == ("harbour", "tariff")
    assert alert.url == f"http://page/articles/{KNOWN.id}"
    assert alert.excerpt == "The harbour tariff rises; the harbour chair agreed."
    assert [alert.excerpt[a:b] for a, b in alert.excerpt_marks] == ["harbour", "tariff"]
    assert [alert.title[a:b] for a, b in alert.title_marks] == ["Harbour"]


# What an article that is new, edited, edited so that it matches, or so that it does not, tells.
EVENTS = {
    ("new",): ("new", None, None, None),
    ("revised",): (None, "revised", "revised", None),
    ("started",): (None, None, "revised", None),
    ("dropped",): (None, None, None, "dropped"),
    ("new", "revised"): ("new", "revised", "revised", None),
    ("new", "started", "dropped"): ("new", None, "revised", "dropped"),
    ("revised", "started"): (None, "revised", "revised", None),
}


@pytest.mark.parametrize("on", EVENTS)
def test_a_rule_tells_what_it_is_asked_to(on: tuple[str, ...]) -> None:
    """``on`` decides; one article and rule are never told twice for one edit."""
    rule = RuleInfo(on)
    cases = (
        (found(HARBOUR), None),
        (found(HARBOUR), found(HARBOUR)),
        (found(HARBOUR), found(body=EDITED)),
        (found(body=EDITED), found(HARBOUR)),
    )
    for (now, before), kind in zip(cases, EVENTS[on], strict=True):
        alerts = told(now, before, harbour=rule)
        assert [alert.kind for _, alert in alerts] == ([kind] if kind else [])


def test_one_edit_that_starts_and_drops() -> None:
    """Two alerts, each with its own rules and text; rules that want neither are in none."""
    everything = RuleInfo(("new", "revised", "started", "dropped"))
    stays = Match("stays", (Evidence("any: stays", "body", 28, 33, "stays"),))
    alerts = told(
        found(stays, body=EDITED),
        found(HARBOUR, TARIFF),
        stays=everything,
        harbour=everything,
    )
    assert [(alert.kind, alert.rules) for _, alert in alerts] == [
        (AlertKind.REVISED, ("stays",)),
        (AlertKind.DROPPED, ("harbour",)),
    ]
    assert [alert.excerpt for _, alert in alerts] == [
        "The tariff stays.",
        "The harbour tariff rises; the harbour chair agreed.",
    ]
    assert [alert.title_marks for _, alert in alerts] == [(), ()]
    marks = alerts[1][1].excerpt_marks
    assert [alerts[1][1].excerpt[a:b] for a, b in marks] == ["harbour"]


def test_what_was_in_the_old_title_only() -> None:
    """The title is that of today; the old one is the excerpt."""
    before = Found("Old Harbour", EDITED, (Match("r", (hit("Harbour", "title", "Old Harbour"),)),))
    ((_, alert),) = told(found(body=EDITED), before, r=RuleInfo(("dropped",)))
    assert (alert.title, alert.title_marks) == (KNOWN.title, ())
    assert (alert.excerpt, alert.excerpt_marks) == ("Old Harbour", ((4, 11),))


def test_a_rule_that_is_not_decided_neither_starts_nor_stops() -> None:
    """Of a text for which a rule would have taken too long nothing is known."""
    rule = RuleInfo(("started", "dropped"))
    unknown = Found(KNOWN.title, BODY, (), frozenset({"harbour"}))
    assert told(unknown, found(HARBOUR), harbour=rule) == []
    assert told(found(HARBOUR), unknown, harbour=rule) == []
    ((_, alert),) = told(unknown, found(HARBOUR, TARIFF), harbour=rule, tariff=rule)
    assert alert.rules == ("tariff",)


def test_what_matched_by_no_word() -> None:
    """Evidence of other fields (views, source) marks nothing and shows the lead."""
    match = Match("r", (Evidence("views:>5", "views", 0, 1, "7"),))
    for alerts in (
        told(found(match)),
        told(found(), found(match), r=RuleInfo(("dropped",))),
    ):
        ((_, alert),) = alerts
        assert (alert.excerpt, alert.excerpt_marks) == ("The council met.", ())
        assert alert.title_marks == ()


def test_labels_lead_to_receivers() -> None:
    """Priority, language, kind and the rule's own labels route; one it lacks is empty."""
    routing = Routing(
        RouteSettings.model_validate(
            {
                "receiver": "desk",
                "routes": [
                    {"receiver": "gone", "matchers": "kind=dropped"},
                    {"receiver": "night", "matchers": ["priority=urgent", 'language=""']},
                    {"receiver": "south", "matchers": ['team=~"south|east"', "language=ru"]},
                    {"receiver": "rest", "matchers": ['team=""']},
                ],
            }
        )
    )
    assert routing.labels == {"kind", "priority", "team", "language"}
    south = RuleInfo(labels={"team": "south"})
    urgent = RuleInfo(priority="urgent", on=("new", "dropped"), labels={"team": "x"})

    def receivers(before: Found | None = None, language: str = "") -> list[tuple[str, str]]:
        now = found() if before else found(HARBOUR, TARIFF)
        alerts = told(now, before, routing=routing, language=language, harbour=south, tariff=urgent)
        return [(receiver, " ".join(alert.rules)) for receiver, alert in alerts]

    assert receivers() == [("desk", "harbour"), ("night", "tariff")]
    assert receivers(language="ru") == [("south", "harbour"), ("desk", "tariff")]
    assert receivers(before=found(HARBOUR, TARIFF)) == [("gone", "tariff")]
    assert told(found(Match("other", ())), routing=routing)[0][0] == "rest"


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


# --------------------------------------------------------------------------- counters, copies

FAST = Match("fast", (hit("harbour"), Evidence("growth:>100", "growth", 0, 5, "250.5")))
ORIGINAL = Copy("00000000-0000-5000-8000-000000000009", "courier", "Harbour Tariff", NOW, None)


def telling(
    *rules: str, original: bool = True, routing: Routing = DESK, on: tuple[str, ...] = ("new",)
) -> Telling:
    """Of a copy (``original``) of an article that the ``rules`` match."""
    said = Original(ORIGINAL, frozenset(rules)) if original else None
    return Telling(KNOWN, routing, lambda name: RuleInfo(on), NOW, "http://page", original=said)


@pytest.mark.parametrize(
    ("on", "expected"),
    [(("new",), 1), (("started",), 1), (("revised",), 0), (("dropped",), 0), ((), 0)],
)
def test_a_counter_that_rose(on: tuple[str, ...], expected: int) -> None:
    """Is told by rules that tell of what is new to them; with the growth where they ask for it."""
    planned = risen_alerts(telling(original=False, on=on), found(FAST, TARIFF))
    assert [(one.alert.kind, one.alert.rules, one.alert.growth) for one in planned] == [
        (AlertKind.RISEN, ("fast", "tariff"), 250.5)
    ] * expected


def test_kind_is_a_label_of_a_risen_counter() -> None:
    """Routes may go by it."""
    routes = [{"receiver": "hot", "matchers": ['kind="risen"']}]
    routing = Routing(RouteSettings.model_validate({"receiver": "desk", "routes": routes}))
    (one,) = risen_alerts(telling(original=False, routing=routing), found(FAST))
    assert one.receiver == "hot"


def test_a_copy_tells_what_its_original_does_not() -> None:
    """And names it; for the rest its receivers are told with the original."""
    copy = telling("harbour")
    (one,) = make_alerts(copy, found(HARBOUR, TARIFF))
    assert (one.alert.rules, one.alert.copies) == (("tariff",), (ORIGINAL,))
    assert told_with_original(copy, found(HARBOUR, TARIFF)) == {"desk": ["harbour"]}
    assert told_with_original(telling("harbour", on=("revised",)), found(HARBOUR)) == {}


def test_who_is_not_told_of_the_original_is_told_of_the_copy() -> None:
    """A route by source may lead to somebody who never heard of the text."""
    routes = [{"receiver": "ours", "matchers": ["source=gazette"]}]
    routing = Routing(RouteSettings.model_validate({"receiver": "desk", "routes": routes}))
    copy = telling("harbour", routing=routing)  # of gazette's, the original is courier's
    (one,) = make_alerts(copy, found(HARBOUR))
    assert (one.receiver, one.alert.copies) == ("ours", (ORIGINAL,))
    assert told_with_original(copy, found(HARBOUR)) == {}


def test_each_copy_where_the_route_says_so() -> None:
    """It is an article like others, which names its original."""
    each = Routing(RouteSettings(receiver="desk", copies="each"))
    copy = telling("harbour", "tariff", routing=each)
    (one,) = make_alerts(copy, found(HARBOUR, TARIFF))
    assert (one.alert.rules, one.alert.copies) == (("harbour", "tariff"), (ORIGINAL,))
    assert told_with_original(copy, found(HARBOUR, TARIFF)) == {}


def test_an_alert_names_so_many_copies() -> None:
    """More are left out: an alert is of a bounded length."""
    (one,) = make_alerts(telling(original=False), found(HARBOUR))
    for _ in range(60):
        one = one.with_copy(ORIGINAL)
    assert len(one.alert.copies) == 50
