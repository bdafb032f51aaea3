"""What the templates show, made from domain types by pure functions."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Literal

from monitor.feeds.marks import Piece, Span, paragraphs, pieces, spans
from monitor.model import Entry, Evidence, Match, Revision
from monitor.text import xml_safe

EXCERPT = 280
"""Characters of an article shown in a list."""

BODY_LIMIT = 300_000
"""Characters of a text shown on its page; no real article comes near."""

NEW_FOR = timedelta(hours=24)
"""How long an article counts as new."""

UNSURE = 0.5
"""Confidence below which the page says that the cut may be wrong."""

Change = Literal["", "added", "gone"]

_UNTITLED = (Piece("(untitled)", False),)
_UNITS = (("d", 86_400), ("h", 3_600), ("min", 60), ("s", 1))


@dataclass(frozen=True, slots=True)
class Excerpt:
    """A stretch of one paragraph; ``before`` and ``after``: text was left out there."""

    pieces: tuple[Piece, ...]
    before: bool
    after: bool


@dataclass(frozen=True, slots=True)
class Listed:
    """An article in a list."""

    entry: Entry
    title: tuple[Piece, ...]
    excerpt: Excerpt
    badge: Literal["", "new", "revised"]
    unsure: bool


@dataclass(frozen=True, slots=True)
class RuleList:
    """Rules in a list, and how many are ``left`` out. ``find`` was looked for; ``cut``: there are
    so many that they have to be."""

    names: tuple[str, ...]
    left: int
    find: str
    cut: bool


@dataclass(frozen=True, slots=True)
class Paragraph:
    """A paragraph, and whether the text it is compared with lacks it."""

    pieces: tuple[Piece, ...]
    change: Change


@dataclass(frozen=True, slots=True)
class Text:
    """One text of an article; ``added``/``gone`` paragraphs differ from its neighbour's.
    ``pruned``: it is no longer kept."""

    number: int
    observed: datetime
    title: tuple[Piece, ...]
    title_changed: bool
    paragraphs: tuple[Paragraph, ...]
    cut: bool
    pruned: bool = False


def listed(entry: Entry, now: datetime) -> Listed:
    """The entry as a list shows it at ``now``."""
    badge: Literal["", "new", "revised"] = ""
    if entry.revision > 1:
        badge = "revised"
    elif now - entry.first_seen < NEW_FOR:
        badge = "new"
    return Listed(
        entry, title_pieces(entry), excerpt(entry), badge, unsure=entry.confidence < UNSURE
    )


def title_pieces(entry: Entry) -> tuple[Piece, ...]:
    """The title with its matched words; never nothing."""
    if not entry.title.strip():
        return _UNTITLED
    return pieces(entry.title, spans(entry.matches, "title", len(entry.title))) or _UNTITLED


def excerpt(entry: Entry, limit: int = EXCERPT) -> Excerpt:
    """Around the first matched word in the body, else the lead; cut between words."""
    body = entry.body
    marked = spans(entry.matches, "body", len(body))
    focus = marked[0][0] if marked else len(body) - len(body.lstrip())
    first = body.rfind("\n", 0, focus) + 1
    last = body.find("\n", focus)
    last = len(body) if last < 0 else last
    start = first
    if focus - first > limit // 3:
        start = body.find(" ", focus - limit // 3, focus) + 1 or focus
    end = last
    if last - start > limit:
        reach = start + limit
        end = body.rfind(" ", max(focus, reach - 40), reach)
        end = reach if end < 0 else end
    near = [span for span in marked if span[0] < end and span[1] > start]
    return Excerpt(pieces(body, near, start, end), before=start > first, after=end < last)


def current_text(entry: Entry, chain: Sequence[Revision]) -> Text:
    """The text as it is now; what the text before it did not have is ``added``."""
    before = next((r for r in reversed(chain) if r.number < entry.revision), None)
    shown = entry.body[:BODY_LIMIT]
    return Text(
        entry.revision,
        entry.updated,
        title_pieces(entry),
        before is not None and before.title != entry.title,
        _compared(shown, spans(entry.matches, "body", len(shown)), before, "added"),
        cut=len(shown) < len(entry.body),
        pruned=entry.pruned,
    )


def older_texts(entry: Entry, chain: Sequence[Revision]) -> list[Text]:
    """The texts it had before, newest first; what the next text dropped is ``gone``."""
    older = [revision for revision in chain if revision.number < entry.revision]
    if not older:
        return []
    following: list[Revision | Entry] = [*older[1:], entry]
    return [
        Text(
            revision.number,
            revision.observed,
            pieces(revision.title, ()) or _UNTITLED,
            revision.title != successor.title,
            _compared(revision.body[:BODY_LIMIT], (), successor, "gone"),
            cut=len(revision.body) > BODY_LIMIT,
            pruned=revision.pruned,
        )
        for revision, successor in zip(older[::-1], following[::-1], strict=True)
    ]


def rule_list(rules: Mapping[str, bool], find: str, named: Iterable[str], limit: int) -> RuleList:
    """All rules where they are not too many; else those with ``find`` in their name; where nothing
    is looked for, those that are ``named`` on the page."""
    if len(rules) <= limit:
        return RuleList(tuple(rules), 0, "", False)
    if find:
        found = [name for name in rules if find in name]
    else:
        found = sorted({name for name in named if name in rules})
    left = len(found if find else rules) - len(found[:limit])
    return RuleList(tuple(found[:limit]), left, find, True)


def evidence_rows(matches: Iterable[Match]) -> list[tuple[str, Evidence]]:
    """``(rule, evidence)``, in the order of rules and of the text."""
    return [
        (match.rule, evidence)
        for match in matches
        for evidence in sorted(match.evidence, key=lambda e: (e.field != "title", e.start))
    ]


def words(evidence: Iterable[Evidence], limit: int = 4) -> str:
    """The distinct matched words, the first few of them."""
    distinct = list(dict.fromkeys(" ".join(one.text.split()) for one in evidence))
    more = f" and {len(distinct) - limit} more" if len(distinct) > limit else ""
    return ", ".join(distinct[:limit]) + more


def ago(time: datetime, now: datetime) -> str:
    """How long before ``now`` (or after it), in one unit: ``3 min ago``, ``in 2 h``."""
    seconds = int((now - time).total_seconds())
    size = abs(seconds)
    if size < 5:
        return "now"
    unit, length = next((u, n) for u, n in _UNITS if size >= n)
    span = f"{size // length} {unit}"
    return f"{span} ago" if seconds > 0 else f"in {span}"


def iso(time: datetime) -> str:
    """For ``<time datetime>``: to the second, with Z."""
    utc = time.astimezone(UTC).replace(microsecond=0, tzinfo=None)
    return f"{utc.isoformat()}Z"


def minute(time: datetime) -> str:
    """For people: ``2026-03-02 09:30``, in UTC."""
    return time.astimezone(UTC).replace(tzinfo=None).isoformat(" ", "minutes")


def _compared(
    body: str, marked: Sequence[Span], other: Revision | Entry | None, change: Change
) -> tuple[Paragraph, ...]:
    """The body's paragraphs; those that ``other`` does not have carry ``change``."""
    if other is not None and other.pruned:  # what it had is not known
        other = None
    same = None if other is None else {xml_safe(line) for line in other.body.split("\n")}
    return tuple(
        Paragraph(
            line,
            "" if same is None or "".join(piece.text for piece in line) in same else change,
        )
        for line in paragraphs(body, marked)
    )
