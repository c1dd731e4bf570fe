"""Settings: safe defaults, errors that name the variable, one secret, complete documentation."""

from __future__ import annotations

import os
import subprocess
import sys
from dataclasses import FrozenInstanceError, fields
from pathlib import Path

import pytest

from bot.settings import ROOT, Settings, SettingsError

NAMES = {setting.name.upper(): type(setting.default) for setting in fields(Settings)}
WHOLE = sorted(name for name, kind in NAMES.items() if kind is int)
DECIMAL = sorted(name for name, kind in NAMES.items() if kind is float)
POSITIVE = ("RETENTION_DAYS", "MAX_MESSAGE_CHARS", "ACTION_TIMEOUT", "TURN_DEADLINE")


def test_an_empty_environment_gives_the_defaults() -> None:
    settings = Settings.from_env({})

    assert settings == Settings()
    assert settings.port == 5005
    assert settings.action_url == "http://127.0.0.1:5055/webhook"
    assert settings.data_path == ROOT / "var"
    assert settings.records_url == f"sqlite:///{ROOT / 'var' / 'guide.sqlite3'}"
    assert settings.notify_urls == ""


def test_values_are_read_and_converted() -> None:
    settings = Settings.from_env(
        {
            "PORT": " 8080 ",
            "ACTION_PORT": "8081",
            "ACTION_TIMEOUT": "2.5",
            "DATABASE_URL": "postgresql://db/guide",
            "DATA_DIR": "/srv/guide",
            "REGION": "gb",
            "NOTIFY_URLS": "json://a/b mailto://c@d.org",
            "UNKNOWN": "x",
        }
    )

    assert (settings.port, settings.action_timeout, settings.region) == (8080, 2.5, "gb")
    assert settings.action_url == "http://127.0.0.1:8081/webhook"
    assert settings.records_url == "postgresql://db/guide"
    assert settings.data_path == Path("/srv/guide")
    assert settings.notify_urls == "json://a/b mailto://c@d.org"


def test_blank_values_count_as_unset() -> None:
    assert Settings.from_env(dict.fromkeys(NAMES, "  ")) == Settings()


def test_the_process_environment_is_read_by_default(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PORT", "6001")

    assert Settings.from_env().port == 6001


def test_settings_do_not_change_under_a_running_process() -> None:
    with pytest.raises(FrozenInstanceError):
        Settings().port = 1  # type: ignore[misc]


@pytest.mark.parametrize("value", ["abc", "1.5", "12px", "0x10", "--1"])
@pytest.mark.parametrize("name", WHOLE)
def test_whole_numbers_are_checked(name: str, value: str) -> None:
    with pytest.raises(SettingsError, match=rf"^{name} must be a whole number, not '{value}'"):
        Settings.from_env({name: value})


@pytest.mark.parametrize("value", ["abc", "1,5", "4s"])
@pytest.mark.parametrize("name", DECIMAL)
def test_numbers_are_checked(name: str, value: str) -> None:
    with pytest.raises(SettingsError, match=rf"^{name} must be a number, not '{value}'"):
        Settings.from_env({name: value})


@pytest.mark.parametrize("value", ["0", "-1", "65536"])
@pytest.mark.parametrize("name", ["PORT", "ACTION_PORT"])
def test_ports_are_in_range(name: str, value: str) -> None:
    with pytest.raises(SettingsError, match=rf"^{name} must be between 1 and 65535"):
        Settings.from_env({name: value})


@pytest.mark.parametrize("value", ["1", "65535"])
@pytest.mark.parametrize("name", ["PORT", "ACTION_PORT"])
def test_ports_at_the_ends_of_the_range_are_fine(name: str, value: str) -> None:
    assert getattr(Settings.from_env({name: value}), name.lower()) == int(value)


@pytest.mark.parametrize("value", ["0", "-3"])
@pytest.mark.parametrize("name", POSITIVE)
def test_amounts_are_greater_than_zero(name: str, value: str) -> None:
    with pytest.raises(SettingsError, match=rf"^{name} must be between"):
        Settings.from_env({name: value})


@pytest.mark.parametrize(
    ("name", "value"),
    [("ACTION_TIMEOUT", "nan"), ("TURN_DEADLINE", "nan"), ("TURN_DEADLINE", "inf")],
)
def test_numbers_are_finite(name: str, value: str) -> None:
    with pytest.raises(SettingsError, match=name):
        Settings.from_env({"ACTION_TIMEOUT": "0.5", "TURN_DEADLINE": "9", name: value})


@pytest.mark.parametrize("timeout", ["8", "9"])
def test_the_action_timeout_is_shorter_than_the_deadline(timeout: str) -> None:
    with pytest.raises(SettingsError, match="ACTION_TIMEOUT must be shorter than TURN_DEADLINE"):
        Settings.from_env({"ACTION_TIMEOUT": timeout, "TURN_DEADLINE": "8"})


def test_the_ports_differ() -> None:
    with pytest.raises(SettingsError, match="PORT and ACTION_PORT must differ"):
        Settings.from_env({"PORT": "5055"})


def test_the_log_level_is_one_of_the_known() -> None:
    with pytest.raises(SettingsError, match="LOG_LEVEL"):
        Settings.from_env({"LOG_LEVEL": "LOUD"})


def test_an_unknown_log_format_is_refused() -> None:
    with pytest.raises(SettingsError, match="LOG_FORMAT must be one of text, json"):
        Settings.from_env({"LOG_FORMAT": "xml"})


def test_retention_is_no_longer_than_the_records_take() -> None:
    with pytest.raises(SettingsError, match="RETENTION_DAYS"):
        Settings.from_env({"RETENTION_DAYS": "36501"})


def test_each_setting_has_a_text() -> None:
    for setting in fields(Settings):
        text = setting.metadata["doc"]
        assert len(text) > 20, setting.name
        assert text.endswith("."), setting.name


def test_the_documentation_is_what_the_settings_say() -> None:
    script = ROOT / "scripts" / "settings_table.py"
    made = subprocess.run(
        [sys.executable, str(script)], capture_output=True, text=True, check=True, cwd=os.sep
    ).stdout

    page = (ROOT / "docs" / "settings.md").read_text(encoding="utf-8")
    assert page == made, "run: python scripts/settings_table.py > docs/settings.md"
    for name in NAMES:
        assert f"| `{name}` |" in page


@pytest.mark.parametrize(
    "origins",
    ["https://clinic.example", "http://localhost:8080 https://a.b", "http://[::1]:80443", ""],
)
def test_origins_are_written_as_browsers_send_them(origins: str) -> None:
    assert Settings.from_env({"ALLOWED_ORIGINS": origins}).allowed_origins == origins


@pytest.mark.parametrize(
    "origin",
    [
        *("*", "null", "clinic.example", "https://clinic.example/", "https://Clinic.example"),
        *("https://a.b/path", "https://*.example", "ftp://a.b", "https://a.b:443", "http://a.b:80"),
    ],
)
def test_what_is_no_origin_is_refused(origin: str) -> None:
    with pytest.raises(SettingsError, match=r"ALLOWED_ORIGINS: .* is no origin"):
        Settings.from_env({"ALLOWED_ORIGINS": f"https://clinic.example {origin}"})


@pytest.mark.parametrize("proxy", ["10.0.0.0/8", "::1", "127.0.0.1 192.168.0.0/16"])
def test_proxies_are_addresses_or_networks(proxy: str) -> None:
    assert Settings.from_env({"TRUSTED_PROXIES": proxy}).trusted_proxies == proxy


@pytest.mark.parametrize("proxy", ["proxy.example", "10.0.0.1/8", "*", "10.0.0.0/99"])
def test_what_is_no_proxy_is_refused(proxy: str) -> None:
    with pytest.raises(SettingsError, match=r"TRUSTED_PROXIES: .* neither an address"):
        Settings.from_env({"TRUSTED_PROXIES": proxy})


@pytest.mark.parametrize("url", ["localhost:6379", "http://redis", "redis://"])
def test_what_is_no_redis_is_refused(url: str) -> None:
    with pytest.raises(SettingsError, match="REDIS_URL must begin with"):
        Settings.from_env({"REDIS_URL": url})


def test_a_redis_is_taken() -> None:
    for url in ("redis://localhost:6379/0", "rediss://:secret@db/1", "unix:///run/redis.sock"):
        assert Settings.from_env({"REDIS_URL": url}).redis_url == url


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("TELEGRAM_TOKEN", "no token"),
        ("TELEGRAM_MODE", "carrier pigeon"),
        ("TELEGRAM_API", "api.telegram.org"),
    ],
)
def test_a_wrong_value_names_its_variable(name: str, value: str) -> None:
    with pytest.raises(SettingsError, match=name):
        Settings.from_env({name: value})


def test_telegram_is_off_by_default() -> None:
    assert Settings.from_env({}).telegram_token == ""


def test_the_action_server_may_be_elsewhere() -> None:
    settings = Settings.from_env({"ACTION_SERVER": "http://actions:5055/"})

    assert settings.action_url == "http://actions:5055/webhook"
    with pytest.raises(SettingsError, match="ACTION_SERVER"):
        Settings.from_env({"ACTION_SERVER": "actions:5055"})
