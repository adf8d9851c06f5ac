"""Alembic's entry: the connection is handed in by `microaudit.store.engine`."""

from __future__ import annotations

from alembic import context

from microaudit.store.models import Base

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=Base.metadata,
    render_as_batch=True,  # SQLite alters a table by copying it
    transactional_ddl=True,  # a migration that fails leaves the store as it was
)
with context.begin_transaction():
    context.run_migrations()
