"""All rules of a configuration: its own, those of its rule files and of its entity files."""

from __future__ import annotations

import gc
from array import array
from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import count, islice, repeat
from pathlib import Path

from monitor.config.patterns import files_of
from monitor.config.settings import EntityFileSettings, RuleSettings, Settings
from monitor.config.yaml import Document
from monitor.config.yaml import Path as KeyPath
from monitor.errors import ConfigError, Problem
from monitor.rules.block import Block, compile_block
from monitor.rules.cache import Cache
from monitor.rules.ruleset import RuleSet
from monitor.rules.sources import Entities, Inline, Listed, Mistake, Source

MOST_PROBLEMS = 1_000
"""Told at once; a file that was written by a faulty program has one for each of its rules."""

_AHEAD = 100  # rules


@contextmanager
def collector_at_rest() -> Iterator[None]:
    """What is made of rules is much and has no cycles: to look for some takes a tenth longer."""
    at_work = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if at_work:
            gc.enable()


@collector_at_rest()
def load_library(settings: Settings, *, cache: Path | None = None) -> RuleSet:
    """The rules of a configuration: inline, then rule files, then entity files.

    ``cache`` is a folder in which the compiled rules of files are kept. Raises ConfigError with
    every problem as ``file:line:column: key.path: message``, at most ``MOST_PROBLEMS``.
    """
    kept = None if cache is None else Cache(cache)
    library = Library(kept)
    inline = Inline(settings)
    library.add(inline)
    sources = {source.name for source in settings.sources} or {"default"}
    library.add_files(inline.document, settings.rule_files, settings.entity_files, sources)
    rules = library.rule_set()
    if kept is not None:
        kept.prune()
    return rules


_Number = tuple[int, int]  # of a source, and of a rule in it


@dataclass(slots=True)
class _Added:
    source: Source
    mistakes: list[Mistake] = field(default_factory=list)


class Library:
    """Gathers rules from sources; what is wrong with any of them is told at the end."""

    def __init__(self, cache: Cache | None) -> None:
        self._cache = cache
        self._blocks: list[Block] = []
        self._added: list[_Added] = []
        self._missing: list[Problem] = []
        self._files: set[Path] = set()
        self._names: dict[str, _Number] = {}
        self._clashes: list[tuple[str, _Number, _Number]] = []  # name, who wants it, who has it
        self._count = 0  # of all that is wrong so far

    @property
    def _full(self) -> bool:
        return self._count > MOST_PROBLEMS

    def add_files(
        self,
        named: Document,
        rule_files: Sequence[str],
        entity_files: Sequence[EntityFileSettings],
        sources: Collection[str] | None = None,
    ) -> None:
        """The rules of files that a document names. Each file counts once.

        ``sources`` are those that rules may name; None: any.
        """
        for number, pattern in enumerate(rule_files):
            found = files_of(pattern)
            if not found:  # there was one when the document was checked
                self._misnamed(named, number, f"no such file: {pattern}")
            for file in found:
                if _same(file, named.file):
                    said = "this finds the configuration itself; give rule files a folder"
                    self._misnamed(named, number, said)
                elif file not in self._files:
                    self._files.add(file)
                    self.add(Listed.of_file(file, sources=sources))
        for settings in entity_files:
            self.add(Entities(settings, sources=sources))

    def _misnamed(self, named: Document, number: int, said: str) -> None:
        self._missing += named.placed([(("rule_files", number), said, None)])

    def add(self, source: Source) -> None:
        """The rules of one source, from the cache if they are there."""
        if not self._full:
            self._add(source)

    def _add(self, source: Source) -> None:
        self._added.append(_Added(source))
        cache, path = self._cache, source.path
        key = None if cache is None or path is None else source.key()
        if cache is None or path is None or key is None:
            self._blocks.append(self._compile(source))
            return
        block = self._kept(cache, path, key)
        if block is None:
            before = self._count
            block = self._compile(source)
            if self._count == before and source.keepable:
                cache.put(path, key, block.dump())
        else:
            self._claim_all(block.names)
        self._blocks.append(block)

    def rule_set(self) -> RuleSet:
        """All rules together. Raises ConfigError."""
        self._names.clear()
        problems = [*self._missing, *self._told()]
        if not problems:
            self._added.clear()  # the texts, before the automaton takes its memory
            return RuleSet.of(self._blocks)
        if self._full or len(problems) > MOST_PROBLEMS:
            last = problems[:MOST_PROBLEMS][-1]
            said = f"more than {MOST_PROBLEMS:,} mistakes; the rest is not told"
            problems[MOST_PROBLEMS:] = [Problem(last.file, last.line, last.column, "", said)]
        raise ConfigError(problems)

    def _kept(self, cache: Cache, path: Path, key: bytes) -> Block | None:
        content = cache.get(path, key)
        try:
            return None if content is None else Block.load(content)
        except ValueError:
            return None

    def _compile(self, source: Source) -> Block:
        mistakes = self._added[-1].mistakes
        numbers = array("L")  # of the rules that are compiled, in their source

        def told(number: int, path: KeyPath, message: str, offset: int | None) -> None:
            mistakes.append((number, path, message, offset))
            self._count += 1

        def rules() -> Iterator[RuleSettings]:
            for number, rule in source.rules(told):
                if rule is not None:
                    self._claim(rule.name, number)
                    numbers.append(number)
                    yield rule
                if self._full:
                    return

        return compile_block(
            _ahead(rules()),
            lambda index, path, said, offset: told(numbers[index], path, said, offset),
        )

    def _claim(self, name: str, number: int) -> None:
        wanted = (len(self._added) - 1, number)
        taken = self._names.setdefault(name, wanted)
        if taken != wanted:
            self._clashes.append((name, wanted, taken))
            self._count += 1

    def _claim_all(self, names: Sequence[str]) -> None:
        """The names of a source, as ``_claim`` does one by one where one is wanted twice."""
        wanted = dict(zip(names, zip(repeat(len(self._added) - 1), count()), strict=False))
        if len(wanted) == len(names) and self._names.keys().isdisjoint(wanted):
            self._names |= wanted
        else:
            for number, name in enumerate(names):
                self._claim(name, number)

    def _told(self) -> Iterator[Problem]:
        for name, at, said in self._taken():
            message = f"the name {name!r} is taken by {said}"
            self._added[at[0]].mistakes.append((at[1], ("name",), message, None))
        for added in self._added:
            yield from added.source.problems(added.mistakes)

    def _taken(self) -> Iterator[tuple[str, _Number, str]]:
        """Each name that is wanted again, by whom, and who has it."""
        elsewhere: dict[int, set[int]] = {}  # by source, the rules to point at
        for _, wanted, taken in self._clashes:
            if wanted[0] != taken[0]:
                elsewhere.setdefault(taken[0], set()).add(taken[1])
        places = {at: self._added[at].source.places(numbers) for at, numbers in elsewhere.items()}
        for name, wanted, (at, number) in self._clashes:
            said = self._added[at].source.called(number)
            yield name, wanted, said if at == wanted[0] else f"{said} ({places[at][number]})"


def _ahead(rules: Iterator[RuleSettings]) -> Iterator[RuleSettings]:
    """The same rules, some read before the first of them is compiled: to read one and compile one
    by turns takes a tenth longer, as either finds the processor's caches full of the other's."""
    while batch := tuple(islice(rules, _AHEAD)):
        yield from batch


def _same(file: Path, other: str) -> bool:
    try:
        return file.samefile(other)
    except OSError:
        return False
