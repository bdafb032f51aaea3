"""From a few dumps of an unknown source to its profile.

samples     what the dumps begin with, and how they are written
moments     times in lines: where, and in which format
headers     which lines are time lines; their pattern, and the counter beside the time
opening     the crawl date and a banner in first lines
furniture   lines that never count
phrases     how leads name their agency
textual     these together, for plain text
records     for JSON: which field is what
pages       for HTML: one article, or a list of several
draft       the profile with its evidence, and its YAML
"""

from __future__ import annotations

import os.path
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import takewhile
from zoneinfo import ZoneInfo

from monitor.dumps.infer.draft import Draft
from monitor.dumps.infer.pages import infer_pages
from monitor.dumps.infer.records import infer_records
from monitor.dumps.infer.samples import Sample, read_samples
from monitor.dumps.infer.textual import infer_text
from monitor.dumps.selection import dump_names
from monitor.errors import DumpError
from monitor.model import Article, BadRecord

__all__ = ["Draft", "Inferred", "Sample", "infer", "read_samples"]


@dataclass(frozen=True, slots=True)
class Inferred:
    """A profile, and what it makes of each sample, by its name."""

    draft: Draft
    preview: tuple[tuple[str, tuple[Article | BadRecord, ...]], ...]

    @property
    def articles(self) -> list[Article]:
        """All that the preview shows."""
        return [one for _, cut in self.preview for one in cut if isinstance(one, Article)]


def infer(
    samples: Sequence[Sample], *, name: str | None = None, zone: ZoneInfo | None = None
) -> Inferred:
    """The profile that the samples agree on.

    ``name`` is told by the file names where it is not given; ``zone`` cannot be told at all.
    Raises DumpError where the samples are of several formats or show no pattern.
    """
    kinds = Counter(sample.format for sample in samples)
    if len(kinds) > 1:
        shown = ", ".join(f"{each.name} is {each.format}" for each in _one_of_each(samples))
        raise DumpError(f"the dumps are of several formats ({shown}); a source has one")
    files = [sample.name.partition("/")[0] for sample in samples]
    match, stem = pattern_of(files)
    draft = Draft()
    draft.put("name", name or _slug(stem) or "source")
    draft.put("match", [match], "" if match != "*" else _UNTOLD)
    kind = samples[0].format
    if kind != "text":
        draft.put("format", kind)
    if zone is not None:
        draft.put("zone", zone.key)
    if kind == "text":
        infer_text(samples, draft)
    elif kind == "json":
        infer_records(samples, draft)
    elif kind == "html":
        infer_pages(samples, draft)
    if zone is None and "zone" not in draft.evidence:
        draft.evidence["zone"] = (
            "Zone: UTC. The dumps do not say in which zone their times are; give --zone, or write"
            " it here (zone: Asia/Almaty)."
        )
    profile = draft.profile()
    preview = tuple((sample.name, tuple(sample.cut(profile))) for sample in samples)
    inferred = Inferred(draft, preview)
    if not inferred.articles:
        raise DumpError("no pattern was found: no article could be cut")
    return inferred


_UNTOLD = (
    "The file names have nothing in common; give the source a folder of its own, or list their"
    " patterns."
)


def _one_of_each(samples: Sequence[Sample]) -> list[Sample]:
    return list({sample.format: sample for sample in samples}.values())


def pattern_of(names: Sequence[str]) -> tuple[str, str]:
    """``(shell pattern, stem)`` that file names have in common, whatever numbers are in them.

    Names are cut where numbers begin: ``kt-2026-01-07.txt`` and its like give ``kt-*.txt`` and
    ``kt``.
    """
    plain = [dump_names(name)[-1] for name in names]
    stems, endings = zip(*map(os.path.splitext, plain), strict=True)
    alike = takewhile(lambda letters: len(set(letters)) == 1, zip(*stems, strict=False))
    start = re.split(r"\d", "".join(letters[0] for letters in alike))[0]
    whole = len(set(plain)) == 1 and start == stems[0]
    ending = endings[0] if len(set(endings)) == 1 else ""
    escaped = re.sub(r"([*?\[])", r"[\1]", start)
    return (f"{escaped}{'' if whole else '*'}{ending}" or "*"), start.strip("-_. ")


def _slug(text: str) -> str:
    """A source's name made of a text: small letters a-z, digits, '.', '_' and '-'."""
    return re.sub(r"[^a-z0-9._-]+", "-", text.lower()).strip("-._")[:64]
