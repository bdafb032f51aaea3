"""Groups, threads, attempts and the state of destinations; silences and what was not told."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

TEXT = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")
TIME = sa.Text().with_variant(sa.DateTime(timezone=True), "postgresql")
ROW_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.add_column("destinations", sa.Column("failing_since", TIME))
    op.add_column(
        "destinations", sa.Column("failures", sa.Integer(), nullable=False, server_default="0")
    )
    op.add_column("destinations", sa.Column("last_error", TEXT))
    op.add_column("destinations", sa.Column("last_sent", TIME))
    op.add_column("destinations", sa.Column("gone", TEXT))
    op.add_column("deliveries", sa.Column("kind", TEXT, nullable=False, server_default="alerts"))
    op.add_column("deliveries", sa.Column("grouping", TEXT, nullable=False, server_default=""))
    op.add_column(
        "deliveries",
        sa.Column(
            "dropped",
            sa.Boolean(create_constraint=False),
            nullable=False,
            server_default=sa.false(),
        ),
    )
    op.add_column("deliveries", sa.Column("not_before", TIME))
    op.create_index(
        op.f("deliveries_destination_created"), "deliveries", ["destination", "created"]
    )
    op.add_column("alerts", sa.Column("rank", sa.Integer(), nullable=False, server_default="2"))
    op.create_table(
        "attempts",
        sa.Column("delivery", TEXT, nullable=False),
        sa.Column("started", TIME, nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("seconds", sa.Float()),
        sa.Column("outcome", TEXT, nullable=False),
        sa.Column("answer", TEXT, nullable=False),
        sa.ForeignKeyConstraint(
            ["delivery"], ["deliveries.key"], name=op.f("attempts_delivery_fkey")
        ),
        sa.PrimaryKeyConstraint("delivery", "started", name=op.f("attempts_pkey")),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "groups",
        sa.Column("destination", TEXT, nullable=False),
        sa.Column("grouping", TEXT, nullable=False),
        sa.Column("due", TIME, nullable=False),
        sa.ForeignKeyConstraint(
            ["destination"], ["destinations.name"], name=op.f("groups_destination_fkey")
        ),
        sa.PrimaryKeyConstraint("destination", "grouping", name=op.f("groups_pkey")),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "threads",
        sa.Column("destination", TEXT, nullable=False),
        sa.Column("article_id", TEXT, nullable=False),
        sa.Column("thread", TEXT, nullable=False),
        sa.Column("at", TIME, nullable=False),
        sa.ForeignKeyConstraint(
            ["destination"], ["destinations.name"], name=op.f("threads_destination_fkey")
        ),
        sa.PrimaryKeyConstraint("destination", "article_id", name=op.f("threads_pkey")),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "silences",
        sa.Column("id", TEXT, nullable=False),
        sa.Column("matchers", TEXT, nullable=False),
        sa.Column("starts", TIME, nullable=False),
        sa.Column("until", TIME, nullable=False),
        sa.Column("comment", TEXT, nullable=False),
        sa.Column("created", TIME, nullable=False),
        sa.Column("creator", TEXT, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("silences_pkey")),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "suppressions",
        sa.Column("id", ROW_ID, autoincrement=True, nullable=False),
        sa.Column("at", TIME, nullable=False),
        sa.Column("article_id", TEXT, nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("kind", TEXT, nullable=False),
        sa.Column("rules", TEXT, nullable=False),
        sa.Column("receiver", TEXT, nullable=False),
        sa.Column("reason", TEXT, nullable=False),
        sa.Column("detail", TEXT, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("suppressions_pkey")),
    )
    op.create_index(op.f("suppressions_at"), "suppressions", ["at"])
    op.create_index(op.f("suppressions_article_id"), "suppressions", ["article_id"])


def downgrade() -> None:
    for name in ("suppressions", "silences", "threads", "groups", "attempts"):
        op.drop_table(name)
    op.drop_column("alerts", "rank")
    op.drop_index(op.f("deliveries_destination_created"), "deliveries")
    op.drop_column("deliveries", "not_before")
    op.drop_column("deliveries", "dropped")
    op.drop_column("deliveries", "grouping")
    op.drop_column("deliveries", "kind")
    for name in ("gone", "last_sent", "last_error", "failures", "failing_since"):
        op.drop_column("destinations", name)
