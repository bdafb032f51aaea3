"""Where rules are written: each source gives its rules one by one, and the places of mistakes."""

from __future__ import annotations

import os
import re
from array import array
from collections.abc import Callable, Collection, Iterator, Sequence
from hashlib import file_digest
from pathlib import Path
from typing import Any, Protocol

from pydantic import ConfigDict

from monitor.config.checks import unknown
from monitor.config.loader import check, read_text, validate
from monitor.config.settings import EntityFiles, EntityFileSettings, RuleSettings, Settings
from monitor.config.types import FilePatterns, Model
from monitor.config.yaml import Document, Finding, dotted, in_order, read_items
from monitor.config.yaml import Path as KeyPath
from monitor.errors import ConfigError, Problem
from monitor.rules.cache import key_of
from monitor.rules.entity_files import read_entities

Mistake = tuple[int, KeyPath, str, int | None]
"""The number of a rule in its source, a key of the rule, what is wrong there, and at which
character of its text, if that is known."""

Report = Callable[[int, KeyPath, str, int | None], None]


class Source(Protocol):
    """A list of rules, numbered from 0."""

    @property
    def path(self) -> Path | None:
        """The file by whose name its compiled rules are kept; None: they are not."""

    def key(self) -> bytes | None:
        """What the compiled rules depend on; None: on more than can be told."""

    @property
    def keepable(self) -> bool:
        """Once its rules are read: whether they are all that there is to say of the source."""

    def rules(self, report: Report) -> Iterator[tuple[int, RuleSettings | None]]:
        """Each rule with its number; None for one of which it was reported what is wrong."""

    def problems(self, mistakes: Sequence[Mistake]) -> list[Problem]:
        """The mistakes with their places, and what is wrong with the source itself, in order."""

    def called(self, number: int) -> str:
        """How messages about the same source name a rule."""

    def places(self, numbers: Collection[int]) -> dict[int, str]:
        """How messages about other sources name rules: ``file:line:column``."""


class Inline:
    """The rules that stand in a configuration, already checked one by one."""

    path = None
    keepable = False

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self.document = Document(settings.origin.file, text=settings.origin.text)

    def key(self) -> bytes | None:
        return None

    def rules(self, report: Report) -> Iterator[tuple[int, RuleSettings | None]]:
        yield from enumerate(self._settings.rules)

    def problems(self, mistakes: Sequence[Mistake]) -> list[Problem]:
        return in_order(self.document.placed(_findings(mistakes)))

    def called(self, number: int) -> str:
        return f"rules[{number}]"

    def places(self, numbers: Collection[int]) -> dict[int, str]:
        return _places_of_names(self.document, numbers)


class _Listing(Model):
    """What is looked at in a file of rules or in a configuration."""

    model_config = ConfigDict(extra="ignore")

    rules: tuple[Any, ...] = ()
    rule_files: FilePatterns = ()
    entity_files: EntityFiles = ()


class Listed:
    """The ``rules:`` of a YAML text or of a mapping, read one by one.

    ``whole``: it may be a configuration, which names further files in ``rule_files`` and
    ``entity_files``. ``sources`` are those that rules may name; None: any.
    """

    def __init__(
        self,
        document: Document,
        folder: Path,
        *,
        whole: bool = False,
        sources: Collection[str] | None = None,
    ) -> None:
        self.rule_files: tuple[str, ...] = ()
        self.entity_files: tuple[EntityFileSettings, ...] = ()
        self.document = document
        self._folder = folder
        self._whole = whole
        self._sources = sources

    @classmethod
    def of_file(
        cls, file: Path, *, whole: bool = False, sources: Collection[str] | None = None
    ) -> Listed:
        """Those of a file, which may turn out not to be readable."""
        try:
            document = Document(str(file), text=read_text(file))
        except ConfigError as error:
            document = Document(str(file), readable=False, problems=list(error.problems))
        return cls(document, file.parent, whole=whole, sources=sources)

    @property
    def path(self) -> Path | None:
        return Path(self.document.file) if self.document.text else None

    def key(self) -> bytes | None:
        text = self.document.text
        # What an environment variable holds is not in the text.
        if "${" in text:
            return None
        return key_of(b"rules", bytes([self._whole]), _as_key(self._sources), text.encode())

    @property
    def keepable(self) -> bool:
        return not (self.document.problems or self.rule_files or self.entity_files)

    def rules(self, report: Report) -> Iterator[tuple[int, RuleSettings | None]]:
        for number, item in enumerate(self._items()):
            rule, findings = check(RuleSettings, item, self._folder)
            for path, message, offset in findings:
                report(number, path, message, offset)
            if rule is not None:
                _check_sources(rule, number, self._sources, report)
            yield number, rule
        if self.document.readable:
            self._look_around()

    def _items(self) -> Iterator[Any]:
        document = self.document
        if document.text:
            yield from read_items(document, os.environ, "rules")
        elif isinstance(document.data, dict) and isinstance(
            listed := document.data.get("rules"), list | tuple
        ):
            yield from listed

    def _look_around(self) -> None:
        """Check what stands beside the rules."""
        document = self.document
        listing = validate(_Listing, document, self._folder)
        if listing is None:
            return
        self.rule_files, self.entity_files = listing.rule_files, listing.entity_files
        found: list[Finding] = []
        if not self._whole:
            said = "only the configuration itself names further files"
            found = [((key,), said, None) for key in _FILES if getattr(listing, key)]
        if not ("rules" in listing.model_fields_set or self.rule_files or self.entity_files):
            found.append((("rules",), "this key is needed and missing", None))
        document.problems += document.placed(found)

    def problems(self, mistakes: Sequence[Mistake]) -> list[Problem]:
        document = self.document
        found = [problem for problem in document.problems if _ours(problem)]
        if document.readable:  # else the other mistakes may come of that
            found += document.placed(_findings(mistakes))
        return in_order(found)

    def called(self, number: int) -> str:
        return f"rules[{number}]"

    def places(self, numbers: Collection[int]) -> dict[int, str]:
        return _places_of_names(self.document, numbers)


_FILES = ("rule_files", "entity_files")


def _ours(problem: Problem) -> bool:
    """Of a whole configuration only the rules matter here."""
    return re.match(r"(rules|rule_files|entity_files)?(?![^.\[])", problem.path) is not None


def _findings(mistakes: Sequence[Mistake]) -> list[Finding]:
    return [
        (("rules", number, *path), message, offset) for number, path, message, offset in mistakes
    ]


def _check_sources(
    rule: RuleSettings, number: int, sources: Collection[str] | None, report: Report
) -> None:
    """A rule of a source that there is none of would never match."""
    if rule.sources and sources is not None:
        for place, name in enumerate(rule.sources):
            if name not in sources:
                report(number, ("sources", place), unknown("source", name, sources), None)


def _as_key(sources: Collection[str] | None) -> bytes:
    return b"" if sources is None else " ".join(sorted(sources)).encode()


def _places_of_names(document: Document, numbers: Collection[int]) -> dict[int, str]:
    problems = document.placed([(("rules", number, "name"), "", None) for number in numbers])
    return {
        number: f"{found.file}:{found.line}:{found.column}"
        for number, found in zip(numbers, problems, strict=True)
    }


class Entities:
    """The entries of an entity file, each a rule."""

    def __init__(
        self, settings: EntityFileSettings, *, sources: Collection[str] | None = None
    ) -> None:
        self._settings = settings
        self._sources = sources
        self._lines = array("L")  # of the entries
        self._problems: list[Problem] = []

    @property
    def path(self) -> Path | None:
        return self._settings.path

    def key(self) -> bytes | None:
        try:
            with self._settings.path.open("rb") as file:
                digest = file_digest(file, "blake2b").digest()
        except OSError:
            return None  # whoever reads it says so
        settings = self._settings.model_dump_json().encode()
        return key_of(b"entities", settings, _as_key(self._sources), digest)

    @property
    def keepable(self) -> bool:
        return not self._problems

    def rules(self, report: Report) -> Iterator[tuple[int, RuleSettings | None]]:
        for number, (line, rule) in enumerate(read_entities(self._settings, self._problems)):
            self._lines.append(line)
            _check_sources(rule, number, self._sources, report)
            yield number, rule

    def problems(self, mistakes: Sequence[Mistake]) -> list[Problem]:
        found = list(self._problems)
        for number, path, message, _ in mistakes:
            # An entry has no `entity` around its keys.
            flat = path[1:] if path[0] == "entity" else path
            found.append(Problem(str(self.path), self._line(number), 1, dotted(flat), message))
        return sorted(found, key=lambda problem: (problem.line, problem.column))

    def called(self, number: int) -> str:
        return f"the entry in line {self._line(number)}"

    def places(self, numbers: Collection[int]) -> dict[int, str]:
        return {number: f"{self.path}:{self._line(number)}:1" for number in numbers}

    def _line(self, number: int) -> int:
        if not self._lines:  # the rules came from the cache
            self._lines.extend(line for line, _ in read_entities(self._settings, []))
        return self._lines[number] if number < len(self._lines) else 1
