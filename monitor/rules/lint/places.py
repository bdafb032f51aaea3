"""Where a rule, or a clause of it, is written."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from pathlib import Path

from monitor.config import yaml
from monitor.config.loader import read_text
from monitor.config.patterns import files_of
from monitor.config.settings import EntityFileSettings, Settings
from monitor.config.yaml import Document, dotted, read_items
from monitor.errors import Problem
from monitor.rules.entity_files import read_entities
from monitor.rules.lint.findings import Finding

Placed = tuple[Finding, Problem]


def placed(findings: Iterable[Finding], settings: Settings) -> Iterator[Placed]:
    """The findings with their places, those of one file together, in the order of its lines.

    They are on rules of these settings; no more of their files are read than is needed. Raises
    ConfigError where one cannot be read any more.
    """
    wanted: dict[str, list[Finding]] = defaultdict(list)
    for finding in findings:
        wanted[finding.rule].append(finding)
    inline = Document(settings.origin.file, text=settings.origin.text)
    yield from _in_yaml(inline, [rule.name for rule in settings.rules], wanted)
    for path in dict.fromkeys(path for p in settings.rule_files for path in files_of(p)):
        if wanted:
            document = Document(str(path), text=read_text(path))
            yield from _in_yaml(document, _names(document), wanted)
    for file in settings.entity_files:
        if wanted:
            yield from _in_entities(file, wanted)


def _in_yaml(
    document: Document, names: Iterable[str | None], wanted: dict[str, list[Finding]]
) -> Iterator[Placed]:
    here = [
        (finding, index)
        for index, name in enumerate(names)
        if name is not None
        for finding in wanted.pop(name, ())
    ]
    asked: list[yaml.Finding] = [
        (("rules", index, *finding.path), finding.message, finding.offset)
        for finding, index in here
    ]
    found = zip((finding for finding, _ in here), document.placed(asked), strict=True)
    yield from sorted(found, key=lambda one: (one[1].line, one[1].column))


def _names(document: Document) -> Iterator[str | None]:
    """The name of each item of the list of rules."""
    # Environment variables stand in values only: the names are the same without them.
    for item in read_items(document, {}, "rules"):
        name = item.get("name") if isinstance(item, dict) else None
        yield name if isinstance(name, str) else None


def _in_entities(file: EntityFileSettings, wanted: dict[str, list[Finding]]) -> Iterator[Placed]:
    for line, rule in read_entities(file, []):
        for finding in wanted.pop(rule.name, ()):
            path = dotted(finding.path)
            yield finding, Problem(str(Path(file.path)), line, 1, path, finding.message)
