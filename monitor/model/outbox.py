"""What the outbox and its store tell each other, and what people see of a destination."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from monitor.model.alerts import Alert, Attempt, Claim, Delivery, DestinationState


class AttemptOutcome(StrEnum):
    """What came of an attempt: it arrived, it is tried again, it is not, or nobody knows, because
    the program ended between sending and storing what came of it."""

    SENT = "sent"
    RETRY = "retry"
    DEAD = "dead"
    LOST = "lost"


@dataclass(frozen=True, slots=True)
class Settlement:
    """What became of one claimed delivery, and what that says of its destination.

    ``attempt.outcome`` is SENT, RETRY (again at ``retry_at``) or DEAD. ``failures`` is how many
    deliveries have failed in a row at the destination with this one; 0: it works; None: the outcome
    says nothing of that. Nothing is sent to the destination until ``hold_until``, and with ``gone``
    (the mark of its settings) until these change. With ``bury_before`` all that has been due there
    since that time is given up together with this one.
    """

    key: str
    destination: str
    attempt: Attempt
    retry_at: datetime | None = None
    failures: int | None = None
    hold_until: datetime | None = None
    gone: str | None = None
    bury_before: datetime | None = None
    threads: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def sent(
        cls,
        claim: Claim,
        started: datetime,
        *,
        seconds: float | None = None,
        answer: str = "",
        threads: Mapping[str, str] | None = None,
    ) -> Settlement:
        """It arrived, so the destination works."""
        attempt = Attempt(claim.attempts, started, seconds, AttemptOutcome.SENT.value, answer)
        return cls(claim.key, claim.destination.name, attempt, failures=0, threads=threads or {})

    @classmethod
    def failed(
        cls,
        claim: Claim,
        started: datetime,
        *,
        error: str,
        retry_at: datetime | None,
        seconds: float | None = None,
        failures: int | None = None,
    ) -> Settlement:
        """It did not; None: and never will."""
        outcome = AttemptOutcome.DEAD if retry_at is None else AttemptOutcome.RETRY
        attempt = Attempt(claim.attempts, started, seconds, outcome.value, error)
        return cls(claim.key, claim.destination.name, attempt, retry_at, failures)


@dataclass(frozen=True, slots=True)
class Exchange:
    """What may be sent now, when the next claim becomes possible (None: nothing waits), and how
    many deliveries were given up without an attempt of their own."""

    claims: Sequence[Claim]
    due: datetime | None
    buried: int = 0


@dataclass(frozen=True, slots=True)
class DeliveryAccount:
    """All that is known of one delivery. ``alerts`` is empty where they are no longer kept."""

    delivery: Delivery
    alerts: Sequence[Alert]
    attempts: Sequence[Attempt]
    destination: DestinationState
