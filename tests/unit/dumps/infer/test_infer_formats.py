"""Profiles of invented sources of JSON and HTML."""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Callable
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from monitor.dumps.infer import Inferred, infer, pattern_of, read_samples
from monitor.errors import DumpError
from monitor.model import Article

from .newsroom import News, write

NEWS = write(9)
ALMATY = ZoneInfo("Asia/Almaty")


def inferred(data: bytes, name: str = "wire-17.json") -> Inferred:
    return infer(read_samples(name, io.BytesIO(data)), zone=ALMATY)


def _plain(n: News) -> dict[str, Any]:
    return {
        "id": n.views * 7,
        "headline": n.title,
        "text": "\n".join(n.paragraphs),
        "summary": n.paragraphs[0],
        "date": n.time.isoformat(),
        "modified": "2026-03-20T10:00:00",
        "hits": n.views,
        "image": f"https://news.example/{n.views}.jpg",
        "link": f"https://news.example/{n.views}",
        "lang": "en",
    }


def _nested(n: News) -> dict[str, Any]:
    return {
        "meta": {"createdAt": n.time.strftime("%d.%m.%Y %H:%M"), "pageViews": str(n.views)},
        "content": {"heading": n.title, "blocks": list(n.paragraphs)},
        "section": "News",
    }


SHAPES: dict[str, tuple[Callable[[News], dict[str, Any]], Callable[[list[Any]], str]]] = {
    "JSON Lines": (_plain, lambda all_: "\n".join(map(json.dumps, all_))),
    "an array": (_plain, json.dumps),
    "deep in a document": (
        _nested,
        lambda all_: json.dumps(
            {"ok": True, "menu": [{"a": 1}, {"a": 2}], "data": {"items": all_}}, indent=1
        ),
    ),
}


@pytest.mark.parametrize("shape", SHAPES)
def test_json_is_read_as_it_was_written(shape: str) -> None:
    """Where the records are, and which of their values is what."""
    record, document = SHAPES[shape]
    found = inferred(document([record(n) for n in NEWS]).encode())
    assert [
        (one.title, one.paragraphs, one.views, one.published and one.published.replace(tzinfo=None))
        for one in found.articles
    ] == [(n.title, n.paragraphs, n.views, n.time) for n in NEWS]
    assert found.draft.settings["format"] == "json"
    assert found.draft.settings.get("items") == ("data.items" if "deep" in shape else None)
    if shape != "deep in a document":
        assert found.articles[0].url == f"https://news.example/{NEWS[0].views}"
        assert found.draft.settings["fields"]["published"] == "date"


def test_a_page_that_lists_articles() -> None:
    """The selectors of its entries, their titles, times and counters."""
    entries = "".join(
        f'<div class="card wide"><h3><a href="/{n.views}">{n.title}</a></h3>'
        f'<time datetime="{n.time.isoformat()}">today</time><p>{n.paragraphs[0]}</p>'
        f'<span class="views">{n.views}</span></div>'
        for n in NEWS
    )
    page = f"<!DOCTYPE html><html><body><nav><ul><li>A</ul></nav>{entries}</body></html>"
    found = inferred(page.encode(), "front.html")
    assert found.draft.settings["format"] == "html"
    assert found.draft.settings["listing"] == {
        "item": "div.card",
        "title": "h3",
        "views": ".views",
    }
    assert [(one.title, one.views) for one in found.articles] == [(n.title, n.views) for n in NEWS]


def test_a_page_of_one_article() -> None:
    """Needs no selectors."""
    text = "".join(
        f"<p>{paragraph}</p>" for paragraph in (*NEWS[0].paragraphs, *NEWS[1].paragraphs)
    )
    body = f"<article><h1>{NEWS[0].title}</h1>{text}</article>"
    page = f"<!DOCTYPE html><html><body>{body}</body></html>"
    found = inferred(page.encode(), "one.html")
    assert "listing" not in found.draft.settings
    assert [one.title for one in found.articles if isinstance(one, Article)] == [NEWS[0].title]


def test_a_damaged_line_above_the_records() -> None:
    """Costs itself only."""
    lines = [json.dumps(_plain(n)) for n in NEWS]
    found = inferred("\n".join([lines[0][:-40], *lines[1:]]).encode())
    assert [one.title for one in found.articles] == [n.title for n in NEWS[1:]]


def _zipped(files: dict[str, bytes]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for name, data in files.items():
            archive.writestr(name, data)
    return out.getvalue()


def test_what_is_no_dump_in_an_archive_is_passed_over() -> None:
    """Pictures, style sheets, empty files; the others are looked at."""
    records = "\n".join(json.dumps(_plain(n)) for n in NEWS).encode()
    furniture = {"logo.png": b"\x89PNG\r\n\x1a\n\0\0", "a.css": b"a { b: c }", "empty.txt": b""}
    found = inferred(_zipped({**furniture, "day.json": records}), "day.zip")
    assert [one.title for one in found.articles] == [n.title for n in NEWS]
    with pytest.raises(DumpError, match=r"^day.zip: logo.png: not a dump: .*PNG"):
        inferred(_zipped({"logo.png": furniture["logo.png"]}), "day.zip")


def test_of_a_large_archive_the_first_files_are_looked_at() -> None:
    """However many there are, and however large."""
    line = b'{"title": "Town opens a tram line", "body": "' + b"The text of it. " * 9000 + b'"}\n'
    many = _zipped({f"{number}.json": line for number in range(300)})
    assert sum(len(each.data) for each in read_samples("a.zip", io.BytesIO(many))) < 9_000_000
    small = _zipped({f"{number}.txt": b"A title\nA text.\n" for number in range(300)})
    assert len(read_samples("b.zip", io.BytesIO(small))) == 200


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b'[{"title": "One", "body": "A text."}]', "a single record"),
        (b'[{"a": 1}, {"a": 2}]', "neither a title nor a text"),
        (b'[{"title": "One"}, {"title"', "no JSON"),
    ],
)
def test_json_that_shows_no_pattern(data: bytes, said: str) -> None:
    """Is told in words."""
    with pytest.raises(DumpError, match=said):
        inferred(data)


@pytest.mark.parametrize(
    ("names", "pattern"),
    [
        (["kt-2026-01-07.txt", "kt-2026-02-20.txt.gz"], ("kt-*.txt", "kt")),
        (["kt-2026-01-07.txt"], ("kt-*.txt", "kt")),
        (["news.txt"], ("news.txt", "news")),
        (["1.txt", "2.txt"], ("*.txt", "")),
        (["a.txt", "b.json"], ("*", "")),
        (["a[1].txt", "a[2].txt"], ("a[[]*.txt", "a[")),
    ],
)
def test_file_names_that_go_together(names: list[str], pattern: tuple[str, str]) -> None:
    """Whatever numbers are in them."""
    assert pattern_of(names) == pattern
