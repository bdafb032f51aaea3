"""Pieces of HTML, as feeds and records hold them, become paragraphs."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.dumps.markup import MAX_NESTED, html_paragraphs


@pytest.mark.parametrize(
    ("text", "paragraphs"),
    [
        ("", ()),
        (" \n ", ()),
        ("<!-- nothing -->", ()),
        ("One.\nTwo &amp; three.\r\n\r\n", ("One.", "Two & three.")),
        ("5 < 6 > 4", ("5 < 6 > 4",)),
        ("<p>One.</p><p>Two\n  <b>bold</b>&nbsp;words.", ("One.", "Two bold words.")),
        ("One.<br><br/>Two.<hr>Three.", ("One.", "Two.", "Three.")),
        ("<ul><li>One<li>Two</ul>tail", ("One", "Two", "tail")),
        ("<table><tr><th>Town<td>Karsu<tr><td>1<td>2</table>", ("Town Karsu", "1 2")),
        ("<p>a<script>var b = '<p>c</p>';</script>d<style>p {}</style>", ("ad",)),
        ("<div hidden>x<p>y</div><p style='DISPLAY : none'>z</p><p>seen", ("seen",)),
        ("<body style='visibility:hidden'><p>shown by a script", ("shown by a script",)),
        ("<p>kept<!-- <p>not</p> --> whole</p>", ("kept whole",)),
        ("<p>a\x00b&#0;c&#1;d\ud800e</p>", ("a\ufffdb\ufffdc d?e",)),
        ("<svg><text>1</text></svg><iframe>2</iframe><p>3", ("3",)),
        ("&lt;p&gt;a tag one can read&lt;/p&gt;", ("<p>a tag one can read</p>",)),
    ],
)
def test_paragraphs(text: str, paragraphs: tuple[str, ...]) -> None:
    """Lines are those that a browser would show."""
    assert html_paragraphs(text) == paragraphs


@pytest.mark.parametrize("tag", ["div", "b", "table", "blockquote"])
def test_deep_nesting_loses_no_text(tag: str) -> None:
    """Above the stated depth as below it, all words are there, in order."""
    for depth in (10, MAX_NESTED - 3, MAX_NESTED + 1, 30_000):
        text = " ".join(
            html_paragraphs(f"<{tag}>" * depth + "inner" + f"</{tag}>" * depth + "last")
        )
        assert text.replace(" ", "") == "innerlast"


PIECES = (
    *("<p>", "</p>", "<div hidden>", "<b", ">", "</", "<!--", "-->", "<![CDATA[", "]]>", "&#"),
    *("&amp;", "<script>", "</script>", "'", '"', "word", " ", "\n", "\0", "\ud800", "<td>"),
    *("<?xml", "<!DOCTYPE", "\u2028", "&#x85;"),
)


@given(st.lists(st.sampled_from(PIECES)).map("".join) | st.text())
def test_never_raises(text: str) -> None:
    """Whatever the text, there are lines without breaks, NULs and blank ends."""
    for line in html_paragraphs(text):
        assert line
        assert line == line.strip()
        assert len(line.splitlines()) == 1
        assert "\0" not in line
