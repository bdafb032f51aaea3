"""Templates of the configuration, which take the place of the words that channels have.

Jinja2 is imported where there is a template to compile.
"""

from __future__ import annotations

from collections.abc import Mapping

from monitor.channels.templates.keys import Entry, templates_of
from monitor.channels.templates.words import Words
from monitor.config import Settings

__all__ = ["Entry", "Words", "words_of"]


def words_of(settings: Settings) -> Mapping[Entry, Words]:
    """The templates of the receivers, compiled. Raises ConfigError with every mistake in them."""
    if not settings.templates and next(templates_of(settings), None) is None:
        return {}
    from monitor.channels.templates.configured import compile_templates

    return compile_templates(settings)
