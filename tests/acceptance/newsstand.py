"""Histories for tests: what two sources showed on some days, as dumps in the order of crawling.

Stories are edited as in life: a paragraph, every paragraph a little, the title, the title together
with half the text, an edit taken back. Two stories have one title and one minute, one is printed
by the other source as well. Some dumps have no times, some are cut in two.
"""

from __future__ import annotations

import random
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta

from monitor.model import Article

START = datetime(2026, 2, 1, 9, 0, tzinfo=UTC)
EDITS = ("paragraph", "touch", "title", "half", "back")

_SYLLABLES = [a + b for a in "bdfgklmnprstvz" for b in ("a", "e", "i", "o", "u", "ar", "en")]


@dataclass(frozen=True)
class Text:
    """One edition."""

    title: str
    paragraphs: tuple[str, ...]


@dataclass
class Story:
    """What a source prints: its editions so far, the current one last."""

    source: str
    published: datetime
    editions: list[Text]
    edits: set[str] = field(default_factory=set)


@dataclass(frozen=True)
class Dump:
    """One file: what was shown on a day, in order. ``name`` tells the parts of one crawl apart."""

    name: str
    source: str
    articles: tuple[Article, ...]


class Newsstand:
    """Writes and edits stories, the same for the same seed."""

    def __init__(self, seed: int) -> None:
        self.chance = random.Random(seed)

    def text(self) -> Text:
        return Text(
            " ".join(word.capitalize() for word in self._words(7)),
            tuple(self._paragraph() for _ in range(6)),
        )

    def edit(self, story: Story, kind: str) -> None:
        """Add an edition."""
        now = story.editions[-1]
        paragraphs = list(now.paragraphs)
        if kind == "back":
            if len(story.editions) < 2:
                return
            edited = story.editions[-2]
        elif kind == "touch":
            edited = replace(now, paragraphs=tuple(map(self._touched, paragraphs)))
        elif kind == "title":
            edited = replace(now, title=f"{now.title} {self._words(1)[0].capitalize()}")
        else:
            places = range(1, 2) if kind == "paragraph" else range(3, 6)
            for at in places:
                paragraphs[at] = self._paragraph()
            title = self.text().title if kind == "half" else now.title
            edited = Text(title, tuple(paragraphs))
        story.edits.add(kind)
        story.editions.append(edited)

    def _touched(self, paragraph: str) -> str:
        words = paragraph.split()
        words[self.chance.randrange(len(words))] = self._words(1)[0]
        return " ".join(words)

    def _paragraph(self) -> str:
        return " ".join(self._words(28)).capitalize() + "."

    def _words(self, count: int) -> list[str]:
        return [
            "".join(self.chance.choices(_SYLLABLES, k=self.chance.randint(1, 3)))
            for _ in range(count)
        ]


def stories(stand: Newsstand, count: int) -> list[Story]:
    """``count`` of the gazette; twins of one title and minute, and a copy in the courier."""
    made = [Story("gazette", START + timedelta(hours=7 * n), [stand.text()]) for n in range(count)]
    twin = replace(stand.text(), title=made[0].editions[0].title)
    copied = made[-1].editions[0]
    copy = Text(stand.text().title, (*copied.paragraphs[1:], stand.text().paragraphs[0]))
    return [
        Story("gazette", made[0].published, [twin]),
        *made,
        Story("courier", made[-1].published + timedelta(hours=1), [copy]),
        Story("courier", made[0].published, [stand.text()]),
    ]


def history(
    seed: int,
    *,
    count: int = 4,
    days: int = 6,
    edits: tuple[str, ...] = EDITS,
    untimed: float = 0.3,
) -> list[Dump]:
    """The dumps of some days, in the order of crawling."""
    stand = Newsstand(seed)
    chance = stand.chance
    told = stories(stand, count)
    dumps = []
    for day in range(days):
        for story in told[1:] if chance.random() < 0.5 else told:
            once = {"half"} & story.edits
            if day and chance.random() < 0.4:
                kind = chance.choice(edits)
                if kind not in once:
                    stand.edit(story, kind)
        crawled = (START + timedelta(days=3 + day)).date()
        for source in ("gazette", "courier"):
            timed = chance.random() >= untimed
            # the twins, which stand together, come and go together
            shown = [s for s in told[2:] if s.source == source and chance.random() < 0.7]
            if source == "gazette" and chance.random() < 0.7:
                shown = told[:2] + shown
            dumps += _files(chance, f"{source}-{day}", source, shown, crawled, timed)
    return dumps


def _files(
    chance: random.Random, name: str, source: str, shown: list[Story], day: date, timed: bool
) -> list[Dump]:
    articles = tuple(
        Article(
            index=index,
            title=story.editions[-1].title,
            paragraphs=story.editions[-1].paragraphs,
            source=source,
            published=story.published if timed else None,
            views=1000 * day.day + index if timed else None,
            crawled=day,
        )
        for index, story in enumerate(shown)
    )
    if len(articles) < 4 or chance.random() < 0.6:
        return [Dump(name, source, articles)] if articles else []
    at = chance.randint(2, len(articles) - 1)
    rest = tuple(replace(a, index=a.index - at) for a in articles[at:])
    return [Dump(f"{name}-a", source, articles[:at]), Dump(f"{name}-b", source, rest)]
