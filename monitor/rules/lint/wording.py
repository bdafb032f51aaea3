"""How clauses are written: words that look like operators, and words that stand everywhere."""

from __future__ import annotations

import re
from collections.abc import Iterator

from monitor.config.settings import EntitySettings, RuleSettings
from monitor.rules.lint.clauses import Remark
from monitor.rules.lint.findings import Finding
from monitor.rules.lint.forms import Atom, Form, Some, atoms, show
from monitor.rules.lint.words import COMMON_WORDS, FUNCTION_WORDS
from monitor.rules.names.phrases import is_acronym
from monitor.rules.scan import literal
from monitor.rules.syntax import Regex, Term

_OPERATORS = frozenset({"and", "or", "not", "near", "onear"})
_ACRONYM = re.compile(r"[^\W\d_]{2,5}")
_QUERY_SYNTAX = re.compile(
    r"""(?x)
      (?:^|\s)(?:AND|OR|NOT|O?NEAR/\d+|&&|\|\|)(?:\s|$)
    | ^"[^"]+"~>?\d+$ | \w~[12]?$
    | ^(?:title|body|lead|source|language|url|case|accent|exact|stem(?:\.\w+)?):\S
    | ^(?:views|growth|published):[\d\[{<>]
    | ^/.+/$
    | \w\?\w
    """
)
_SHORT = 2  # letters; names no longer than that are found in places without number


def check_wording(form: Form) -> Iterator[Remark]:
    """Clauses of one rule that are likely not what their author meant."""
    for atom in atoms(form):
        if isinstance(atom.leaf, Regex):
            yield from _regex(atom, atom.leaf)
        elif isinstance(atom.leaf, Term):
            yield from _term(atom, atom.leaf)
    for atom in _alone(form):
        if isinstance(atom.leaf, Term) and _is_everywhere(atom.leaf):
            message = f"{show(atom)} stands in nearly every article"
            yield Remark("common-word", "warning", atom, message)


def _alone(form: Form) -> Iterator[Atom]:
    """The clauses each of which is enough for its rule, or for the brackets around it."""
    if isinstance(form, Atom):
        yield form
    elif isinstance(form, Some):
        yield from (part for part in form.parts if isinstance(part, Atom) and part.positive)
        for part in form.parts:
            if not isinstance(part, Atom):
                yield from _alone(part)
    else:
        for part in form.parts:
            if isinstance(part, Some):
                yield from _alone(part)


def _term(atom: Atom, term: Term) -> Iterator[Remark]:
    if term.label.casefold() in _OPERATORS:
        message = f"{term.label!r} is a word here; operators are in capitals: {term.label.upper()}"
        yield Remark("operator-case", "warning", atom, message)
    elif term.exactness == "folded" and _is_acronym(term):
        message = (
            f"{term.text} is also found as the word {term.text.lower()!r}: write case:{term.text}"
            + ("" if term.label == term.text else " in a query")
        )
        yield Remark("acronym", "warning", atom, message)


def _is_acronym(term: Term) -> bool:
    """Whether a word in capitals is another word in small letters."""
    text = term.text
    return bool(_ACRONYM.fullmatch(text)) and text.isupper() and literal(text) in COMMON_WORDS


def _is_everywhere(term: Term) -> bool:
    """Whether each of its words is a function word, and it was not said already why."""
    if term.exactness in ("case", "exact") or _is_acronym(term):
        return False
    if term.label.casefold() in _OPERATORS:
        return False
    return all(word in FUNCTION_WORDS for word in literal(term.text).split(" "))


def _regex(atom: Atom, regex: Regex) -> Iterator[Remark]:
    if "\b" in regex.pattern:
        pattern = show(atom).replace("\b", "\\b")
        message = (
            rf"{pattern} holds a backspace, which YAML makes of \b between double quotes: use"
            " single quotes, or a block (|)"
        )
        yield Remark("regex-backspace", "error", atom, message)


# --------------------------------------------------------------------------- settings


def check_keywords(rule: RuleSettings) -> Iterator[Finding]:
    """Keywords written as if they were queries, and those that read the same."""
    for key in ("any", "all", "none"):
        words: dict[str, str] = {}
        for place, word in enumerate(getattr(rule, key)):
            first = words.get(literal(word))
            words.setdefault(literal(word), word)
            if first is not None:
                said = "stands here twice" if first == word else f"reads the same as {first!r}"
                message = f"{word!r} {said}"
                yield Finding("repeated", "warning", rule.name, (key, place), message)
            if _QUERY_SYNTAX.search(word):
                message = (
                    f"{word!r} is looked for letter by letter; operators and fields need query:"
                )
                yield Finding("query-syntax", "warning", rule.name, (key, place), message)


def check_names(rule: RuleSettings) -> Iterator[Finding]:
    """Names of an entity that are common words, or too short to mean it alone."""
    if rule.entity is None:
        return
    for key, place, name in _names(rule.entity):
        path = ("entity", key) if place is None else ("entity", key, place)
        if said := _everyday(name):
            yield Finding("common-alias", "warning", rule.name, path, said)


def _names(entity: EntitySettings) -> Iterator[tuple[str, int | None, str]]:
    yield "name", None, entity.name
    if entity.surname is not None and entity.surname_alone:
        yield "surname", None, entity.surname
    for place, alias in enumerate(entity.aliases):
        yield "aliases", place, alias


def _everyday(name: str) -> str | None:
    """Why a name is no name, or None. One in capitals is only found in capitals."""
    if is_acronym(name):
        return None
    text = literal(name)
    words = text.split(" ")
    if len(words) == 1 and text in COMMON_WORDS:
        return f"{name!r} is a common word, so this is found in articles about other things"
    if all(word in FUNCTION_WORDS for word in words):
        return f"{name!r} is made of words that stand in nearly every article"
    if sum(map(str.isalnum, text)) <= _SHORT:
        return f"{name!r} is so short that it means other things too"
    return None
