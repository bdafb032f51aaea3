"""The settings of ways out that lead through other programs: one's own, and Apprise."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Self

from pydantic import Field, model_validator

from monitor.config.outward import Arguments, Variables
from monitor.config.types import Duration, LocatedPath, Model, Secret, Text


class CommandSettings(Model):
    """Runs a program, which gets the event of a webhook as JSON on its standard input."""

    command: Arguments = Field(min_length=1, description="The program and its arguments; no shell.")
    env: Variables = Field({}, description="Further environment variables.")
    working_directory: LocatedPath | None = Field(
        None, description="Where it runs; none: where the monitor does."
    )
    timeout: Duration = Field(
        timedelta(seconds=30),
        gt=timedelta(0),
        le=timedelta(days=1),
        description="Then it is ended.",
    )
    max_items: int = Field(50, ge=1, description="Articles in one message.")
    min_interval: Duration = Field(timedelta(0), description="Least time between two messages.")


class AppriseSettings(Model):
    """Sends through Apprise, which knows a hundred services (needs press-monitor[apprise])."""

    url: Secret | None = Field(None, description="Apprise's address of the service.")
    url_file: Path | None = Field(None, description="A file that holds the address.")
    title: Text | None = Field(None, description="Template of the title.")
    body: Text | None = Field(None, description="Template of what is told of one article.")
    timeout: Duration = Field(
        timedelta(seconds=30),
        gt=timedelta(0),
        le=timedelta(days=1),
        description="For the whole message.",
    )
    max_items: int = Field(10, ge=1, description="Articles in one message.")
    min_interval: Duration = Field(
        timedelta(seconds=1), description="Least time between two messages."
    )

    @model_validator(mode="after")
    def _whole(self) -> Self:
        if self.url is None:
            raise ValueError("url is missing: Apprise's address of the service (or url_file)")
        return self
