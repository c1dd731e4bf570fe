"""By what an erasure is done again when a back-up from before it is restored."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    """Add the column; erasures of before have none."""
    op.add_column("erasures", sa.Column("tombstone", sa.String(64)))


def downgrade() -> None:
    """Drop it: what was erased since a back-up would come back with it."""
    op.execute("ALTER TABLE erasures DROP COLUMN tombstone")
