"""Which settings take templates."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum

from monitor.config import Settings


class Form(StrEnum):
    """Plain text, HTML, or Slack's mrkdwn."""

    TEXT = "text"
    HTML = "HTML"
    MRKDWN = "mrkdwn"


_MESSAGE = frozenset({"message", "alerts"})
_ALERT = frozenset({"message", "alert", "number"})


@dataclass(frozen=True, slots=True)
class Key:
    """A setting that takes a template: the form of its text, and the names that it may use."""

    form: Form
    names: frozenset[str] = _MESSAGE

    @property
    def of_one_alert(self) -> bool:
        return self.names is _ALERT


KEYS: Mapping[str, Mapping[str, Key]] = {
    "console": {"text": Key(Form.TEXT)},
    "slack": {"header": Key(Form.TEXT), "text": Key(Form.MRKDWN, _ALERT)},
    "apprise": {"title": Key(Form.TEXT), "body": Key(Form.TEXT, _ALERT)},
    "email": {"subject": Key(Form.TEXT), "text": Key(Form.TEXT), "html": Key(Form.HTML)},
}
"""By channel and setting."""

Entry = tuple[str, str, int]
"""A receiver's name, a channel, and the number of the entry (from 0)."""


def templates_of(
    settings: Settings,
) -> Iterator[tuple[Entry, tuple[str | int, ...], Mapping[str, str]]]:
    """Each entry that has templates, its place in the configuration, and the templates by key."""
    for number, receiver in enumerate(settings.receivers):
        for channel, keys in KEYS.items():
            for index, entry in enumerate(getattr(receiver, f"{channel}_configs")):
                sources = {key: source for key in keys if (source := getattr(entry, key))}
                if sources:
                    path = ("receivers", number, f"{channel}_configs", index)
                    yield (receiver.name, channel, index), path, sources
