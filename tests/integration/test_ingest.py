"""Dumps through the pipeline into a real store: what is told, and what survives a break."""

from __future__ import annotations

import hashlib
import io
import threading
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import Engine, event

from monitor.alerts import default_route
from monitor.config import RuleSettings, SourceSettings
from monitor.config.routes import RouteSettings
from monitor.dumps import parse
from monitor.model import Alert, AlertKind, Destination, DumpInfo, Matches, RuleInfo, Settlement
from monitor.pipeline import Ingested, Pipeline, Policy
from monitor.pipeline.gather import GATHER
from monitor.pipeline.step import MOST_NAMESAKES
from monitor.rules import compile_rules
from monitor.store import Store, open_store

GAZETTE = SourceSettings(name="gazette", boilerplate=("Images",))
COURIER = SourceSettings(name="courier", boilerplate=("Images",))
ROUTE = default_route(RouteSettings(receiver="desk", group_wait=timedelta(0), max_age="off"), ())
POLICY = Policy(
    compile_rules(
        [
            RuleSettings.model_validate({"name": "harbour", "any": ["harbour"]}),
            RuleSettings.model_validate({"name": "storm", "any": ["storm"]}),
        ]
    ),
    ROUTE,
    {"desk": [Destination("desk/test/0", "desk", "test")]},
    "http://page",
)
START = datetime(2026, 3, 10, 9, 0, tzinfo=UTC)
TITLE = "Vellmark Harbour Committee Hears Report"
BODY = tuple(
    f"Member number {n} of the harbour board said on Monday that line {7 * n} of the budget would"
    f" be decided before summer, once committee {n} had been heard."
    for n in range(5)
)
EDITED = (*BODY[:2], "A storm broke nine windows, which nobody had expected in spring.", *BODY[3:])


class Desk:
    """A pipeline with a clock of its own, and what its one destination is to be told."""

    def __init__(self, store: Store, *, batch: int = 500, policy: Policy = POLICY) -> None:
        self.store = store
        self.policy = policy
        self.now = START
        self._pipeline = Pipeline(
            store.ingest, clock=lambda: self.now, keep_bad=lambda dump, bad: None, batch=batch
        )

    def take(
        self,
        text: str,
        profile: SourceSettings = GAZETTE,
        *,
        stop: threading.Event | None = None,
        until: int | None = None,
    ) -> Ingested:
        """Ingest one dump; ``until`` sets ``stop`` after so many segments."""
        self.now += timedelta(minutes=1)
        data = text.encode()
        sha256 = hashlib.sha256(data).hexdigest()
        info = DumpInfo(sha256, f"{sha256[:6]}.txt", profile.name, len(data), self.now)

        def progress(segments: int) -> None:
            if stop is not None and until is not None and segments >= until:
                stop.set()

        segments = parse(io.BytesIO(data), profile, name="dump.txt")
        return self._pipeline.ingest(
            segments, info, profile, self.policy, stop=stop, progress=progress
        )

    def told(self) -> list[tuple[AlertKind, int, tuple[str, ...]]]:
        """Kind, revision and rules of every alert since the last call, in order."""
        self.now += timedelta(minutes=1)
        claims = self.store.outbox.exchange(
            now=self.now,
            owner="test",
            lease=timedelta(minutes=1),
            limit=10,
            busy=(),
            max_items=100,
            base_url="http://page",
        ).claims
        alerts: list[Alert] = []
        for claim in claims:
            self.store.outbox.settle([Settlement.sent(claim, self.now)], owner="test", now=self.now)
            alerts += claim.message.alerts
        return [(alert.kind, alert.revision, alert.rules) for alert in alerts]


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    opened = open_store(f"sqlite:///{tmp_path / 'monitor.db'}")
    yield opened
    opened.close()


def listing(day: str, *articles: tuple[str, str, tuple[str, ...]]) -> str:
    """A dump crawled on ``day`` ("" for none) of articles with time line ("" for none)."""
    lines = [f" date {day}"] if day else []
    for time, title, body in articles:
        lines += [time, title, *body]
    return "\n".join(lines)


def test_an_alert_for_each_text_once(store: Store) -> None:
    """New and edited texts are told once; unchanged ones, copies and late older ones never."""
    desk = Desk(store)
    first = listing("2026-03-02", ("01.03.2026, 09:00 10", TITLE, BODY))
    desk.take(first)
    assert desk.told() == [(AlertKind.NEW, 1, ("harbour",))]
    desk.take(listing("2026-03-03", ("01.03.2026, 09:00 20", TITLE, BODY)))
    desk.take(first)
    assert desk.told() == []
    desk.take(listing("2026-03-05", ("01.03.2026, 09:00 40", TITLE, EDITED)))
    assert desk.told() == [(AlertKind.REVISED, 2, ("harbour", "storm"))]
    desk.take(listing("2026-03-04", ("01.03.2026, 09:00 30", TITLE, (*BODY, "Late."))))
    assert desk.told() == []
    desk.take(listing("2026-03-06", (("01.03.2026, 09:00 50"), TITLE, (*EDITED, "More."))))
    assert desk.told() == [(AlertKind.REVISED, 4, ("harbour", "storm"))]


def policy(*rules: dict[str, object], route: dict[str, object] | None = None) -> Policy:
    """That of other rules, and of another route below the desk's."""
    routes = [{"receiver": "desk"} | route] if route else []
    settings = RouteSettings.model_validate(
        {"receiver": "desk", "max_age": "off", "routes": routes}
    )
    compiled = compile_rules([RuleSettings.model_validate(rule) for rule in rules])
    return replace(POLICY, rules=compiled, routing=default_route(settings, ()))


STORM: dict[str, object] = {"name": "storm", "any": ["storm"]}
TIME = "01.03.2026, 09:00 10"


def edition(day: int, *body: str, title: str = TITLE) -> str:
    return listing(f"2026-03-{day:02}", (TIME, title, body))


@pytest.mark.parametrize(
    ("on", "kinds"),
    [
        ("new revised", ["revised", "revised", "revised"]),
        ("new", []),
        ("started", ["revised", "revised"]),
        ("dropped", ["dropped", "dropped"]),
        ("started dropped", ["revised", "dropped", "revised", "dropped"]),
        ("revised dropped", ["revised", "revised", "dropped", "revised", "dropped"]),
    ],
)
def test_a_rule_tells_of_the_edits_it_asks_for(store: Store, on: str, kinds: list[str]) -> None:
    """Starts to match, is edited, stops, starts and stops again (both taken back): each edit once,
    with its own revision, and whatever ``on`` says is stored."""
    desk = Desk(store, policy=policy(STORM | {"on": on.split()}))
    told = []
    for day, body in enumerate((BODY, EDITED, (*EDITED, "More."), BODY, EDITED, BODY), 2):
        desk.take(edition(day, *body))
        told += desk.told()
        desk.take(edition(day, *body))
        assert desk.told() == []
    assert [kind.value for kind, _, _ in told] == kinds
    assert len({revision for _, revision, _ in told}) == len(kinds)
    assert {match.revision for match in store.pages.matches(rule="storm")} == {3, 5}
    assert store.pages.articles(rule="storm") == []


def test_a_new_article_neither_starts_nor_drops(store: Store) -> None:
    """``started`` and ``dropped`` are about edits; a late, older text is none."""
    desk = Desk(store, policy=policy(STORM | {"on": ["revised", "started", "dropped"]}))
    desk.take(edition(9, *EDITED))
    desk.take(edition(5, *BODY))
    desk.take(edition(7, *EDITED[1:]))
    assert desk.told() == []
    desk.take(edition(10, *BODY))
    assert desk.told() == [(AlertKind.DROPPED, 4, ("storm",))]


def test_an_edit_is_judged_by_the_rules_in_force(store: Store) -> None:
    """A rule that is new since the last crawl starts, or drops, nothing by itself."""
    events: dict[str, object] = {"on": ["started", "dropped"]}
    Desk(store, policy=policy(STORM)).take(edition(2, *EDITED))
    desk = Desk(store, policy=policy({"name": "board", "any": ["board"]} | events, STORM | events))
    desk.now += timedelta(hours=1)
    desk.told()
    desk.take(edition(3, *EDITED, "More."))
    assert desk.told() == []
    desk.take(edition(4, *BODY))
    assert desk.told() == [(AlertKind.DROPPED, 3, ("storm",))]


def test_what_a_rule_could_not_decide_is_no_edit(store: Store) -> None:
    """Of a text that takes too long it is not known whether the rule has stopped to match, nor
    afterwards whether it has started."""
    events: dict[str, object] = {"on": ["started", "dropped"]}
    pairs = {"name": "pairs", "query": "storm NEAR/5 gale"} | events
    desk = Desk(store, policy=policy(pairs, STORM | events))
    desk.take(edition(2, "A storm, then a gale.", *BODY))
    desk.take(edition(3, "Gale and storm. " * 25_000, *BODY))
    desk.take(edition(4, "A gale, then a storm.", *BODY))
    assert desk.told() == []
    desk.take(edition(5, *BODY))
    assert desk.told() == [(AlertKind.DROPPED, 4, ("pairs", "storm"))]


def test_the_feeds_that_lose_an_article_are_told(store: Store) -> None:
    """Also that of a rule which had another meaning, or was not there any more, when the article
    was edited."""
    Desk(store).take(edition(2, *BODY))
    done = Desk(store, policy=policy({"name": "harbour", "any": ["nothing"]}))
    assert done.take(edition(3, *EDITED)).rules == {"harbour"}


def test_a_copy_drops_only_what_it_told(store: Store) -> None:
    """What the original matches a near-duplicate never told, and does not take back."""
    events: dict[str, object] = {"on": ["new", "dropped"]}
    desk = Desk(
        store, policy=policy(STORM | events, {"name": "line", "any": ["line", "lines"]} | events)
    )
    desk.take(edition(2, *BODY))
    assert desk.told() == [(AlertKind.NEW, 1, ("line",))]
    time, title = "01.03.2026, 11:00 1", "Budget Heard on Monday"
    copy = (*BODY[1:], "A storm is near.")
    assert desk.take(listing("2026-03-03", (time, title, copy)), COURIER).dump.duplicate == 1
    assert desk.told() == [(AlertKind.NEW, 1, ("storm",))]
    bare = tuple(line.replace("line", "part") for line in BODY[1:])
    desk.take(listing("2026-03-04", (time, title, bare)), COURIER)
    assert desk.told() == [(AlertKind.DROPPED, 2, ("storm",))]


class Asked:
    """Rules that note what they are asked, and match nothing."""

    def __init__(self) -> None:
        self.facts: list[dict[str, object]] = []
        self.by_sighting = self.by_growth = False

    def match(self, **facts: object) -> Matches:
        self.facts.append({key: facts[key] for key in facts if key not in ("title", "body")})
        return Matches()

    def info(self, name: str) -> RuleInfo:
        raise AssertionError("nothing matched")


def test_rules_may_ask_for_all_there_is(store: Store) -> None:
    """Source, language of the source, counter and time; both texts of an edit with the same."""
    asked = Asked()
    desk = Desk(store, policy=replace(POLICY, rules=asked, languages={"gazette": "en"}))
    published = datetime(2026, 3, 1, 9, 0, tzinfo=UTC)
    facts = {
        "source": "gazette",
        "language": "en",
        "url": None,
        "views": 10,
        "published": published,
    }
    desk.take(edition(2, *BODY))
    assert asked.facts == [facts]
    later = edition(3, *EDITED).replace(TIME, "01.03.2026, 09:00 77")
    desk.take(later)
    assert asked.facts[1:] == [facts | {"views": 77}] * 2
    desk.take(
        listing("2026-03-04", ("", "Without a Time", ("Nobody knows when it was.",))), COURIER
    )
    assert asked.facts[3:] == [
        {"source": "courier", "language": None, "url": None, "views": None, "published": None}
    ]


def test_a_counter_that_grows_is_a_match_of_the_same_text(store: Store) -> None:
    """A text matches if one of its sightings does. That is stored and in the feeds, whichever came
    first; it is no edit, and told once as what it is."""
    read = {"name": "read", "query": "board AND views:>50"}
    early = edition(2, *BODY)
    late = edition(3, *BODY).replace(TIME, "01.03.2026, 09:00 77")
    desk = Desk(store, policy=policy(read))
    assert desk.take(early).rules == set()
    assert desk.take(late).rules == {"read"}
    assert desk.told() == [(AlertKind.RISEN, 1, ("read",))]
    assert [entry.rules for entry in store.pages.articles(rule="read")] == [("read",)]
    desk.take(edition(4, *BODY[1:], "More."))
    assert desk.told() == []
    assert store.pages.articles(rule="read") == []


def test_the_language_is_a_label_where_a_route_asks(store: Store) -> None:
    """A source's own language routes its articles."""
    found = policy(STORM, route={"matchers": "language=en", "receiver": "english"})
    found = replace(
        found,
        languages={"gazette": "en"},
        destinations={
            name: [Destination(f"{name}/test/0", name, "test")] for name in ("desk", "english")
        },
    )
    desk = Desk(store, policy=found)
    desk.take(edition(2, *EDITED))
    assert [delivery.receiver for delivery in store.pages.deliveries()] == ["english"]


def test_an_edited_copy_tells_what_the_original_does_not(store: Store) -> None:
    """A near-duplicate alerts through rules that do not match its original, edited or not."""
    desk = Desk(store)
    desk.take(listing("2026-03-02", ("01.03.2026, 09:00 10", TITLE, BODY)))
    assert desk.told() == [(AlertKind.NEW, 1, ("harbour",))]
    time, title = "01.03.2026, 11:00 1", "Budget Line Heard on Monday"
    copy = desk.take(listing("2026-03-03", (time, title, BODY)), COURIER)
    assert copy.dump.duplicate == 1
    desk.take(listing("2026-03-04", (time, title, (*BODY[:4], "Nothing else is new."))), COURIER)
    assert desk.told() == []
    desk.take(listing("2026-03-05", (time, title, EDITED)), COURIER)
    assert desk.told() == [(AlertKind.REVISED, 3, ("storm",))]


def test_a_dump_without_dates_resumed_days_later(store: Store) -> None:
    """The day of its arrival stands in for the crawl day, also in the batches after a break."""
    articles = [
        ("", f"{TITLE} of Port {n}", tuple(line.replace("7", str(n)) for line in BODY))
        for n in range(4)
    ]
    dump = listing("", *articles)
    desk = Desk(store, batch=2)
    broken = desk.take(dump, stop=threading.Event(), until=2)
    assert broken.interrupted
    desk.now += timedelta(days=3)
    assert not desk.take(dump).interrupted
    orders = [
        revision.order
        for entry in store.pages.articles(limit=9)
        for revision in store.pages.chain(entry.id)
    ]
    assert {order[:8] for order in orders} == {f"{date(2026, 3, 10):%Y%m%d}"}


OTHER = tuple(
    f"Fisherman number {n} of the northern isles said in the harbour of Oddness that net {n} had"
    f" come back empty, and that quota {3 * n} was to blame for it."
    for n in range(5)
)


def test_two_articles_of_one_title_and_minute_stay_two(store: Store) -> None:
    """Two texts that stand in one listing under one title and time are no revisions of one
    another: the next crawls change nothing, and an edit of one is an edit of that one."""
    desk = Desk(store)
    time = "01.03.2026, 09:00 10"
    first = desk.take(listing("2026-03-02", (time, TITLE, BODY), (time, TITLE, OTHER)))
    assert first.dump.new == 2
    assert desk.told() == [(AlertKind.NEW, 1, ("harbour",)), (AlertKind.NEW, 1, ("harbour",))]
    for day in ("2026-03-03", "2026-03-04"):
        again = desk.take(listing(day, (time, TITLE, OTHER), (time, TITLE, BODY)))
        assert (again.dump.unchanged, again.alerts) == (2, 0)
    edited = desk.take(listing("2026-03-05", (time, TITLE, EDITED), (time, TITLE, OTHER)))
    assert (edited.dump.revised, edited.dump.unchanged) == (1, 1)
    assert desk.told() == [(AlertKind.REVISED, 2, ("harbour", "storm"))]
    assert sorted(entry.revision for entry in store.pages.articles()) == [1, 2]


def test_an_edited_copy_within_one_dump_is_a_duplicate(store: Store) -> None:
    """A listing that shows an article before and after an edit does not alternate for ever."""
    desk = Desk(store)
    time = "01.03.2026, 09:00 10"
    for day in ("2026-03-02", "2026-03-03", "2026-03-04"):
        done = desk.take(listing(day, (time, TITLE, BODY), (time, TITLE, EDITED)))
        assert (done.dump.duplicate, done.dump.revised) == (1, 0)
    assert desk.told() == [(AlertKind.NEW, 1, ("harbour",))]


def test_very_many_namesakes_end_in_duplicates(store: Store) -> None:
    """However many texts share title and time, the dump is stored and its counts add up."""
    desk = Desk(store)
    articles = [
        ("01.03.2026, 09:00 10", TITLE, (f"Text number {n} of the series is this very one.",))
        for n in range(100)
    ]
    for day in ("2026-03-02", "2026-03-03"):
        done = desk.take(listing(day, *articles)).dump
        assert done.articles == 100 == done.new + done.unchanged + done.duplicate + done.revised
    assert store.pages.counts().articles == MOST_NAMESAKES
    assert done.revised == 0


def test_a_long_dump_is_one_message(store: Store) -> None:
    """However many transactions a dump takes, a destination gets one message, due at its end."""
    desk = Desk(store, batch=2)
    dump = listing(
        "2026-03-02",
        *(
            (f"01.03.2026, 09:{n:02} 1", f"Harbour Report Number {n} Is Out", (f"{n}. {BODY[0]}",))
            for n in range(9)
        ),
        ("01.03.2026, 10:00 1", "Nothing to Tell Here", ("The town was quiet on Sunday.",)),
    )
    assert desk.take(dump).alerts == 9
    (delivery,) = store.pages.deliveries()
    assert delivery.total == 9
    assert delivery.next_attempt == desk.now
    assert len(desk.told()) == 9


def test_a_dump_that_breaks_off_tells_what_it_had(store: Store) -> None:
    """What an interrupted dump gathered waits for a bounded time only."""
    desk = Desk(store, batch=1)
    stop = threading.Event()
    dump = listing(
        "2026-03-02",
        *(
            (f"01.03.2026, 09:{n:02} 1", f"Harbour Report Number {n} Is Out", (f"{n}. {BODY[0]}",))
            for n in range(4)
        ),
    )
    assert desk.take(dump, stop=stop, until=2).interrupted
    (delivery,) = store.pages.deliveries()
    assert delivery.next_attempt == desk.now + GATHER
    assert len(desk.told()) == 2


def test_an_article_seen_again_keeps_its_keys_untouched(store: Store) -> None:
    """To set a key to what it is makes SQLite look for children in whole tables: 600 µs a row."""
    statements: list[str] = []

    def listen(connection: object, cursor: object, statement: str, *rest: object) -> None:
        statements.append(statement)

    desk = Desk(store)
    desk.take(listing("2026-03-02", ("01.03.2026, 09:00 10", TITLE, BODY)))
    event.listen(Engine, "before_cursor_execute", listen)
    try:
        desk.take(listing("2026-03-03", ("01.03.2026, 09:00 20", TITLE, BODY)))
    finally:
        event.remove(Engine, "before_cursor_execute", listen)
    (update,) = [sql for sql in statements if sql.startswith("UPDATE articles")]
    columns = {part.split("=")[0].strip() for part in update.split(" SET ")[1].split(",")}
    assert "views" in columns
    assert columns.isdisjoint({"pk", "id"})
