"""Runs the migrations inside the transaction that ``monitor.store.upgrade`` holds."""

from __future__ import annotations

from alembic import context

from monitor.store.schema import metadata

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    transactional_ddl=True,  # SQLite as well: the caller's BEGIN covers the tables
    render_as_batch=True,
    compare_type=True,
)
context.run_migrations()
