"""Showing metrics: off unless asked for, each process on a port of its own, never in the way."""

from __future__ import annotations

import logging
import urllib.request
from contextlib import closing

import pytest

from bot import metrics
from bot.settings import Settings
from tests.servers import bound_socket, free_port


def scrape(port: int) -> str:
    with urllib.request.urlopen(f"http://127.0.0.1:{port}/metrics", timeout=10) as answer:
        return str(answer.read().decode())


def test_they_are_off_by_default_and_on_loopback() -> None:
    settings = Settings()

    assert (settings.metrics_port, settings.metrics_host) == (0, "127.0.0.1")
    assert metrics.serve("server", settings.metrics_host, settings.metrics_port) == 0


def test_each_process_has_a_port_of_its_own() -> None:
    ports = [metrics.port_of(process, 9101) for process in ("server", "actions", "worker")]

    assert ports == [9101, 9102, 9103]


def test_a_process_shows_its_own_and_what_is_beside() -> None:
    port = metrics.serve("actions", "127.0.0.1", free_port() - 1)

    shown = scrape(port)
    assert "guide_action_faults_total" in shown
    assert "process_resident_memory_bytes" in shown
    assert "guide_turns" not in shown, "of the server: here it could only be a misleading 0"
    assert "_created" not in shown


def test_a_port_that_is_taken_is_told_and_no_more(caplog: pytest.LogCaptureFixture) -> None:
    with closing(bound_socket()) as taken:
        taken.listen()
        port = taken.getsockname()[1]
        with caplog.at_level(logging.ERROR):
            assert metrics.serve("server", "127.0.0.1", port) == 0

    assert f"Metrics cannot be shown on port {port}" in caplog.text


@pytest.mark.parametrize(
    ("environ", "address"),
    [
        ({}, ("127.0.0.1", 0)),
        ({"METRICS_PORT": " "}, ("127.0.0.1", 0)),
        ({"METRICS_PORT": "9101", "METRICS_HOST": "10.0.0.1"}, ("10.0.0.1", 9101)),
    ],
)
def test_a_process_without_settings_reads_the_environment(
    environ: dict[str, str], address: tuple[str, int]
) -> None:
    assert metrics.from_environ(environ) == address


@pytest.mark.parametrize("port", ["many", "-1", "65534"])
def test_a_port_that_cannot_be_is_refused(port: str) -> None:
    with pytest.raises(metrics.MetricsPortError, match="METRICS_PORT"):
        metrics.from_environ({"METRICS_PORT": port})
