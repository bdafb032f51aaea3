"""The settings of who is told, and when: the route tree."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import timedelta
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field, PlainSerializer, WithJsonSchema, field_validator

from monitor.config.intervals import DigestSettings
from monitor.config.matchers import parse_matcher
from monitor.config.types import (
    DURATION_PATTERN,
    Model,
    Name,
    Names,
    Texts,
    Wait,
    format_duration,
    parse_duration,
)

ALL_LABELS = "..."
"""In ``group_by``: every label makes a group of its own."""


def _age(value: Any) -> Any:
    # an editor that reads YAML 1.1 takes the word off for false
    return "off" if value == "off" or value is False else parse_duration(value)


Age = Annotated[
    timedelta | Literal["off"],
    BeforeValidator(_age),
    PlainSerializer(lambda value: value if value == "off" else format_duration(value)),
    WithJsonSchema(
        {"anyOf": [{"type": "string", "pattern": DURATION_PATTERN}, {"enum": ["off", False]}]}
    ),
]


class RouteSettings(Model):
    """Which receiver gets an alert, and when: the deepest route that matches, Alertmanager's way.

    What is None is as in the route above, at the top as in ``Handed``.
    """

    receiver: Name | None = Field(
        None, description="The receiver of what ends at this route; needed at the top, handed down."
    )
    matchers: Texts = Field(
        (),
        description="A label (rule, source, kind, language, priority, a rule's own; of a source's"
        " health check and state) with =, !=, =~ or !~, like: 'rule=~\"water|summit\"'.",
    )
    continue_: bool = Field(False, alias="continue", description="Go on to the next sibling too.")
    group_by: Texts | None = Field(
        None,
        description="Labels, also article: what differs in one of them is told in messages of its"
        " own; ... is all of them. Handed down; at the top none.",
    )
    group_wait: Wait | None = Field(
        None,
        description="How long alerts of one group are gathered into one message. Handed down; at"
        " the top 1s.",
    )
    group_interval: Wait | None = Field(
        None,
        description="The least time from one message of a group to the next. Handed down; at the"
        " top 0s.",
    )
    max_age: Age | None = Field(
        None,
        description="Alerts about older articles, or from dumps crawled earlier, are backfill;"
        " off: none is. Handed down; at the top 7d.",
    )
    old: Literal["backfill", "drop"] | None = Field(
        None,
        description="Backfill is told in a few messages that say so, or not at all. Handed down;"
        " at the top backfill.",
    )
    mute_time_intervals: Names = Field(
        (), description="Nothing is told during these. Not handed down."
    )
    active_time_intervals: Names = Field(
        (), description="Nothing is told outside of these. Not handed down."
    )
    muted: Literal["digest", "drop"] = Field(
        "digest",
        description="What was not told then is told in one message afterwards, or never. Not"
        " handed down.",
    )
    digest: DigestSettings | None = Field(
        None, description="Tell what comes at these times, in one message. Not handed down."
    )
    copies: Literal["once", "each"] = Field(
        "once",
        description="Copies of one text in several sources: told once, with a link to each; or"
        " each one as an article of its own.",
    )
    routes: tuple[RouteSettings, ...] = Field(
        (), description="Tried in order, before this route takes the alert itself."
    )

    @field_validator("matchers", mode="after")
    @classmethod
    def _parse(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        for matcher in value:
            parse_matcher(matcher)
        return value

    @field_validator("group_by", mode="after")
    @classmethod
    def _labels(cls, value: tuple[str, ...] | None) -> tuple[str, ...] | None:
        for label in value or ():
            if label != ALL_LABELS and re.fullmatch("[a-zA-Z_][a-zA-Z0-9_]*", label) is None:
                raise ValueError(f"not the name of a label: {label!r} (letters, digits and _)")
        return value


@dataclass(frozen=True, slots=True)
class Handed:
    """What a route hands down to those below it, with what the one at the top has by itself.

    ``max_age`` None: nothing is too old.
    """

    receiver: str = ""
    group_by: tuple[str, ...] = ()
    group_wait: timedelta = timedelta(seconds=1)
    group_interval: timedelta = timedelta(0)
    max_age: timedelta | None = timedelta(days=7)
    drop_old: bool = False

    def to(self, route: RouteSettings) -> Handed:
        """What the route hands down in its turn: its own, or what it was handed."""
        age = route.max_age
        return Handed(
            receiver=route.receiver or self.receiver,
            group_by=self.group_by if route.group_by is None else route.group_by,
            group_wait=self.group_wait if route.group_wait is None else route.group_wait,
            group_interval=(
                self.group_interval if route.group_interval is None else route.group_interval
            ),
            max_age=self.max_age if age is None else None if age == "off" else age,
            drop_old=self.drop_old if route.old is None else route.old == "drop",
        )
