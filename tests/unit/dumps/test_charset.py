"""How a page or a feed is written: what counts, and in which order."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.dumps.charset import decode

RUSSIAN = "<title>Мэр открыл трамвай</title><p>Сообщает агентство Карсу.</p>"
META = '<meta charset="{}">'
PRAGMA = "<META http-equiv=Content-Type content='text/html; charset={}'>"


def _meta(label: str, text: str = RUSSIAN, template: str = META) -> str:
    return "<!doctype html>" + template.format(label) + text


@pytest.mark.parametrize("template", [META, PRAGMA, "<?xml version='1.0' encoding='{}'?>"])
@pytest.mark.parametrize("label", ["windows-1251", "koi8-r", "UTF-8", "ISO-8859-5"])
def test_the_document_says(label: str, template: str) -> None:
    """Both forms of meta, and an XML declaration where it stands first."""
    text = template.format(label) + RUSSIAN
    assert decode(text.encode(label)) == text


def test_order() -> None:
    """A mark beats the profile, the profile HTTP, HTTP the document, that the bytes."""
    text = _meta("koi8-r")
    assert decode(text.encode("utf-8-sig"), declared="cp1251", http="cp866") == text
    assert decode(text.encode("cp1251"), declared="cp1251", http="cp866") == text
    assert decode(text.encode("cp866"), http="ibm866") == text
    assert decode(text.encode("koi8-r")) == text
    assert decode(RUSSIAN.encode("cp1251")) == RUSSIAN
    assert decode(RUSSIAN.encode("utf-16-le")) == RUSSIAN


@pytest.mark.parametrize(
    "label", ["utf-8", "no-such", "zip", "rot13", "idna", "unicode_escape", "x" * 200, "utf-16"]
)
def test_wrong_label(label: str) -> None:
    """A label that is wrong, no encoding, or no encoding of text leaves it to the bytes."""
    assert decode(_meta(label).encode("cp1251")) == _meta(label)
    assert decode(_meta(label).encode()) == _meta(label)


def test_recoded_on_its_way() -> None:
    """Flawless UTF-8 is UTF-8 whatever it calls itself."""
    assert decode(_meta("windows-1251").encode()) == _meta("windows-1251")


def test_comments_say_nothing() -> None:
    """A meta element that is commented out is none."""
    text = "<!-- " + META.format("koi8-r") + " -->" + META.format("windows-1251") + RUSSIAN
    assert decode(text.encode("cp1251")) == text


def test_latin1_is_windows_1252() -> None:
    """As in browsers: the quotation marks of Windows are what such pages hold."""
    text = _meta("iso-8859-1", "“Café”")
    assert decode(text.encode("cp1252")) == text


@given(st.binary(max_size=200), st.sampled_from([None, "cp1251", "x", "utf-8", "big5", "utf-16"]))
def test_never_raises(data: bytes, http: str | None) -> None:
    """Any bytes become text, with U+FFFD where they are none."""
    assert isinstance(decode(b"<meta charset=gb2312>" + data, http=http), str)
    assert isinstance(decode(data, http=http), str)
