"""Invented news: articles of several places and people, to be written in any shape."""

from __future__ import annotations

import random
from dataclasses import dataclass
from datetime import datetime, timedelta

_PLACES = (
    "Karsu",
    "Tarlan",
    "Beskol",
    "Almas",
    "Nuroba",
    "Saryzhol",
    "Kokbel",
    "Temirtau",
    "Arkat",
    "Zhanatas",
)
_PEOPLE = (
    "Iskak",
    "Omarova",
    "Seitov",
    "Karimov",
    "Aben",
    "Dulat",
    "Zhumagul",
    "Rakhim",
    "Tolegen",
    "Sabit",
)
_DEEDS = (
    "opens a tram line to the airport",
    "closes the mountain pass after snowfall",
    "signs an agreement on water with its neighbours",
    "presents the draft of a new budget",
    "hosts a festival of steppe music",
    "builds three schools before autumn",
    "restores the old observatory",
    "welcomes traders from nine countries",
    "tests buses that run on hydrogen",
    "counts its rare birds again",
    "elects a youth council",
    "plants a forest along the river",
)
_MORE = (
    "The works take {n} months and cost {m} million, officials of the {place} district expect.",
    "{person} thanked the builders and named {n} further sites near {place} for next year.",
    "Residents of {place} had asked for it since {year}, when {m} of them signed a letter.",
    "Among the guests were {n} mayors, the writer {person} and students from {place}.",
    "A report of {m} pages says what remains to be done before the end of {year}.",
)


@dataclass(frozen=True)
class News:
    title: str
    time: datetime
    views: int
    paragraphs: tuple[str, ...]


def write(
    count: int = 12,
    *,
    seed: int = 1,
    newest: datetime = datetime(2026, 3, 17, 18, 40),  # noqa: DTZ001 - as it is printed
    agency: str = "Steppe News reports",
    step: timedelta = timedelta(hours=7, minutes=13),
) -> list[News]:
    """Articles, newest first, ``step`` apart; each lead ends with the agency."""
    choose = random.Random(seed)
    news = []
    for number in range(count):
        place, person = choose.choice(_PLACES), choose.choice(_PEOPLE)
        deed = _DEEDS[(number + 5 * seed) % len(_DEEDS)]
        title = f"{place} {deed}"
        lead = f"The town of {place} {deed} this week, Mayor {person} said, {agency}."
        more = [
            text.format(
                n=choose.randint(2, 90),
                m=choose.randint(100, 999),
                year=choose.randint(1990, 2025),
                place=choose.choice(_PLACES),
                person=choose.choice(_PEOPLE),
            )
            for text in choose.sample(_MORE, choose.randint(2, 4))
        ]
        views = choose.randint(40, 60_000)
        news.append(News(title, newest - number * step, views, (lead, *more)))
    return news
