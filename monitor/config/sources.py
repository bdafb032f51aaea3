"""Where articles come from: how each source's dumps are known, cut and looked after."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Literal
from zoneinfo import ZoneInfo

from pydantic import Field, field_validator

from monitor.config.frozen import nothing
from monitor.config.types import (
    Duration,
    Encoding,
    FieldPaths,
    Folder,
    Language,
    Model,
    Name,
    Pattern,
    Selector,
    Text,
    Texts,
    TimeFormat,
    Zone,
)


class ListingSettings(Model):
    """Where the articles stand in an HTML page that lists several (CSS selectors)."""

    item: Selector = Field(description="Each article, or its entry in the list.")
    title: Selector = Field("h1, h2, h3", description="Inside the item: its title.")
    body: Selector = Field("p", description="Inside the item: its paragraphs.")
    time: Selector = Field("time", description="Inside: its time (attribute datetime, or text).")
    views: Selector | None = Field(None, description="Inside the item: its view counter.")
    link: Selector = Field("a[href]", description="Inside the item: the link to its page.")


class HealthSettings(Model):
    """What is said of a source that is not as it usually is. Learned from its last dumps."""

    enabled: bool = Field(True, description="false: nothing is said of this source.")
    silence: Duration | None = Field(
        None, description="No dump for so long; none: learned, about three times its usual pause."
    )
    fewest: float = Field(
        0.3, ge=0, le=1, description="A dump with fewer than this share of its usual articles."
    )
    unsure: float = Field(
        0.5, ge=0, le=1, description="A dump with more than this share of cuts of low confidence."
    )
    drift: float = Field(
        0.5,
        ge=0,
        le=1,
        description="A dump in which the share of articles with a time fell by more than this.",
    )


class SourceSettings(Model):
    """How the dumps of one source are cut. The defaults suit a plain listing page."""

    name: Name = Field(description="Stands in articles, feeds and matchers.")
    match: Texts = Field(
        ("*",), description="File names (shell patterns) of this source; the first source wins."
    )
    folder: Folder | None = Field(
        None, description="A subfolder of the inbox: only what is dropped there; none: anywhere."
    )
    content: Pattern | None = Field(
        None, description="Must be found (searched) in the beginning of the dump's text."
    )
    format: Literal["auto", "text", "json", "feed", "mail", "html", "warc", "export"] = Field(
        "auto", description="How its dumps are written; auto: by their first bytes."
    )
    fields: FieldPaths = Field(
        default_factory=nothing,
        description="Of json, feed, mail and export: where title, body, published, views, url,"
        " language and source stand in a record (a path: data.headline); none: the usual names.",
    )
    items: Text | None = Field(
        None, description="Of json: the path of the list of records in a document; none: found."
    )
    listing: ListingSettings | None = Field(
        None, description="Of html: where articles stand in a page of several; none: one article."
    )
    zone: Zone = Field(ZoneInfo("UTC"), description="IANA time zone of the times in the dump.")
    header: Pattern = Field(
        re.compile(r"(?P<time>\d{2}\.\d{2}\.\d{4}(?:, \d{2}:\d{2})?)(?:\s+(?P<views>\d+))?"),
        description="The whole time line of an article. Named groups: time, and views if any.",
    )
    time_line: Literal["above", "below"] = Field(
        "above", description="Of text: the time line stands above the title, or right below it."
    )
    time_format: TimeFormat = Field("%d.%m.%Y, %H:%M", description="strptime format of the group.")
    crawl_prefix: Pattern = Field(
        re.compile(r"\s?date (?P<date>\d{4}-\d{2}-\d{2})(?:\s+|$)"),
        description="Start of the first line: the crawl date (group date) and nothing else.",
    )
    boilerplate: Texts = Field(
        (), description="Lines that never count, in full (case and outer spaces ignored)."
    )
    boilerplate_patterns: tuple[Pattern, ...] = Field(
        (), description="The same as regular expressions over the whole line."
    )
    banner: Pattern | None = Field(
        None,
        description="Text glued to the crawl date that is no article. Text that stands there twice"
        " over is known for a banner without this.",
    )
    attribution: tuple[Pattern, ...] = Field(
        (
            re.compile(r'\breports?\."?$'),
            re.compile(r"\breports?, citing\b.*\.$"),
            re.compile(r"\blearned from\b.*\.$"),
            re.compile(r"\b(?:said|announced) in a statement\.$"),
        ),
        description="How a lead names its agency (searched): strong evidence for a title above it.",
    )
    encoding: Encoding | None = Field(
        None,
        description="utf-8, windows-1251, ...; none: by byte order mark, else detected.",
    )
    language: Language | None = Field(
        None, description="Of its articles (en, ru, ...); none: told by their text."
    )
    window: Duration = Field(
        timedelta(days=14),
        description="How far from the crawl date an article without a time stamp is looked for.",
    )
    health: HealthSettings = Field(
        HealthSettings(), description="When to say that the source is not as usual."
    )

    @field_validator("header", mode="after")
    @classmethod
    def _has_time(cls, value: re.Pattern[str]) -> re.Pattern[str]:
        if "time" not in value.groupindex:
            raise ValueError("the header pattern needs a group (?P<time>...)")
        return value

    @field_validator("crawl_prefix", mode="after")
    @classmethod
    def _has_date(cls, value: re.Pattern[str]) -> re.Pattern[str]:
        if "date" not in value.groupindex:
            raise ValueError("the crawl prefix needs a group (?P<date>...)")
        return value
