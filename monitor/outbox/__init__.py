"""Delivers what the store holds: claim, send, settle; with leases, back-off and a dead state.

At least once: deliveries are claimed for the length of a lease, sent, and then settled. A crash
between sending and settling lets the lease run out, and what was not settled is sent again under
the same keys, by which the other side can tell. That is bounded: outcomes are written as soon as
``SETTLE_AT`` are in or the first is ``SETTLE_WITHIN`` seconds old.

One worker at a time sends to a destination, a batch of deliveries in their order, so a slow or
broken one holds up nobody else as long as workers are left; and those that fail together get no
more than half of the workers. A destination at which one delivery after the other fails is held
for longer and longer, and only one delivery tries it after each hold (``schedule``).
"""

from monitor.outbox.outbox import Outbox
from monitor.outbox.reasons import destination_line, why
from monitor.outbox.schedule import Circuit, circuit, next_retry

__all__ = ["Circuit", "Outbox", "circuit", "destination_line", "next_retry", "why"]
