"""Lines of an unknown source that never count: repeated from article to article, or usual."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass

from monitor.dumps.infer.moments import literal_pattern
from monitor.dumps.shape import could_be_title, is_prose

_EDGE = 3
"""Lines at an article's top or end among which furniture stands, other furniture left out."""
_OWN = 60  # characters of a line that may tell an article
_ROUNDS = 4  # furniture stands behind furniture
_LONGEST_LABELLED = 200
_NUMBER = re.compile(r"\d+(?:[ \u00a0.,]\d{3})*")
_LABEL = re.compile(r"(?P<label>[^\W\d_][\w ]{1,24}?)(?P<sign>\s?[:|]\s)(?=\S)")

# What stands around articles everywhere; short lines, so one is enough at an article's edge.
_USUAL = re.compile(
    r"(?:(?:relevant|related|similar|latest|other|more|top|popular|recommended|last|all|main|hot)"
    r" (?:news|articles?|stories|posts|materials|topics|links|reading|on (?:the|this) topic)"
    r"|read (?:also|more|next|on)|see also|most (?:read|viewed|popular)|you may also like"
    r"|(?:images?|photos?|pictures?|videos?|gallery|infographics?|share|print|tweet|subscribe"
    r"|comments?|tags?|advertisement|ads?|related|recommended|back to top|copy link"
    r"|tell a friend|send to a friend|share (?:this|on|via)(?: \w+){0,3}|follow us(?: on \w+)?"
    r"|leave a comment|no comments(?: yet)?|found an error(?: in the text)?"
    r"|all rights reserved)"
    r"|читайте также|новости по теме|похожие (?:новости|материалы)|другие новости|по теме"
    r"|фото|видео|поделиться|распечатать|комментарии|теги|реклама|подробнее|смотрите также"
    r"|сурет(?:тер)?|бөлісу|тағы оқыңыз|ұқсас жаңалықтар|пікірлер)[:?!.…]?",
    re.IGNORECASE,
)
# Labels whose text varies: whose they are is said by the label alone.
_LABELS = re.compile(
    r"tags?|topics?|authors?|editors?|by|photos?|images?|sources?|section|category|keywords?"
    r"|views?|reads?|comments?|url|link|share|теги|автор|фото|источник|просмотр\w*|раздел"
    r"|авторы|дереккөз|сурет",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Piece:
    """The lines below one time line, or between two titles; furniture still in them."""

    dump: int
    lines: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Furniture:
    """Lines that never count, each with its evidence."""

    lines: tuple[tuple[str, str], ...]
    patterns: tuple[tuple[str, str], ...]


def find_furniture(pieces: Sequence[Piece]) -> Furniture:
    """What is no part of any article. The same article in two dumps counts once."""
    articles = _distinct(pieces)
    lines: dict[str, str] = {}
    patterns: dict[str, str] = {}
    for _ in range(_ROUNDS):
        new = _found(articles, lines, patterns)
        if not new:
            break
        for text, (is_pattern, why) in new.items():
            (patterns if is_pattern else lines)[text] = why
    return Furniture(tuple(lines.items()), tuple(patterns.items()))


def _distinct(pieces: Sequence[Piece]) -> list[Piece]:
    """Without repetitions of an article: those that have most of their own lines in common.

    A line that stands in one dump twice is no article's own.
    """
    pieces = list({piece.lines: piece for piece in reversed(pieces)}.values())[::-1]
    counts = Counter((piece.dump, line) for piece in pieces for line in set(piece.lines))
    common = {line for (_, line), count in counts.items() if count > 1}
    kept: list[tuple[Piece, frozenset[str]]] = []
    for piece in pieces:
        own = frozenset(line for line in piece.lines if len(line) >= _OWN) - common
        if not any(own and 2 * len(own & other) >= len(own) for _, other in kept):
            kept.append((piece, own))
    return [piece for piece, _ in kept]


def _found(
    articles: Sequence[Piece], lines: Collection[str], patterns: Collection[str]
) -> dict[str, tuple[bool, str]]:
    """Furniture that is not among what is known already: text or pattern, and why."""
    known = {line.casefold() for line in lines}
    compiled = [re.compile(pattern) for pattern in patterns]
    inside: dict[str, set[int]] = {}  # folded line: the articles it stands in
    edge: dict[str, set[int]] = {}  # ... at the edge of
    written: dict[str, str] = {}
    for number, article in enumerate(articles):
        left = [
            line
            for line in article.lines
            if line.casefold() not in known and not any(p.fullmatch(line) for p in compiled)
        ]
        for place, line in enumerate(left):
            key = line.casefold()
            written.setdefault(key, line)
            inside.setdefault(key, set()).add(number)
            if place == 0 and len(left) > 1 and could_be_title(line) and is_prose(left[1]):
                continue  # a title, which may come every day
            if place < _EDGE or place >= len(left) - _EDGE:
                edge.setdefault(key, set()).add(number)
    found: dict[str, tuple[bool, str]] = {}
    total = len(articles)
    for key, where in inside.items():
        count, edges = len(where), len(edge.get(key, ()))
        often = count >= 3 or (count == 2 and total <= 4)
        if often and edges >= 0.8 * count and (count >= 0.1 * total or count >= 5):
            found[written[key]] = (False, f"in {count} of {total} articles")
        elif edges and _USUAL.fullmatch(written[key]):
            found[written[key]] = (False, f"usual furniture, in {count} of {total} articles")
    taken = {text.casefold() for text in found}
    rest = {written[key]: edge[key] for key in edge if key not in taken}
    for pattern, (where, examples) in _numbered(rest).items():
        if len(where) >= 3 or (len(where) == 2 and total <= 4):
            found[pattern] = (True, f"in {len(where)} of {total} articles: {examples}")
    for pattern, (where, examples) in _labelled(rest).items():
        if len(where) >= 3 and len(where) >= 0.2 * total:
            found.setdefault(pattern, (True, f"in {len(where)} of {total} articles: {examples}"))
    return found


def _numbered(lines: dict[str, set[int]]) -> dict[str, tuple[set[int], str]]:
    """Lines that differ in numbers only, as patterns."""
    groups: dict[str, tuple[set[int], list[str]]] = {}
    for line, where in lines.items():
        if len(line) > 80 or not _NUMBER.search(line) or is_prose(line):
            continue
        pattern = r"\d[\d\s.,]*".join(literal_pattern(part) for part in _NUMBER.split(line))
        numbers, examples = groups.setdefault(pattern, (set(), []))
        numbers.update(where)
        examples.append(line)
    for pattern in sorted(groups):
        if pattern + "s" in groups:  # 1 comment, 2 comments
            where, examples = groups.pop(pattern)
            more, others = groups.pop(pattern + "s")
            groups[pattern + "s?"] = (where | more, examples + others)
    return {pattern: (where, _some(texts)) for pattern, (where, texts) in groups.items()}


def _labelled(lines: dict[str, set[int]]) -> dict[str, tuple[set[int], str]]:
    """Lines with one label and whatever behind it, as patterns."""
    groups: dict[str, tuple[set[int], list[str]]] = {}
    for line, where in lines.items():
        found = _LABEL.match(line)
        if found is None or len(line) > _LONGEST_LABELLED or not _LABELS.fullmatch(found["label"]):
            continue
        pattern = literal_pattern(found[0].rstrip()) + r"\s.{1,200}"
        numbers, examples = groups.setdefault(pattern, (set(), []))
        numbers.update(where)
        examples.append(line)
    return {pattern: (where, _some(texts)) for pattern, (where, texts) in groups.items()}


def _some(texts: Sequence[str]) -> str:
    return ", ".join(texts[:2]) + (", ..." if len(texts) > 2 else "")
