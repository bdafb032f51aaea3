"""The configuration compiled into what runs: built whole or not at all."""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TextIO

from monitor.alerts import Inhibition, Storm, default_route, never_telling
from monitor.app.marks import marks_of
from monitor.channels import EntryError, build_channels
from monitor.channels.templates import words_of
from monitor.config import Settings
from monitor.config.checks import asks_for_labels, check_names
from monitor.config.yaml import Document, Finding, in_order
from monitor.errors import ConfigError
from monitor.model import Destination, utcnow
from monitor.pipeline import Policy
from monitor.ports import Channel
from monitor.rules import RuleSet
from monitor.rules.library import load_library


@dataclass(frozen=True, slots=True)
class Compiled:
    """One configuration in force; a reload replaces the whole of it."""

    settings: Settings
    rules: RuleSet
    feeds: Mapping[str, bool]  # names of all rules, in order: whether each has a feed of its own
    channels: Mapping[str, Channel]
    marks: Mapping[str, str]  # by destination: changes with the settings of its channel
    policy: Policy


def compile_policy(
    settings: Settings, base_url: str, out: TextIO | None = None, *, cache: Path | None = None
) -> Compiled:
    """Compile rules, channels and routes. Raises ConfigError; nothing is started.

    ``cache`` is the folder in which the compiled rules of files are kept.
    """
    rules = load_library(settings, cache=cache)
    _check_names(settings, rules)
    feeds = dict.fromkeys(rules.names, False) | dict.fromkeys(rules.feeds, True)
    try:
        channels = build_channels(
            settings.receivers,
            out=out or sys.stdout,
            feeds=frozenset(rules.feeds),
            words=words_of(settings),
        )
    except EntryError as error:
        raise _placed(settings, error.findings) from error
    destinations: dict[str, list[Destination]] = {}
    for channel in channels.values():
        destinations.setdefault(channel.destination.receiver, []).append(channel.destination)
    policy = Policy(
        rules=rules,
        routing=default_route(settings.route, settings.receivers, settings.time_intervals),
        destinations=destinations,
        base_url=base_url,
        languages={one.name: one.language for one in settings.sources if one.language},
        inhibitions=[Inhibition(rule, i) for i, rule in enumerate(settings.inhibit_rules)],
        storms={
            one.name: Storm(one.storm.max_messages, one.storm.per)
            for one in settings.receivers
            if one.storm is not None
        },
    )
    marks = marks_of(settings.receivers, (one.destination for one in channels.values()))
    return Compiled(settings, rules, feeds, channels, marks, policy)


def _check_names(settings: Settings, rules: RuleSet) -> None:
    """Raise ConfigError for a route, or an inhibit rule, that names a rule or a label that is not
    there, and for a route that never tells anything."""
    labels = rules.labels if asks_for_labels(settings) else None
    found = [*check_names(settings, rules.names, labels)]
    if settings.route is not None:
        found += never_telling(settings.route, settings.time_intervals, utcnow())
    if found:
        raise _placed(settings, [(path, said, None) for path, said in found])


def _placed(settings: Settings, findings: Sequence[Finding]) -> ConfigError:
    """The findings with file, line and column."""
    document = Document(settings.origin.file, text=settings.origin.text)
    return ConfigError(in_order(document.placed(findings)))
