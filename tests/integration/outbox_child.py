"""An outbox in a process of its own, over webhooks, that may be killed at a chosen step.

    python outbox_child.py DATABASE OWNER STEP NUMBER URL...

The STEPs: ``claim`` (a transaction is about to begin), ``commit`` (one is about to be committed),
``claimed`` (one was), ``send`` (a message is about to be sent), ``sent`` (the receiver answered).
At the NUMBER-th of them it is ended by SIGKILL; ``never`` lets it deliver all that is due.
"""

from __future__ import annotations

import os
import signal
import sys
from itertools import count
from typing import Any

from sqlalchemy import event

from monitor import log
from monitor.channels import build_channels
from monitor.config import DeliverySettings, ReceiverSettings
from monitor.model import Message, Receipt, utcnow
from monitor.outbox import Outbox
from monitor.ports import Channel
from monitor.store import open_store


class Fault:
    """Ends the process when the chosen step is reached."""

    def __init__(self, step: str, number: int) -> None:
        self._step, self._number, self._seen = step, number, count(1)

    def reached(self, step: str) -> None:
        if step == self._step and next(self._seen) == self._number:
            os.kill(os.getpid(), signal.SIGKILL)


class Marked:
    """A channel that says when it sends."""

    def __init__(self, channel: Channel, fault: Fault) -> None:
        self._channel, self._fault = channel, fault

    def __getattr__(self, name: str) -> Any:
        return getattr(self._channel, name)

    def send(self, message: Message, *, key: str) -> Receipt:
        self._fault.reached("send")
        receipt = self._channel.send(message, key=key)
        self._fault.reached("sent")
        return receipt


class MarkedStore:
    """A store that says when it exchanges."""

    def __init__(self, store: Any, fault: Fault) -> None:
        self._store, self._fault = store, fault

    def __getattr__(self, name: str) -> Any:
        return getattr(self._store, name)

    def exchange(self, *arguments: Any, **more: Any) -> Any:
        self._fault.reached("claim")
        exchanged = self._store.exchange(*arguments, **more)
        self._fault.reached("claimed")
        return exchanged


def webhooks(urls: list[str]) -> dict[str, Channel]:
    """``desk/webhook/0`` and so on."""
    entries = [{"url": url} for url in urls]
    receiver = ReceiverSettings.model_validate({"name": "desk", "webhook_configs": entries})
    return build_channels([receiver])


def main() -> None:
    database, owner, step, number, *urls = sys.argv[1:]
    log.configure("json", "error")
    fault = Fault(step, int(number))
    channels = {name: Marked(channel, fault) for name, channel in webhooks(urls).items()}
    with open_store(database) as store:
        event.listen(store._database._writer, "commit", lambda _: fault.reached("commit"))
        outbox = Outbox(
            MarkedStore(store.outbox, fault),
            channels,
            DeliverySettings(),
            clock=utcnow,
            owner=owner,
            base_url="http://monitor.test",
        )
        left = outbox.drain(None)
        outbox.stop(5)
    sys.exit(left)


if __name__ == "__main__":
    main()
