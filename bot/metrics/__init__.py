"""What the bot tells a Prometheus server about itself: counts, times and depths, never who or what.

Each process counts in its own memory and shows it on a port of its own (`serve`). The package
imports nothing else of ours, so that every room may count.
"""

from bot.metrics.catalogue import registry
from bot.metrics.recording import (
    action_failed,
    action_run,
    analytics,
    degraded,
    duty,
    escalation,
    fault,
    lock_held,
    model_served,
    notification,
    rate_limited,
    sockets,
    spooled,
    step,
    timed,
    turn,
    worker_round,
)
from bot.metrics.serving import MetricsPortError, from_environ, port_of, serve

__all__ = [
    "MetricsPortError",
    "action_failed",
    "action_run",
    "analytics",
    "degraded",
    "duty",
    "escalation",
    "fault",
    "from_environ",
    "lock_held",
    "model_served",
    "notification",
    "port_of",
    "rate_limited",
    "registry",
    "serve",
    "sockets",
    "spooled",
    "step",
    "timed",
    "turn",
    "worker_round",
]
