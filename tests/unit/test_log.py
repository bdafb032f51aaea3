"""What stands in a log line, and what never does."""

from __future__ import annotations

import io
import json
import logging
import sys
from collections.abc import Iterator
from typing import Literal

import pytest
import structlog

from monitor import log

ARTICLE = "The body of an article"


@pytest.fixture(autouse=True)
def restored() -> Iterator[None]:
    """Logging as it was."""
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    yield
    root.handlers[:] = handlers
    root.setLevel(level)
    structlog.reset_defaults()


def _fail(body: str) -> None:
    raise RuntimeError("no luck" + body[:0])


@pytest.mark.parametrize("style", ["json", "console"])
@pytest.mark.parametrize("foreign", [False, True])
def test_a_traceback_quotes_no_local_variable(
    style: Literal["json", "console"], foreign: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A mistake's traceback names places and the error; the values in its frames - an article's
    body, a token - stay out, whether we log it or a library does."""
    stream = io.StringIO()
    monkeypatch.setattr(sys, "stderr", stream)
    log.configure(style)
    try:
        _fail(ARTICLE + " " * 2)
    except RuntimeError:
        if foreign:
            logging.getLogger("flask.app").exception("failed")
        else:
            log.get("test").exception("intake.failed")
    text = stream.getvalue()
    assert "no luck" in text
    assert "_fail" in text
    assert ARTICLE not in text


def test_json_is_one_object_a_line(monkeypatch: pytest.MonkeyPatch) -> None:
    """Line feeds in fields and tracebacks do not break the lines."""
    stream = io.StringIO()
    monkeypatch.setattr(sys, "stderr", stream)
    log.configure("json")
    logger = log.get("test")
    logger.info("dump.ingested", name="a\nb\u2028c")
    try:
        _fail("")
    except RuntimeError:
        logger.exception("intake.failed")
    first, second = map(json.loads, stream.getvalue().rstrip("\n").split("\n"))
    assert (first["event"], first["name"]) == ("dump.ingested", "a\nb\u2028c")
    assert second["event"] == "intake.failed"
