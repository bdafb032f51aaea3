"""A destination's own words for its messages, as far as it has any."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, Protocol

from monitor import log
from monitor.channels.templates.mistake import TemplateMistake
from monitor.channels.templates.views import alert_view, message_view
from monitor.model import Message

_log = log.get(__name__)


class Renders(Protocol):
    """A compiled template."""

    def render(self, **variables: Any) -> str:
        """The text. Raises TemplateMistake."""
        ...


class Words:
    """The templates of one entry of a receiver, by the setting that has them."""

    def __init__(
        self, templates: Mapping[str, Renders] = MappingProxyType({}), name: str = ""
    ) -> None:
        """``name`` stands for the entry in logs: ``newsroom/slack/0``."""
        self._templates = templates
        self._name = name
        self._failed: set[str] = set()

    @property
    def failed(self) -> bool:
        """Whether one of them ever failed."""
        return bool(self._failed)

    def __contains__(self, key: str) -> bool:
        return key in self._templates

    def said(self, message: Message) -> Said:
        """What they make of one message."""
        return Said(self, message)

    def render(self, key: str, **variables: Any) -> str:
        """The text for a setting that has a template. Raises TemplateMistake, which is logged the
        first time."""
        try:
            return self._templates[key].render(**variables)
        except TemplateMistake as mistake:
            if key not in self._failed:
                self._failed.add(key)
                _log.error("template.failed", destination=self._name, key=key, error=str(mistake))
            raise


class Said:
    """What the templates of a destination make of one message; ``notes`` tell its readers, on a
    line each, which of them failed."""

    def __init__(self, words: Words, message: Message) -> None:
        self._words = words
        self._message = message
        self._notes: dict[str, str] = {}

    @property
    def notes(self) -> list[str]:
        return list(self._notes.values())

    def text(self, key: str) -> str | None:
        """What a setting about the whole message says; None: the default."""
        if key not in self._words:
            return None
        message = message_view(self._message)
        alerts = [alert_view(alert) for alert in self._message.alerts]
        try:
            return self._words.render(key, message=message, alerts=alerts)
        except TemplateMistake as mistake:
            self._note(key, mistake)
            return None

    def texts(self, key: str) -> list[str | None]:
        """What a setting about one alert says of each, in order; None: the default."""
        texts: list[str | None] = [None] * len(self._message.alerts)
        if key not in self._words:
            return texts
        message = message_view(self._message)
        for index, alert in enumerate(self._message.alerts):
            try:
                texts[index] = self._words.render(
                    key, message=message, alert=alert_view(alert), number=index + 1
                )
            except TemplateMistake as mistake:
                self._note(key, mistake)
                if mistake.endless:  # it would take as long for each of the others
                    break
        return texts

    def _note(self, key: str, mistake: TemplateMistake) -> None:
        self._notes[key] = f"The template `{key}` failed ({mistake}); this is the default."
