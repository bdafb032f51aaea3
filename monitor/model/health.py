"""How a source is: what is looked at, and what is not as it usually is."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class HealthCheck(StrEnum):
    """What of a source is looked at; each names what is wrong."""

    SILENT = "silent"  # no dump for longer than usual
    FEW = "few"  # a dump with far fewer articles than usual
    UNSURE = "unsure"  # many cuts of low confidence
    DRIFT = "drift"  # far fewer articles with a time than usual: the layout changed
    CLOCK = "clock"  # times in the future, or that cannot be: a clock or a zone is wrong
    QUARANTINED = "quarantined"  # a dump was refused, or read only in part


class HealthState(StrEnum):
    FIRING = "firing"
    RESOLVED = "resolved"


@dataclass(frozen=True, slots=True)
class Condition:
    """Something of a source that is not as it usually is, ``since`` when and in which words."""

    source: str
    check: HealthCheck
    since: datetime
    detail: str


@dataclass(frozen=True, slots=True)
class SourceHealth:
    """What an alert about a source tells: that a condition began, or that it is over."""

    check: HealthCheck
    state: HealthState
    since: datetime


UNSURE = 0.5
"""A cut of this confidence or less counts as unsure."""


@dataclass(frozen=True, slots=True)
class Quality:
    """How well the articles of a dump, or of a part of it, could be read.

    ``timed`` of them have a time; ``unsure`` were cut with a confidence of ``UNSURE`` or less;
    ``odd_times`` have a time that cannot be, or one after the dump's arrival.
    """

    timed: int = 0
    unsure: int = 0
    odd_times: int = 0
