"""The services of a process: built from the environment, once."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from actions import services as module
from actions.services import Services
from bot.records import Redactor
from bot.reply.compose import View
from bot.reply.outcomes import Part
from bot.settings import SettingsError
from tests.databases import migrated

from .conftest import SENDER


@pytest.fixture
def environment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[pytest.MonkeyPatch]:
    """The environment of a process of its own."""
    url = migrated(tmp_path / "own.sqlite3")
    values = {"DATA_DIR": str(tmp_path), "DATABASE_URL": url, "SECRET_KEY": "key", "REGION": "gb"}
    for name, value in values.items():
        monkeypatch.setenv(name, value)
    module.services.cache_clear()
    yield monkeypatch
    module.services.cache_clear()


def queued(use: Services) -> bool:
    """Open an escalation and tell whether somebody is to be notified of it."""
    reference = use.records.open_escalation(
        outcome="dosing", channel="rest", conversation=None, message_key="m1", text="how much"
    )
    return use.records.notification(reference) is not None


def test_they_are_built_from_the_environment_once(environment: pytest.MonkeyPatch) -> None:
    environment.setenv("NOTIFY_URLS", "")
    made = module.services()
    assert module.services() is made
    assert made.settings.region == "gb"
    assert "crisis" in made.content.messages
    assert not queued(made)


def test_with_targets_escalations_are_notified(environment: pytest.MonkeyPatch) -> None:
    environment.setenv("NOTIFY_URLS", "json://127.0.0.1:9/")
    assert queued(module.services())


def test_the_composer_knows_the_region(environment: pytest.MonkeyPatch) -> None:
    environment.setenv("REGION", "us")
    reply = module.services().composer.refer("dosing", [Part("dosing")], "E-7F3K2Q", View())
    contacts = reply.payload()["referral"]["contacts"]
    assert {contact["id"] for contact in contacts} == {"poison_help_us", "poison_local"}


def test_a_setting_that_is_not_valid_is_named(environment: pytest.MonkeyPatch) -> None:
    environment.setenv("PORT", "many")
    with pytest.raises(SettingsError, match="PORT"):
        module.services()


def test_a_conversation_is_known_by_a_reference_that_names_no_sender(services: Services) -> None:
    reference = services.conversation(SENDER)
    assert reference == services.conversation(SENDER) != services.conversation("sender-8")
    assert SENDER not in reference
    other = replace(services, settings=replace(services.settings, secret_key="another"))
    assert other.conversation(SENDER) != reference


def test_warming_up_loads_the_language_model_before_anybody_waits(services: Services) -> None:
    loaded: list[str] = []
    cold = replace(services, redactor=Redactor(models=("a_model",), load=loaded.append))
    assert loaded == []
    cold.warm_up()
    assert loaded == ["a_model"]
