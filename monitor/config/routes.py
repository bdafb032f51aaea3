"""The settings of who is told, and when: the route tree."""

from __future__ import annotations

from datetime import timedelta
from typing import Literal

from pydantic import Field, field_validator

from monitor.config.matchers import parse_matcher
from monitor.config.types import Duration, Model, Name, Texts


class RouteSettings(Model):
    """Which receiver gets an alert: the deepest route that matches, Alertmanager's way."""

    receiver: Name = Field(description="The receiver of what ends at this route.")
    matchers: Texts = Field(
        (),
        description="A label (rule, source, kind, language, priority, a rule's own; of a source's"
        " health check and state) with =, !=, =~ or !~, like: 'rule=~\"water|summit\"'.",
    )
    continue_: bool = Field(False, alias="continue", description="Go on to the next sibling too.")
    group_wait: Duration = Field(
        timedelta(seconds=1),
        description="How long alerts of one destination are gathered into one message.",
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
