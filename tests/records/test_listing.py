"""What a professional sees in a terminal."""

from datetime import datetime, timedelta, timezone

import pytest

from bot.records import Escalation, Notification
from bot.records.listing import age, page, table

NOW = datetime(2026, 3, 1, 12, 0, tzinfo=timezone.utc)


def escalation(reference: str, **more: object) -> Escalation:
    values: dict[str, object] = {
        "reference": reference,
        "created_at": NOW - timedelta(hours=2),
        "channel": "website",
        "outcome": "dosing",
        "excerpt": "how much",
        "conversation": "c0ffee",
    }
    return Escalation(**(values | more))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("ago", "expected"),
    [
        (timedelta(seconds=-5), "now"),
        (timedelta(seconds=59), "now"),
        (timedelta(seconds=60), "1 min"),
        (timedelta(minutes=119), "1 h"),
        (timedelta(hours=23), "23 h"),
        (timedelta(days=40), "40 d"),
    ],
)
def test_age(ago: timedelta, expected: str) -> None:
    assert age(NOW - ago, NOW) == expected


def test_a_table_is_aligned_and_holds_no_text_of_the_person() -> None:
    rows = [
        escalation("E-222222"),
        escalation("E-333333", outcome="personal_advice", status="taken", taken_by="Ann"),
    ]
    assert table(rows, "all", NOW).splitlines() == [
        "REFERENCE  STATUS  AGE  OUTCOME          CHANNEL  TAKEN BY",
        "E-222222   open    2 h  dosing           website  -",
        "E-333333   taken   2 h  personal_advice  website  Ann",
    ]


@pytest.mark.parametrize(
    ("status", "expected"),
    [
        ("open", "no open escalations"),
        ("resolved", "no resolved escalations"),
        ("all", "no escalations"),
    ],
)
def test_an_empty_table_says_so(status: str, expected: str) -> None:
    assert table([], status, NOW) == expected


def test_a_page_holds_everything() -> None:
    resolved = escalation(
        "E-222222", status="resolved", taken_by="Ann", resolved_at=NOW, resolution="rang back"
    )
    sent = Notification("E-222222", NOW, status="sent")
    assert page(resolved, sent, NOW).splitlines() == [
        "Reference:    E-222222",
        "Status:       resolved",
        "Outcome:      dosing",
        "Time:         2026-03-01 10:00 UTC (2 h)",
        "Channel:      website",
        "Conversation: c0ffee",
        "Excerpt:      how much",
        "Notification: sent",
        "Taken by:     Ann",
        "Resolved:     2026-03-01 12:00 UTC",
        "Resolution:   rang back",
    ]


@pytest.mark.parametrize(
    ("notification", "expected"),
    [
        (None, "none (recorded only)"),
        (Notification("E-222222", NOW), "pending after 0 attempts"),
        (
            Notification(
                "E-222222", NOW, status="failed", attempts=3, last_error="target 1 is down"
            ),
            "failed after 3 attempts: target 1 is down",
        ),
    ],
)
def test_a_page_tells_how_the_notification_stands(
    notification: Notification | None, expected: str
) -> None:
    lines = page(escalation("E-222222", excerpt=None), notification, NOW).splitlines()
    assert f"Notification: {expected}" in lines
    assert "Excerpt:      -" in lines
