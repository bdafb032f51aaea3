"""Rules tested with articles written for the purpose, in the manner of ``promtool test rules``.

A file of tests names rule files and, for each test, an article and the rules that must match it
(https://prometheus.io/docs/prometheus/latest/configuration/unit_testing_rules/ is the model).
Reading such a file finds every mistake in it with its place; ``check`` is a pure function of one
test and a rule set.
"""

from __future__ import annotations

import difflib
import os
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Self, TypedDict

from pydantic import BeforeValidator, Field, model_validator

from monitor.config.loader import read_text, validate
from monitor.config.patterns import files_of
from monitor.config.types import FilePatterns, Model, Name, Names, Text, Texts
from monitor.config.yaml import Document as YamlDocument
from monitor.config.yaml import Place, in_order, read_yaml
from monitor.errors import ConfigError, Problem
from monitor.model import Match
from monitor.rules.explain import Explanation
from monitor.rules.library import Library
from monitor.rules.ruleset import RuleSet
from monitor.rules.sources import Listed


def _moment(value: object) -> object:
    """A text as an aware time; UTC where it has no offset."""
    if not isinstance(value, str):
        return value
    try:
        moment = datetime.fromisoformat(value)
        return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
    except (ValueError, OverflowError) as error:
        raise ValueError(f"not a time: {value!r} (like 2026-02-01 or 2026-02-01 09:30)") from error


class Article(TypedDict):
    """What rules may ask of an article: the arguments of ``RuleSet.match``."""

    title: str
    body: str
    source: str | None
    language: str | None
    url: str | None
    views: int | None
    published: datetime | None
    growth: float | None


class Expectation(Model):
    """One test: an article, and what the rules must say of it."""

    name: Text | None = Field(None, description="Shown where the test fails; none: the title.")
    title: str = Field("", description="The article's headline.")
    body: str = Field("", description="Its text, a paragraph a line.")
    text: Text | None = Field(
        None, description="Instead of both: the first line is the title, the rest the body."
    )
    source: str | None = Field(None, description="For source: and a rule's sources.")
    language: str | None = Field(
        None, description="For language: and a rule's languages; none: detected."
    )
    url: str | None = Field(None, description="For url:.")
    views: int | None = Field(None, ge=0, description="For views:.")
    growth: float | None = Field(None, ge=0, description="For growth:, in views per hour.")
    published: Annotated[datetime, BeforeValidator(_moment)] | None = Field(
        None, description="For published:; UTC where no offset is given."
    )
    expect: Names | None = Field(
        None, description="The rules that match: all of these and no other; [] for none."
    )
    expect_at_least: Names | None = Field(
        None, description="Instead: all of these match, and perhaps others."
    )
    expect_not: Names = Field((), description="None of these matches.")
    evidence: dict[Name, Texts] = Field(
        {}, description="By rule: all the words that it finds, each once, as the article has them."
    )

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        if self.text is not None and (self.title or self.body):
            raise ValueError("text is title and body in one; keep either")
        if not (self.text or self.title or self.body):
            raise ValueError("no article: give title, body or text")
        if self.expect is not None and self.expect_at_least is not None:
            raise ValueError("expect allows no other rule, expect_at_least does; keep one")
        if self.expect is None and not (self.expect_at_least or self.expect_not or self.evidence):
            raise ValueError("nothing is expected: give expect (or [] for no rule at all)")
        expected = (*(self.expect or ()), *(self.expect_at_least or ()), *self.evidence)
        if both := [name for name in self.expect_not if name in expected]:
            raise ValueError(f"the rule {both[0]!r} is both expected and not")
        for name in self.evidence:
            if self.expect is not None and name not in self.expect:
                raise ValueError(f"evidence of the rule {name!r}, which is not expected")
        return self

    @property
    def label(self) -> str:
        """What the test is called in a report."""
        return self.name or self.article["title"] or self.article["body"].partition("\n")[0]

    @property
    def article(self) -> Article:
        """The article as ``RuleSet.match`` takes it."""
        title, body = self.title, self.body
        if self.text is not None:
            title, _, body = self.text.partition("\n")
        return Article(
            title=title,
            body=body,
            source=self.source,
            language=self.language,
            url=self.url,
            views=self.views,
            published=self.published,
            growth=self.growth,
        )

    @property
    def required(self) -> tuple[str, ...]:
        """The rules that must match."""
        return tuple(
            dict.fromkeys((*(self.expect or ()), *(self.expect_at_least or ()), *self.evidence))
        )

    def forbids(self, rule: str) -> bool:
        """Whether the rule must not match."""
        if self.expect is not None:
            return rule not in self.expect
        return rule in self.expect_not


class _File(Model):
    rule_files: FilePatterns = Field((), description="Rules or configurations; shell patterns.")
    tests: tuple[Expectation, ...] = Field(description="The tests.")


@dataclass(frozen=True, slots=True)
class Suite:
    """A file of tests. ``rule_files`` empty: it tests the rules of the configuration in force."""

    file: str
    tests: tuple[Expectation, ...]
    rule_files: tuple[Path, ...]
    document: YamlDocument

    def place(self, index: int) -> Place:
        """Line and column at which a test starts, from 1."""
        at = self.document.problem(("tests", index), "")
        return at.line, at.column

    def unknown(self, names: Collection[str]) -> Iterator[Problem]:
        """The tests' rules that are not among ``names``, with the nearest that is."""
        for index, test in enumerate(self.tests):
            for key in ("expect", "expect_at_least", "expect_not"):
                for place, name in enumerate(getattr(test, key) or ()):
                    if name not in names:
                        yield self._unknown(("tests", index, key, place), name, names)
            for name in test.evidence:
                if name not in names:
                    yield self._unknown(("tests", index, "evidence", name), name, names)

    def _unknown(self, path: tuple[str | int, ...], name: str, names: Collection[str]) -> Problem:
        near = difflib.get_close_matches(name, names, n=1)
        hint = f"; did you mean {near[0]}?" if near else ""
        return self.document.problem(path, f"there is no rule {name!r}{hint}")


def read_suite(file: Path) -> Suite:
    """Read and check a file of tests.

    Raises ConfigError with every problem as ``file:line:column: key.path: message``.
    """
    document = read_yaml(read_text(file), str(file), os.environ)
    read = validate(_File, document, file.parent) if document.readable else None
    if read is not None and not read.tests:
        document.problems.append(document.problem(("tests",), "empty"))
    if document.problems or read is None:
        raise ConfigError(in_order(document.problems))
    paths = dict.fromkeys(path for pattern in read.rule_files for path in files_of(pattern))
    return Suite(str(file), read.tests, tuple(paths), document)


def rules_of(suite: Suite) -> RuleSet:
    """The rules of the suite's rule files, and of the files that these name, all together.

    Raises ConfigError for what is wrong with them, and for a name used in two files.
    """
    library = Library(None)
    for path in suite.rule_files:
        listed = Listed(YamlDocument(str(path), text=read_text(path)), path.parent, whole=True)
        library.add(listed)
        library.add_files(listed.document, listed.rule_files, listed.entity_files)
    return library.rule_set()


# --------------------------------------------------------------------------- checking


@dataclass(frozen=True, slots=True)
class Difference:
    """What a rule that matches, as it must, finds: words too few and words too many."""

    rule: str
    missing: tuple[str, ...]
    unexpected: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of a test.

    ``missing``: rules that should match and do not, each with the reasons why not;
    ``unexpected``: those that match and should not, with their evidence.
    """

    matched: tuple[str, ...]
    missing: tuple[Explanation, ...]
    unexpected: tuple[Match, ...]
    differences: tuple[Difference, ...]

    @property
    def passed(self) -> bool:
        return not (self.missing or self.unexpected or self.differences)


def check(test: Expectation, rules: RuleSet) -> Outcome:
    """Lay a test beside the rules, which must have all that it names."""
    given = test.article
    matches = {match.rule: match for match in rules.match(**given)}
    return Outcome(
        tuple(matches),
        tuple(rules.explain(rule, **given) for rule in test.required if rule not in matches),
        tuple(match for rule, match in matches.items() if test.forbids(rule)),
        tuple(_differences(test, matches.values())),
    )


def _differences(test: Expectation, matches: Collection[Match]) -> Iterator[Difference]:
    for match in matches:
        wanted = test.evidence.get(match.rule)
        if wanted is None:
            continue
        found = tuple(dict.fromkeys(evidence.text for evidence in match.evidence))
        missing = tuple(text for text in dict.fromkeys(wanted) if text not in found)
        unexpected = tuple(text for text in found if text not in wanted)
        if missing or unexpected:
            yield Difference(match.rule, missing, unexpected)


def untested(rules: Sequence[str], tests: Collection[Expectation]) -> list[str]:
    """The rules that no test expects to match."""
    expected = {rule for test in tests for rule in test.required}
    return [rule for rule in rules if rule not in expected]
