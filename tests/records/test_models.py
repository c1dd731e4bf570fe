"""The tables refuse what must never be stored, and times come back in UTC."""

from collections.abc import Callable
from dataclasses import fields
from datetime import datetime, timedelta, timezone

import pytest
from sqlalchemy.exc import IntegrityError

from bot.records import Records
from bot.records.models import Erasure, Escalation, Feedback, Notification
from bot.records.tables import UtcDateTime, metadata

from .conftest import Execute

COLUMNS = "reference, created_at, channel, outcome, status"
VALUES = "'E-222222', '2026-03-01 12:00:00', 'website', 'dosing'"


@pytest.mark.parametrize(
    ("kind", "name"),
    [
        (Escalation, "escalations"),
        (Notification, "notifications"),
        (Feedback, "feedback"),
        (Erasure, "erasures"),
    ],
)
def test_each_table_has_a_typed_object_with_the_same_fields(kind: type, name: str) -> None:
    assert {field.name for field in fields(kind)} == set(metadata.tables[name].columns.keys())


@pytest.mark.parametrize(
    ("columns", "values"),
    [
        ("", "'closed'"),
        ("taken_by", "'open', 'Ann'"),
        ("", "'taken'"),
        ("taken_by", "'resolved', 'Ann'"),
        ("resolved_at, taken_by", "'taken', '2026-03-01 12:00:00', 'Ann'"),
        ("excerpt", f"'open', '{'x' * 501}'"),
    ],
)
@pytest.mark.usefixtures("url")
def test_an_impossible_escalation_is_refused(sql: Execute, columns: str, values: str) -> None:
    names = f"{COLUMNS}, {columns}" if columns else COLUMNS
    with pytest.raises(IntegrityError):
        sql(f"INSERT INTO escalations ({names}) VALUES ({VALUES}, {values})")


@pytest.mark.usefixtures("url")
def test_a_notification_belongs_to_an_escalation(sql: Execute) -> None:
    with pytest.raises(IntegrityError):
        sql(
            "INSERT INTO notifications (reference, status, attempts, next_attempt_at, delivered) "
            "VALUES ('E-222222', 'pending', 0, '2026-03-01 12:00:00', '')"
        )


@pytest.mark.usefixtures("url")
def test_a_completed_erasure_cannot_keep_the_sender(sql: Execute) -> None:
    with pytest.raises(IntegrityError):
        sql(
            "INSERT INTO erasures (reference, requested_at, completed_at, pending_sender, "
            "feedback_deleted, excerpts_cleared, events_deleted) VALUES ('F-222222', "
            "'2026-03-01 12:00:00', '2026-03-01 12:00:00', 'sender', 0, 0, 0)"
        )


def test_times_are_utc_whatever_zone_they_came_in(
    records: Records, escalate: Callable[..., str], clock: Callable[[], datetime]
) -> None:
    elsewhere = timezone(timedelta(hours=5))
    clock.now = datetime(2026, 3, 1, 1, 30, tzinfo=elsewhere)  # type: ignore[attr-defined]
    found = records.escalation(escalate())
    assert found.created_at == clock()
    assert found.created_at.tzinfo is timezone.utc


def test_times_may_be_missing() -> None:
    kind = UtcDateTime()
    assert kind.process_bind_param(None, None) is None  # type: ignore[arg-type]
    assert kind.process_result_value(None, None) is None  # type: ignore[arg-type]


def test_times_from_a_database_in_another_zone_become_utc() -> None:
    elsewhere = datetime(2026, 3, 1, 17, 0, tzinfo=timezone(timedelta(hours=5)))
    moment = UtcDateTime().process_result_value(elsewhere, None)  # type: ignore[arg-type]
    assert moment is not None
    assert (moment.hour, moment.tzinfo) == (12, timezone.utc)
