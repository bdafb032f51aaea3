"""Whether the settings of a destination are those that they were."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence

from pydantic import BaseModel, SecretStr

from monitor.config import ReceiverSettings
from monitor.model import Destination

_SIZE = 6
"""Bytes: enough to see a change, too few to learn a secret from."""


def marks_of(
    receivers: Sequence[ReceiverSettings], destinations: Iterable[Destination]
) -> Mapping[str, str]:
    """By destination name a short hash of its channel's settings, secrets included."""
    by_name = {receiver.name: receiver for receiver in receivers}
    return {one.name: _mark(by_name[one.receiver], one) for one in destinations}


def _mark(receiver: ReceiverSettings, destination: Destination) -> str:
    place = destination.name.removeprefix(f"{receiver.name}/{destination.channel}/").split("/")[0]
    settings = getattr(receiver, f"{destination.channel}_configs")[int(place)]
    return hashlib.blake2b(repr(_plain(settings)).encode(), digest_size=_SIZE).hexdigest()


def _plain(value: object) -> object:
    """The value with secrets laid open and models as lists, for ``repr``."""
    if isinstance(value, SecretStr):
        return value.get_secret_value()
    if isinstance(value, BaseModel):
        return [(name, _plain(getattr(value, name))) for name in type(value).model_fields]
    if isinstance(value, Mapping):
        return [(key, _plain(item)) for key, item in value.items()]
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    return value
