"""docs/formats.md is kept up with the code."""

from __future__ import annotations

import io
import re
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import yaml

from monitor.config import SourceSettings
from monitor.dumps import FORMATS, parse
from monitor.dumps.base import MAX_ARTICLE
from monitor.dumps.container import limits
from monitor.dumps.json.values import MAX_NESTED
from monitor.dumps.record import USUAL
from monitor.model import Article

PAGE = (Path(__file__).parents[3] / "docs" / "formats.md").read_text("utf-8")


def _block(language: str) -> str:
    found = re.search(rf"```{language}\n(.*?)```", PAGE, re.DOTALL)
    assert found is not None
    return found[1]


def test_formats_are_listed_in_the_order_of_asking() -> None:
    """None is missing, none is invented."""
    assert re.findall(r"^\| \[.*\| `(\w+)` \|", PAGE, re.MULTILINE) == list(FORMATS)


def test_usual_names() -> None:
    """As they are looked for."""
    for part, names in USUAL.items():
        listed = ", ".join(f"`{name}`" for name in names)
        first = "crawl day" if part == "crawled" else f"`{part}`"
        assert f"| {first} | {listed or 'none: the name of the profile'} |" in PAGE


def test_limits() -> None:
    """As they are in force."""
    for text in (
        f"all layers | {limits.MAX_UNPACKED >> 30} GiB |",
        f"| files in its archives | {limits.MAX_MEMBERS:,} |",
        f"| layers of packing | {limits.MAX_DEPTH} |",
        f"from {limits.RATIO_FROM >> 20} MiB on | {limits.MAX_RATIO} |",
        f"may ask for | {limits.MAX_MEMORY >> 20} MiB |",
        f"| one article | {MAX_ARTICLE >> 20} MiB |",
        f"than {MAX_NESTED} deep",
    ):
        assert text in PAGE, text


def test_the_example_works() -> None:
    """The profile of the page makes an article of the dump of the page, in full confidence."""
    profile = SourceSettings(**yaml.safe_load(_block("yaml"))["sources"][0])
    (article,) = parse(io.BytesIO(_block("json").encode()), profile, name="newswire-1.json")
    assert article == Article(
        index=0,
        title="Karsu opens its first tram line",
        paragraphs=("The mayor opened it on Tuesday.", "It is blue."),
        source="newswire",
        published=datetime(2026, 3, 5, 13, 14, tzinfo=ZoneInfo("Asia/Almaty")),
        views=18816,
        url="https://wire.example/1",
    )
