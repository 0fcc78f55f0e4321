"""Run by Alembic; `riskmiljo.store.migrate` gives it the connection and owns the transaction."""

from __future__ import annotations

from alembic import context

from riskmiljo.store.tables import metadata

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    render_as_batch=True,
)
with context.begin_transaction():
    context.run_migrations()
