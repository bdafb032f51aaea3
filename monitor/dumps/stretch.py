"""A stretch of a dump: the lines from one time line (or the dump's start) to the next."""

from __future__ import annotations

from dataclasses import dataclass, field

from monitor.dumps.base import MAX_RAW
from monitor.dumps.landmarks import Header
from monitor.dumps.shape import NOTHING, Known, Title, is_lead

WINDOW = 1024 * 1024
"""Characters after which a stretch is searched for titles before its end has come."""
LOOK_AHEAD = 6
"""Lines at a window's end that are kept for the next: titles are known by what is below them."""


@dataclass(frozen=True, slots=True)
class Taken:
    """A line that goes from one stretch to the next. ``bad``: why it cannot be read."""

    text: str
    number: int
    bad: str | None


@dataclass(slots=True)
class Stretch:
    """Lines that are not cut into articles yet.

    ``lines`` are stripped and not empty, ``numbers`` theirs in the dump (1-based). ``gaps``:
    indices of lines right below boilerplate; ``bad``: reasons by index. ``timed``: it began with
    a time line. Titles have been looked for among the first ``scanned`` lines, and will be again
    at ``limit`` characters.
    """

    number: int
    header: Header | None = None
    heading: str = ""  # the time line itself
    heading_below: bool = False  # it stands below the title, line 0
    timed: bool = False
    title: Title | None = None  # line 0, known for a title by its shape
    banner: str = ""  # one half of doubled text above the first line
    banner_line: str = ""  # the whole of it
    lines: list[str] = field(default_factory=list)
    numbers: list[int] = field(default_factory=list)
    gaps: set[int] = field(default_factory=set)
    bad: dict[int, str] = field(default_factory=dict)
    known: Known = NOTHING
    rivals: list[int] = field(default_factory=list)  # lines that were nearly taken for titles
    size: int = 0
    scanned: int = 0
    limit: int = WINDOW
    spilled: str = ""  # the beginning of an article that was too large to keep

    @property
    def titled(self) -> bool:
        """Whether line 0 is known already, so that it is not searched."""
        return self.header is not None or self.title is not None or bool(self.spilled)

    def add(self, text: str, number: int) -> None:
        self.lines.append(text)
        self.numbers.append(number)
        self.size += len(text)

    def take_title(self) -> Taken | None:
        """Give up the last line, which is the title of what follows; None where it is the title of
        this stretch, or there is none."""
        last = len(self.lines) - 1
        if last < (self.header is not None):
            return None
        self.size -= len(self.lines[last])
        self.gaps.discard(last)
        return Taken(self.lines.pop(), self.numbers.pop(), self.bad.pop(last, None))

    def begin_with(self, title: Taken) -> None:
        """Take the title that stands above the time line."""
        if title.bad is not None:
            self.bad[0] = title.bad
        self.add(title.text, title.number)
        self.number, self.heading_below = title.number, True

    def restore_banner(self) -> None:
        """Make doubled text the first line after all, where a lead follows it and no title."""
        if self.banner and self.lines and is_lead(self.lines[0]):
            self.lines.insert(0, self.banner)
            self.numbers.insert(0, self.number)
            self.gaps = {index + 1 for index in self.gaps}
            self.bad = {index + 1: why for index, why in self.bad.items()}
        self.banner = ""

    def rest(self, start: int, title: Title | None) -> Stretch:
        """The lines from ``start`` on, whose first is ``title``, as a stretch of their own."""
        lines = self.lines[start:]
        return Stretch(
            number=self.numbers[start],
            timed=self.timed,
            title=title,
            lines=lines,
            numbers=self.numbers[start:],
            gaps={index - start for index in self.gaps if index >= start},
            bad={index - start: why for index, why in self.bad.items() if index >= start},
            size=sum(map(len, lines)),
        )

    def spill(self) -> Stretch:
        """The same without the lines that were searched, of which only the beginning is kept."""
        rest = self.rest(max(self.scanned - 1, 0), None)
        rest.number = self.number
        rest.spilled = self.spilled or self.raw(0, len(self.lines))
        rest.bad.clear()
        rest.scanned = 1
        return rest

    def raw(self, first: int, last: int) -> str:
        """The text of ``lines[first:last]``, with the time line where it stood, cut to MAX_RAW."""
        parts: list[str] = []
        size = 0
        for line in self.lines[first:last]:
            if size > MAX_RAW:
                break
            parts.append(line)
            size += len(line) + 1
        if self.heading and first == 0:
            parts.insert(self.heading_below, self.heading)
        return "\n".join(parts)[:MAX_RAW]
