"""Configuration and store, as a command finds them."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from monitor import log
from monitor.app.state import database_url, rule_cache
from monitor.cli.options import Invocation
from monitor.config import Settings, load_settings
from monitor.errors import ConfigError, MonitorError

if TYPE_CHECKING:
    from monitor.rules import RuleSet
    from monitor.store import Store


def load(invocation: Invocation) -> Settings:
    """The configuration, with logging set up as it says. Raises ConfigError."""
    settings = read_settings(invocation)
    log.configure(settings.log.format, settings.log.level)
    return settings


def read_settings(invocation: Invocation) -> Settings:
    """The configuration. Raises ConfigError, with a way out where nobody named a file."""
    if not invocation.config_named and not invocation.config_file.exists():
        raise ConfigError(
            "there is no config.yaml in this folder: name one with -c FILE or $MONITOR_CONFIG,"
            " or make one with: monitor init"
        )
    return load_settings(invocation.config_file)


def load_if_there(invocation: Invocation) -> Settings:
    """The same, or the defaults where nobody named a file and ``./config.yaml`` is absent."""
    if invocation.config_named or invocation.config_file.exists():
        return load(invocation)
    log.configure("auto", "warning")
    return Settings()


def load_rules(settings: Settings) -> RuleSet:
    """All rules, also those of files. Raises ConfigError.

    What the daemon keeps of them is used; a command makes no folder of its own there.
    """
    from monitor.rules.library import load_library  # dear to import

    return load_library(settings, cache=kept_rules(settings))


def load_proposed(file: Path, settings: Settings) -> RuleSet:
    """The rules of a file, also those of the files it names. Raises ConfigError.

    Files that both name come from what is kept for ``settings``.
    """
    from monitor.rules.load import load_rules as rules_of

    return rules_of(file, cache=kept_rules(settings))


def kept_rules(settings: Settings) -> Path | None:
    """The folder of the compiled rules that the daemon keeps; None: it has made none yet."""
    cache = rule_cache(settings)
    return cache if cache.is_dir() else None


@contextmanager
def opened_store(settings: Settings, *, make: bool = False) -> Iterator[Store]:
    """The store, closed again at the end.

    Raises MonitorError where the SQLite file is not there yet, unless it is to be made: reading
    must not make one.
    """
    if settings.database is None and not (settings.state / "monitor.db").exists():
        if make:
            settings.state.mkdir(parents=True, exist_ok=True)
        else:
            raise MonitorError(
                f"nothing is stored yet in {settings.state} (start with: monitor run --once)"
            )
    from monitor.store import open_store  # dear to import, and ``parse`` has no use for it

    store = open_store(database_url(settings))
    try:
        yield store
    finally:
        store.close()
