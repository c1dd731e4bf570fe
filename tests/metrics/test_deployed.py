"""Dashboard, alerts, scrape configuration and documentation speak of metrics that there are."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

import pytest
import yaml

from bot import metrics
from bot.metrics.catalogue import OF_PROCESS
from bot.metrics.serving import OFFSETS
from bot.records import Records
from bot.records.gauges import QueueGauges
from bot.settings import ROOT

DEPLOY = ROOT / "deploy"
OPERATING = (ROOT / "docs" / "operating.md").read_text(encoding="utf-8")
NAME = re.compile(r"\b(?:guide|process)_[a-z0-9_]+")
SUFFIXES = {"histogram": ("_bucket", "_count", "_sum"), "counter": ("_total",), "info": ("_info",)}


@pytest.fixture(scope="module")
def families(records: Records) -> dict[str, str]:
    """Every metric of every process, and its kind."""
    found: dict[str, str] = {}
    for process in OF_PROCESS:
        beside = [QueueGauges(records)] if process == "worker" else []
        for family in metrics.registry(process, *beside).collect():
            found[family.name] = family.type
    return found


@pytest.fixture(scope="module")
def samples(families: dict[str, str]) -> set[str]:
    """Every name that a rule may ask for."""
    return {name + end for name, kind in families.items() for end in SUFFIXES.get(kind, ("",))}


def dashboard() -> Any:
    return json.loads((DEPLOY / "grafana" / "dashboard.json").read_text(encoding="utf-8"))


def shown() -> Iterator[str]:
    for panel in dashboard()["panels"]:
        yield from (target["expr"] for target in panel.get("targets", ()))


def rules() -> list[dict[str, Any]]:
    text = (DEPLOY / "prometheus" / "alerts.yml").read_text(encoding="utf-8")
    return [rule for group in yaml.safe_load(text)["groups"] for rule in group["rules"]]


def test_every_metric_that_is_asked_for_is_there(samples: set[str]) -> None:
    asked = {name for query in shown() for name in NAME.findall(query)}
    asked |= {name for rule in rules() for name in NAME.findall(rule["expr"])}

    assert len(asked) > 20
    assert asked <= samples


def test_every_metric_of_ours_is_on_the_dashboard(families: dict[str, str]) -> None:
    asked = " ".join(shown())

    missing = {name for name in families if name.startswith("guide_") and name not in asked}
    assert not missing


def test_every_metric_and_alert_is_documented(families: dict[str, str]) -> None:
    named = set(re.findall(r"`([A-Za-z_]+)(?:\{[^`]*\})?`", OPERATING))

    ours = {name for name in families if name.startswith("guide_")}
    assert {name + SUFFIXES[kind][0] if kind in ("counter", "info") else name
            for name, kind in families.items() if name in ours} <= named  # fmt: skip
    assert {rule["alert"] for rule in rules()} <= named
    assert {name for name in named if name.startswith("Guide")} <= {r["alert"] for r in rules()}


def test_every_panel_says_what_it_shows_and_stands_alone() -> None:
    panels = dashboard()["panels"]
    places = [
        (panel["gridPos"]["x"], panel["gridPos"]["y"]) for panel in panels if panel["gridPos"]
    ]

    assert len({panel["id"] for panel in panels}) == len(panels)
    assert len(set(places)) == len(places)
    for panel in panels:
        assert panel["type"] == "row" or (panel["description"] and panel["targets"])


def test_every_alert_says_how_bad_it_is_and_what_happened() -> None:
    for rule in rules():
        assert rule["labels"]["severity"] in ("page", "warn"), rule["alert"]
        assert rule["annotations"]["summary"], rule["alert"]


def test_every_process_is_scraped() -> None:
    text = (DEPLOY / "prometheus" / "prometheus.yml").read_text(encoding="utf-8")
    (job,) = yaml.safe_load(text)["scrape_configs"]

    found = {entry["labels"]["process"]: entry["targets"] for entry in job["static_configs"]}
    assert found == {name: [f"127.0.0.1:{9101 + offset}"] for name, offset in OFFSETS.items()}
