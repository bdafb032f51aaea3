"""What the tests of the configuration share: settings, or the messages, of a text."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from textwrap import dedent

import pytest

from monitor.config import Settings, parse_settings
from monitor.errors import ConfigError


@pytest.fixture
def settings(tmp_path: Path) -> Callable[..., Settings]:
    """Settings of a text in ``tmp_path``, with only the given environment."""

    def parse(text: str, **env: str) -> Settings:
        return parse_settings(dedent(text), "c.yaml", folder=tmp_path, env=env)

    return parse


@pytest.fixture
def messages(settings: Callable[..., Settings]) -> Callable[..., list[str]]:
    """The messages a text is refused with."""

    def refused(text: str, **env: str) -> list[str]:
        with pytest.raises(ConfigError) as caught:
            settings(text, **env)
        assert str(caught.value).splitlines() == [str(p) for p in caught.value.problems]
        return [str(problem) for problem in caught.value.problems]

    return refused
