"""Alembic's entry: runs migrations on the connection that bot.records.migrate opened."""

from alembic import context

from bot.records import tables
from bot.records.revision import VERSION_TABLE

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=tables.metadata,
    include_name=tables.is_ours,
    version_table=VERSION_TABLE,
    compare_type=True,
    render_as_batch=True,
)
with context.begin_transaction():
    context.run_migrations()
