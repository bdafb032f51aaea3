"""Which source a dump is of."""

from __future__ import annotations

import gzip
import io

import pytest

from monitor.config import SourceSettings
from monitor.dumps import beginning, select_source
from monitor.dumps.selection import dump_names

WIRE = SourceSettings(name="wire", folder="wire")
STEPPE = SourceSettings(name="steppe", content=r"Steppe (?:Courier|Gazette)")
BOTH = SourceSettings(name="both", folder="wire", match=("*.json",), content='"wire"')
REST = SourceSettings(name="rest")


@pytest.mark.parametrize(
    ("name", "text", "source"),
    [
        ("wire/a.txt", "", "wire"),
        ("wire/a.json", '{"from": "wire"}', "both"),
        ("wire/a.json", '{"from": "elsewhere"}', "wire"),
        ("a.json", '{"from": "wire"}', "rest"),
        ("in/a.txt", "All rights reserved by the Steppe Courier.", "steppe"),
        ("wire/a.txt", "All rights reserved by the Steppe Courier.", "wire"),
        ("a.txt", "steppe courier", "rest"),
        ("wire", "", "rest"),
    ],
)
def test_all_conditions_must_hold_and_the_first_source_wins(
    name: str, text: str, source: str
) -> None:
    """Folder, file name and what the text begins with."""
    sources = [BOTH, WIRE, STEPPE, REST]
    assert select_source(name, sources, text=lambda one: text).name == source


def test_no_source_fits() -> None:
    """Then the defaults are used, by the name of default."""
    assert select_source("b.txt", [WIRE, STEPPE]) == SourceSettings(name="default")


def test_a_dump_is_only_looked_into_where_that_decides() -> None:
    """Not for a source that its name or its folder rules out already."""
    asked: list[str] = []

    def text(source: SourceSettings) -> str:
        asked.append(source.name)
        return ""

    select_source("a.txt", [BOTH, WIRE, STEPPE, REST], text=text)
    assert asked == ["steppe"]


@pytest.mark.parametrize(
    ("name", "names"),
    [
        ("a.txt", ["a.txt"]),
        ("a.txt.gz", ["a.txt.gz", "a.txt"]),
        ("a.txt.tar.ZST", ["a.txt.tar.ZST", "a.txt.tar", "a.txt"]),
        ("a.txt.tgz", ["a.txt.tgz", "a.txt"]),
        (".gz", [".gz"]),
        ("a..bz2", ["a..bz2", "a."]),
        ("", [""]),
    ],
)
def test_endings_of_containers_are_left_out(name: str, names: list[str]) -> None:
    """One by one, in any case; a name that is nothing else stays."""
    assert dump_names(name) == names


@pytest.mark.parametrize("pack", [bytes, gzip.compress], ids=["plain", "gz"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-16", "cp1251"])
def test_the_beginning_of_a_dump_is_unpacked_and_decoded(pack: type[bytes], encoding: str) -> None:
    """And the stream stays where it was, so that the dump can be cut after that."""
    words = "Степной курьер сообщает о погоде в области. " * 3
    stream = io.BytesIO(b"before" + pack(words.encode(encoding)))
    stream.seek(6)
    assert beginning(stream) == words
    assert stream.tell() == 6


def test_of_damaged_data_what_is_whole_counts() -> None:
    """Nothing raises here; cutting the dump tells what is wrong."""
    packed = gzip.compress(b"The Steppe Courier\n" + bytes(range(256)) * 4)
    assert beginning(io.BytesIO(packed[:60])).startswith("The Steppe Courier\n")
    assert beginning(io.BytesIO(packed[:5])) == ""
    assert beginning(io.BytesIO(b"")) == ""
