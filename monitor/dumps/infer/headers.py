"""The time line of an unknown source: which lines are one, and the pattern they fit."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from statistics import median

from monitor.dumps.infer.moments import (
    Moment,
    Order,
    find_moment,
    literal_pattern,
    order_of,
    time_format,
    time_pattern,
)
from monitor.dumps.shape import could_be_title, is_prose

LONGEST = 200
"""Characters; no longer line is looked at."""
_MOST_AROUND = 90  # characters around the time
_LEAST = 2  # lines make a pattern
_AROUND = 6  # lines below a time line in which its title and lead stand

_NUMBER = re.compile(r"\d{1,3}(?:[ \u00a0\u202f.,'’]\d{3})+(?!\d)|\d+")
_PIECE = re.compile(rf"{_NUMBER.pattern}|[^\W\d_]+|\s+|.")
_VIEWS = re.compile(
    r"view|read|hit|visit|seen|просмотр|прочт|показ|қарал|көр|vue|aufruf|lectur|👁", re.IGNORECASE
)
_NOT_VIEWS = re.compile(r"comment|share|like|min|коммент|пікір|мин", re.IGNORECASE)
_WORDS = re.compile(r"[^\W\d_]+")
_RUN = re.compile(r"[^\W\d_]+(?:[ .'’-]+[^\W\d_]+)*")  # of words
_ANY = "\0"
"""In a form: words that vary."""


@dataclass(frozen=True, slots=True)
class TimeLine:
    """A line with a time in it, at ``dump`` and ``at``, and what stands around the time."""

    dump: int
    at: int
    text: str
    moment: Moment

    @property
    def before(self) -> str:
        return self.text[: self.moment.start]

    @property
    def after(self) -> str:
        return self.text[self.moment.end :]

    @property
    def form(self) -> tuple[str, str]:
        """What stands around the time, numbers left out."""
        return _form(self.before), _form(self.after)


@dataclass(frozen=True, slots=True)
class Header:
    """The time line of a source, and the evidence for it."""

    pattern: str
    time_format: str
    lines: tuple[TimeLine, ...]
    order: Order
    views: str  # how the counter was told, "" without one
    dated: int = 0  # lines with a date but no time of day
    below: bool = False  # they stand below the titles
    notes: tuple[str, ...] = field(default=())


def find_header(
    dumps: Sequence[Sequence[str]], *, latest: Sequence[datetime] = ()
) -> Header | None:
    """The pattern that the time lines of all dumps fit; None where there is none.

    ``dumps`` are stripped, non-empty lines; ``latest`` as in ``order_of``. Raises ValueError
    where the lines contradict each other.
    """
    found = _time_lines(dumps)
    groups: dict[str, list[TimeLine]] = {}
    for line in found:
        groups.setdefault(line.moment.skeleton, []).append(line)
    repeated = _repeated(dumps, len(found))
    best: list[TimeLine] = []
    most, beneath = 0.0, False
    for group in groups.values():
        lines = _usual(group)
        if len(lines) < _LEAST:
            continue
        above = sum(_above_title(line, dumps, repeated) for line in lines)
        below = sum(_below_title(line, dumps, repeated) for line in lines)
        if max(above, below) >= max(_LEAST, len(lines) / 2) and max(above, below) > most:
            best, most, beneath = lines, max(above, below), below > above
    if not best:
        return None
    skeleton = best[0].moment.skeleton
    bare = [] if beneath else _bare(best, groups, dumps, repeated)
    lines = sorted([*best, *bare], key=lambda line: (line.dump, line.at))
    order = order_of(_moments(lines), latest=latest)
    time = time_pattern(skeleton, _moments(best))
    if bare:
        date = time_pattern(best[0].moment.date, _moments(best))
        time = f"{date}(?:{time.removeprefix(date)})?"
    around, views = _around(lines)
    return Header(
        pattern=f"{around[0]}(?P<time>{time}){around[1]}",
        time_format=time_format(skeleton, order, _moments(lines)),
        lines=tuple(lines),
        order=order,
        views=views,
        dated=len(bare),
        below=beneath,
    )


def _moments(lines: Sequence[TimeLine]) -> list[Moment]:
    return [line.moment for line in lines]


def _time_lines(dumps: Sequence[Sequence[str]]) -> list[TimeLine]:
    found = []
    for dump, lines in enumerate(dumps):
        for at, text in enumerate(lines):
            if len(text) > LONGEST or (moment := find_moment(text)) is None:
                continue
            if len(text) - (moment.end - moment.start) <= _MOST_AROUND:
                found.append(TimeLine(dump, at, text, moment))
    return found


def _usual(group: Sequence[TimeLine]) -> list[TimeLine]:
    """Those whose form is not theirs alone, or is hardly any."""
    forms = Counter(line.form for line in group)
    lines = [
        line for line in group if forms[line.form] > 1 or not _WORDS.search("".join(line.form))
    ]
    # Where the forms differ in words (a section, an author), alike are those cut up alike.
    shapes = Counter(_shape(line) for line in group)
    usual = [line for line in group if shapes[_shape(line)] > max(1, len(group) // 5)]
    return usual if len(usual) > len(lines) else lines


def _shape(line: TimeLine) -> tuple[str, str]:
    before, after = line.form
    return _RUN.sub("w", before), _RUN.sub("w", after)


def _form(text: str) -> str:
    return re.sub(r"\s+", " ", _NUMBER.sub("0", text))


def _repeated(dumps: Sequence[Sequence[str]], times: int) -> frozenset[str]:
    """Lines that stand in the dumps again and again: furniture, no titles.

    Of ``times`` articles one in ten must have it: where dumps were joined, titles come again too.
    """
    counts = Counter(line for lines in dumps for line in lines)
    return frozenset(
        line for line, count in counts.items() if count > max(2, len(dumps), times // 10)
    )


def _above_title(line: TimeLine, dumps: Sequence[Sequence[str]], repeated: frozenset[str]) -> bool:
    """Whether a title stands below the line, and a paragraph below that."""
    below = dumps[line.dump][line.at + 1 : line.at + 1 + _AROUND]
    return any(
        _is_title(title, repeated) and any(map(is_prose, below[place + 1 :]))
        for place, title in enumerate(below)
        if not any(map(is_prose, below[:place]))
    )


def _below_title(line: TimeLine, dumps: Sequence[Sequence[str]], repeated: frozenset[str]) -> bool:
    """Whether it stands between a title and its paragraphs."""
    lines = dumps[line.dump]
    below = [text for text in lines[line.at + 1 : line.at + 3] if text not in repeated]
    return bool(line.at and below) and (
        _is_title(lines[line.at - 1], repeated) and is_prose(below[0])
    )


def _is_title(text: str, repeated: frozenset[str]) -> bool:
    return (
        text not in repeated
        and could_be_title(text)
        and len(_WORDS.findall(text)) >= 2
        and find_moment(text) is None
    )


def _bare(
    best: Sequence[TimeLine],
    groups: dict[str, list[TimeLine]],
    dumps: Sequence[Sequence[str]],
    repeated: frozenset[str],
) -> list[TimeLine]:
    """Lines of the same kind with a date alone."""
    moment = best[0].moment
    if moment.skeleton == moment.date or not moment.skeleton.startswith(moment.date):
        return []
    forms = {line.form for line in best}
    return [
        line
        for line in groups.get(moment.date, ())
        if line.form in forms and _above_title(line, dumps, repeated)
    ]


# --------------------------------------------------------------------------- around the time


def _around(lines: Sequence[TimeLine]) -> tuple[tuple[str, str], str]:
    """Patterns for what stands before and behind the time, and how the counter was told."""
    slots = _number_slots(lines)
    counter = _counter(slots)
    before = _pattern([line.before for line in lines], counter if counter[:1] == "b" else "")
    after = _pattern([line.after for line in lines], counter if counter[:1] == "a" else "")
    return (before, after), slots[counter][1] if counter else ""


def _number_slots(lines: Sequence[TimeLine]) -> dict[str, tuple[list[int], str]]:
    """Numbers around the time, by side and place; and the words right beside them."""
    slots: dict[str, tuple[list[int], str]] = {}
    for line in lines:
        for side, text in (("b", line.before), ("a", line.after)):
            for place, found in enumerate(_NUMBER.finditer(text)):
                if text[found.end() : found.end() + 1].isalpha():
                    continue  # 18K, 5min: digits alone would not be the number
                value = int(re.sub(r"\D", "", found[0])[:19])
                beside = _beside(text, found)
                values, words = slots.setdefault(f"{side}{place}", ([], beside))
                values.append(value)
                slots[f"{side}{place}"] = (values, words or beside)
    return slots


def _beside(text: str, number: re.Match[str]) -> str:
    """The word behind a number, else the one before it."""
    behind = re.match(r"\s*([^\W\d_]+|👁)", text[number.end() :])
    ahead = re.search(r"([^\W\d_]+|👁)[\s:]*$", text[: number.start()])
    words = [found[1] for found in (ahead, behind) if found is not None]
    told = [word for word in words if _VIEWS.search(word) or _NOT_VIEWS.search(word)]
    return (told or words or [""])[-1]


def _counter(slots: dict[str, tuple[list[int], str]]) -> str:
    """The slot of the view counter, "" where no number is one."""
    named = [slot for slot, (_, word) in slots.items() if _VIEWS.search(word)]
    if named:
        return named[0]
    left = {
        slot: values
        for slot, (values, word) in slots.items()
        if not _NOT_VIEWS.search(word) and len(set(values)) > 1
    }
    return max(left, key=lambda slot: (median(left[slot]), slot), default="")


def _pattern(texts: Sequence[str], counter: str) -> str:
    """A pattern for all the texts; ``counter`` names the number (place behind its side) in it."""
    place = int(counter[1:]) if counter else -1
    examples: dict[str, list[str]] = {}
    for text in texts:
        examples.setdefault(_form(text), []).append(text)
    forms = list(examples)
    loose = _merged(forms)
    if len(loose) < len(forms) - 1:
        empty = any(not form.strip() for form in loose)
        return _any_of([_loose(form, place) for form in loose if form.strip()], optional=empty)
    empty_too = any(not form.strip() for form in forms)
    patterns = [_exact(examples[form], place) for form in sorted(forms, key=len) if form.strip()]
    return _any_of(_plural(patterns), optional=empty_too)


def _any_of(patterns: Sequence[str], *, optional: bool) -> str:
    """One pattern; only the longest may name the counter, since a name can be given once."""
    if not patterns:
        return ""
    named = [pattern for pattern in patterns if "(?P<views>" in pattern]
    for extra in named[:-1]:
        patterns = [p if p is not extra else p.replace("(?P<views>", "(?:") for p in patterns]
    if len(patterns) == 1 and not optional:
        return patterns[0]
    return f"(?:{'|'.join(reversed(list(patterns)))})" + ("?" if optional else "")


def _exact(examples: Sequence[str], place: int) -> str:
    """Texts that differ in numbers and white space only."""
    parts, number = [], 0
    for piece in _PIECE.findall(examples[0]):
        if piece[0].isdigit():
            signs = {sign for text in examples for sign in _signs(text, number)}
            digits = r"\d+" if not signs else rf"\d[\d{''.join(map(re.escape, sorted(signs)))}]*"
            parts.append(f"(?P<views>{digits})" if number == place else digits)
            number += 1
        else:
            parts.append(r"\s+" if piece.isspace() else re.escape(piece).replace(r"\-", "-"))
    return "".join(parts)


def _signs(text: str, number: int) -> set[str]:
    """What groups the digits of the n-th number."""
    for place, found in enumerate(_NUMBER.findall(text)):
        if place == number:
            return set(re.sub(r"\d", "", found))
    return set()


def _plural(patterns: Sequence[str]) -> list[str]:
    """Without those that another one, with an s at its end, stands for too."""
    kept = [p for p in patterns if f"{p}s" not in patterns]
    return [f"{p}?" if p.endswith("s") and p[:-1] in patterns else p for p in kept]


def _merged(forms: Sequence[str]) -> list[str]:
    """Forms of one shape as a single one, with ``_ANY`` for the words that vary."""
    shapes: dict[str, list[str]] = {}
    for form in forms:
        shapes.setdefault(_RUN.sub("w", form), []).append(form)
    merged = []
    for alike in shapes.values():
        runs = [set(column) for column in zip(*map(_RUN.findall, alike), strict=True)]
        words = [run.pop() if len(run) == 1 else _ANY for run in runs]
        parts = _RUN.split(alike[0])
        merged.append("".join(part + word for part, word in zip(parts, [*words, ""], strict=True)))
    return merged


def _loose(form: str, place: int) -> str:
    """A form with any words for ``_ANY``, and numbers for ``0``; the n-th is the counter."""
    parts, number = [], 0
    for piece in re.split(rf"([{_ANY}0])", form):
        if piece == _ANY:
            parts.append(r"[^\d|]{1,60}?")
        elif piece == "0":
            digits = r"\d[\d ,.]*"
            parts.append(f"(?P<views>{digits})" if number == place else digits)
            number += 1
        else:
            parts.append(literal_pattern(piece))
    return "".join(parts)
