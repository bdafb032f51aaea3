"""The format ``text``: articles one below the other, one paragraph a line.

How a dump is cut::

    for each line, white space at its ends ignored, empty lines skipped:
        time line                     a new stretch begins; the next line is its title, or the
                                      last one (``time_line: below``)
        crawl date (first line, or    a new stretch begins; a banner behind it is dropped, any
          where dumps were joined)      other text behind it is the stretch's first line
        the same words twice          a banner without its crawl date: likewise
        boilerplate                   dropped; remembered as a gap above the next line
        anything else                 joins the stretch

    for each stretch, when it ends (or every ``stretch.WINDOW`` characters):
        with a time line              its first line is a title whatever it looks like
        without                       its first line is a title if it has the shape of one
        further titles                found by shape (monitor.dumps.shape): articles whose time
                                      line is missing. Each begins an article of its own
        what stands above all titles  an article of low confidence if it holds prose, else a bad
                                      record; a dump of which that is all is one "unrecognised"
                                      article

    a line too long, or with NULs     makes the article it stands in a bad record, the others stay
    an article above ``MAX_ARTICLE``  likewise
    the dump ends early               the article that is cut off is a bad record, then DumpError

Flags of an article, and what they do to its confidence, stand in ``flags``.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date

from monitor.config import SourceSettings
from monitor.dumps.agreement import Assessor
from monitor.dumps.base import MAX_ARTICLE, Bytes, Context
from monitor.dumps.encoding import as_utf8, binary_kind
from monitor.dumps.landmarks import MAX_LANDMARK, CrawlLine, Landmarks, doubled
from monitor.dumps.lines import TOO_LONG, BadLine, read_lines
from monitor.dumps.shape import (
    MAX_TITLE,
    NOTHING,
    Experience,
    Known,
    Title,
    could_be_title,
    find_titles,
    is_prose,
    is_title_shaped,
)
from monitor.dumps.stretch import LOOK_AHEAD, WINDOW, Stretch
from monitor.errors import DumpError
from monitor.model import Article, BadRecord
from monitor.text import cut

_LONGEST_TITLE = 300  # characters of a first line that serves as a title without being one


class TextFormat:
    """See the module's text."""

    def sniff(self, head: bytes) -> bool:
        return binary_kind(head) is None

    def parse(
        self, source: Bytes, profile: SourceSettings, context: Context
    ) -> Iterator[Article | BadRecord]:
        cutter = _Cutter(profile, context)
        try:
            for block in read_lines(as_utf8(source, profile.encoding)):
                yield from cutter.feed(block)
        except DumpError as error:
            yield from cutter.abort(str(error))
            raise
        yield from cutter.finish()


class _Cutter:
    """The state between lines; see the module's text for the rules."""

    def __init__(self, profile: SourceSettings, context: Context) -> None:
        self._source = profile.name
        self._attribution = profile.attribution
        self._landmarks = Landmarks(profile, arrived=context.arrived)
        self._experience = Experience()
        self._recall = context.recall
        self._titles_above = profile.time_line == "below"
        self._assessor = Assessor(profile.attribution)
        self._crawled: date | None = None
        self._crawl_flags: tuple[str, ...] = ()
        self._index = 0
        self._line = 0
        self._blank = True  # no text yet
        self._top = False  # right below the crawl date, where a banner may stand
        self._stretch = Stretch(number=1)

    # ------------------------------------------------------------------ lines

    def feed(self, block: Sequence[str | BadLine]) -> Iterator[Article | BadRecord]:
        """Take the next lines; yields what they complete."""
        landmarks, stretch, number = self._landmarks, self._stretch, self._line
        for line in block:
            number += 1
            if isinstance(line, BadLine):
                stretch.bad[len(stretch.lines)] = f"line {number} {line.reason}"
                stretch.add(line.text, number)
                self._blank = self._top = False
                continue
            text = line.strip()
            if not text:
                continue
            if self._blank or (len(text) <= MAX_LANDMARK and not landmarks.ordinary(line, text)):
                crawl = landmarks.crawl_line(line, first=self._blank)
                self._blank = False
                if crawl is not None:
                    yield from self._end()
                    stretch = self._begin_crawl(crawl, number)
                    if not (text := crawl.rest):
                        continue
                header = landmarks.header(text)
                if header is not None:
                    title = stretch.take_title() if self._titles_above else None
                    yield from self._end()
                    stretch = Stretch(number, header, heading=text, timed=True)
                    if title is not None:
                        stretch.begin_with(title)
                    self._stretch, self._top = stretch, False
                    self._experience.landmarks = True
                    continue
                if landmarks.boilerplate(text):
                    stretch.gaps.add(len(stretch.lines))
                    self._experience.landmarks = True
                    continue
            if self._top:
                self._top = False
                stretch.banner, text = landmarks.without_banner(text)
                if not text:
                    continue
            elif (stretch.header is None or stretch.lines) and (banner := doubled(text)):
                # The crawl date above it is missing. Right below a time line, it is a title.
                yield from self._end()
                stretch = self._stretch = Stretch(number, banner=banner, banner_line=text)
                continue
            stretch.lines.append(text)
            stretch.numbers.append(number)
            stretch.size += len(text)
            if stretch.size > stretch.limit:
                yield from self._end_of_window()
                stretch = self._stretch
        self._line = number

    def _begin_crawl(self, crawl: CrawlLine, number: int) -> Stretch:
        self._crawled = crawl.crawled
        self._crawl_flags = () if crawl.crawled is not None else ("bad-crawl-date",)
        self._stretch, self._top = Stretch(number), True
        self._experience.landmarks = True
        return self._stretch

    # ------------------------------------------------------------------ ends of stretches

    def finish(self) -> Iterator[Article | BadRecord]:
        """The dump is whole; raises DumpError if there was no text in it."""
        if self._blank:
            raise DumpError("empty: there is no text in it")
        stretch = self._stretch
        if stretch.banner_line and not stretch.lines and self._index == 0:
            stretch.add(stretch.banner_line, stretch.number)  # all there is, so it is no banner
        yield from self._end(last=True)

    def abort(self, why: str) -> Iterator[Article | BadRecord]:
        """The dump broke off: nobody knows how much is missing of the open article."""
        stretch = self._stretch
        stretch.restore_banner()
        titles = self._titles(stretch)
        if titles:
            yield from self._pieces(stretch, titles[:-1], titles[-1].index)
            stretch = stretch.rest(titles[-1].index, titles[-1])
        if stretch.lines or stretch.heading:
            yield self._bad(stretch, 0, len(stretch.lines), f"the dump breaks off in it: {why}")

    def _end(self, *, last: bool = False) -> list[Article | BadRecord]:
        """Cut the open stretch to its end; the next one is the caller's to begin."""
        stretch = self._stretch
        stretch.restore_banner()
        titles = self._titles(stretch)
        count = len(stretch.lines)
        if last and self._index == 0 and count and not stretch.titled:
            by_shape = not any(title.attributed or title.marked for title in titles)
            if not titles or (len(titles) == 1 and by_shape and not self._experience.landmarks):
                return [self._article(stretch, 0, count, ("unrecognised",))]
        return self._pieces(stretch, titles, count)

    def _end_of_window(self) -> list[Article | BadRecord]:
        """Cut what can be cut of a long stretch, and keep its last article open."""
        stretch = self._stretch
        stretch.restore_banner()
        stop = max(len(stretch.lines) - LOOK_AHEAD, 0)
        titles = self._titles(stretch, stop)
        done: list[Article | BadRecord] = []
        if titles:
            start = titles[-1].index
            done = self._pieces(stretch, titles[:-1], start)
            stretch = stretch.rest(start, titles[-1])
            stretch.scanned = stop - start
        else:
            stretch.scanned = max(stop, stretch.scanned)
            if stretch.size > MAX_ARTICLE:
                stretch = stretch.spill()
        stretch.limit = stretch.size + WINDOW
        self._stretch = stretch
        return done

    def _titles(self, stretch: Stretch, stop: int | None = None) -> list[Title]:
        stretch.known = self._known(stretch, stop)
        titles, stretch.rivals = find_titles(
            stretch.lines,
            stretch.gaps,
            self._attribution,
            self._experience,
            titled=stretch.titled,
            timed=stretch.timed,
            start=stretch.scanned,
            stop=stop,
            known=stretch.known,
        )
        return titles

    def _known(self, stretch: Stretch, stop: int | None) -> Known:
        """What was seen before of a stretch without a time line; of others it is not asked."""
        if self._recall is None or stretch.timed:
            return NOTHING
        lines = stretch.lines[stretch.scanned : stop]
        titles = self._recall.titles({line for line in lines if len(line) <= MAX_TITLE})
        doubtful = {line for line in lines if could_be_title(line)} - titles
        leads = {
            lead
            for place, line in enumerate(lines)
            if line in titles
            for lead in lines[place + 1 : place + 1 + LOOK_AHEAD]
        }
        return Known(titles, self._recall.paragraphs(doubtful | leads))

    # ------------------------------------------------------------------ articles

    def _pieces(
        self, stretch: Stretch, titles: Sequence[Title], end: int
    ) -> list[Article | BadRecord]:
        """``lines[:end]`` as the piece above the first of ``titles``, and one for each of these."""
        starts = [title.index for title in titles]
        first = starts[0] if starts else end
        pieces = []
        if first or stretch.titled:
            pieces.append(self._first_piece(stretch, first))
        for title, last in zip(titles, [*starts[1:], end], strict=False):
            pieces.append(self._article(stretch, title.index, last, _title_flags(title), title))
        return pieces

    def _first_piece(self, stretch: Stretch, end: int) -> Article | BadRecord:
        if stretch.spilled:
            return self._bad(stretch, 0, end, _TOO_LARGE)
        if stretch.header is not None:
            if end == 0:
                return self._bad(stretch, 0, 0, "a time line without a title below it")
            shaped = is_title_shaped(stretch.lines[0])
            flags = () if shaped else ("no-title-shape",)
            return self._article(stretch, 0, end, stretch.header.flags + flags)
        if stretch.title is not None:
            return self._article(stretch, 0, end, _title_flags(stretch.title), stretch.title)
        if any(map(is_prose, stretch.lines[:end])):
            return self._article(stretch, 0, end, ("unrecognised",))
        return self._bad(stretch, 0, end, "text above the first title")

    def _article(
        self,
        stretch: Stretch,
        first: int,
        last: int,
        flags: tuple[str, ...],
        told: Title | None = None,
    ) -> Article | BadRecord:
        """``lines[first:last]`` as an article, or a bad record where it holds a bad line.

        ``told``: its title was found by its shape.
        """
        if stretch.bad and (
            why := [stretch.bad[i] for i in range(first, last) if i in stretch.bad]
        ):
            return self._bad(stretch, first, last, "; ".join(why[:5]))
        lines = stretch.lines[first:last]
        if stretch.size > MAX_ARTICLE and sum(map(len, lines)) > MAX_ARTICLE:
            return self._bad(stretch, first, last, _TOO_LARGE)
        title, paragraphs = lines[0], lines[1:]
        if len(title) > _LONGEST_TITLE:  # a paragraph that must serve as one: kept whole below
            title, paragraphs = cut(title, _LONGEST_TITLE), lines
        header = stretch.header if first == 0 else None
        flags += self._crawl_flags
        if header is None and "no-time" not in flags:
            flags += ("no-time",)
        if not paragraphs:
            flags += ("no-body",)
        doubted = any(first < index < last for index in stretch.rivals)
        sure, doubts = self._assessor.assess(
            lines, flags, timed=header is not None, told=told, doubted=doubted, known=stretch.known
        )
        self._index += 1
        return Article(
            index=self._index - 1,
            title=title,
            paragraphs=tuple(paragraphs),
            source=self._source,
            published=header.published if header is not None else None,
            views=header.views if header is not None else None,
            crawled=self._crawled,
            confidence=sure,
            flags=flags + doubts,
        )

    def _bad(self, stretch: Stretch, first: int, last: int, reason: str) -> BadRecord:
        self._index += 1
        reasons = [why for at, why in stretch.bad.items() if first <= at < last]
        return BadRecord(
            index=self._index - 1,
            line=stretch.numbers[first] if first else stretch.number,
            reason=reason,
            raw=stretch.spilled if stretch.spilled and not first else stretch.raw(first, last),
            whole=not (stretch.spilled or any(why.endswith(TOO_LONG) for why in reasons)),
        )


_TOO_LARGE = f"an article of more than {MAX_ARTICLE >> 20} MiB"


def _title_flags(title: Title) -> tuple[str, ...]:
    """Why a title found by shape is less sure than one below a time line."""
    if title.known:
        return ("no-time",)
    if title.attributed:
        return ("no-time",) if title.marked else ("no-time", "no-boilerplate")
    return ("no-time", "no-attribution") if title.marked else ("no-time", "shape-only")
