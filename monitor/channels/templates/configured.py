"""The templates of a configuration, all compiled before anything is sent."""

from __future__ import annotations

from pathlib import Path

from monitor.channels.templates.keys import KEYS, Entry, templates_of
from monitor.channels.templates.mistake import TemplateMistake
from monitor.channels.templates.template import Template, check_file
from monitor.channels.templates.words import Words
from monitor.config import Settings
from monitor.config.loader import read_text
from monitor.config.patterns import files_of
from monitor.config.yaml import Document, Finding, in_order
from monitor.errors import ConfigError, Problem


def compile_templates(settings: Settings) -> dict[Entry, Words]:
    """The words of each entry that has templates. Raises ConfigError with every mistake in them."""
    problems: list[Problem] = []
    files = read_files(settings, problems)
    findings: list[Finding] = []
    words: dict[Entry, Words] = {}
    for entry, path, sources in templates_of(settings):
        compiled = {}
        for key, source in sources.items():
            kind = KEYS[entry[1]][key]
            try:
                compiled[key] = Template(source, kind.form, names=kind.names, files=files)
            except TemplateMistake as mistake:
                findings.append(
                    ((*path, key), mistake.args[0], _start_of(source, mistake.line or 1))
                )
        words[entry] = Words(compiled, "/".join(map(str, entry)))
    document = Document(settings.origin.file, text=settings.origin.text)
    problems += in_order(document.placed(findings))
    if problems:
        raise ConfigError(problems)
    return words


def template_of(settings: Settings, file: Path, channel: str, key: str) -> Template:
    """The template in a file as one for a setting of a channel. Raises ConfigError."""
    problems: list[Problem] = []
    files = read_files(settings, problems)
    if problems:
        raise ConfigError(problems)
    kind = KEYS[channel][key]
    try:
        return Template(read_text(file), kind.form, names=kind.names, files=files)
    except TemplateMistake as mistake:
        problem = Problem(str(file), mistake.line or 1, 1, "", mistake.args[0])
        raise ConfigError([problem]) from mistake


def read_files(settings: Settings, problems: list[Problem]) -> dict[str, str]:
    """The files of the setting ``templates`` by name; what is wrong with them is added to
    ``problems``."""
    found: dict[str, Path] = {}
    files: dict[str, str] = {}
    for pattern in settings.templates:
        for path in map(Path, files_of(pattern)):
            known = found.setdefault(path.name, path)
            if known != path:
                problems.append(
                    Problem(str(path), 1, 1, "", f"a template of that name is {known} already")
                )
                continue
            try:
                files[path.name] = read_text(path)
            except ConfigError as error:
                problems += error.problems
    for name, source in files.items():
        try:
            check_file(source, name, files)
        except TemplateMistake as mistake:
            problems.append(Problem(str(found[name]), mistake.line or 1, 1, "", mistake.args[0]))
    return files


def _start_of(source: str, line: int) -> int:
    """The offset of the first character on a line that is no blank."""
    lines = source.split("\n")
    before = sum(len(one) + 1 for one in lines[: line - 1])
    text = lines[line - 1] if line <= len(lines) else ""
    return before + len(text) - len(text.lstrip())
