"""Every environment variable the project reads: typed, documented, with a safe default."""

from __future__ import annotations

import os
import re
import secrets
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from ipaddress import ip_network
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent

# As browsers send it: lower case, no path, no port that goes without saying.
_ORIGIN = re.compile(
    r"(?!http:.*:80$|https:.*:443$)https?://(?:[a-z0-9._-]+|\[[0-9a-f:.]+\])(?::\d{1,5})?"
)
_REDIS = re.compile(r"(?:rediss?|unix)://.")
_TELEGRAM_TOKEN = re.compile(r"\d{1,20}:[A-Za-z0-9_-]{10,100}")
_TELEGRAM_MODES = ("webhook", "polling")
_HTTP = re.compile(r"https?://[^\s?#]+")
_LEVELS = ("DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL")
# Lowest and highest value of each number; a NaN is between no two numbers, so it fails too.
_RANGES: Mapping[str, tuple[float, float]] = {
    "port": (1, 65535),
    "action_port": (1, 65535),
    "retention_days": (1, 36_500),
    "max_message_chars": (100, 100_000),
    "message_burst": (1, 10_000),
    "sessions_per_minute": (1, 1_000_000),
    "rest_burst": (0, 1_000_000),
    "action_timeout": (0.1, 300),
    "turn_deadline": (0.2, 600),
}


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
        "", "Country code (us, ca, gb, ie, or another) whose help lines are shown; empty: all."
    )
    notify_urls: str = _setting(
        "", "Apprise targets told of each escalation, separated by spaces; empty: recorded only."
    )
    retention_days: int = _setting(90, "Days after which message texts and feedback are deleted.")
    max_message_chars: int = _setting(
        10_000, "Longest message that is read whole; of a longer one the start and the end are."
    )
    allowed_origins: str = _setting(
        "",
        "Origins whose pages may embed the widget, such as https://clinic.example, separated by "
        "spaces; the server's own is always allowed.",
    )
    trusted_proxies: str = _setting(
        "",
        "Addresses or networks of the reverse proxies in front, separated by spaces: only they are "
        "believed when they name the visitor's address (X-Forwarded-For), to which limits apply.",
    )
    redis_url: str = _setting(
        "",
        "Redis through which several servers share the website's open connections and lock "
        "conversations; empty: there is one server.",
    )
    message_burst: int = _setting(
        10, "Messages a website session may send at once; after that, one a second."
    )
    sessions_per_minute: int = _setting(10, "New website sessions a minute from one address.")
    rest_burst: int = _setting(
        60,
        "Messages a sender may send over REST at once, and five times that from one address; after "
        "that, one and five a second. Calls from this machine that no proxy handed on are not "
        "counted. 0: no limit.",
    )
    telegram_token: str = _setting(
        "", "Token of the Telegram bot, as BotFather gave it; empty: not on Telegram."
    )
    telegram_mode: str = _setting(
        "webhook",
        "How updates come from Telegram: webhook (it calls this server) or polling (this server "
        "asks for them).",
    )
    telegram_api: str = _setting(
        "https://api.telegram.org", "Address of the Bot API; a local Bot API server has another."
    )
    action_timeout: float = _setting(4.0, "Seconds the action server has before a safe reply.")
    turn_deadline: float = _setting(8.0, "Seconds a turn may take before a safe reply.")
    model: str = _setting("", "Model archive to serve; empty: the one of the current files.")
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
        for name, (low, high) in _RANGES.items():
            if not low <= getattr(self, name) <= high:
                raise SettingsError(f"{name.upper()} must be between {low} and {high}.")
        if self.log_level.upper() not in _LEVELS:
            raise SettingsError(f"LOG_LEVEL must be one of {', '.join(_LEVELS)}.")
        if self.action_timeout >= self.turn_deadline:
            raise SettingsError("ACTION_TIMEOUT must be shorter than TURN_DEADLINE.")
        if self.port == self.action_port:
            raise SettingsError("PORT and ACTION_PORT must differ.")
        self._check_web()
        self._check_telegram()

    def _check_telegram(self) -> None:
        if self.telegram_token and not _TELEGRAM_TOKEN.fullmatch(self.telegram_token):
            raise SettingsError("TELEGRAM_TOKEN must look like 123456789:AAbbCC…, from BotFather.")
        if self.telegram_mode not in _TELEGRAM_MODES:
            raise SettingsError(f"TELEGRAM_MODE must be one of {', '.join(_TELEGRAM_MODES)}.")
        if not _HTTP.fullmatch(self.telegram_api):
            raise SettingsError("TELEGRAM_API must begin with http:// or https://.")

    def _check_web(self) -> None:
        for origin in self.allowed_origins.split():
            if not _ORIGIN.fullmatch(origin):
                raise SettingsError(
                    f"ALLOWED_ORIGINS: {origin!r} is no origin; write scheme, name and port only, "
                    "such as https://clinic.example or http://localhost:8080."
                )
        for proxy in self.trusted_proxies.split():
            try:
                ip_network(proxy)
            except ValueError:
                raise SettingsError(
                    f"TRUSTED_PROXIES: {proxy!r} is neither an address nor a network."
                ) from None
        if self.redis_url and not _REDIS.match(self.redis_url):
            raise SettingsError("REDIS_URL must begin with redis://, rediss:// or unix://.")

    @property
    def data_path(self) -> Path:
        """Folder of the files that the bot writes, absolute."""
        return ROOT / self.data_dir

    @property
    def records_url(self) -> str:
        """SQLAlchemy URL in force."""
        if not self.database_url:
            return f"sqlite:///{self.data_path / 'guide.sqlite3'}"
        return readable_url(self.database_url)

    @property
    def heartbeat(self) -> Path:
        """File that the worker touches after every round."""
        return self.data_path / "worker.alive"

    @property
    def spool(self) -> Path:
        """Folder of what waits until the database is back."""
        return self.data_path / "spool"

    @property
    def action_url(self) -> str:
        """Where the action server answers."""
        return f"http://127.0.0.1:{self.action_port}/webhook"

    @property
    def lock_seconds(self) -> float:
        """Seconds after which the lock of a server that died is free, unless it is renewed.

        Longer than an action may take, shorter than a turn: who waits for it still gets a reply.
        """
        return (self.action_timeout + self.turn_deadline) / 2

    def secret(self) -> bytes:
        """Return the key for conversation references, made and kept on first use.

        Raises:
            OSError: DATA_DIR cannot be written and SECRET_KEY is not set.
        """
        if self.secret_key:
            return self.secret_key.encode()
        path = self.data_path / "secret.key"
        if not path.exists() or not path.stat().st_size:
            _make_key(path)
        return path.read_bytes()


def readable_url(url: str) -> str:
    """Return a database URL with a scheme SQLAlchemy reads; some hosts hand out an older one."""
    return re.sub(r"^postgres://", "postgresql://", url)


def _make_key(path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    # mkstemp's file is private (0600); the link appears whole or not at all, and only once.
    handle, draft = tempfile.mkstemp(dir=path.parent)
    with os.fdopen(handle, "w", encoding="ascii") as file:
        file.write(secrets.token_hex(32))
    try:
        if path.exists() and not path.stat().st_size:
            path.unlink()
        os.link(draft, path)
    except FileExistsError:
        pass
    finally:
        Path(draft).unlink()


def _convert(name: str, raw: str, kind: type) -> Any:
    try:
        return kind(raw)
    except ValueError:
        expected = {int: "a whole number", float: "a number"}[kind]
        raise SettingsError(f"{name} must be {expected}, not {raw!r}.") from None
