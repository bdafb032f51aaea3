"""JSON: where records stand, and what becomes of those that are damaged."""

from __future__ import annotations

import gzip
import io
import json
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from monitor.config import SourceSettings
from monitor.dumps import FORMATS, parse, record
from monitor.dumps.json import values, window
from monitor.dumps.json.layout import find_records
from monitor.errors import DumpError
from monitor.model import Article, BadRecord

PROFILE = SourceSettings(name="wire", zone="Asia/Almaty")
Record = dict[str, Any]
Layout = Callable[[list[Record]], str]
Taken = tuple[list[str], list[str], str]


def _record(number: int, **more: Any) -> Record:
    return {
        "title": f"Karsu opens tram line {number}",
        "body": 'It is "blue" [sic], {really}.\nThe mayor opened it.',
        "published": "2026-01-06T13:14:00Z",
        "views": number,
        **more,
    }


RECORDS = [_record(number) for number in range(6)]
TITLES = [record["title"] for record in RECORDS]


def _lines(records: list[Record]) -> str:
    return "\n".join(map(json.dumps, records))


def _document(records: list[Record]) -> str:
    side = {"topics": [{"name": "trams", "url": "https://wire.example/t"}], "empty": []}
    return json.dumps({"meta": side, "data": {"count": 6, "articles": records}, "tail": [1, [2]]})


LAYOUTS: dict[str, Layout] = {
    "lines": _lines,
    "lines with blanks": lambda records: (
        "\ufeff\n" + _lines(records).replace("\n", "\r\n\r\n") + "\n"
    ),
    "sequence": lambda records: "".join(f"\x1e{json.dumps(record)}\n" for record in records),
    "one behind the other": lambda records: "".join(map(json.dumps, records)),
    "pretty, one behind the other": lambda records: "\n".join(
        json.dumps(record, indent=2) for record in records
    ),
    "array": json.dumps,
    "array, pretty": lambda records: json.dumps(records, indent=4),
    "array, a record a line": lambda records: (
        "[\n" + ",\n".join(map(json.dumps, records)) + "\n]\n"
    ),
    "array, comma first": lambda records: "[" + "\n,".join(map(json.dumps, records)) + "\n]",
    "document": _document,
    "document, pretty": lambda records: json.dumps(json.loads(_document(records)), indent=1),
    "documents, a line each": lambda records: "\n".join(
        json.dumps({"page": page, "items": records[page * 2 : page * 2 + 2]}) for page in range(3)
    ),
    "array of documents": lambda records: json.dumps(
        [{"items": records[:3]}, {"items": records[3:]}]
    ),
}
layouts = pytest.mark.parametrize("layout", LAYOUTS.values(), ids=LAYOUTS)


def _segments(dump: str | bytes, profile: SourceSettings = PROFILE) -> list[Article | BadRecord]:
    data = dump.encode() if isinstance(dump, str) else dump
    return list(parse(io.BytesIO(data), profile, name="dump"))


def _taken(dump: str | bytes, profile: SourceSettings = PROFILE) -> Taken:
    """Titles, reasons of bad records, and the message of the error that ended the dump, or ""."""
    data = dump.encode() if isinstance(dump, str) else dump
    titles, reasons = [], []
    index = -1
    try:
        for index, segment in enumerate(parse(io.BytesIO(data), profile, name="dump")):
            assert segment.index == index
            if isinstance(segment, Article):
                titles.append(segment.title)
            else:
                reasons.append(segment.reason)
    except DumpError as error:
        return titles, reasons, str(error)
    return titles, reasons, ""


# ------------------------------------------------------------------ layouts


@layouts
@pytest.mark.parametrize("ascii_only", [True, False])
def test_every_layout_gives_the_same(layout: Layout, ascii_only: bool) -> None:
    """However the records stand, in whatever encoding, packed or not."""
    records = [{**record, "title": f"{record['title']} – Қарсу"} for record in RECORDS]
    text = layout(records)
    if not ascii_only:
        text = text.replace("\\u2013", "–").replace("\\u049a\\u0430\\u0440\\u0441\\u0443", "Қарсу")
    expected = _segments(_lines(records))
    assert [segment.title for segment in expected if isinstance(segment, Article)] == [
        record["title"] for record in records
    ]
    assert _segments(text) == expected
    assert _segments(text.encode("utf-8-sig")) == expected
    assert _segments(text.encode("utf-16")) == expected
    assert _segments(gzip.compress(text.encode())) == expected


@layouts
def test_blocks_do_not_matter(layout: Layout, monkeypatch: pytest.MonkeyPatch) -> None:
    """Wherever the borders of what is read at once fall."""
    text = layout(RECORDS)
    for size in (1, 7, 64, 1000):
        monkeypatch.setattr(window, "BLOCK", size)
        assert _taken(text) == (TITLES, [], "")


@layouts
def test_a_look_at_the_beginning_is_enough(layout: Layout, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where the records stand is told by the beginning of a dump that is too long to be held."""
    monkeypatch.setattr(window, "BLOCK", 64)
    monkeypatch.setattr(values, "LOOK", 500)
    assert _taken(layout(RECORDS)) == (TITLES, [], "")


@pytest.mark.parametrize(
    ("first", "path"),
    [
        (_record(1), None),
        ([_record(1), {}], None),
        ({"items": [_record(1)]}, "items"),
        ({"a": {"b": {"c": [_record(1)]}}}, "a.b.c"),
        ({"title": "A site", "description": "Of news", "items": [_record(1)]}, "items"),
        ({"title": "An article", "body": "Text.", "related": [_record(1)]}, None),
        ({"title": "An article", "summary": "Short.", "tags": [{"name": "x", "url": "y"}]}, None),
        ({"menu": [{"title": "Home", "url": "/"}], "posts": [_record(1)]}, "posts"),
        ({"menu": [{"title": "Home", "url": "/"}]}, "menu"),
        ({"ids": [1, 2], "x": "y"}, None),
        ([], None),
        (None, None),
        (5, None),
    ],
)
def test_where_the_records_stand(first: object, path: str | None) -> None:
    """Articles are known by a text, else by a summary with a title, else by a dated title."""
    assert find_records(first, PROFILE) == path


def test_fields_tell_a_record() -> None:
    """What the profile calls a body is one, wherever it stands."""
    profile = SourceSettings(name="w", fields={"body": "_source.full", "title": "_source.head"})
    hits = {"hits": {"hits": [{"_source": {"full": "A text.", "head": "A title here"}}] * 2}}
    assert find_records(hits, profile) == "hits.hits"
    assert _taken(json.dumps(hits), profile) == (["A title here"] * 2, [], "")


@pytest.mark.parametrize("items", ["a.list", "b.0.list", "b.1.list", "d.e"])
def test_path_of_the_list(items: str) -> None:
    """Through objects, lists, and names with dots; other lists are passed over."""
    other = [{"title": "Another", "body": "Text"}]
    document = {
        "first": other,
        "a": {"x": 1, "list": RECORDS},
        "b": [{"list": RECORDS}, {"list": RECORDS}],
        "d.e": RECORDS,
        "last": {"list": other},
    }
    profile = SourceSettings(name="w", items=items)
    assert _taken(json.dumps(document), profile) == (TITLES, [], "")
    assert _taken(json.dumps([document, {}]), profile) == (
        TITLES,
        [f"there is no {items!r} in it"],
        "",
    )


def test_path_to_one_record() -> None:
    """A single record where a list is expected is one."""
    profile = SourceSettings(name="w", items="article")
    assert _taken(json.dumps({"article": RECORDS[0]}), profile) == (TITLES[:1], [], "")


@pytest.mark.parametrize(
    ("head", "taken"),
    [
        (b'{"title": "x"}', True),
        (b'\xef\xbb\xbf \r\n[ {"a": 1}', True),
        (b'\x1e{"a":', True),
        (b"[]\n", True),
        (b"{}\n{}", True),
        ('{"a": 1}'.encode("utf-16"), True),
        (b"[Photo] Karsu opens its first tram line", False),
        (b'{"quote"} said the mayor', False),
        (b"[1, 2, 3]", False),
        (b'["a"]', False),
        (b"{} braces", False),
        (b"[[link]] of a page", False),
        (b'"a": 1', False),
        (b"", False),
    ],
)
def test_sniff(head: bytes, taken: bool) -> None:
    """Objects, and lists of objects; text that begins with a bracket is text."""
    assert FORMATS["json"].sniff(head) is taken


@pytest.mark.parametrize("dump", ["[]", " [ ] \n", '{"items": []}\n', "{}"])
def test_no_records(dump: str) -> None:
    """A dump without a record is told."""
    titles, reasons, error = _taken(dump)
    assert titles == []
    assert reasons or "empty" in error


# ------------------------------------------------------------------ damage


DAMAGES = {
    "no comma": ('00Z",', '00Z"'),
    "no quotation mark": ('2",', "2,"),
    "one too many": ("tram line 2", 'tram "line 2'),
    "two too many": ("tram line 2", '"tram" line 2'),
    "a bracket": ('"views": 2', '"views": }2'),
    "a word": ('"views": 2', '"views": None'),
    "escape": ("The mayor opened", "The \\x mayor opened"),
}


@pytest.mark.parametrize("damage", DAMAGES.values(), ids=DAMAGES)
@pytest.mark.parametrize(
    "name", ["lines", "sequence", "array, pretty", "array, a record a line", "array, comma first"]
)
def test_damaged_record(name: str, damage: tuple[str, str]) -> None:
    """Where records begin lines, only the damaged one is lost, whatever is wrong."""
    dump = LAYOUTS[name](RECORDS)
    place = dump.index("tram line 2")
    start = dump.rindex("{", 0, place)
    bad = dump[:start] + dump[start:].replace(*damage, 1)
    assert bad != dump
    titles, reasons, error = _taken(bad)
    assert (titles, error) == (TITLES[:2] + TITLES[3:], "")
    assert len(reasons) == 1
    assert reasons[0].startswith("not JSON: ")


@pytest.mark.parametrize("damage", DAMAGES.values(), ids=DAMAGES)
@pytest.mark.parametrize("name", ["array", "document", "one behind the other"])
def test_damaged_record_on_one_line(name: str, damage: tuple[str, str]) -> None:
    """Where all stands on one line, those before it stay, and mostly those behind it."""
    dump = LAYOUTS[name](RECORDS)
    start = dump.rindex("{", 0, dump.index("tram line 2"))
    titles, reasons, error = _taken(dump[:start] + dump[start:].replace(*damage, 1))
    assert titles[:2] == TITLES[:2]
    assert reasons
    assert titles[-1] == TITLES[5] or error


def test_damage_is_described() -> None:
    """With the line, the place, and the text for quarantine."""
    dump = _lines(RECORDS[:2]) + '\n{"title": oops}\n' + _lines(RECORDS[2:])
    bad = _segments(dump)[2]
    assert bad == BadRecord(
        2, 3, "not JSON: Expecting value, at character 11 of it", '{"title": oops}'
    )


def test_lines_between_records() -> None:
    """Words of a program that should have gone elsewhere are one piece, however many."""
    dump = (
        _lines(RECORDS[:3]) + "\nERROR: timeout\nTraceback, line 3:\n  oops\n" + _lines(RECORDS[3:])
    )
    titles, reasons, error = _taken(dump)
    assert (titles, len(reasons), error) == (TITLES, 1, "")


@pytest.mark.parametrize("stray", ["}", "]}", ",,,", ": 5", "}}}", '"', "\\", "{"])
def test_stray_signs(stray: str) -> None:
    """They end, in lines and lists, and hide no record on a line of its own."""
    first, second = map(json.dumps, RECORDS[:2])
    assert _taken(f"{first}\n{stray}\n{second}")[0] == TITLES[:2]
    assert _taken(f"{first}{stray}\n{second}")[0] == TITLES[:2]
    titles, reasons, error = _taken(f"[{first}, {stray}, {second}]")
    assert titles[:1] == TITLES[:1]
    assert titles == TITLES[:2] or reasons or error


def test_values_that_are_no_records() -> None:
    """Each is told what it is."""
    dump = json.dumps([RECORDS[0], None, "text", 7, 1.5, True, [RECORDS[1]], {}, RECORDS[2]])
    titles, reasons, error = _taken(dump)
    assert (titles, error) == ([TITLES[0], TITLES[2]], "")
    assert [reason.removeprefix("no record but ") for reason in reasons] == [
        "nothing",
        "a text",
        "a number",
        "a number",
        "true or false",
        "a list",
        "neither a title nor a text",
    ]


@layouts
@settings(max_examples=30, deadline=None)
@given(share=st.floats(0.02, 0.999))
def test_truncated(layout: Layout, share: float) -> None:
    """What is whole stays; of lines, only the last is bad; of lists, the dump is not whole."""
    text = layout(RECORDS).rstrip()
    cut = text[: int(len(text) * share)].lstrip("\ufeff")
    titles, reasons, error = _taken(cut)
    if not FORMATS["json"].sniff(cut.encode()):
        return
    assert titles == TITLES[: len(titles)]
    assert len(reasons) <= 1
    if cut.startswith(("[", '{"meta', '{\n "meta')):
        assert error or not titles


def test_truncated_gzip() -> None:
    """The error of the container is the error of the dump."""
    data = gzip.compress(
        json.dumps([_record(n, body=f"{n**9} " * 50) for n in range(500)]).encode()
    )
    titles, reasons, error = _taken(data[: len(data) // 2])
    assert "truncated: the gzip data ends early" in error
    assert len(titles) > 100
    assert len(reasons) == 1
    assert "breaks off" in reasons[0]


PARTS = ['{"title":', '"a"', "}", "[", "]", ",", ":", "1", "nul", '"', "\\", "\n", " {", '{"x":1}']


@settings(max_examples=300, deadline=None)
@given(st.lists(st.sampled_from([*PARTS, "\x1e", "\ufeff", "ж", "NaN", "\0"]), max_size=25))
def test_any_text_gives_segments_or_an_error(parts: list[str]) -> None:
    """Nothing else is raised, and it ends."""
    profile = SourceSettings(name="wire", format="json")
    _taken('{"title":"a"}' + "".join(parts), profile)
    _taken("".join(parts), profile)
    _taken('{"items":[{"title":"a","body":"b"},' + "".join(parts), profile)


# ------------------------------------------------------------------ odd values


def test_numbers_that_python_or_json_refuses() -> None:
    """NaN and Infinity are no value; integers without end cost their own field."""
    dump = (
        '{"title": "A tram", "body": "x", "views": NaN, "published": Infinity}\n'
        '{"title": "B tram", "body": "x", "views": ' + "9" * 10_000 + "}\n"
        '{"title": "C tram", "body": "x", "views": -Infinity, "published": 1e999}\n'
        '{"title": "D tram", "body": "x", "views": 1E3}'
    )
    found = _segments(dump)
    assert [(s.title, s.views, s.flags) for s in found if isinstance(s, Article)] == [
        ("A tram", None, ()),
        ("B tram", None, ("bad-views",)),
        ("C tram", None, ("bad-time",)),
        ("D tram", 1000, ()),
    ]


@pytest.mark.parametrize("depth", [65, 500, 100_000])
def test_depth(depth: int) -> None:
    """What is nested too deeply is a bad record, however deep; its neighbours stay."""
    for opening, closing in (("[", "]"), ('{"a":', "}")):
        deep = f'{{"title": "Deep", "body": {opening * depth}1{closing * depth}}}'
        assert _taken("\n".join([*map(json.dumps, RECORDS[:2]), deep, json.dumps(RECORDS[2])])) == (
            TITLES[:3],
            ["nested more than 64 deep"],
            "",
        )


def test_depth_without_end() -> None:
    """Brackets that never close."""
    assert _taken('{"title": "x"}\n{"a": ' + "[" * 1_000_000)[1:] == (
        ["nested more than 64 deep"],
        "",
    )
    assert _taken('{"a": ' + "[" * 100_000 + '\n{"title": "x", "body": "y"}')[0] == ["x"]


def test_duplicate_names() -> None:
    """The last counts, as for most programs."""
    (article,) = _segments('{"title": "First title", "title": "Last title", "body": "x"}')
    assert isinstance(article, Article)
    assert article.title == "Last title"


def test_line_breaks_in_texts() -> None:
    """They are wrong, and common: read all the same."""
    (article,) = _segments('{"title": "A tram line", "body": "One.\n{ Two.\n\tThree.\0"}')
    assert isinstance(article, Article)
    assert article.paragraphs == ("One.", "{ Two.", "Three.\ufffd")


def test_mixed_encodings() -> None:
    """Records in Windows-1251, joined with records in UTF-8."""
    russian = [_record(n, title=f"Президент подписал закон {n}") for n in range(4)]
    lines = [json.dumps(record, ensure_ascii=False) for record in russian]
    data = "\n".join(lines[:2]).encode("cp1251") + b"\n" + "\n".join(lines[2:]).encode()
    assert _taken(data) == ([record["title"] for record in russian], [], "")


def test_declared_encoding() -> None:
    """What the profile declares is used."""
    data = json.dumps(_record(1, title="Закон о воде"), ensure_ascii=False).encode("koi8-r")
    profile = SourceSettings(name="wire", encoding="koi8-r")
    assert _taken(data, profile)[0] == ["Закон о воде"]


# ------------------------------------------------------------------ sizes


@pytest.mark.parametrize("name", ["lines", "array", "array, pretty", "document", "sequence"])
def test_record_that_is_too_large(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is bad, and of bounded size; its neighbours stay."""
    monkeypatch.setattr(values, "MAX_RECORD", 200_000)
    monkeypatch.setattr(record, "MAX_ARTICLE", 200_000)
    monkeypatch.setattr(window, "BLOCK", 5000)
    for body in ("word " * 200_000, ["a [b] {c}"] * 90_000, {"x": [{"title": "y"}] * 90_000}):
        records = [RECORDS[0], _record(1, body=body), RECORDS[2]]
        found = _segments(LAYOUTS[name](records))
        assert [s.title for s in found if isinstance(s, Article)] == [TITLES[0], TITLES[2]]
        (bad,) = (s for s in found if isinstance(s, BadRecord))
        assert bad.reason.startswith(("a record of more than", "an article of more than"))
        assert 0 < len(bad.raw) <= 64 * 1024


def test_record_of_eight_mebibytes() -> None:
    """The real limit; a text of a little less is an article."""
    for size, reasons in ((8 << 20, ["an article of more than 8 MiB"]), ((8 << 20) - 99, [])):
        records = [RECORDS[0], _record(1, body="x" * size), RECORDS[2]]
        titles, found, error = _taken(_lines(records))
        assert (found, error) == (reasons, "")
        assert (titles[0], titles[-1], len(titles)) == (TITLES[0], TITLES[2], 3 - len(reasons))


def test_large_list_that_nobody_wants(monkeypatch: pytest.MonkeyPatch) -> None:
    """It is passed over, however large, and without holding it."""
    monkeypatch.setattr(values, "MAX_RECORD", 10_000)
    monkeypatch.setattr(window, "BLOCK", 4096)
    document = json.dumps({"log": [{"at": n, "x": '"[{'} for n in range(20_000)], "items": RECORDS})
    assert _taken(document, SourceSettings(name="w", items="items")) == (TITLES, [], "")
