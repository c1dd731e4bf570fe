"""Escalations, notifications, feedback, erasures."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None

_MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    """Create the four tables."""
    _escalations()
    _notifications()
    _feedback()
    _erasures()


def downgrade() -> None:
    """Remove the four tables and all they hold."""
    for table in ("erasures", "feedback", "notifications", "escalations"):
        op.drop_table(table)


def _escalations() -> None:
    op.create_table(
        "escalations",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("reference", sa.String(8), nullable=False),
        sa.Column("created_at", _MOMENT, nullable=False),
        sa.Column("channel", sa.Text(), nullable=False),
        sa.Column("outcome", sa.Text(), nullable=False),
        sa.Column("excerpt", sa.Text()),
        sa.Column("conversation", sa.Text()),
        sa.Column("message_key", sa.String(64)),
        sa.Column("status", sa.String(8), nullable=False),
        sa.Column("taken_by", sa.Text()),
        sa.Column("resolution", sa.Text()),
        sa.Column("resolved_at", _MOMENT),
        sa.PrimaryKeyConstraint("id", name="pk_escalations"),
        sa.UniqueConstraint("reference", name="uq_escalations_reference"),
        sa.UniqueConstraint("message_key", name="uq_escalations_message_key"),
        _check("escalations", "status", "status IN ('open', 'taken', 'resolved')"),
        _check("escalations", "excerpt", "length(excerpt) <= 500"),
        _check("escalations", "taken_by", "(status = 'open') = (taken_by IS NULL)"),
        _check("escalations", "resolved_at", "(status = 'resolved') = (resolved_at IS NOT NULL)"),
    )
    _index("escalations", "status", "created_at")
    _index("escalations", "created_at")
    _index("escalations", "conversation")


def _notifications() -> None:
    op.create_table(
        "notifications",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("reference", sa.String(8), nullable=False),
        sa.Column("status", sa.String(7), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("next_attempt_at", _MOMENT, nullable=False),
        sa.Column("delivered", sa.Text(), nullable=False),
        sa.Column("last_error", sa.Text()),
        sa.Column("sent_at", _MOMENT),
        sa.PrimaryKeyConstraint("id", name="pk_notifications"),
        sa.UniqueConstraint("reference", name="uq_notifications_reference"),
        sa.ForeignKeyConstraint(
            ["reference"], ["escalations.reference"], name="fk_notifications_reference"
        ),
        _check("notifications", "status", "status IN ('pending', 'sent', 'failed')"),
        _check("notifications", "attempts", "attempts >= 0"),
        _check("notifications", "sent_at", "(status = 'sent') = (sent_at IS NOT NULL)"),
    )
    _index("notifications", "status", "next_attempt_at")


def _feedback() -> None:
    op.create_table(
        "feedback",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("created_at", _MOMENT, nullable=False),
        sa.Column("conversation", sa.Text()),
        sa.Column("topic", sa.Text(), nullable=False),
        sa.Column("helpful", sa.Boolean(), nullable=False),
        sa.Column("comment", sa.Text()),
        sa.PrimaryKeyConstraint("id", name="pk_feedback"),
        _check("feedback", "comment", "length(comment) <= 500"),
        sqlite_autoincrement=True,
    )
    _index("feedback", "conversation")
    _index("feedback", "created_at")


def _erasures() -> None:
    op.create_table(
        "erasures",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("reference", sa.String(8), nullable=False),
        sa.Column("requested_at", _MOMENT, nullable=False),
        sa.Column("completed_at", _MOMENT),
        sa.Column("pending_sender", sa.Text()),
        sa.Column("feedback_deleted", sa.Integer(), nullable=False),
        sa.Column("excerpts_cleared", sa.Integer(), nullable=False),
        sa.Column("events_deleted", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_erasures"),
        sa.UniqueConstraint("reference", name="uq_erasures_reference"),
        _check(
            "erasures", "pending_sender", "(completed_at IS NULL) = (pending_sender IS NOT NULL)"
        ),
        _check("erasures", "feedback_deleted", "feedback_deleted >= 0"),
        _check("erasures", "excerpts_cleared", "excerpts_cleared >= 0"),
        _check("erasures", "events_deleted", "events_deleted >= 0"),
    )
    _index("erasures", "pending_sender")


def _check(table: str, name: str, condition: str) -> sa.CheckConstraint:
    # op.f: the name is final, whatever naming convention the models follow one day.
    return sa.CheckConstraint(condition, name=op.f(f"ck_{table}_{name}"))


def _index(table: str, *columns: str) -> None:
    op.create_index(f"ix_{table}_{'_'.join(columns)}", table, list(columns))
