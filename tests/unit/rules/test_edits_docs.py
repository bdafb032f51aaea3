"""What docs/rules.md and docs/alerts.md say of edits is so."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from monitor.alerts.edits import why_not
from monitor.config.yaml import read_yaml
from monitor.model import EditKind
from monitor.pipeline.edits import edit_of
from monitor.revisions import compare
from monitor.revisions.summary import WEIGHTS
from monitor.rules import load_rules

DOCS = Path(__file__).parents[3] / "docs"
BLOCKS = re.findall(
    r"```yaml\n([^`]*)```\n\n```text\n[^`]*```\n\n<!-- edits -->\n```text\n([^`]*)```",
    (DOCS / "rules.md").read_text("utf-8"),
)
LINES = [(rules, line) for rules, lines in BLOCKS for line in lines.splitlines()]


def test_every_block_is_found() -> None:
    """None stands elsewhere than below the rules that it is about."""
    assert len(BLOCKS) == (DOCS / "rules.md").read_text("utf-8").count("<!-- edits -->") > 1
    assert {line.split()[0] for _, line in LINES} == {"told", "not"}


@pytest.mark.parametrize(("rules", "line"), LINES, ids=[line for _, line in LINES])
def test_an_example_is_true(rules: str, line: str) -> None:
    """An edit is told if the line says so; ¶ parts paragraphs."""
    verdict, texts = line.split(maxsplit=1)
    before, after = texts.replace(" ¶ ", "\n").split(" → ")
    loaded = load_rules(read_yaml(rules, "docs/rules.md", {}).data)
    (old,) = loaded.match(title="News", body=before) or [None]
    (match,) = loaded.match(title="News", body=after)
    edit = edit_of(compare(("News", before), ("News", after)), after)
    reason = why_not(edit, loaded.info(match.rule), match, began=old is None, goes_on=True)
    assert (reason is None) == (verdict == "told"), reason


def test_the_weights() -> None:
    """The table has every kind with its weight."""
    rows = re.findall(r"^\| `(\w+)` \| .* \| ([\d.]*) ?\|$", (DOCS / "alerts.md").read_text(), re.M)
    told = {kind: float(weight or 0) for kind, weight in rows if kind in set(EditKind)}
    assert told == {kind.value: WEIGHTS.get(kind, 0.0) for kind in EditKind}
