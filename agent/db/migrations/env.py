"""Alembic's entry: runs on the connection that `open_database` hands over."""

from alembic import context

# Their tables join the metadata.
from agent.db import schema_counting, schema_jobs, schema_reviews, schema_server, schema_sound, schema_sources  # noqa: F401
from agent.db.schema import metadata

connection = context.config.attributes["connection"]
context.configure(connection=connection, target_metadata=metadata, render_as_batch=True)
with context.begin_transaction():
    context.run_migrations()
