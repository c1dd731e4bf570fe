"""Shows the depths of all queues among the worker's metrics: asked when a scrape comes."""

import logging
from collections.abc import Iterator

from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector

from .depths import Depths
from .errors import RecordsError
from .repository import Records

logger = logging.getLogger(__name__)

# Shown with 0 where nothing waits, so that a rule has something to look at.
CHANNELS = ("website", "telegram")
# Name, what it counts, and its label, if any.
_FAMILIES = (
    ("guide_records_up", "1 if the database answered this scrape.", None),
    ("guide_escalations_open", "Escalations that nobody has taken.", None),
    ("guide_escalations_open_oldest_seconds", "Age of the oldest of them.", None),
    ("guide_notifications_pending", "Notifications still to be delivered.", None),
    ("guide_notifications_pending_oldest_seconds", "Age of the oldest of them.", None),
    ("guide_notifications_failed", "Notifications that were given up.", None),
    ("guide_erasures_pending", "Erasures that are not finished.", None),
    ("guide_erasures_pending_oldest_seconds", "Age of the oldest of them.", None),
    ("guide_messages_waiting", "Messages without an answer.", "channel"),
    ("guide_messages_waiting_oldest_seconds", "Age of the oldest of them.", "channel"),
    ("guide_replies_waiting", "Replies on their way to Telegram.", None),
    ("guide_replies_waiting_oldest_seconds", "Age of the oldest of them.", None),
)


class QueueGauges(Collector):
    """Asks the records how much waits.

    Args:
        records: the database.
    """

    def __init__(self, records: Records) -> None:
        self._records = records

    def describe(self) -> Iterator[GaugeMetricFamily]:
        """Return the metrics without values: no database is needed to know their names."""
        yield from _families().values()

    def collect(self) -> Iterator[GaugeMetricFamily]:
        """Return the metrics; of a database that does not answer, only that."""
        families = _families()
        try:
            _fill(families, self._records.depths())
        except RecordsError as error:
            logger.warning("the depths of the queues are not known: %s", error)
        families["guide_records_up"].add_metric([], float(_is_filled(families)))
        yield from families.values()


def _families() -> dict[str, GaugeMetricFamily]:
    return {
        name: GaugeMetricFamily(name, text, labels=[label] if label else [])
        for name, text, label in _FAMILIES
    }


def _is_filled(families: dict[str, GaugeMetricFamily]) -> bool:
    return bool(families["guide_escalations_open"].samples)


def _fill(families: dict[str, GaugeMetricFamily], depths: Depths) -> None:
    for name, depth in (
        ("guide_escalations_open", depths.escalations),
        ("guide_notifications_pending", depths.notifications),
        ("guide_erasures_pending", depths.erasures),
        ("guide_replies_waiting", depths.replies),
    ):
        families[name].add_metric([], depth.count)
        families[f"{name}_oldest_seconds"].add_metric([], depth.oldest)
    families["guide_notifications_failed"].add_metric([], depths.notifications_failed)
    for channel in CHANNELS:
        found = depths.messages.get(channel)
        count, oldest = (found.count, found.oldest) if found else (0, 0.0)
        families["guide_messages_waiting"].add_metric([channel], count)
        families["guide_messages_waiting_oldest_seconds"].add_metric([channel], oldest)
