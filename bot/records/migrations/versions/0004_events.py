"""Rasa's events, which its tracker store used to make, and no statistics of what people wrote."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"

_INDEXES = {
    "ix_events_sender_id_id": ["sender_id", "id"],
    "ix_events_sender_id_type_name_id": ["sender_id", "type_name", "id"],
    "ix_events_sender_id_type_name_action_name_id": ["sender_id", "type_name", "action_name", "id"],
}
# Columns with people's words, of which PostgreSQL would keep samples beyond their deletion.
_WORDS = (
    ("events", "data"),
    ("entries", "body"),
    ("escalations", "excerpt"),
    ("escalations", "resolution"),
    ("feedback", "comment"),
)


def upgrade() -> None:
    """Create the table, or take over the one that is there; index it."""
    there = sa.inspect(op.get_bind())
    if not there.has_table("events"):
        _create()
    # By sender alone: each of the others begins with that.
    op.execute("DROP INDEX IF EXISTS ix_events_sender_id")
    for name, columns in _INDEXES.items():
        op.execute(f"CREATE INDEX IF NOT EXISTS {name} ON events ({', '.join(columns)})")
    _keep_statistics(0)


def downgrade() -> None:
    """Give the table back to Rasa's store, with all it holds."""
    op.execute("CREATE INDEX IF NOT EXISTS ix_events_sender_id ON events (sender_id)")
    _keep_statistics(-1)


def _create() -> None:
    op.create_table(
        "events",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("sender_id", sa.String(255), nullable=False),
        sa.Column("type_name", sa.String(255), nullable=False),
        sa.Column("timestamp", sa.Float()),
        sa.Column("intent_name", sa.String(255)),
        sa.Column("action_name", sa.String(255)),
        sa.Column("data", sa.Text()),
        sa.PrimaryKeyConstraint("id", name="pk_events"),
    )


def _keep_statistics(target: int) -> None:
    if op.get_bind().dialect.name != "postgresql":
        return
    for table, column in _WORDS:
        op.execute(f"ALTER TABLE {table} ALTER COLUMN {column} SET STATISTICS {target}")
        if target == 0:
            # The same type once more: what the table's owner may do, it rewrites nothing, and
            # drops the samples that are there.
            type_ = op.get_bind().scalar(
                sa.text(
                    "SELECT format_type(atttypid, atttypmod) FROM pg_attribute "
                    "WHERE attrelid = CAST(:table AS regclass) AND attname = :column"
                ),
                {"table": table, "column": column},
            )
            op.execute(f"ALTER TABLE {table} ALTER COLUMN {column} TYPE {type_}")
