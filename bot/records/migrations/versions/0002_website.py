"""Sessions of the website, and what was said in them."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"

_MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    """Create the two tables."""
    _sessions()
    _entries()


def downgrade() -> None:
    """Remove the two tables and all they hold."""
    op.drop_table("web_entries")
    op.drop_table("web_sessions")


def _sessions() -> None:
    op.create_table(
        "web_sessions",
        sa.Column("sender", sa.String(64), nullable=False),
        sa.Column("created_at", _MOMENT, nullable=False),
        sa.Column("last_seq", sa.Integer(), nullable=False),
        sa.Column("turn", sa.String(32)),
        sa.Column("turn_until", _MOMENT),
        sa.PrimaryKeyConstraint("sender", name="pk_web_sessions"),
        _check("web_sessions", "last_seq", "last_seq >= 0"),
        _check("web_sessions", "turn", "(turn IS NULL) = (turn_until IS NULL)"),
    )
    op.create_index("ix_web_sessions_created_at", "web_sessions", ["created_at"])


def _entries() -> None:
    op.create_table(
        "web_entries",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("sender", sa.String(64), nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("created_at", _MOMENT, nullable=False),
        sa.Column("author", sa.String(4), nullable=False),
        sa.Column("message_id", sa.String(64), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("answered", sa.Boolean(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("feedback_id", sa.Integer()),
        sa.PrimaryKeyConstraint("id", name="pk_web_entries"),
        sa.ForeignKeyConstraint(
            ["sender"], ["web_sessions.sender"], name="fk_web_entries_sender", ondelete="CASCADE"
        ),
        sa.UniqueConstraint("sender", "seq", name="uq_web_entries_seq"),
        sa.UniqueConstraint("sender", "author", "message_id", name="uq_web_entries_message_id"),
        _check("web_entries", "author", "author IN ('user', 'bot')"),
        _check("web_entries", "attempts", "attempts >= 0"),
    )
    op.create_index("ix_web_entries_answered", "web_entries", ["answered"])
    op.create_index("ix_web_entries_created_at", "web_entries", ["created_at"])


def _check(table: str, name: str, condition: str) -> sa.CheckConstraint:
    # op.f: the name is final, whatever naming convention the models follow one day.
    return sa.CheckConstraint(condition, name=op.f(f"ck_{table}_{name}"))
