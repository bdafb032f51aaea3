"""What ``run --once`` says at its end."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

import click

from monitor.app.intake import Taken
from monitor.cli.output import iso, print_json, short
from monitor.model import Counts


@dataclass(slots=True)
class Summary:
    """Totals of one round, for people and scripts."""

    files: int = 0
    seen_before: int = 0
    articles: int = 0
    new: int = 0
    revised: int = 0
    unchanged: int = 0
    duplicate: int = 0
    quarantined: int = 0
    matches: int = 0
    alerts: int = 0
    waiting: int = 0
    failed: list[str] = field(default_factory=list)
    deliveries: dict[str, int] = field(default_factory=dict)
    held: int = 0
    held_until: datetime | None = None

    def add(self, taken: Taken) -> None:
        """Count one file."""
        self.files += 1
        if taken.ingested.seen_before:
            self.seen_before += 1
            return
        dump = taken.ingested.dump
        self.articles += dump.articles
        self.new += dump.new
        self.revised += dump.revised
        self.unchanged += dump.unchanged
        self.duplicate += dump.duplicate
        self.quarantined += dump.quarantined
        self.matches += taken.ingested.matches
        self.alerts += taken.ingested.alerts
        if dump.reason:
            self.failed.append(f"{taken.name}: {dump.reason}")

    def count(self, counts: Counts) -> None:
        """What there is to deliver once all is done."""
        self.deliveries = counts.deliveries
        self.held, self.held_until = counts.held, counts.held_until

    def show(self, as_json: bool) -> None:
        """Print the totals."""
        if as_json:
            facts = {name: getattr(self, name) for name in self.__dataclass_fields__}
            print_json([facts | {"held_until": iso(self.held_until)}])
            return
        again = f" ({self.seen_before} seen before)" if self.seen_before else ""
        click.echo(
            f"{_count(self.files, 'file')}{again}, {_count(self.articles, 'article')}: "
            f"{self.new} new, {self.revised} revised, {self.unchanged} unchanged, "
            f"{self.duplicate} duplicate, {self.quarantined} quarantined; "
            f"{_count(self.matches, 'match', 'matches')}, {_count(self.alerts, 'alert')}"
        )
        for line in self.failed:
            click.secho(line, fg="red", err=True)
        if self.held:
            held = _count(self.held, "delivery", "deliveries")
            click.echo(f"{held} held, the first until {short(self.held_until)}", err=True)
        dead = self.deliveries.get("dead", 0)
        if self.waiting or dead:
            click.secho(
                f"deliveries: {self.waiting} to be tried again, {dead} dead (monitor deliveries)",
                fg="yellow",
                err=True,
            )


def _count(number: int, one: str, many: str | None = None) -> str:
    return f"{number} {one if number == 1 else many or one + 's'}"
