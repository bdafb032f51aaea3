"""Where a rule, or a clause of it, is written."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable
from pathlib import Path

from monitor.config import yaml
from monitor.config.loader import read_text
from monitor.config.yaml import Document, read_yaml
from monitor.errors import Problem
from monitor.rules.lint.findings import Finding


def placed(findings: Iterable[Finding], files: Iterable[Path]) -> dict[Finding, Problem]:
    """The findings with their places. Those on rules that no file has are left out.

    ``files`` have a list ``rules:``; no more of them are read than is needed. Raises ConfigError
    where one cannot be read.
    """
    wanted: dict[str, list[Finding]] = defaultdict(list)
    for finding in findings:
        wanted[finding.rule].append(finding)
    found: dict[Finding, Problem] = {}
    for file in files:
        if not wanted:
            break
        # Environment variables stand in values only: the places are the same without them.
        document = read_yaml(read_text(file), str(file), {})
        here: list[tuple[Finding, yaml.Finding]] = [
            (finding, (("rules", index, *finding.path), finding.message, finding.offset))
            for index, name in _named(document, wanted)
            for finding in wanted.pop(name, ())
        ]
        places = document.placed([place for _, place in here])
        found |= {finding: at for (finding, _), at in zip(here, places, strict=True)}
    return found


def _named(document: Document, names: Collection[str]) -> list[tuple[int, str]]:
    """Where in a file's list of rules those with certain names stand."""
    rules = document.data.get("rules") if isinstance(document.data, dict) else None
    return [
        (index, rule["name"])
        for index, rule in enumerate(rules if isinstance(rules, list) else ())
        if isinstance(rule, dict) and rule.get("name") in names
    ]
