"""Entities in YAML: a list of mappings, kept by hand and read whole."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from pathlib import Path

import yaml

from monitor.config.loader import read_text
from monitor.config.places import events, place_of
from monitor.config.yaml import Finding, read_yaml
from monitor.config.yaml import Path as KeyPath
from monitor.errors import ConfigError, Problem
from monitor.rules.entity_files.entry import Entry

_NUMBER = re.compile(r"\[(\d+)\]")


class Listing:
    """A YAML file that is a list of entities."""

    def __init__(self, path: Path, problems: list[Problem]) -> None:
        self._path = path
        self._problems = problems
        self._findings: list[Finding] = []

    def entries(self) -> Iterator[Entry]:
        try:
            text = read_text(self._path)
        except ConfigError as error:
            self._problems += error.problems
            return
        document = read_yaml(text, str(self._path), os.environ)
        self._problems += document.problems
        if not document.readable or document.data is None:
            return
        if not isinstance(document.data, list):
            said = "expected a list: entries that each start with '- name: '"
            self._problems.append(document.problem((), said))
            return
        # What the reader has left out would only be missed once more.
        spoiled = {
            int(found[1]) for p in document.problems if (found := _NUMBER.match(p.path)) is not None
        }
        lines = _lines(text)
        for number, (line, data) in enumerate(zip(lines, document.data, strict=True)):
            if number in spoiled:
                continue
            if isinstance(data, dict):
                yield Entry(number, line, data)
            else:
                self._findings.append(((number,), "expected keys and values", None))
        self._problems += document.placed(self._findings)

    def tell(self, entry: Entry, path: KeyPath, message: str) -> None:
        self._findings.append(((entry.number, *path), message, None))


def _lines(text: str) -> Iterator[int]:
    """In which line each item of the list starts. The text is known to be YAML."""
    next_event, depth = events(text), 0
    while (event := next_event()) is not None:
        if isinstance(event, yaml.CollectionEndEvent):
            depth -= 1
        elif isinstance(event, yaml.NodeEvent):
            if depth == 1:
                yield place_of(event.start_mark)[0]
            depth += isinstance(event, yaml.CollectionStartEvent)
