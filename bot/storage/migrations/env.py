"""Alembic runs this to migrate: on the connection that the ledger hands in, inside its transaction."""

from alembic import context

from bot.storage.work_tables import metadata

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    render_as_batch=True,  # SQLite alters a table by copying it
)
with context.begin_transaction():
    context.run_migrations()
