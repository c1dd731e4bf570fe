"""Shows the metrics of a process to a Prometheus server, on a port that no visitor reaches."""

from __future__ import annotations

import logging
from collections.abc import Mapping

from prometheus_client import disable_created_metrics, start_http_server
from prometheus_client.registry import Collector

from bot.metrics.catalogue import OF_PROCESS, registry

logger = logging.getLogger(__name__)

# What each process adds to METRICS_PORT: they may run on one machine.
OFFSETS = {process: index for index, process in enumerate(OF_PROCESS)}
HIGHEST = 65535 - max(OFFSETS.values())


class MetricsPortError(ValueError):
    """METRICS_PORT is no port that can be used."""


def port_of(process: str, first: int) -> int:
    """Return the port of a process (`server`, `actions`, `worker`), 0 if metrics are off."""
    return first + OFFSETS[process] if first else 0


def serve(process: str, host: str, first: int, *beside: Collector) -> int:
    """Show a process's metrics, and others beside them, at `http://host:port/metrics` from a
    thread; return the port.

    0 if they are off (`first` is 0), or if the port is taken, which is logged: a bot that nobody
    watches still answers.
    """
    port = port_of(process, first)
    if not port:
        return 0
    # When a series began is of use to none of our rules, and doubles what is shown.
    disable_created_metrics()  # type: ignore[no-untyped-call]
    try:
        start_http_server(port, addr=host, registry=registry(process, *beside))
    except OSError as error:
        logger.error("Metrics cannot be shown on port %d (%s)", port, error.strerror)
        return 0
    logger.info("Metrics are shown on port %d", port)
    return port


def from_environ(environ: Mapping[str, str]) -> tuple[str, int]:
    """Return METRICS_HOST and METRICS_PORT, for a process that does not read the settings.

    Raises:
        MetricsPortError: the port is no whole number, or out of range.
    """
    text = environ.get("METRICS_PORT", "").strip() or "0"
    if not text.isdecimal() or int(text) > HIGHEST:
        raise MetricsPortError(f"METRICS_PORT must be between 0 and {HIGHEST}")
    return environ.get("METRICS_HOST", "").strip() or "127.0.0.1", int(text)
