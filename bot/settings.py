"""Every environment variable the project reads: typed, documented, with a safe default."""

from __future__ import annotations

import os
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent


class SettingsError(ValueError):
    """An environment variable has a value that cannot be used."""


def _setting(default: Any, doc: str) -> Any:
    return field(default=default, metadata={"doc": doc})


@dataclass(frozen=True)
class Settings:
    """The settings of one process; field names are the variables' names in lower case."""

    host: str = _setting("0.0.0.0", "Address the website and the REST channel listen on.")  # noqa: S104
    port: int = _setting(5005, "Port of the website and the REST channel.")
    action_port: int = _setting(5055, "Port of the action server, on loopback only.")
    data_dir: str = _setting("var", "Folder of the embedded database, logs and the secret key.")
    database_url: str = _setting(
        "", "SQLAlchemy URL of trackers and records; empty: SQLite in DATA_DIR."
    )
    secret_key: str = _setting(
        "", "Key that makes conversation references unguessable; empty: made once in DATA_DIR."
    )
    region: str = _setting(
        "", "Country code (us, ca, gb, ie, or another) whose help lines come first; empty: all."
    )
    notify_urls: str = _setting(
        "", "Apprise targets told of each escalation, separated by spaces; empty: recorded only."
    )
    retention_days: int = _setting(90, "Days after which message texts and feedback are deleted.")
    max_message_chars: int = _setting(
        10_000, "Longest message that is read whole; of a longer one the start and the end are."
    )
    action_timeout: float = _setting(4.0, "Seconds the action server has before a safe reply.")
    turn_deadline: float = _setting(8.0, "Seconds a turn may take before a safe reply.")
    log_level: str = _setting("INFO", "Level of the logs; message texts appear at DEBUG only.")

    @classmethod
    def from_env(cls, env: Mapping[str, str] | None = None) -> Settings:
        """Read the settings from the environment (or the given mapping).

        Raises:
            SettingsError: a value is not of its type or out of range; names the variable.
        """
        env = os.environ if env is None else env
        values: dict[str, Any] = {}
        for spec in fields(cls):
            raw = env.get(spec.name.upper(), "").strip()
            if raw:
                values[spec.name] = _convert(spec.name.upper(), raw, type(spec.default))
        settings = cls(**values)
        settings._check()
        return settings

    def _check(self) -> None:
        for name in ("port", "action_port"):
            if not 1 <= getattr(self, name) <= 65535:
                raise SettingsError(f"{name.upper()} must be between 1 and 65535.")
        for name in ("retention_days", "max_message_chars", "action_timeout", "turn_deadline"):
            if getattr(self, name) <= 0:
                raise SettingsError(f"{name.upper()} must be greater than 0.")
        if self.action_timeout >= self.turn_deadline:
            raise SettingsError("ACTION_TIMEOUT must be shorter than TURN_DEADLINE.")
        if self.port == self.action_port:
            raise SettingsError("PORT and ACTION_PORT must differ.")

    @property
    def data_path(self) -> Path:
        """Folder of the files that the bot writes, absolute."""
        return ROOT / self.data_dir

    @property
    def records_url(self) -> str:
        """SQLAlchemy URL in force."""
        return self.database_url or f"sqlite:///{self.data_path / 'guide.sqlite3'}"

    @property
    def action_url(self) -> str:
        """Where the action server answers."""
        return f"http://127.0.0.1:{self.action_port}/webhook"

    @property
    def notify_targets(self) -> tuple[str, ...]:
        """Apprise URLs to notify, none if only recorded."""
        return tuple(self.notify_urls.replace(",", " ").split())

    def secret(self) -> bytes:
        """Return the key for conversation references, made and kept on first use.

        Raises:
            OSError: DATA_DIR cannot be written and SECRET_KEY is not set.
        """
        if self.secret_key:
            return self.secret_key.encode()
        path = self.data_path / "secret.key"
        path.parent.mkdir(parents=True, exist_ok=True)
        try:
            # Exclusive creation: of two processes starting together, one writes and both read.
            with open(path, "x", opener=_private, encoding="ascii") as file:
                file.write(secrets.token_hex(32))
        except FileExistsError:
            pass
        return path.read_bytes()


def _private(path: str, flags: int) -> int:
    return os.open(path, flags, 0o600)


def _convert(name: str, raw: str, kind: type) -> Any:
    try:
        return kind(raw)
    except ValueError:
        expected = {int: "a whole number", float: "a number"}[kind]
        raise SettingsError(f"{name} must be {expected}, not {raw!r}.") from None
