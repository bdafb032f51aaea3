"""docs/rules.md says what is so: every example in it is run."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import yaml

from monitor.rules import load_rules

DOCS = Path(__file__).parents[3] / "docs" / "rules.md"
TEXT = DOCS.read_text("utf-8")
EXAMPLES = re.findall(r"```yaml\n(.*?)```\n\n```text\n(.*?)```", TEXT, re.DOTALL)
LINES = [(rules, line) for rules, lines in EXAMPLES for line in lines.splitlines()]


@pytest.mark.parametrize(("rules", "line"), LINES, ids=[line for _, line in LINES])
def test_an_example_is_true(rules, line):
    """A line matches if it says yes, and what stands in brackets is exactly what is found."""
    verdict, marked = line.split(maxsplit=1)
    title, _, body = marked.rpartition(" // ")
    expected = {
        (field, found)
        for field, text in (("title", title), ("body", body))
        for found in spans(text)
    }
    matches = load_rules(yaml.safe_load(rules)).match(title=plain(title), body=plain(body))
    found = {(e.field, (e.start, e.end)) for match in matches for e in match.evidence}
    assert found == expected
    assert bool(matches) == (verdict == "yes")
    assert verdict in ("yes", "no")


def plain(marked):
    return re.sub(r"[\[\]]", "", marked)


def spans(marked):
    """Where bracketed words stand once the brackets are out."""
    for number, found in enumerate(re.finditer(r"\[([^]]*)\]", marked)):
        start = found.start() - 2 * number
        yield start, start + len(found[1])


def test_no_example_is_left_out():
    """Every block of rules is followed by its examples."""
    assert len(EXAMPLES) == TEXT.count("```yaml") == TEXT.count("```text")


def test_the_python_example_runs(capsys, tmp_path, monkeypatch):
    """Beside a configuration with the first example's rule."""
    (tmp_path / "config.yaml").write_text(EXAMPLES[0][0], "utf-8")
    monkeypatch.chdir(tmp_path)
    (code,) = re.findall(r"```python\n(.*?)```", TEXT, re.DOTALL)
    exec(compile(code, str(DOCS), "exec"), {})
    assert capsys.readouterr().out == "referendum any: referendum body 4 referendum\n"
