"""The profile of an unknown source of plain text."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import datetime, time
from itertools import pairwise

from monitor import language
from monitor.dumps.infer.draft import Draft
from monitor.dumps.infer.furniture import Piece, find_furniture
from monitor.dumps.infer.headers import Header, find_header
from monitor.dumps.infer.opening import Crawl, find_banner, find_crawl
from monitor.dumps.infer.phrases import find_attribution
from monitor.dumps.infer.samples import Sample, told_encoding
from monitor.dumps.months import EPOCH
from monitor.dumps.shape import could_be_title, is_prose
from monitor.errors import DumpError
from monitor.model import Article, BadRecord

_FEW = 2  # articles make a pattern; one does not
_TITLE_WORDS = 4  # shorter lines between paragraphs are mostly subheads


def infer_text(samples: Sequence[Sample], draft: Draft) -> None:
    """Put into the draft what the samples show. Raises DumpError where they show nothing."""
    _encoding(samples, draft)
    lines = [sample.lines for sample in samples]
    firsts = [each[0] for each in lines]
    crawl = find_crawl(firsts, [line.strip() for each in lines for line in each[1:]])
    _crawl(crawl, draft, len(samples))
    rests = crawl.rests if crawl is not None else tuple(first.strip() for first in firsts)
    dumps = [
        [text for text in (rest, *(line.strip() for line in each[1:])) if text]
        for rest, each in zip(rests, lines, strict=True)
    ]
    latest = [datetime.combine(day, time.max) for day in crawl.dates if day] if crawl else []
    try:
        header = find_header(dumps, latest=latest)
    except ValueError as error:
        raise DumpError(f"the times contradict each other: {error}") from error
    _header(header, draft)
    _opening(dumps, rests, header, crawl, draft)
    if header is None:  # the titles are told by their leads, so these come first
        _attribution(*_leads_by_shape(dumps), draft)
    _furniture(samples, draft)
    articles = _distinct(cut_all(samples, draft))
    if len(articles) < _FEW:
        raise DumpError(_too_little(len(articles), header))
    if header is not None:
        leads = [one.paragraphs[0] for one in articles if one.paragraphs]
        _attribution(leads, [text for one in articles for text in one.paragraphs[1:]], draft)
    _language(articles, draft)


def cut_all(samples: Sequence[Sample], draft: Draft) -> list[list[Article | BadRecord]]:
    """What the draft makes of each sample."""
    profile = draft.profile()
    return [list(sample.cut(profile)) for sample in samples]


def _encoding(samples: Sequence[Sample], draft: Draft) -> None:
    told = [told_encoding(sample.data) for sample in samples]
    names = {name for name, _ in told if name is not None}
    why = ", ".join(sorted({why for _, why in told}))
    if len(names) == 1 and all(name is not None for name, _ in told):
        draft.put("encoding", names.pop(), f"Encoding: {why}.")
    else:
        draft.put("encoding", None, f"Encoding: found out for each dump ({why}).")


def _crawl(crawl: Crawl | None, draft: Draft, count: int) -> None:
    if crawl is None:
        draft.put("crawl_prefix", None, "Crawl date: the first lines begin with none.")
        return
    dates = [day for day in crawl.dates if day is not None]
    draft.put(
        "crawl_prefix",
        crawl.pattern,
        f"Crawl date at the start of {len(dates)} of {count} dumps, {min(dates)} to {max(dates)}.",
    )


def _header(header: Header | None, draft: Draft) -> None:
    if header is None:
        draft.doubts.append(
            "no line with a time repeats itself above titles, so titles are told by the shape of"
            " the text, and articles have no time."
        )
        draft.put("header", None, "Time lines: none seen.")
        return
    shown = " · ".join(f"“{text}”" for text in _examples(header))
    counter = f"; counter: {f'beside “{header.views}”' if header.views else 'the number beside'}"
    draft.put(
        "header",
        header.pattern,
        f"Time lines: {len(header.lines)}, such as {shown}"
        + (counter if "(?P<views>" in header.pattern else "; no counter")
        + (f"; {header.dated} with a date alone (its first minute counts)" if header.dated else "")
        + ".",
    )
    if header.below:
        draft.put("time_line", "below", "They stand below the titles.")
    order = header.order
    if not order.sure:
        first = "day" if order.day_first else "month"
        draft.doubts.append(
            f"whether the day or the month comes first cannot be told ({order.why}); taken for"
            f" the {first}. More dumps would show it, or change time_format."
        )
    hours = "%H" in header.time_format or "%I" in header.time_format
    if header.time_format == EPOCH:
        why = "Seconds since 1970."
    elif not hours:
        why = "The lines have no time of day: the first minute of the day counts."
        draft.put("time_format", f"{header.time_format} %H:%M", why)
        return
    else:
        why = f"Day {'before' if order.day_first else 'after'} month: {order.why}."
        why = why if order.why else ""
    draft.put("time_format", header.time_format, why)
    if "%z" in header.time_format or header.time_format == EPOCH:
        draft.evidence["zone"] = "Zone: not needed, the times have their offset."


def _examples(header: Header) -> list[str]:
    """A line of each form, three at most."""
    forms = {line.form: line.text for line in reversed(header.lines)}
    return list(forms.values())[:3]


def _opening(
    dumps: Sequence[Sequence[str]],
    rests: Sequence[str],
    header: Header | None,
    crawl: Crawl | None,
    draft: Draft,
) -> None:
    if crawl is None:
        return
    timed = {line.dump for line in header.lines if line.at == 0} if header is not None else set()
    pairs = [
        (rest, lines[1])
        for number, (rest, lines) in enumerate(zip(rests, dumps, strict=True))
        if number not in timed and rest and len(lines) > 1
    ]
    pattern, why = find_banner(pairs)
    draft.put("banner", pattern, f"Banner: {why}.")


def _furniture(samples: Sequence[Sample], draft: Draft) -> None:
    pieces = [
        Piece(dump, (one.title, *one.paragraphs))
        for dump, segments in enumerate(cut_all(samples, draft))
        for one in segments
        if isinstance(one, Article)
    ]
    found = find_furniture(pieces)
    patterns = dict(found.patterns)
    lines = dict(found.lines)
    said = "; ".join(f"{text!r}: {why}" for text, why in _shortened(lines))
    draft.put("boilerplate", list(lines) or None, f"Lines that never count: {said or 'none seen'}.")
    if patterns:
        said = "; ".join(f"{why}" for why in patterns.values())
        draft.put("boilerplate_patterns", list(patterns), f"The same with varying parts: {said}.")


def _shortened(lines: dict[str, str]) -> list[tuple[str, str]]:
    return [(text if len(text) <= 40 else text[:39] + "…", why) for text, why in lines.items()]


def _distinct(cuts: Sequence[Sequence[Article | BadRecord]]) -> list[Article]:
    """Articles by title: those of several dumps count once."""
    titles = {
        one.title: one
        for segments in cuts
        for one in segments
        if isinstance(one, Article) and "unrecognised" not in one.flags
    }
    return list(titles.values())


def _leads_by_shape(dumps: Sequence[Sequence[str]]) -> tuple[list[str], list[str]]:
    """Different paragraphs right below lines that could be titles, and the other paragraphs."""
    leads: dict[str, None] = {}
    others: dict[str, None] = {}
    for lines in dumps:
        for above, line in pairwise(lines):
            if is_prose(line):
                below_title = could_be_title(above) and len(above.split()) >= _TITLE_WORDS
                (leads if below_title and not is_prose(above) else others)[line] = None
    return list(leads), list(others)


def _attribution(leads: Sequence[str], others: Sequence[str], draft: Draft) -> None:
    patterns, why = find_attribution(leads, others)
    value = list(patterns) if patterns is not None else None
    draft.put("attribution", value, f"How leads name their agency: {why}.")


def _language(articles: Sequence[Article], draft: Draft) -> None:
    told = Counter(language.detect(f"{one.title}\n{one.body}") for one in articles)
    code, count = told.most_common(1)[0]
    if code is not None and count >= 0.9 * len(articles):
        draft.put("language", code, f"Language: {count} of {len(articles)} articles.")
    else:
        seen = ", ".join(f"{code or 'unknown'} {count}" for code, count in told.most_common(4))
        draft.put("language", None, f"Language: told for each article ({seen}).")


def _too_little(count: int, header: Header | None) -> str:
    if header is None:
        return (
            "no pattern was found: no time line repeats itself above titles, and the shape of the"
            f" text shows {'a single article' if count else 'no articles'}. Give more dumps, or"
            " write the profile by hand (docs/source-profiles.md)"
        )
    return "a single article was found, which shows no pattern; give more dumps"
