"""The tree of an explanation for people: each clause true or false, its words in context."""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import click
from rich.console import Console
from rich.text import Text
from rich.tree import Tree

from monitor.rules.explain import Clause, Explanation, Reason
from monitor.text import cut, one_line

CONTEXT = 40
"""Characters shown on either side of what was found."""

MOST_PLACES = 3
"""Shown of one clause with the same message, where nobody asked for all."""

MOST_PARTS = 10
"""Shown of a list of alternatives, where nobody asked for all."""

_LONGEST = 160  # characters of a clause's label, of what was found
_GUIDE = 4  # columns that a level of the tree takes
_LEAST = 40  # columns for the text of a clause, however deep it is
_ENDLESS = 1_000_000  # characters; what is no terminal is given every line whole


@dataclass(frozen=True, slots=True)
class Signs:
    """What marks clauses and words; plain letters where the output has no others."""

    true: str = "✓"
    false: str = "✗"
    undecided: str = "?"
    ellipsis: str = "…"
    brackets: tuple[str, str] = ("[", "]")  # around the words, where they cannot be bold

    def of(self, truth: bool | None) -> str:
        return self.undecided if truth is None else self.true if truth else self.false


def show_explanation(
    found: Explanation, title: str, body: str, *, everything: bool = False
) -> None:
    """Print the tree, on a terminal with colours and as wide as that is.

    Long lists are cut to what decides, unless ``everything`` is asked for.
    """
    terminal = sys.stdout.isatty()
    console = Console() if terminal else Console(width=_ENDLESS, color_system=None)
    plain = not terminal or console.is_dumb_terminal
    signs = Signs(brackets=("[", "]") if plain else ("", ""))
    if not (console.encoding or "").lower().startswith("utf"):
        signs = Signs("yes", "no ", "?  ", "...", signs.brackets)
    show = _Show({"title": title, "body": body}, signs, everything)
    tree, depth = show.tree(found.tree)
    console.width = max(console.width, _GUIDE * depth + _LEAST)
    with console.capture() as captured:
        console.print(show.heading(found), tree, sep="\n")
    lines = captured.get().splitlines()
    click.echo("\n".join(line.rstrip() for line in lines), color=terminal or None)


class _Show:
    """Lays out the clauses of one article."""

    def __init__(self, fields: dict[str, str], signs: Signs, everything: bool) -> None:
        self._fields = fields
        self._signs = signs
        self._everything = everything

    def heading(self, found: Explanation) -> Text:
        undecided = found.tree.satisfied is None
        verdict = "matches" if found.matched else "does not match"
        style = "bold green" if found.matched else "bold yellow" if undecided else "bold red"
        title = one_line(self._fields["title"]) or "(no title)"
        return Text.assemble(found.rule, " ", (verdict, style), ": ", title)

    def tree(self, root: Clause) -> tuple[Tree, int]:
        """The clause and all below it; how many levels these are."""
        tree, depth = Tree(self._clause(root), guide_style="dim"), 0
        level = [(tree, root)]
        while level:
            depth += 1
            below = []
            for above, clause in level:
                shown = _telling(clause, len(clause.parts) if self._everything else MOST_PARTS)
                below += [(above.add(self._clause(part)), part) for part in shown]
                if len(shown) < len(clause.parts):
                    above.add(Text(_more(clause.parts, shown), "dim"))
            level = below
        return tree, depth

    def _clause(self, clause: Clause) -> Text:
        """Mark, label and messages, then the places, a line each."""
        style = _style(clause)
        line = Text.assemble(
            (self._signs.of(clause.satisfied), style),
            " ",
            (cut(one_line(clause.label), _LONGEST), "bold" if clause.parts else ""),
        )
        if clause.optional:
            line.append(" (optional)", "dim")
        said = [reason.message for reason in clause.reasons if reason.text is None]
        if said:
            line.append("  " + one_line("; ".join(said)), "dim")
        for text in self._places(clause):
            line.append("\n").append(text)
        return line

    def _places(self, clause: Clause) -> Iterator[Text]:
        by_message: dict[str, list[Reason]] = {}
        for reason in clause.reasons:
            if reason.text is not None and reason.field in self._fields:
                by_message.setdefault(reason.message, []).append(reason)
        for message, reasons in by_message.items():
            shown = reasons if self._everything else reasons[:MOST_PLACES]
            for reason in shown:
                yield self._place(clause, reason)
            if left := len(reasons) - len(shown):
                why = "" if message == "found" else f": {message}"
                yield Text(f"  and {left} more{why}", "dim")

    def _place(self, clause: Clause, reason: Reason) -> Text:
        before, words, behind = self._quoted(reason)
        left, right = self._signs.brackets
        text = Text.assemble(
            (f"  {reason.field} {reason.start}-{reason.end}  ", "dim"),
            before,
            (f"{left}{words}{right}", "bold"),
            behind,
        )
        notes = [] if reason.message == "found" else [reason.message]
        if reason.clause not in clause.label:  # the form of a name; how it is called
            notes.insert(0, reason.clause.rpartition(" (")[2].removesuffix(")"))
        if notes:
            text.append(f"  ({one_line('; '.join(notes))})", "dim")
        return text

    def _quoted(self, reason: Reason) -> tuple[str, str, str]:
        """What stands before, the words, and what stands behind them in their paragraph."""
        text, start, end = self._fields[reason.field or "body"], reason.start or 0, reason.end or 0
        first = max(text.rfind("\n", 0, start) + 1, start - CONTEXT)
        last = min(text.find("\n", end) if "\n" in text[end:] else len(text), end + CONTEXT)
        before, behind = text[first:start], text[end:last]
        ellipsis = self._signs.ellipsis
        if first and text[first - 1] != "\n":
            whole = text[first - 1].isspace()
            before = ellipsis + (before if whole else before.partition(" ")[2])
        if last < len(text) and text[last] != "\n":
            whole = text[last].isspace()
            behind = (behind if whole else behind.rpartition(" ")[0]) + ellipsis
        words = one_line(text[start:end])
        if len(words) > _LONGEST:
            half = _LONGEST // 2
            words = f"{words[:half].rstrip()} {ellipsis} {words[-half:].lstrip()}"
        return _spaced(before), words, _spaced(behind)


def why_not(found: Explanation) -> str:
    """The clauses that decide against a match, in one line."""
    clauses = [(clause, _against(clause)) for clause in found.tree.decisive()]
    nearest = next((one for one in clauses if one[1].text is not None), None)
    if nearest is not None:
        (clause, reason), text = nearest, nearest[1].text or ""
        said = f"{one_line(clause.label)}: {reason.message}: {one_line(text)!r}"
        return cut(said, _LONGEST)
    message = clauses[0][1].message
    labels = [one_line(clause.label) for clause, reason in clauses if reason.message == message]
    more = f" and {len(labels) - MOST_PLACES} more" if len(labels) > MOST_PLACES else ""
    others = len(clauses) - len(labels)
    also = f" (and {others} other{'s' * (others > 1)})" if others else ""
    return cut(f"{', '.join(labels[:MOST_PLACES])}{more}: {message}{also}", _LONGEST)


def _against(clause: Clause) -> Reason:
    """The first reason that speaks against the rule."""
    against = (reason for reason in clause.reasons if not reason.satisfied)
    return next(against, Reason(clause.label, None, False, "not true"))


def _telling(clause: Clause, most: int) -> Sequence[Clause]:
    """All parts, or where they are too many those by which the clause is what it is, first those
    that something was found for."""
    if len(clause.parts) <= most:
        return clause.parts
    alike = [n for n, part in enumerate(clause.parts) if part.satisfied is clause.satisfied]
    alike.sort(key=lambda n: all(reason.text is None for reason in clause.parts[n].leaves()))
    return [clause.parts[n] for n in sorted(alike[:most])]


def _more(parts: Sequence[Clause], shown: Sequence[Clause]) -> str:
    """What was not shown, in numbers."""
    left = Counter(part.satisfied for part in parts)
    left.subtract(part.satisfied for part in shown)
    said = ", ".join(f"{left[truth]:,} {name}" for truth, name in _NAMES if left[truth])
    return f"and {left.total():,} more: {said} (-v shows them)"


_NAMES = ((True, "true"), (False, "not true"), (None, "not decided"))


def _style(clause: Clause) -> str:
    if clause.satisfied is None:
        return "yellow"
    if clause.satisfied is clause.wanted:
        return "green"
    return "dim" if clause.optional else "red"


def _spaced(text: str) -> str:
    """As one line, with the blanks at its ends as one."""
    middle = one_line(text)
    if not middle:
        return " " if text else ""
    return " " * text[:1].isspace() + middle + " " * text[-1:].isspace()
