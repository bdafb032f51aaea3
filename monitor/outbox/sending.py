"""One worker's batch: deliveries of one destination, sent in their order."""

from __future__ import annotations

import time
import traceback
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path

from monitor import log
from monitor.config import DeliverySettings
from monitor.errors import DeliveryError
from monitor.model import Claim, Clock, Message, Receipt, Settlement
from monitor.outbox.schedule import TRIP, failures_after, hold_for, is_hopeless, next_retry
from monitor.ports import Channel

NOT_CONFIGURED = "no longer configured (retry it once the receiver is back)"

_log = log.get(__name__)


@dataclass(frozen=True, slots=True)
class Batch:
    """Claims of one destination with the channel they go over (None: it is configured no more).

    ``until`` is when no further delivery may be begun, on the ``time.monotonic`` clock, and
    ``rested`` when the pause after the one before is over: the store knows that by the clock on
    the wall, which may be set. ``mark`` stands for the channel's settings.
    """

    claims: Sequence[Claim]
    channel: Channel | None
    settings: DeliverySettings
    until: float
    mark: str = ""
    rested: float = 0.0

    @property
    def destination(self) -> str:
        return self.claims[0].destination.name

    @property
    def failing(self) -> bool:
        """Whether the last delivery there failed."""
        return self.claims[0].failures > 0

    @property
    def pause(self) -> float:
        """Seconds to leave the destination in peace after a message."""
        return self.channel.pause if self.channel is not None else 0.0


@dataclass(frozen=True, slots=True)
class Terms:
    """What sending needs of the world: time, chance, and whether the program is about to end."""

    clock: Clock
    random: Callable[[], float]
    stopping: Callable[[], bool]


def deliver(batch: Batch, terms: Terms) -> Iterator[Settlement]:
    """Send one after the other; what became of each, when it is known.

    Ends early when the program stops, when the time is up, or at the first failure that is the
    destination's: claims that nothing was yielded of were not tried.
    """
    failures, begun = batch.claims[0].failures, dict[str, str]()
    if (left := min(batch.rested, batch.until) - time.monotonic()) > 0:
        time.sleep(min(left, batch.pause))
    for claim in batch.claims:
        if terms.stopping() or time.monotonic() >= batch.until:
            return
        settled = _attempt(batch, _following(claim, begun), failures, terms)
        begun |= settled.threads
        if batch.pause:
            rest = terms.clock() + timedelta(seconds=batch.pause)
            settled = replace(settled, hold_until=max(rest, settled.hold_until or rest))
        yield settled
        if settled.failures:
            return
        failures = failures if settled.failures is None else 0


def _attempt(batch: Batch, claim: Claim, failures: int, terms: Terms) -> Settlement:
    started, begun = terms.clock(), time.monotonic()
    try:
        receipt = _send(batch.channel, claim)
    except DeliveryError as error:
        seconds = round(time.monotonic() - begun, 6)
        if error.permanent and not error.gone:
            settled = Settlement.failed(
                claim, started, error=str(error), retry_at=None, seconds=seconds
            )
        else:
            settled = _failed(batch, claim, failures, error, started, seconds, terms)
        _tell_failure(settled, claim)
        return settled
    _log.info("delivery.sent", **_fields(claim), articles=claim.message.total)
    if failures >= TRIP:
        _log.info("destination.recovered", destination=batch.destination)
    return Settlement.sent(
        claim,
        started,
        seconds=round(time.monotonic() - begun, 6),
        answer=receipt.detail,
        threads=receipt.threads,
    )


def _send(channel: Channel | None, claim: Claim) -> Receipt:
    """Raises DeliveryError, whatever happens."""
    if channel is None:
        raise DeliveryError(NOT_CONFIGURED, permanent=True)
    try:
        return channel.send(_cut(claim.message, channel.max_items), key=claim.key)
    except DeliveryError:
        raise
    except Exception as error:  # a mistake in a channel must not cost anybody a message
        raise DeliveryError(f"internal error: {place(error)}") from error


def _failed(
    batch: Batch,
    claim: Claim,
    failures: int,
    error: DeliveryError,
    started: datetime,
    seconds: float,
    terms: Terms,
) -> Settlement:
    """A failure that says more of the destination than of the message."""
    now, settings = terms.clock(), batch.settings
    failures = failures_after(failures, claim.attempts)
    if error.gone:  # the message waits, as good as before, for other settings
        retry_at: datetime | None = now
    else:
        since = claim.since or started
        wait = error.retry_after
        retry_at = next_retry(claim.attempts, since, now, settings, terms.random, wait)
    settled = Settlement.failed(
        claim, started, error=str(error), retry_at=retry_at, seconds=seconds, failures=failures
    )
    if error.gone:
        return replace(settled, gone=batch.mark)
    if held := max(error.retry_after or 0.0, hold_for(failures, settings, terms.random)):
        settled = replace(settled, hold_until=now + timedelta(seconds=held))
    if is_hopeless(failures, settings):
        settled = replace(settled, bury_before=now - settings.give_up_after)
    return settled


def _tell_failure(settled: Settlement, claim: Claim) -> None:
    fields = _fields(claim) | {"error": settled.attempt.answer}
    if settled.gone is not None:
        _log.error("destination.gone", **fields)
    elif settled.retry_at is None:
        _log.error("delivery.dead", **fields)
    else:
        _log.warning("delivery.failed", **fields, retry_at=str(settled.retry_at))
    if settled.failures == TRIP:
        _log.warning(
            "destination.held", destination=settled.destination, until=str(settled.hold_until)
        )


def _fields(claim: Claim) -> dict[str, object]:
    return {
        "key": claim.key,
        "destination": claim.destination.name,
        "attempts": claim.attempts,
    }


def _following(claim: Claim, begun: Mapping[str, str]) -> Claim:
    """The claim with the threads of its articles that ``begun`` since it was taken."""
    articles = {alert.article_id for alert in claim.message.alerts}
    if articles.isdisjoint(begun):
        return claim
    own = {one: begun[one] for one in articles if one in begun}
    return replace(claim, message=replace(claim.message, threads={**claim.message.threads, **own}))


def _cut(message: Message, max_items: int) -> Message:
    """The message with as many alerts as the channel shows; ``total`` stays."""
    if len(message.alerts) <= max_items:
        return message
    return replace(message, alerts=message.alerts[:max_items])


def place(error: Exception) -> str:
    """An unexpected error's type and place. Not its text, which could hold a URL or a token."""
    frames = traceback.extract_tb(error.__traceback__)
    where = f" at {Path(frames[-1].filename).name}:{frames[-1].lineno}" if frames else ""
    return f"{type(error).__name__}{where}"
