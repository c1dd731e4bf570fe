"""Sessions and entries of any channel, replies that a channel sends, and Telegram's updates."""

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"

_MOMENT = sa.DateTime(timezone=True)
_SESSION = "sender, created_at, last_seq, turn, turn_until"
_ENTRY = "sender, seq, created_at, author, message_id, body, answered, attempts, feedback_id"


def upgrade() -> None:
    """Create the tables, and move there what the website's hold."""
    _sessions("sessions", sa.Column("channel", sa.String(16), nullable=False), _address())
    _entries("entries", "sessions")
    op.execute(
        f"INSERT INTO sessions (channel, {_SESSION}) SELECT 'website', {_SESSION} FROM web_sessions"  # noqa: S608
    )
    _copy_entries("web_entries", "entries")
    op.drop_table("web_entries")
    op.drop_table("web_sessions")
    _deliveries()
    _updates()


def downgrade() -> None:
    """Go back to the website's own tables; what was said on other channels goes."""
    op.drop_table("telegram_updates")
    op.drop_table("deliveries")
    op.execute(
        "DELETE FROM entries "
        "WHERE sender IN (SELECT sender FROM sessions WHERE channel != 'website')"
    )
    _sessions("web_sessions")
    _entries("web_entries", "web_sessions")
    op.execute(
        f"INSERT INTO web_sessions ({_SESSION}) "  # noqa: S608 - constants, here and below
        f"SELECT {_SESSION} FROM sessions WHERE channel = 'website'"
    )
    _copy_entries("entries", "web_entries")
    op.drop_table("entries")
    op.drop_table("sessions")


def _copy_entries(source: str, target: str) -> None:
    copied = f"SELECT {_ENTRY} FROM {source} ORDER BY id"  # noqa: S608
    op.execute(f"INSERT INTO {target} ({_ENTRY}) {copied}")


def _address() -> Any:
    return sa.Column("address", sa.String(32))


def _sessions(name: str, *more: Any) -> None:
    op.create_table(
        name,
        sa.Column("sender", sa.String(64), nullable=False),
        *more,
        sa.Column("created_at", _MOMENT, nullable=False),
        sa.Column("last_seq", sa.Integer(), nullable=False),
        sa.Column("turn", sa.String(32)),
        sa.Column("turn_until", _MOMENT),
        sa.PrimaryKeyConstraint("sender", name=f"pk_{name}"),
        _check(name, "last_seq", "last_seq >= 0"),
        _check(name, "turn", "(turn IS NULL) = (turn_until IS NULL)"),
    )
    op.create_index(f"ix_{name}_created_at", name, ["created_at"])


def _entries(name: str, sessions: str) -> None:
    op.create_table(
        name,
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
        sa.PrimaryKeyConstraint("id", name=f"pk_{name}"),
        sa.ForeignKeyConstraint(
            ["sender"], [f"{sessions}.sender"], name=f"fk_{name}_sender", ondelete="CASCADE"
        ),
        sa.UniqueConstraint("sender", "seq", name=f"uq_{name}_seq"),
        sa.UniqueConstraint("sender", "author", "message_id", name=f"uq_{name}_message_id"),
        _check(name, "author", "author IN ('user', 'bot')"),
        _check(name, "attempts", "attempts >= 0"),
    )
    op.create_index(f"ix_{name}_answered", name, ["answered"])
    op.create_index(f"ix_{name}_created_at", name, ["created_at"])


def _deliveries() -> None:
    op.create_table(
        "deliveries",
        sa.Column("entry_id", sa.Integer(), nullable=False),
        sa.Column("sender", sa.String(64), nullable=False),
        sa.Column("key", sa.String(32), nullable=False),
        sa.Column("arrived", sa.Text(), nullable=False),
        sa.Column("sent_after", sa.BigInteger()),
        sa.Column("tapped", sa.Text(), nullable=False),
        sa.Column("done", sa.Boolean(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("next_attempt_at", _MOMENT, nullable=False),
        sa.Column("holder", sa.String(32)),
        sa.Column("held_until", _MOMENT),
        sa.PrimaryKeyConstraint("entry_id", name="pk_deliveries"),
        sa.ForeignKeyConstraint(
            ["entry_id"], ["entries.id"], name="fk_deliveries_entry_id", ondelete="CASCADE"
        ),
        sa.UniqueConstraint("key", name="uq_deliveries_key"),
        _check("deliveries", "attempts", "attempts >= 0"),
        _check("deliveries", "holder", "(holder IS NULL) = (held_until IS NULL)"),
    )
    op.create_index("ix_deliveries_done", "deliveries", ["done"])
    op.create_index("ix_deliveries_sender", "deliveries", ["sender"])


def _updates() -> None:
    op.create_table(
        "telegram_updates",
        sa.Column("update_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("created_at", _MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("update_id", name="pk_telegram_updates"),
        _check("telegram_updates", "update_id", "update_id >= 0"),
    )
    op.create_index("ix_telegram_updates_created_at", "telegram_updates", ["created_at"])


def _check(table: str, name: str, condition: str) -> sa.CheckConstraint:
    # op.f: the name is final, whatever naming convention the models follow one day.
    return sa.CheckConstraint(condition, name=op.f(f"ck_{table}_{name}"))
