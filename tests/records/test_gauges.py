"""The worker's gauges: what waits, and whether the database could be asked."""

from collections.abc import Callable

import pytest

from bot.metrics import registry
from bot.records import Records
from bot.records.gauges import QueueGauges

from .conftest import Clock


def test_a_scrape_asks_the_database(
    records: Records, escalate: Callable[..., str], clock: Clock
) -> None:
    shown = registry("worker", QueueGauges(records))
    assert shown.get_sample_value("guide_escalations_open") == 0

    escalate()
    clock.forward(seconds=20)

    assert shown.get_sample_value("guide_escalations_open") == 1
    assert shown.get_sample_value("guide_escalations_open_oldest_seconds") == 20
    assert shown.get_sample_value("guide_notifications_pending") == 1
    assert shown.get_sample_value("guide_notifications_failed") == 0
    assert shown.get_sample_value("guide_records_up") == 1


def test_a_channel_where_nothing_waits_shows_0(records: Records, clock: Clock) -> None:
    records.open_session("web-1", "website")
    records.add_message("web-1", "m1", {"text": "hello"})
    clock.forward(seconds=4)

    shown = registry("worker", QueueGauges(records))

    for channel, count, age in (("website", 1, 4), ("telegram", 0, 0)):
        labels = {"channel": channel}
        assert shown.get_sample_value("guide_messages_waiting", labels) == count
        assert shown.get_sample_value("guide_messages_waiting_oldest_seconds", labels) == age


def test_a_database_that_is_down_is_told_and_nothing_else(
    empty_url: str, caplog: pytest.LogCaptureFixture
) -> None:
    shown = registry("worker", QueueGauges(Records(empty_url)))

    assert shown.get_sample_value("guide_records_up") == 0
    assert shown.get_sample_value("guide_escalations_open") is None
    assert "depths of the queues are not known" in caplog.text


def test_its_names_need_no_database(empty_url: str) -> None:
    names = {family.name for family in QueueGauges(Records(empty_url)).describe()}

    assert {"guide_records_up", "guide_replies_waiting"} <= names
