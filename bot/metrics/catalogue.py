"""Every metric that is counted as it happens. Depths of queues are asked of the database when a
scrape comes (`bot.records.gauges`)."""

from __future__ import annotations

from collections.abc import Mapping

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, Info, ProcessCollector
from prometheus_client.registry import Collector

from bot.metrics.labels import (
    CHANNELS,
    DELIVERIES,
    FAULTS,
    LIMITS,
    OTHER,
    OUTCOMES,
    PARTS,
    PUBLISHED,
    SPOOLED,
    STAGES,
)

# Seconds. A turn takes some 20 ms; the action timeout and the deadline are 4 and 8 by default.
_QUICK = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10)
_WHOLE = (0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2, 4, 8, 16)

TURNS = Counter(
    "guide_turns",
    "Turns that ended with a reply.",
    ["channel", "outcome"],
    registry=None,
)
TURN_SECONDS = Histogram(
    "guide_turn_seconds",
    "Time from a turn's beginning to its whole reply.",
    ["channel"],
    buckets=_WHOLE,
    registry=None,
)
TURNS_RUNNING = Gauge(
    "guide_turns_running",
    "Turns that run at the moment.",
    ["channel"],
    registry=None,
)
UNANSWERED = Counter(
    "guide_turns_unanswered",
    "Turns that ended without any reply, not even the safe one.",
    ["channel"],
    registry=None,
)
SAFE_REPLIES = Counter(
    "guide_safe_replies",
    "Safe replies sent in place of the real one, by what had failed.",
    ["reason"],
    registry=None,
)
STAGE_SECONDS = Histogram(
    "guide_stage_seconds",
    "Time that a stage of a turn took.",
    ["stage"],
    buckets=_QUICK,
    registry=None,
)
DEGRADED = Gauge(
    "guide_degraded",
    "1 if the part failed when it was last used.",
    ["part"],
    registry=None,
)
SPOOL_WAITING = Gauge(
    "guide_spool_waiting",
    "What waits in this process's spool for the database.",
    ["kind"],
    registry=None,
)
RATE_LIMITED = Counter(
    "guide_rate_limited",
    "Requests refused for there being too many.",
    ["limit"],
    registry=None,
)
SOCKETS_OPEN = Gauge(
    "guide_sockets_open",
    "Open connections of the website channel.",
    registry=None,
)
ANALYTICS = Counter(
    "guide_analytics_messages",
    "Messages about turns: taken by RabbitMQ, or dropped for want of room.",
    ["result"],
    registry=None,
)
MODEL = Info("guide_model", "The model that is served.", registry=None)
ESCALATIONS = Counter(
    "guide_escalations",
    "Escalations told to the records: opened, told again, or failed to be recorded.",
    ["outcome", "result"],
    registry=None,
)
ACTION_SECONDS = Histogram(
    "guide_action_seconds",
    "Time that an action took in the action server.",
    ["action"],
    buckets=_QUICK,
    registry=None,
)
ACTION_FAULTS = Counter(
    "guide_action_faults",
    "Requests to the action server that failed.",
    registry=None,
)
NOTIFICATIONS = Counter(
    "guide_notification_attempts",
    "Attempts to deliver a notification, by what came of them.",
    ["result"],
    registry=None,
)
DUTY_FAILING = Gauge(
    "guide_worker_duty_failing",
    "1 if the worker's duty failed last.",
    ["duty"],
    registry=None,
)
WORKER_ROUND = Gauge(
    "guide_worker_last_round_timestamp_seconds",
    "When the worker last ended a round, in Unix time.",
    registry=None,
)

# What each process shows: of others it would only have a misleading 0.
OF_PROCESS: Mapping[str, tuple[Collector, ...]] = {
    "server": (
        TURNS, TURN_SECONDS, TURNS_RUNNING, UNANSWERED, SAFE_REPLIES, STAGE_SECONDS, DEGRADED,
        SPOOL_WAITING, RATE_LIMITED, SOCKETS_OPEN, MODEL, ESCALATIONS, ANALYTICS,
    ),
    "actions": (ACTION_SECONDS, ACTION_FAULTS, ESCALATIONS),
    "worker": (NOTIFICATIONS, DUTY_FAILING, WORKER_ROUND),
}  # fmt: skip

# Looked up once; and a rate is only seen from the first event on if the series was there before.
STAGE = {name: STAGE_SECONDS.labels(name) for name in STAGES}
for _part in PARTS:
    DEGRADED.labels(_part)
for _kind in SPOOLED:
    SPOOL_WAITING.labels(_kind)
for _reason in (*FAULTS, OTHER):
    SAFE_REPLIES.labels(_reason)
for _channel in CHANNELS:
    UNANSWERED.labels(_channel)
for _limit in LIMITS:
    RATE_LIMITED.labels(_limit)
for _outcome in OUTCOMES:
    ESCALATIONS.labels(_outcome, "failed")
for _result in PUBLISHED:
    ANALYTICS.labels(_result)
for _result in DELIVERIES:
    NOTIFICATIONS.labels(_result)


def registry(process: str, *beside: Collector) -> CollectorRegistry:
    """Return the metrics of a process (`server`, `actions`, `worker`), and others beside them."""
    made = CollectorRegistry()
    # What a library registers by itself, in its own registry, is not among them.
    for collector in (*OF_PROCESS[process], *beside):
        made.register(collector)
    ProcessCollector(registry=made)
    return made
