"""The pure parts of the HTTP exchange."""

from __future__ import annotations

import socket
import ssl

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.channels.deadline import explain
from monitor.channels.http import check_url, origin, retry_after
from monitor.channels.wording import quoted

NOW = 1_641_370_000.0  # 2022-01-05 08:06:40 UTC


@pytest.mark.parametrize(
    ("value", "seconds"),
    [
        (None, None),
        ("", None),
        ("soon", None),
        ("-5", None),
        ("1.5", None),
        ("²", None),
        ("0", 1.0),
        (" 30 ", 30.0),
        ("9" * 6000, 86_400.0),
        ("Wed, 05 Jan 2022 08:08:40 GMT", 120.0),
        ("Wed, 05 Jan 2022 08:08:40 -0000", 120.0),
        ("Wed, 05 Jan 2022 07:00:00 GMT", 1.0),
        ("Wed, 05 Jan 2122 07:00:00 GMT", 86_400.0),
        ("Wed, 05 Jan 99999 07:00:00 GMT", None),
    ],
)
def test_retry_after(value, seconds, monkeypatch):
    """Both forms, clamped to between a second and a day; nonsense is nothing."""
    monkeypatch.setenv("TZ", "Asia/Almaty")
    assert retry_after(value, now=NOW) == seconds


@given(st.text(max_size=60))
def test_any_retry_after_is_a_number_in_bounds_or_nothing(value):
    """No header can break a delivery."""
    seconds = retry_after(value, now=NOW)
    assert seconds is None or 1 <= seconds <= 86_400


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("https://hooks.slack.com/services/T0/B0/XYZ?a=b", "https://hooks.slack.com"),
        ("http://user:pass@10.0.0.1:8080/x", "http://10.0.0.1:8080"),
        ("http://[::1]:99/x", "http://[::1]:99"),
        ("http://host:port/x", "an address that cannot be read"),
    ],
)
def test_only_the_origin_is_shown(url, shown):
    """No path, query, user or password."""
    assert origin(url) == shown


@pytest.mark.parametrize("url", ["", "http://", "http://host:99999999/", "http://[::1/x", "/x"])
def test_a_url_of_no_use_is_found_out_early(url):
    """And is not in the message, for it may hold a token."""
    with pytest.raises(ValueError, match="not an address that can be posted to"):
        check_url(url)


def test_a_quotation_is_short_and_blots_out_secrets():
    """The longest secret first, so that none of its pieces stays."""
    text = quoted(
        "Cannot POST /hook/TOKEN\x1b[0m\r\n  (TOKEN) " + "x" * 999, ["TOKEN", "/hook/TOKEN"]
    )
    assert text.startswith("Cannot POST *** [0m (***) xxx")
    assert len(text) <= 160


def test_reasons_are_plain_words():
    """The innermost known cause is told, however libraries wrap it."""
    refused = ConnectionRefusedError(111, "Connection refused")
    assert explain(OSError("wrapped", OSError("again", refused))) == "connection refused"
    assert "not resolved" in explain(socket.gaierror(-2, "Name or service not known"))
    assert explain(TimeoutError("x")) == "timed out"
    assert "TLS failed" in explain(ssl.SSLError(1, "wrong version number"))
    assert explain(OSError(113, "No route to host")) == "no route to host"
    assert explain(RuntimeError("https://host/secret")) == "RuntimeError"
