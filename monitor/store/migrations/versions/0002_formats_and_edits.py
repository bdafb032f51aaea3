"""Addresses, languages and copies of articles, what each edit changed, alerts about counters, and
lookup keys in three steps."""

from __future__ import annotations

import struct

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

TEXT = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")
TIME = sa.Text().with_variant(sa.DateTime(timezone=True), "postgresql")
ROW_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
HASH = sa.BigInteger()


def upgrade() -> None:
    op.add_column("articles", sa.Column("url", TEXT))
    op.add_column("articles", sa.Column("language", TEXT))
    op.create_table(
        "comparisons",
        sa.Column("article", ROW_ID, autoincrement=False, nullable=False),
        sa.Column("before", HASH, autoincrement=False, nullable=False),
        sa.Column("after", HASH, autoincrement=False, nullable=False),
        sa.Column("kinds", TEXT, nullable=False),
        sa.Column("materiality", sa.Float(), nullable=False),
        sa.Column("detail", TEXT, nullable=False),
        sa.ForeignKeyConstraint(
            ["article"], ["articles.pk"], name=op.f("comparisons_article_fkey")
        ),
        sa.PrimaryKeyConstraint("article", "before", "after", name=op.f("comparisons_pkey")),
        sqlite_with_rowid=False,
    )

    op.create_index(
        op.f("articles_duplicate_of"),
        "articles",
        ["duplicate_of"],
        sqlite_where=sa.text("duplicate_of IS NOT NULL"),
        postgresql_where=sa.text("duplicate_of IS NOT NULL"),
    )
    _remake_alerts(about=True)

    for name in ("timed", "unsure", "odd_times"):
        op.add_column("dumps", sa.Column(name, sa.Integer(), nullable=False, server_default="0"))
    op.add_column("dumps", sa.Column("again", TIME))
    op.create_index(op.f("dumps_source_id"), "dumps", ["source", "id"])
    op.create_table(
        "conditions",
        sa.Column("source", TEXT, nullable=False),
        sa.Column("check", TEXT, nullable=False),
        sa.Column("since", TIME, nullable=False),
        sa.Column("detail", TEXT, nullable=False),
        sa.PrimaryKeyConstraint("source", "check", name=op.f("conditions_pkey")),
        sqlite_with_rowid=False,
    )
    op.add_column(
        "revisions",
        sa.Column("pruned", sa.Boolean(), nullable=False, server_default=sa.false()),
    )
    op.create_table(
        "chores",
        sa.Column("name", TEXT, nullable=False),
        sa.Column("due", TIME, nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("chores_pkey")),
        sqlite_with_rowid=False,
    )

    _move_keys("fresh_features", "features")
    op.drop_table("fresh_features")
    op.create_table(
        "fresh_features",
        sa.Column("seq", ROW_ID, autoincrement=False, nullable=False),
        sa.Column("article", ROW_ID, nullable=False),
        sa.Column("hashes", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("seq", name=op.f("fresh_features_pkey")),
    )
    _create_keys("recent_features")


def downgrade() -> None:
    _unpack_keys("fresh_features", "recent_features")
    op.drop_table("fresh_features")
    _move_keys("recent_features", "features")
    op.drop_table("recent_features")
    _create_keys("fresh_features")
    op.drop_table("chores")
    op.drop_column("revisions", "pruned")
    op.drop_table("conditions")
    op.drop_index(op.f("dumps_source_id"), "dumps")
    for name in ("again", "odd_times", "unsure", "timed"):
        op.drop_column("dumps", name)
    op.drop_table("comparisons")
    op.execute("DELETE FROM alerts WHERE about <> ''")  # of a kind that was not known
    _remake_alerts(about=False)
    op.drop_index(op.f("articles_duplicate_of"), "articles")
    op.drop_column("articles", "language")
    op.drop_column("articles", "url")


def _remake_alerts(*, about: bool) -> None:
    """Make the table of alerts anew, with the column ``about`` or without: SQLite cannot change
    what is unique in one."""
    columns = "delivery, place, destination, article_id, revision, kind, rules, payload"
    op.execute(f"CREATE TABLE alerts_before AS SELECT {columns} FROM alerts")  # noqa: S608
    op.drop_table("alerts")
    more = (sa.Column("about", TEXT, nullable=False, server_default=""),) if about else ()
    key = ["destination", "article_id", "revision", "kind", *(column.name for column in more)]
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
        *more,
        sa.ForeignKeyConstraint(
            ["delivery"], ["deliveries.key"], name=op.f("alerts_delivery_fkey")
        ),
        sa.PrimaryKeyConstraint("delivery", "place", name=op.f("alerts_pkey")),
        sa.UniqueConstraint(*key, name=op.f(f"alerts_{'_'.join(key)}_unique")),
    )
    op.execute(
        f"INSERT INTO alerts ({columns}) SELECT {columns} FROM alerts_before"  # noqa: S608
    )
    op.drop_table("alerts_before")


def _create_keys(name: str) -> None:
    op.create_table(
        name,
        sa.Column("hash", HASH, autoincrement=False, nullable=False),
        sa.Column("article", ROW_ID, autoincrement=False, nullable=False),
        sa.PrimaryKeyConstraint("hash", "article", name=op.f(f"{name}_pkey")),
        sqlite_with_rowid=False,
    )


def _move_keys(source: str, target: str) -> None:
    """Add to ``target`` the keys of ``source`` that it does not have."""
    op.execute(
        f"INSERT INTO {target} (hash, article) SELECT hash, article FROM {source} "  # noqa: S608
        f"EXCEPT SELECT hash, article FROM {target}"
    )


def _unpack_keys(source: str, target: str) -> None:
    """The same for keys that are packed, article by article."""
    rows = op.get_bind().execute(sa.text(f"SELECT article, hashes FROM {source}"))  # noqa: S608
    keys = {
        (key, article)
        for article, hashes in rows
        for key in struct.unpack(f"<{len(hashes) // 8}q", hashes)
    }
    there = sa.table(target, sa.column("hash"), sa.column("article"))
    known = {(key, article) for key, article in op.get_bind().execute(sa.select(there))}
    op.bulk_insert(there, [{"hash": key, "article": pk} for key, pk in sorted(keys - known)])
