"""docs/source-profiles.md is kept up with the settings and the flags."""

from __future__ import annotations

import io
import re
from pathlib import Path

import yaml

from monitor.config import SourceSettings
from monitor.dumps import parse, select_source
from monitor.dumps.flags import FLAGS
from monitor.model import Article

PAGE = (Path(__file__).parents[3] / "docs" / "source-profiles.md").read_text("utf-8")


def _rows(heading: str) -> dict[str, list[str]]:
    """The last table below a heading: its cells by what stands in the first, without backticks."""
    _, _, section = PAGE.partition(f"\n## {heading}\n")
    lines = ("\n" + re.split(r"\n## ", section)[0]).replace("\n|", "\0|").splitlines()
    table = next(line for line in reversed(lines) if "\0|" in line).split("\0")
    rows = [re.split(r"(?<!\\)\|", line)[1:-1] for line in table if line[:1] == "|"]
    return {cells[0].strip().strip("`"): [c.strip() for c in cells[1:]] for cells in rows[2:]}


def _blocks(language: str) -> list[str]:
    return re.findall(rf"```{language}\n(.*?)```", PAGE, re.DOTALL)


def test_every_setting_is_described() -> None:
    """No setting is missing, none is invented, and the defaults of the patterns are right."""
    rows = _rows("Every setting")
    assert set(rows) == set(SourceSettings.model_fields)
    default = SourceSettings(name="default")
    for name in ("header", "crawl_prefix"):
        assert rows[name][0].strip("`").replace(r"\|", "|") == getattr(default, name).pattern
    assert rows["time_format"][0].strip("`") == default.time_format


def test_every_flag_is_described() -> None:
    """With the most confidence that it leaves."""
    rows = _rows("How sure a cut is")
    del rows["none"]
    assert {flag: float(cells[0]) for flag, cells in rows.items()} == FLAGS


def test_the_example_works() -> None:
    """The profile of the page cuts the dump of the page into two articles, in full confidence."""
    (dump,) = _blocks("text")
    sources = [SourceSettings(**each) for each in yaml.safe_load(_blocks("yaml")[0])["sources"]]
    profile = select_source("courier-2026-03-05.txt", sources)
    assert profile.name == "steppe-courier"
    found = list(parse(io.BytesIO(dump.encode()), profile, name="courier-2026-03-05.txt"))
    assert [(s.title, s.confidence) for s in found if isinstance(s, Article)] == [
        ("Karsu opens its first tram line", 1.0),
        ("Storm closes mountain pass", 1.0),
    ]
    assert [len(s.paragraphs) for s in found if isinstance(s, Article)] == [3, 1]


def test_the_other_examples_are_valid() -> None:
    """Each block of settings makes a profile."""
    blocks = _blocks("yaml")[1:]
    assert len(blocks) == 4
    for block in blocks:
        profile = SourceSettings(name="example", **yaml.safe_load(block))
        assert profile.model_fields_set > {"name"}
