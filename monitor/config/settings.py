"""The settings as frozen pydantic models: what every key means, its unit and its default.

These descriptions are the configuration reference: the JSON Schema and ``docs/configuration.md``
are made from them.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Annotated, Any, Literal, Self

from pydantic import (
    BeforeValidator,
    ConfigDict,
    Field,
    PrivateAttr,
    field_validator,
    model_validator,
)

from monitor.config.frozen import nothing
from monitor.config.inhibit import InhibitRuleSettings
from monitor.config.intervals import TimeIntervalSettings
from monitor.config.outward import Url
from monitor.config.receivers import ReceiverSettings
from monitor.config.routes import RouteSettings
from monitor.config.sources import SourceSettings
from monitor.config.types import (
    ChangeKinds,
    DatabaseUrl,
    Duration,
    Events,
    FilePatterns,
    HomePath,
    Labels,
    Languages,
    LocatedFile,
    Model,
    Name,
    Names,
    Phrase,
    Phrases,
    Priority,
    Text,
    Texts,
    Words,
)

# --------------------------------------------------------------------------- input


class InboxSettings(Model):
    """The drop folder. May be written as just its path."""

    path: HomePath = Field(
        Path("inbox"), description="The folder that is watched (not its subfolders)."
    )
    settle: Duration = Field(
        timedelta(seconds=1),
        description="A file is whole once size and time stamp have stood still this long.",
    )
    rescan: Duration = Field(
        timedelta(seconds=10),
        gt=timedelta(0),
        description="How often the folder is listed anew; file events are only hints.",
    )
    after: Literal["archive", "delete", "keep"] = Field(
        "archive",
        description="What happens to a file once all it holds is stored. One of which a piece was"
        " refused is archived instead of deleted.",
    )
    ignore: Texts = Field(
        (".*", "*~", "*.tmp", "*.part", "*.swp", "*.crdownload", "*.filepart"),
        description="Names (shell patterns) that are never read: other programs' files in writing.",
    )
    observer: Literal["auto", "inotify", "polling"] = Field(
        "auto",
        description="auto: inotify; polling on network file systems or where inotify is used up.",
    )


# --------------------------------------------------------------------------- rules


class EntitySettings(Model):
    """A person, organisation or place that newspapers spell in several ways."""

    model_config = ConfigDict(validate_default=False)  # there may be very many

    name: Phrase = Field(description="The canonical name: given name(s), then surname.")
    kind: Literal["person", "organisation", "place"] = Field(
        "person", description="Of a person, initials with the surname count too."
    )
    aliases: Phrases = Field((), description="Further names that always count; acronyms too.")
    exclude: Phrases = Field((), description="Phrases in which the name does not count.")
    surname: Phrase | None = Field(
        None, description="Of a person: which part of the name it is; none: the last word or words."
    )
    surname_alone: bool = Field(
        False,
        description="The surname is unmistakable and counts alone; false: only where the full name"
        " stands in the same article.",
    )


class RuleSettings(Model):
    """What to look for: a query, keywords (any, all, none) or an entity."""

    model_config = ConfigDict(validate_default=False)  # there may be very many

    name: Name = Field(description="Unique; stands in alerts, feeds and addresses.")
    query: str | None = Field(None, description="In the query language: see docs/rules.md.")
    any: Words = Field((), description="At least one of these words or phrases.")
    all: Words = Field((), description="Every one of these.")
    none: Words = Field((), description="Not one of these.")
    scope: Literal["title", "body", "lead", "both"] = Field("both", description="Where to look.")
    entity: EntitySettings | None = Field(
        None, description="A person, organisation or place, instead of query, any and all."
    )
    min_hits: int = Field(1, ge=1, description="Fewer places than this in an article do not count.")
    languages: Languages = Field((), description="Only articles in these (en, ru, ...).")
    sources: Names = Field((), description="Only articles of these sources.")
    on: Events = Field(
        ("new", "revised"),
        description="What alerts: new (a new article matches), revised (an edited one matches),"
        " started (an edited one matches and did not before), dropped (it does no more).",
    )
    changes: ChangeKinds = Field(
        (),
        description="Of edits only those with one of these kinds alert (headline, figures,"
        " quotation, names, correction, text, cosmetic); none: all but cosmetic ones.",
    )
    added: bool = Field(
        False, description="true: an edit alerts only where what matches was added by it."
    )
    priority: Priority = Field("normal", description="A label for routes.")
    labels: Labels = Field(default_factory=nothing, description="More labels for routes.")
    feed: bool = Field(True, description="Whether the rule has an Atom feed of its own.")

    @model_validator(mode="after")
    def _says_something(self) -> Self:
        if self.entity is not None and (self.any or self.all):
            raise ValueError("a rule is either an entity or any/all, not both")
        if self.query is not None and (self.any or self.all or self.none or self.entity):
            raise ValueError("a rule is either a query or any/all/none or an entity")
        if self.query is None and self.entity is None and not (self.any or self.all):
            raise ValueError(
                "nothing to look for: give query, any, all or entity (a rule of only none would"
                " match nearly everything)"
            )
        return self


class EntityFileSettings(Model):
    """A list of entities, each of which becomes a rule. May be written as just its path."""

    path: LocatedFile = Field(description="YAML, CSV or FollowTheMoney JSON lines.")
    format: Literal["auto", "yaml", "csv", "ftm"] = Field(
        "auto", description="auto: by the file's name and first line."
    )
    prefix: str = Field(
        "", pattern=r"^[a-z0-9._-]*$", description="Stands before the name of each rule."
    )
    on: Events = Field(("new", "revised"), description="As in a rule.")
    priority: Priority = Field("normal", description="As in a rule.")
    labels: Labels = Field({}, description="As in a rule.")
    languages: Languages = Field((), description="As in a rule.")
    sources: Names = Field((), description="As in a rule.")
    feed: bool = Field(False, description="Whether each entity has an Atom feed of its own.")


def _paths_alone(value: Any) -> Any:
    if isinstance(value, str):
        value = [value]
    if isinstance(value, list | tuple):
        return [{"path": item} if isinstance(item, str) else item for item in value]
    return value


EntityFiles = Annotated[tuple[EntityFileSettings, ...], BeforeValidator(_paths_alone)]


# --------------------------------------------------------------------------- output


class FeedSettings(Model):
    """The Atom feeds."""

    title: Text = Field("Press monitor", description="Title of the main feed.")
    author: Text = Field("monitor", description="Author named in the feeds.")
    min_entries: int = Field(50, ge=1, description="A feed holds at least this many entries ...")
    min_age: Duration = Field(timedelta(hours=48), description="... and all of this time,")
    max_entries: int = Field(500, ge=1, description="but never more than this.")


class WebSettings(Model):
    """The page, the feeds over HTTP, health and metrics."""

    enabled: bool = Field(True, description="false: no HTTP at all; the feed files remain.")
    host: Text = Field("127.0.0.1", description="Address to listen on.")
    port: int = Field(8808, ge=0, le=65535, description="0 takes any free port.")
    base_url: Url | None = Field(
        None, description="How readers reach the page from outside; none: http://host:port."
    )
    threads: int = Field(4, ge=1, le=64, description="Requests answered at once.")


class DeliverySettings(Model):
    """How the outbox retries."""

    first_retry: Duration = Field(timedelta(seconds=5), gt=timedelta(0), description="Doubles ...")
    max_retry: Duration = Field(timedelta(hours=1), gt=timedelta(0), description="... up to this.")
    give_up_after: Duration = Field(
        timedelta(days=3), description="Then the delivery is dead, until somebody retries it."
    )
    lease: Duration = Field(
        timedelta(minutes=2),
        gt=timedelta(0),
        description="A delivery whose worker died is taken again after this; twice the longest"
        " timeout of a channel at least.",
    )
    workers: int = Field(8, ge=1, le=64, description="Deliveries under way at once.")


class RetentionSettings(Model):
    """What may be forgotten, and when. Hashes by which articles are known again never are."""

    bodies: Duration | None = Field(
        None, description="Texts of articles that were not seen for so long; none: kept for ever."
    )
    revisions: Duration | None = Field(
        None, description="Earlier texts of articles not edited for so long; none: kept for ever."
    )
    archive: Duration | None = Field(
        None, description="Files in the archive that are older; none: kept for ever."
    )
    deliveries: Duration | None = Field(
        timedelta(weeks=13),
        description="What deliveries told that were sent so long ago, and their attempts; that it"
        " was told is never forgotten. null: kept for ever.",
    )


class LogSettings(Model):
    """Logs go to standard error."""

    format: Literal["auto", "console", "json"] = Field(
        "auto", description="auto: console on a terminal, else JSON."
    )
    level: Literal["debug", "info", "warning", "error"] = Field(
        "info", description="The least that is logged."
    )


@dataclass(frozen=True, slots=True)
class Origin:
    """The text that settings were read from and its name in messages: no part of their value."""

    file: str = field(default="settings", compare=False)
    text: str = field(default="", compare=False, repr=False)


class Settings(Model):
    """The whole configuration. Relative paths start at the file's own folder."""

    inbox: InboxSettings = Field(InboxSettings(), description="The drop folder, or its path.")
    state: HomePath = Field(Path("state"), description="Database, feeds, archive, quarantine.")
    database: DatabaseUrl | None = Field(
        None,
        description="SQLAlchemy URL (postgresql://... or sqlite:///file); none: SQLite in the state"
        " folder.",
    )
    database_file: Path | None = Field(None, description="A file that holds the URL.")
    sources: tuple[SourceSettings, ...] = Field((), description="None: one called default.")
    rules: tuple[RuleSettings, ...] = Field((), description="What to look for.")
    rule_files: FilePatterns = Field(
        (),
        description="Files (shell patterns) with more `rules:`, kept compiled for a quick start.",
    )
    entity_files: EntityFiles = Field(
        (), description="Lists of persons, organisations and places; each entry becomes a rule."
    )
    route: RouteSettings | None = Field(None, description="None: all alerts to the first receiver.")
    time_intervals: tuple[TimeIntervalSettings, ...] = Field(
        (), description="Times that routes name, in which they are quiet or not."
    )
    inhibit_rules: tuple[InhibitRuleSettings, ...] = Field(
        (), description="Alerts that need not be told while another one is."
    )
    receivers: tuple[ReceiverSettings, ...] = Field((), description="Where alerts can go.")
    templates: FilePatterns = Field(
        (), description="Files (shell patterns) that templates of messages may include, by name."
    )
    feeds: FeedSettings = Field(FeedSettings(), description="The Atom feeds.")
    web: WebSettings = Field(WebSettings(), description="Page, feeds over HTTP, health, metrics.")
    delivery: DeliverySettings = Field(DeliverySettings(), description="Retries.")
    retention: RetentionSettings = Field(
        RetentionSettings(), description="What may be forgotten: `monitor prune`, once a day."
    )
    log: LogSettings = Field(LogSettings(), description="Logs.")

    @field_validator("inbox", mode="before")
    @classmethod
    def _path_alone(cls, value: Any) -> Any:
        return {"path": value} if isinstance(value, str | Path) else value

    _origin: Origin = PrivateAttr(Origin())

    @property
    def origin(self) -> Origin:
        """Where to point at when something turns out to be wrong later."""
        return self._origin

    def from_text(self, origin: Origin) -> Self:
        """The same settings, with the text they come from."""
        copy = self.model_copy()
        copy._origin = origin
        return copy

    @property
    def base_url(self) -> str:
        """Where links point, without a trailing slash."""
        web = self.web
        host = f"[{web.host}]" if ":" in web.host else web.host
        return (web.base_url or f"http://{host}:{web.port}").rstrip("/")
