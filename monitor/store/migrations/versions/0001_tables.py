"""All tables of the first version.

Written out rather than taken from ``monitor.store.schema``: a migration says what was, and must
go on saying it when the schema has moved on.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

TEXT = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")
TIME = sa.Text().with_variant(sa.DateTime(timezone=True), "postgresql")
DAY = sa.Text().with_variant(sa.Date(), "postgresql")
ROW_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
HASH = sa.BigInteger()


def upgrade() -> None:
    op.create_table(
        "dumps",
        sa.Column("id", ROW_ID, nullable=False),
        sa.Column("sha256", TEXT, nullable=False),
        sa.Column("name", TEXT, nullable=False),
        sa.Column("source", TEXT, nullable=False),
        sa.Column("size", HASH, nullable=False),
        sa.Column("received", TIME, nullable=False),
        sa.Column("crawled", DAY),
        sa.Column("state", TEXT, nullable=False),
        sa.Column("reason", TEXT),
        sa.Column("copies", sa.Integer(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("new", sa.Integer(), nullable=False),
        sa.Column("revised", sa.Integer(), nullable=False),
        sa.Column("unchanged", sa.Integer(), nullable=False),
        sa.Column("duplicate", sa.Integer(), nullable=False),
        sa.Column("quarantined", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "position = new + revised + unchanged + duplicate + quarantined",
            name=op.f("dumps_counts_add_up"),
        ),
        sa.CheckConstraint(
            "state IN ('ingesting', 'done', 'partial', 'quarantined')",
            name=op.f("dumps_state"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("dumps_pkey")),
        sa.UniqueConstraint("sha256", name=op.f("dumps_sha256_unique")),
    )
    op.create_table(
        "articles",
        sa.Column("pk", ROW_ID, autoincrement=False, nullable=False),
        sa.Column("id", TEXT, nullable=False),
        sa.Column("source", TEXT, nullable=False),
        sa.Column("title", TEXT, nullable=False),
        sa.Column("title_key", HASH, nullable=False),
        sa.Column("content", HASH, nullable=False),
        sa.Column("paragraphs", sa.LargeBinary(), nullable=False),
        sa.Column("published", TIME),
        sa.Column("published_order", TEXT),
        sa.Column("seen_from", DAY, nullable=False),
        sa.Column("seen_to", DAY, nullable=False),
        sa.Column("last_order", TEXT, nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("views", HASH),
        sa.Column("first_seen", TIME, nullable=False),
        sa.Column("last_seen", TIME, nullable=False),
        sa.Column("updated", TIME, nullable=False),
        sa.Column("confidence", sa.Float(), nullable=False),
        sa.Column("duplicate_of", ROW_ID),
        sa.ForeignKeyConstraint(
            ["duplicate_of"],
            ["articles.pk"],
            name=op.f("articles_duplicate_of_fkey"),
            deferrable=True,
            initially="DEFERRED",
        ),
        sa.PrimaryKeyConstraint("pk", name=op.f("articles_pkey")),
        sa.UniqueConstraint("id", name=op.f("articles_id_unique")),
    )
    op.create_index(op.f("articles_updated_id"), "articles", ["updated", "id"])
    op.create_table(
        "revisions",
        sa.Column("article", ROW_ID, autoincrement=False, nullable=False),
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("content", HASH, nullable=False),
        sa.Column("title", TEXT, nullable=False),
        sa.Column("body", TEXT, nullable=False),
        sa.Column("paragraphs", sa.LargeBinary(), nullable=False),
        sa.Column("sort_key", TEXT, nullable=False),
        sa.Column("observed", TIME, nullable=False),
        sa.ForeignKeyConstraint(["article"], ["articles.pk"], name=op.f("revisions_article_fkey")),
        sa.PrimaryKeyConstraint("article", "number", name=op.f("revisions_pkey")),
    )
    op.create_table(
        "segments",
        sa.Column("dump", ROW_ID, autoincrement=False, nullable=False),
        sa.Column("place", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("outcome", TEXT, nullable=False),
        sa.Column("article", ROW_ID),
        sa.Column("reason", TEXT, nullable=False),
        sa.Column("sort_key", TEXT),
        sa.Column("content", HASH),
        sa.Column("views", HASH),
        sa.Column("confidence", sa.Float(), nullable=False),
        sa.ForeignKeyConstraint(["article"], ["articles.pk"], name=op.f("segments_article_fkey")),
        sa.ForeignKeyConstraint(["dump"], ["dumps.id"], name=op.f("segments_dump_fkey")),
        sa.PrimaryKeyConstraint("dump", "place", name=op.f("segments_pkey")),
        sqlite_with_rowid=False,
    )
    op.create_index(op.f("segments_article"), "segments", ["article"])
    op.create_table(
        "features",
        sa.Column("hash", HASH, autoincrement=False, nullable=False),
        sa.Column("article", ROW_ID, autoincrement=False, nullable=False),
        sa.PrimaryKeyConstraint("hash", "article", name=op.f("features_pkey")),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "fresh_features",
        sa.Column("hash", HASH, autoincrement=False, nullable=False),
        sa.Column("article", ROW_ID, autoincrement=False, nullable=False),
        sa.PrimaryKeyConstraint("hash", "article", name=op.f("fresh_features_pkey")),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "matches",
        sa.Column("article", ROW_ID, autoincrement=False, nullable=False),
        sa.Column("content", HASH, autoincrement=False, nullable=False),
        sa.Column("rule", TEXT, nullable=False),
        sa.Column("place", sa.Integer(), nullable=False),
        sa.Column("evidence", TEXT, nullable=False),
        sa.Column("observed", TIME, nullable=False),
        sa.ForeignKeyConstraint(["article"], ["articles.pk"], name=op.f("matches_article_fkey")),
        sa.PrimaryKeyConstraint("article", "content", "rule", name=op.f("matches_pkey")),
        sqlite_with_rowid=False,
    )
    op.create_index(op.f("matches_observed"), "matches", ["observed"])
    op.create_index(op.f("matches_rule_observed"), "matches", ["rule", "observed"])
    op.create_table(
        "destinations",
        sa.Column("name", TEXT, nullable=False),
        sa.Column("held_until", TIME),
        sa.PrimaryKeyConstraint("name", name=op.f("destinations_pkey")),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "deliveries",
        sa.Column("key", TEXT, nullable=False),
        sa.Column("destination", TEXT, nullable=False),
        sa.Column("receiver", TEXT, nullable=False),
        sa.Column("channel", TEXT, nullable=False),
        sa.Column("state", TEXT, nullable=False),
        sa.Column("total", sa.Integer(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("taken", sa.Boolean(), nullable=False),
        sa.Column("created", TIME, nullable=False),
        sa.Column("next_attempt", TIME),
        sa.Column("owner", TEXT),
        sa.Column("lease_until", TIME),
        sa.Column("sent_at", TIME),
        sa.Column("detail", TEXT),
        sa.Column("last_error", TEXT),
        sa.CheckConstraint(
            "(state = 'sending') = (lease_until IS NOT NULL AND owner IS NOT NULL)",
            name=op.f("deliveries_lease"),
        ),
        sa.CheckConstraint(
            "(state IN ('pending', 'sending')) = (next_attempt IS NOT NULL)",
            name=op.f("deliveries_next_attempt"),
        ),
        sa.CheckConstraint(
            "state IN ('pending', 'sending', 'sent', 'dead')",
            name=op.f("deliveries_state"),
        ),
        sa.ForeignKeyConstraint(
            ["destination"], ["destinations.name"], name=op.f("deliveries_destination_fkey")
        ),
        sa.PrimaryKeyConstraint("key", name=op.f("deliveries_pkey")),
    )
    op.create_index(op.f("deliveries_created"), "deliveries", ["created"])
    op.create_index(
        op.f("deliveries_live"),
        "deliveries",
        ["destination", "state", "next_attempt"],
        sqlite_where=sa.text("next_attempt IS NOT NULL"),
        postgresql_where=sa.text("next_attempt IS NOT NULL"),
    )
    op.create_table(
        "alerts",
        sa.Column("delivery", TEXT, nullable=False),
        sa.Column("place", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("destination", TEXT, nullable=False),
        sa.Column("article_id", TEXT, nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("kind", TEXT, nullable=False),
        sa.Column("rules", TEXT, nullable=False),
        sa.Column("payload", TEXT, nullable=False),
        sa.ForeignKeyConstraint(
            ["delivery"], ["deliveries.key"], name=op.f("alerts_delivery_fkey")
        ),
        sa.PrimaryKeyConstraint("delivery", "place", name=op.f("alerts_pkey")),
        sa.UniqueConstraint(
            "destination",
            "article_id",
            "revision",
            "kind",
            name=op.f("alerts_destination_article_id_revision_kind_unique"),
        ),
    )
    op.create_table(
        "pulse",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("beats", HASH, nullable=False),
        sa.CheckConstraint("id = 1", name=op.f("pulse_single")),
        sa.PrimaryKeyConstraint("id", name=op.f("pulse_pkey")),
    )
    op.execute(sa.text("INSERT INTO pulse (id, beats) VALUES (1, 0)"))


def downgrade() -> None:
    for name in (
        "pulse",
        "alerts",
        "deliveries",
        "destinations",
        "matches",
        "fresh_features",
        "features",
        "segments",
        "revisions",
        "articles",
        "dumps",
    ):
        op.drop_table(name)
