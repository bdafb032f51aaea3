"""Addresses and languages of articles, and what each edit changed."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

TEXT = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")
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


def downgrade() -> None:
    op.drop_table("comparisons")
    op.drop_column("articles", "language")
    op.drop_column("articles", "url")
