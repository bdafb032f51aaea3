"""What the pipeline goes by: the configuration, compiled."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Protocol

from monitor.alerts import Inhibition, Routing, Storm
from monitor.model import Destination, Matches, RuleInfo


class Rules(Protocol):
    """What the pipeline needs of a compiled rule set."""

    def match(
        self,
        *,
        title: str,
        body: str,
        source: str | None = None,
        language: str | None = None,
        url: str | None = None,
        views: int | None = None,
        published: datetime | None = None,
        growth: float | None = None,
    ) -> Matches: ...

    @property
    def by_sighting(self) -> bool:
        """Whether a rule may ask for views, growth or time, which two sightings of one text may
        differ in."""
        ...

    @property
    def by_growth(self) -> bool:
        """Whether a rule may ask how fast views grow; only then ``match`` is told."""
        ...

    def info(self, name: str) -> RuleInfo: ...


@dataclass(frozen=True, slots=True)
class Policy:
    """What the configuration says, compiled; replaced whole on reload.

    ``least_wait``: alerts are gathered for as long, whatever the route says. ``languages`` are
    those of sources that have one, by name; articles of others are told by their text.
    ``inhibitions``: which alerts need not be told while another one is. ``storms``: the most
    messages, of those receivers that want no more.
    """

    rules: Rules
    routing: Routing | None
    destinations: Mapping[str, Sequence[Destination]]  # by receiver
    base_url: str
    least_wait: timedelta = timedelta(0)
    languages: Mapping[str, str] = field(default_factory=dict)
    inhibitions: Sequence[Inhibition] = ()
    storms: Mapping[str, Storm] = field(default_factory=dict)  # by receiver
