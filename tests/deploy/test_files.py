"""The files of deploy/: well-formed, of settings that exist, with ports that agree. What needs
Helm and schemas is checked by scripts/check-deploy."""

from __future__ import annotations

import re
from dataclasses import fields
from typing import Any

import pytest
import yaml

from bot.settings import ROOT, Settings

DEPLOY = ROOT / "deploy"
CHART = DEPLOY / "helm" / "long-covid-guide"
NAMES = {spec.name.upper() for spec in fields(Settings)}
# Read by the worker's own command line, and by Docker.
OTHERS = {"WORKER_HEARTBEAT"}
COMPOSE_OWN = {"PUBLISH", "POSTGRES_PASSWORD", "RABBITMQ_PASSWORD", "GUIDE_IMAGE"}


@pytest.fixture(scope="module")
def compose() -> dict[str, Any]:
    loaded: dict[str, Any] = yaml.safe_load((DEPLOY / "compose.yml").read_text(encoding="utf-8"))
    return loaded


@pytest.fixture(scope="module")
def values() -> dict[str, Any]:
    loaded: dict[str, Any] = yaml.safe_load((CHART / "values.yaml").read_text(encoding="utf-8"))
    return loaded


def template(name: str) -> str:
    return (CHART / "templates" / name).read_text(encoding="utf-8")


def nginx(name: str) -> str:
    return (DEPLOY / "nginx" / name).read_text(encoding="utf-8")


def ours(compose: dict[str, Any]) -> dict[str, dict[str, Any]]:
    found = {name: one for name, one in compose["services"].items() if "build" in one}
    assert {"rasa-1", "rasa-2", "actions-1", "actions-2", "worker", "migrate"} <= set(found)
    return found


def test_compose_sets_what_the_settings_know(compose: dict[str, Any]) -> None:
    for name, service in ours(compose).items():
        assert set(service["environment"]) <= NAMES | OTHERS, name


def test_the_example_of_settings_is_what_compose_reads(compose: dict[str, Any]) -> None:
    text = (DEPLOY / "compose.yml").read_text(encoding="utf-8")
    read = set(re.findall(r"\$\{([A-Z_]+)", text))
    example = (DEPLOY / ".env.example").read_text(encoding="utf-8")

    assert read == set(re.findall(r"^([A-Z_]+)=", example, re.M)) - {"COMPOSE_PROJECT_NAME"}
    assert read <= NAMES | COMPOSE_OWN


def test_no_secret_has_a_value(compose: dict[str, Any]) -> None:
    example = (DEPLOY / ".env.example").read_text(encoding="utf-8")

    for name in ("SECRET_KEY", "ACTION_SECRET", "POSTGRES_PASSWORD", "RABBITMQ_PASSWORD"):
        assert re.search(rf"^{name}=$", example, re.M), name
    assert "kind: Secret" not in "".join(path.read_text() for path in CHART.rglob("*.yaml"))


def test_analytics_are_off_unless_asked_for(
    compose: dict[str, Any], values: dict[str, Any]
) -> None:
    assert compose["services"]["rabbitmq"]["profiles"] == ["analytics"]
    told = {name for name, one in ours(compose).items() if "EVENT_BROKER_URL" in one["environment"]}
    assert told == {"rasa-1", "rasa-2"}
    assert all("rabbitmq" not in one["depends_on"] for one in ours(compose).values())
    example = (DEPLOY / ".env.example").read_text(encoding="utf-8")
    assert re.search(r"^EVENT_BROKER_URL=$", example, re.M)
    assert "EVENT_BROKER_URL" not in values["settings"]


def test_our_containers_may_do_little(compose: dict[str, Any]) -> None:
    for name, service in ours(compose).items():
        assert service["read_only"] is True, name
        assert service["cap_drop"] == ["ALL"], name
    assert "USER 10001:10001" in (DEPLOY / "Dockerfile").read_text(encoding="utf-8")


def test_the_chart_sets_what_the_settings_know(values: dict[str, Any]) -> None:
    in_map = set(re.findall(r"^  ([A-Z_]+):", template("configmap.yaml"), re.M))

    assert set(values["settings"]) <= NAMES
    assert {"HOST", "ACTION_SERVER", "TELEGRAM_MODE"} <= in_map <= NAMES | OTHERS
    Settings.from_env({name: str(value) for name, value in values["settings"].items()})


def test_the_ports_agree(compose: dict[str, Any]) -> None:
    settings = Settings()
    rasa, actions = str(settings.port), str(settings.action_port)
    upstreams = nginx("upstreams.conf")

    assert set(re.findall(r"server rasa-\d:(\d+)", upstreams)) == {rasa}
    assert set(re.findall(r"server actions-\d:(\d+)", upstreams)) == {actions}
    assert set(re.findall(r"server ([a-z]+-\d):", upstreams)) == {
        name for name in compose["services"] if re.fullmatch(r"(rasa|actions)-\d", name)
    }
    assert f"ternary {rasa} {actions}" in template("servers.yaml")
    assert f"EXPOSE {rasa} {actions}" in (DEPLOY / "Dockerfile").read_text(encoding="utf-8")
    listening = re.findall(r"listen (\d+);", nginx("nginx.conf"))
    assert compose["services"]["nginx"]["ports"][0].endswith(f":{listening[0]}")
    assert compose["services"]["rasa-1"]["environment"]["ACTION_SERVER"].endswith(listening[1])


def test_nginx_is_the_proxy_that_is_trusted(compose: dict[str, Any]) -> None:
    address = compose["services"]["nginx"]["networks"]["guide"]["ipv4_address"]

    assert address in compose["services"]["rasa-1"]["environment"]["TRUSTED_PROXIES"].split()
    assert "X-Forwarded-For $proxy_add_x_forwarded_for" in nginx("routes.conf")


def test_nothing_but_what_visitors_need_is_let_in() -> None:
    let_in = set(re.findall(r"location (?:= )?(/\S+)", nginx("routes.conf")))
    chart = set(re.findall(r'"(/[^"]*)" "(?:Exact|Prefix)"', template("ingress.yaml")))

    assert chart - {"/"} == let_in - {"/webhooks/website/socket.io/"}
    assert not {path for path in let_in | chart if "metrics" in path or "conversations" in path}
    assert "location / { return 404; }" in nginx("routes.conf")


def test_a_turn_over_rest_is_not_sent_twice() -> None:
    blocks = dict(re.findall(r"location (?:= )?(/\S+) \{([^}]*)\}", nginx("routes.conf")))

    assert "non_idempotent" not in blocks["/webhooks/rest/webhook"]
    assert "non_idempotent" in blocks["/webhooks/website/"]
    assert "non_idempotent" not in nginx("actions.conf") + nginx("http.conf")


def test_a_pod_has_the_time_that_its_turns_take(values: dict[str, Any]) -> None:
    deadline = Settings().turn_deadline
    drain = 15

    assert values["terminationGracePeriodSeconds"] > values["preStopSeconds"] + drain + deadline
    assert "maxUnavailable: 0" in template("servers.yaml")


def test_the_proxy_takes_as_much_as_the_app() -> None:
    channel = (ROOT / "bot" / "channels" / "rest.py").read_text(encoding="utf-8")
    most = int(re.findall(r"^MAX_BODY = ([\d_]+)$", channel, re.M)[0])

    assert most <= 1024 * 1024
    assert "client_max_body_size 1m;" in nginx("http.conf")
