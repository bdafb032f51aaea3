"""Alerts on a terminal or in a file."""

from __future__ import annotations

import io

import pytest

from monitor.alerts.plan import EXCERPT
from monitor.channels.console import ConsoleChannel, payload
from monitor.config import ConsoleSettings
from monitor.errors import DeliveryError
from monitor.model import AlertKind, Destination

DESTINATION = Destination("desk/console/0", "desk", "console")


class Screen(io.StringIO):
    """A terminal that counts writes."""

    def __init__(self) -> None:
        super().__init__()
        self.writes = 0

    def isatty(self) -> bool:
        return True

    def write(self, text: str) -> int:
        self.writes += 1
        return super().write(text)


def test_lines_are_aligned(make_alert, make_message):
    """The whole form of a message, without colours."""
    message = make_message(make_alert(), make_alert(2, kind=AlertKind.REVISED, excerpt=""), total=5)
    assert payload(message) == (
        "5 articles: referendum\n"
        "NEW      Referendum on water 1\n"
        "         daily · 2022-01-05 14:30 +06:00 · 1,234 views · referendum\n"
        "         The referendum will be held in June.\n"
        "         http://monitor.test/articles/1\n"
        "REVISED  Referendum on water 2\n"
        "         daily · 2022-01-05 14:30 +06:00 · 1,234 views · referendum\n"
        "         http://monitor.test/articles/2\n"
        "         and 3 more: http://monitor.test\n"
        "\n"
    )


def test_what_no_longer_matches(make_alert, make_message):
    """The rules stand beside the words, and the excerpt says that it is the old text's."""
    assert payload(make_message(make_alert(kind=AlertKind.DROPPED, revision=3))) == (
        "1 no longer matching: referendum\n"
        "DROPPED  Referendum on water 1\n"
        "         daily · 2022-01-05 14:30 +06:00 · 1,234 views · revision 3"
        " · no longer matches referendum\n"
        "         Before: The referendum will be held in June.\n"
        "         http://monitor.test/articles/1\n"
        "\n"
    )


def test_a_terminal_gets_bold_words_in_one_write(make_message, monkeypatch):
    """What matched is bold; messages of several threads cannot interleave."""
    monkeypatch.delenv("NO_COLOR", raising=False)
    screen = Screen()
    ConsoleChannel(DESTINATION, ConsoleSettings(), screen).send(make_message(), key="k")
    assert "The \x1b[1mreferendum\x1b[0m will" in screen.getvalue()
    assert screen.writes == 1


def test_no_colour_where_none_is_wanted(make_message, monkeypatch):
    """NO_COLOR, and anything that is no terminal."""
    monkeypatch.setenv("NO_COLOR", "1")
    screen, file = Screen(), io.StringIO()
    for out in (screen, file):
        ConsoleChannel(DESTINATION, ConsoleSettings(), out).send(make_message(), key="k")
        assert "\x1b" not in out.getvalue()
        assert "referendum" in out.getvalue()


def test_an_article_cannot_drive_the_terminal(make_alert, make_message):
    """Escape sequences of the text are gone."""
    text = payload(make_message(make_alert(title="a\x1b[2J\x9b31mb\rc", title_marks=())))
    assert not set(text) & set("\x1b\x9b\r")


def test_a_stream_of_another_encoding_gets_what_it_can_show(make_alert, make_message):
    """An ASCII log does not lose the alert."""
    raw = io.BytesIO()
    out = io.TextIOWrapper(raw, encoding="ascii")
    ConsoleChannel(DESTINATION, ConsoleSettings(), out).send(
        make_message(make_alert(title="Су reform", title_marks=())), key="k"
    )
    assert b"?? reform" in raw.getvalue()


def test_a_closed_stream_is_a_delivery_error(make_message):
    """Never anything else, so that the outbox can retry."""
    out = io.StringIO()
    out.close()
    with pytest.raises(DeliveryError, match="console"):
        ConsoleChannel(DESTINATION, ConsoleSettings(), out).send(make_message(), key="k")


def test_the_match_is_shown_wherever_it_stands_in_the_excerpt(make_alert, make_message):
    """What the pipeline took as an excerpt is shown whole: the match may be its last word."""
    excerpt = "word " * (EXCERPT // 5 - 2) + "referendum"
    assert len(excerpt) == EXCERPT
    alert = make_alert(excerpt=excerpt, excerpt_marks=((EXCERPT - 10, EXCERPT),))
    assert f"\n         {excerpt}\n" in payload(make_message(alert))
