"""The tables. What they mean is told in the package's docstring; migrations make them."""

from __future__ import annotations

from sqlalchemy import (
    Boolean,
    CheckConstraint,
    Column,
    Float,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    Table,
    UniqueConstraint,
    false,
    text,
)

from monitor.store.types import Blob, CleanText, Day, Hash, RowId, UtcTime

metadata = MetaData(
    naming_convention={
        "ix": "%(table_name)s_%(column_0_N_name)s",
        "uq": "%(table_name)s_%(column_0_N_name)s_unique",
        "ck": "%(table_name)s_%(constraint_name)s",
        "fk": "%(table_name)s_%(column_0_name)s_fkey",
        "pk": "%(table_name)s_pkey",
    }
)

dumps = Table(
    "dumps",
    metadata,
    Column("id", RowId, primary_key=True),
    Column("sha256", CleanText, nullable=False, unique=True),
    Column("name", CleanText, nullable=False),
    Column("source", CleanText, nullable=False),
    Column("size", Hash, nullable=False),
    Column("received", UtcTime, nullable=False),
    Column("crawled", Day),
    Column("state", CleanText, nullable=False),
    Column("reason", CleanText),
    Column("copies", Integer, nullable=False),
    Column("position", Integer, nullable=False),
    Column("new", Integer, nullable=False),
    Column("revised", Integer, nullable=False),
    Column("unchanged", Integer, nullable=False),
    Column("duplicate", Integer, nullable=False),
    Column("quarantined", Integer, nullable=False),
    Column("timed", Integer, nullable=False, server_default="0"),
    Column("unsure", Integer, nullable=False, server_default="0"),
    Column("odd_times", Integer, nullable=False, server_default="0"),
    Column("again", UtcTime),  # when the same bytes came once more, lately
    CheckConstraint(
        "position = new + revised + unchanged + duplicate + quarantined", name="counts_add_up"
    ),
    CheckConstraint("state IN ('ingesting', 'done', 'partial', 'quarantined')", name="state"),
    Index(None, "source", "id"),
)

articles = Table(
    "articles",
    metadata,
    Column("pk", RowId, primary_key=True, autoincrement=False),
    Column("id", CleanText, nullable=False, unique=True),
    Column("source", CleanText, nullable=False),
    Column("title", CleanText, nullable=False),
    Column("title_key", Hash, nullable=False),
    Column("content", Hash, nullable=False),
    Column("paragraphs", Blob, nullable=False),
    Column("published", UtcTime),
    Column("published_order", CleanText),
    Column("seen_from", Day, nullable=False),
    Column("seen_to", Day, nullable=False),
    Column("last_order", CleanText, nullable=False),
    Column("revision", Integer, nullable=False),
    Column("views", Hash),
    Column("first_seen", UtcTime, nullable=False),
    Column("last_seen", UtcTime, nullable=False),
    Column("updated", UtcTime, nullable=False),
    Column("confidence", Float, nullable=False),
    Column("duplicate_of", RowId, ForeignKey("articles.pk", deferrable=True, initially="DEFERRED")),
    Column("url", CleanText),
    Column("language", CleanText),
    Index(None, "updated", "id"),
    Index(
        None,
        "duplicate_of",
        sqlite_where=text("duplicate_of IS NOT NULL"),
        postgresql_where=text("duplicate_of IS NOT NULL"),
    ),
)

revisions = Table(
    "revisions",
    metadata,
    Column("article", RowId, ForeignKey("articles.pk"), primary_key=True, autoincrement=False),
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("content", Hash, nullable=False),
    Column("title", CleanText, nullable=False),
    Column("body", CleanText, nullable=False),
    Column("paragraphs", Blob, nullable=False),
    Column("sort_key", CleanText, nullable=False),
    Column("observed", UtcTime, nullable=False),
    Column("pruned", Boolean(create_constraint=False), nullable=False, server_default=false()),
)

comparisons = Table(
    "comparisons",
    metadata,
    Column("article", RowId, ForeignKey("articles.pk"), primary_key=True, autoincrement=False),
    Column("before", Hash, primary_key=True, autoincrement=False),
    Column("after", Hash, primary_key=True, autoincrement=False),
    Column("kinds", CleanText, nullable=False),
    Column("materiality", Float, nullable=False),
    Column("detail", CleanText, nullable=False),
    sqlite_with_rowid=False,
)

segments = Table(
    "segments",
    metadata,
    Column("dump", RowId, ForeignKey("dumps.id"), primary_key=True, autoincrement=False),
    Column("place", Integer, primary_key=True, autoincrement=False),
    Column("outcome", CleanText, nullable=False),
    Column("article", RowId, ForeignKey("articles.pk"), index=True),
    Column("reason", CleanText, nullable=False),
    Column("sort_key", CleanText),
    Column("content", Hash),
    Column("views", Hash),
    Column("confidence", Float, nullable=False),
    sqlite_with_rowid=False,
)

features = Table(
    "features",
    metadata,
    Column("hash", Hash, primary_key=True, autoincrement=False),
    Column("article", RowId, primary_key=True, autoincrement=False),
    sqlite_with_rowid=False,
)

recent_features = Table(
    "recent_features",
    metadata,
    Column("hash", Hash, primary_key=True, autoincrement=False),
    Column("article", RowId, primary_key=True, autoincrement=False),
    sqlite_with_rowid=False,
)

fresh_features = Table(
    "fresh_features",
    metadata,
    Column("seq", RowId, primary_key=True, autoincrement=False),
    Column("article", RowId, nullable=False),
    Column("hashes", Blob, nullable=False),
)

matches = Table(
    "matches",
    metadata,
    Column("article", RowId, ForeignKey("articles.pk"), primary_key=True, autoincrement=False),
    Column("content", Hash, primary_key=True, autoincrement=False),
    Column("rule", CleanText, primary_key=True),
    Column("place", Integer, nullable=False),
    Column("evidence", CleanText, nullable=False),
    Column("observed", UtcTime, nullable=False),
    Index(None, "rule", "observed"),
    Index(None, "observed"),
    sqlite_with_rowid=False,
)

destinations = Table(
    "destinations",
    metadata,
    Column("name", CleanText, primary_key=True),
    Column("held_until", UtcTime),
    Column("failing_since", UtcTime),
    Column("failures", Integer, nullable=False, server_default="0"),
    Column("last_error", CleanText),
    Column("last_sent", UtcTime),
    Column("gone", CleanText),
    sqlite_with_rowid=False,
)

deliveries = Table(
    "deliveries",
    metadata,
    Column("key", CleanText, primary_key=True),
    Column("destination", CleanText, ForeignKey("destinations.name"), nullable=False),
    Column("receiver", CleanText, nullable=False),
    Column("channel", CleanText, nullable=False),
    Column("state", CleanText, nullable=False),
    Column("total", Integer, nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("taken", Boolean(create_constraint=False), nullable=False),
    Column("created", UtcTime, nullable=False),
    Column("next_attempt", UtcTime),
    Column("owner", CleanText),
    Column("lease_until", UtcTime),
    Column("sent_at", UtcTime),
    Column("detail", CleanText),
    Column("last_error", CleanText),
    Column("kind", CleanText, nullable=False, server_default="alerts"),
    Column("grouping", CleanText, nullable=False, server_default=""),
    Column("not_before", UtcTime),  # what gathers is not made due before
    Column("dropped", Boolean(create_constraint=False), nullable=False, server_default=false()),
    CheckConstraint("state IN ('pending', 'sending', 'sent', 'dead')", name="state"),
    CheckConstraint(
        "(state = 'sending') = (lease_until IS NOT NULL AND owner IS NOT NULL)", name="lease"
    ),
    CheckConstraint(
        "(state IN ('pending', 'sending')) = (next_attempt IS NOT NULL)", name="next_attempt"
    ),
    Index(
        "deliveries_live",
        "destination",
        "state",
        "next_attempt",
        sqlite_where=text("next_attempt IS NOT NULL"),
        postgresql_where=text("next_attempt IS NOT NULL"),
    ),
    Index(None, "created"),
    Index(None, "destination", "created"),
)

alerts = Table(
    "alerts",
    metadata,
    Column("delivery", CleanText, ForeignKey("deliveries.key"), primary_key=True),
    Column("place", Integer, primary_key=True, autoincrement=False),
    Column("destination", CleanText, nullable=False),
    Column("article_id", CleanText, nullable=False),
    Column("revision", Integer, nullable=False),
    Column("kind", CleanText, nullable=False),
    Column("rules", CleanText, nullable=False),
    Column("payload", CleanText, nullable=False),
    Column("about", CleanText, nullable=False, server_default=""),
    Column("rank", Integer, nullable=False, server_default="2"),
    UniqueConstraint("destination", "article_id", "revision", "kind", "about"),
)

attempts = Table(
    "attempts",
    metadata,
    Column("delivery", CleanText, ForeignKey("deliveries.key"), primary_key=True),
    Column("started", UtcTime, primary_key=True),
    Column("number", Integer, nullable=False),
    Column("seconds", Float),
    Column("outcome", CleanText, nullable=False),
    Column("answer", CleanText, nullable=False),
    sqlite_with_rowid=False,
)

groups = Table(
    "groups",
    metadata,
    Column("destination", CleanText, ForeignKey("destinations.name"), primary_key=True),
    Column("grouping", CleanText, primary_key=True),
    Column("due", UtcTime, nullable=False),
    sqlite_with_rowid=False,
)

threads = Table(
    "threads",
    metadata,
    Column("destination", CleanText, ForeignKey("destinations.name"), primary_key=True),
    Column("article_id", CleanText, primary_key=True),
    Column("thread", CleanText, nullable=False),
    Column("at", UtcTime, nullable=False),
    sqlite_with_rowid=False,
)

silences = Table(
    "silences",
    metadata,
    Column("id", CleanText, primary_key=True),
    Column("matchers", CleanText, nullable=False),
    Column("starts", UtcTime, nullable=False),
    Column("until", UtcTime, nullable=False),
    Column("comment", CleanText, nullable=False),
    Column("created", UtcTime, nullable=False),
    Column("creator", CleanText, nullable=False),
    sqlite_with_rowid=False,
)

suppressions = Table(
    "suppressions",
    metadata,
    Column("id", RowId, primary_key=True, autoincrement=True),
    Column("at", UtcTime, nullable=False),
    Column("article_id", CleanText, nullable=False),
    Column("revision", Integer, nullable=False),
    Column("kind", CleanText, nullable=False),
    Column("rules", CleanText, nullable=False),
    Column("receiver", CleanText, nullable=False),
    Column("reason", CleanText, nullable=False),
    Column("detail", CleanText, nullable=False),
    Index(None, "at"),
    Index(None, "article_id"),
)

conditions = Table(
    "conditions",
    metadata,
    Column("source", CleanText, primary_key=True),
    Column("check", CleanText, primary_key=True),
    Column("since", UtcTime, nullable=False),
    Column("detail", CleanText, nullable=False),
    sqlite_with_rowid=False,
)

chores = Table(
    "chores",
    metadata,
    Column("name", CleanText, primary_key=True),
    Column("due", UtcTime, nullable=False),
    sqlite_with_rowid=False,
)

pulse = Table(
    "pulse",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=False),
    Column("beats", Hash, nullable=False),
    CheckConstraint("id = 1", name="single"),
)
