"""Renders the chart and validates it and compose.yml against schemas: see scripts/check-deploy."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import yaml
from helm_python import Chart, lint
from jsonschema import Draft7Validator
from kubernetes_validate import ValidationError, validate

DEPLOY = Path(__file__).resolve().parent.parent / "deploy"
CHART = DEPLOY / "helm" / "long-covid-guide"
# The oldest version that the chart names, and a newer one.
VERSIONS = ("1.25", "1.34")
# As installed, with everything that can be off, off, and with what can be on, on.
VALUES: dict[str, dict[str, Any]] = {
    "defaults": {},
    "least": {
        "rasa": {"autoscaling": {"enabled": False}},
        "actions": {"autoscaling": {"enabled": False}},
        "ingress": {"enabled": False},
        "networkPolicy": {"enabled": False},
        "imagePullSecrets": [{"name": "registry"}],
    },
    "watched": {"metrics": {"enabled": True}},
}


def problems() -> Iterator[str]:
    """Yield what is wrong with the chart."""
    for message in lint(str(CHART), strict=True)["messages"]:
        # 1 is a recommendation, such as an icon.
        if message["severity"] > 1:
            yield f"lint: {message['path']}: {message['error']}"
    for name, values in VALUES.items():
        resources = rendered(values)
        print(f"{name}: {len(resources)} resources")
        for version in VERSIONS:
            for resource in resources:
                yield from invalid(resource, version)


def rendered(values: dict[str, Any]) -> list[dict[str, Any]]:
    """Return the resources that the chart makes."""
    with Chart.load(str(CHART)) as chart:
        files = chart.render(values, name="guide", namespace="guide")
    found = [one for text in files.values() for one in yaml.safe_load_all(text) if one]
    return sorted(found, key=lambda one: (one["kind"], one["metadata"]["name"]))


def invalid(resource: dict[str, Any], version: str) -> Iterator[str]:
    """Yield why a resource is not one of this version of Kubernetes."""
    try:
        validate(resource, version, strict=True)
    except ValidationError as error:
        where = "/".join(str(step) for step in error.path)
        name = f"{resource['kind']} {resource['metadata']['name']}"
        yield f"{name} (Kubernetes {version}): {where}: {error.message}"


def compose_problems(schema: str) -> Iterator[str]:
    """Yield what of compose.yml the Compose Specification does not know."""
    text = (DEPLOY / "compose.yml").read_text(encoding="utf-8")
    validator = Draft7Validator(json.loads(Path(schema).read_text(encoding="utf-8")))
    for error in validator.iter_errors(yaml.safe_load(text)):
        yield f"compose.yml: {'/'.join(map(str, error.path))}: {error.message}"


def main() -> int:
    """Print what is wrong; return 1 if anything is. `--print`: the rendered resources instead."""
    if "--print" in sys.argv:
        print(yaml.safe_dump_all(rendered({}), sort_keys=False))
        return 0
    found = [*problems(), *compose_problems(sys.argv[1])]
    print("\n".join(found) or "The chart and compose.yml are valid.")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
