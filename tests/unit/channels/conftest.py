"""Alerts and messages to render."""

from __future__ import annotations

from collections.abc import Callable, Iterator, MutableMapping
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest
from structlog.testing import capture_logs

from monitor.model import Alert, AlertKind, Message

ALMATY = timezone(timedelta(hours=6))


@pytest.fixture(scope="session")
def make_alert() -> Callable[..., Alert]:
    """Makes an alert; keywords replace fields."""

    def make(number: int = 1, **fields: object) -> Alert:
        defaults: dict[str, object] = {
            "article_id": f"0189d6f3-1111-7222-8333-{number:012d}",
            "revision": 1,
            "kind": AlertKind.NEW,
            "source": "daily",
            "title": f"Referendum on water {number}",
            "published": datetime(2022, 1, 5, 14, 30, tzinfo=ALMATY),
            "observed": datetime(2022, 1, 5, 8, 31, tzinfo=UTC),
            "views": 1234,
            "rules": ("referendum",),
            "excerpt": "The referendum will be held in June.",
            "title_marks": ((0, 10),),
            "excerpt_marks": ((4, 14),),
            "url": f"http://monitor.test/articles/{number}",
        }
        return Alert(**(defaults | fields))  # type: ignore[arg-type]

    return make


@pytest.fixture(scope="session")
def make_message(make_alert: Callable[..., Alert]) -> Callable[..., Message]:
    """Makes a message of the alerts (none: one); keywords replace fields."""

    def make(*alerts: Alert, **fields: object) -> Message:
        shown = alerts or (make_alert(),)
        defaults: dict[str, object] = {
            "receiver": "desk",
            "alerts": shown,
            "total": len(shown),
            "created": datetime(2022, 1, 5, 8, 31, tzinfo=UTC),
            "base_url": "http://monitor.test",
        }
        return Message(**(defaults | fields))  # type: ignore[arg-type]

    return make


@pytest.fixture
def log_events() -> Iterator[list[MutableMapping[str, Any]]]:
    """What is logged meanwhile."""
    with capture_logs() as events:
        yield events
