"""Every environment variable the project reads: typed, documented, with a safe default."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from ipaddress import ip_network
from pathlib import Path
from typing import Any

from bot.keys import kept_key

ROOT = Path(__file__).resolve().parent.parent

# As browsers send it: lower case, no path, no port that goes without saying.
_ORIGIN = re.compile(
    r"(?!http:.*:80$|https:.*:443$)https?://(?:[a-z0-9._-]+|\[[0-9a-f:.]+\])(?::\d{1,5})?"
)
_REDIS = re.compile(r"(?:rediss?|unix)://.")
_RABBITMQ = re.compile(r"amqps?://[^\s/]")
_TELEGRAM_TOKEN = re.compile(r"\d{1,20}:[A-Za-z0-9_-]{10,100}")
_TELEGRAM_MODES = ("webhook", "polling")
# What a header can carry.
_ACTION_SECRET = re.compile(r"[!-~]{16,200}")
_SHA256 = re.compile(r"[0-9a-f]{64}", re.IGNORECASE)
_HTTP = re.compile(r"https?://[^\s?#]+")
_LOG_FORMATS = ("text", "json")
_LEVELS = ("DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL")
# Lowest and highest value of each number; a NaN is between no two numbers, so it fails too.
_RANGES: Mapping[str, tuple[float, float]] = {
    "port": (1, 65535),
    "action_port": (1, 65535),
    "metrics_port": (0, 65533),  # Three processes, each on a port of its own.
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
    action_port: int = _setting(5055, "Port of the action server.")
    action_host: str = _setting(
        "127.0.0.1",
        "Address the action server listens on; another than loopback only where nobody but the "
        "Rasa servers can reach it.",
    )
    action_server: str = _setting(
        "",
        "Where the action servers answer, such as http://actions:5055; empty: on this machine, on "
        "ACTION_PORT.",
    )
    data_dir: str = _setting("var", "Folder of the embedded database, logs and the secret keys.")
    database_url: str = _setting(
        "", "SQLAlchemy URL of trackers and records; empty: SQLite in DATA_DIR."
    )
    secret_key: str = _setting(
        "", "Key that makes conversation references unguessable; empty: made once in DATA_DIR."
    )
    action_secret: str = _setting(
        "",
        "Secret by which the action server knows the Rasa server, at least 16 characters; "
        "empty: made once in DATA_DIR, which both must then share.",
    )
    model_sha256: str = _setting(
        "",
        "SHA-256 of the only model archive that may be served; empty: the one that was recorded "
        "beside it at training.",
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
    event_broker_url: str = _setting(
        "",
        "RabbitMQ that is told what each turn came to (amqp://user:password@host), without its "
        "words or who it was; empty: off.",
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
    turn_deadline: float = _setting(
        8.0,
        "Seconds a turn may take before a safe reply; a sixteenth of it, if it is about danger.",
    )
    model: str = _setting("", "Model archive to serve; empty: the one of the current files.")
    log_level: str = _setting("INFO", "Level of the logs; message texts appear at DEBUG only.")
    log_format: str = _setting("text", "Form of the logs: text, or json (one object a line).")
    metrics_port: int = _setting(
        0,
        "Port on which the Rasa server shows its metrics to Prometheus; the action server uses the "
        "next one, the worker the one after that. 0: none.",
    )
    metrics_host: str = _setting(
        "127.0.0.1",
        "Address for the metrics. Only in a network that no visitor reaches may it be another.",
    )

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
        if self.log_format not in _LOG_FORMATS:
            raise SettingsError(f"LOG_FORMAT must be one of {', '.join(_LOG_FORMATS)}.")
        if self.action_timeout >= self.turn_deadline:
            raise SettingsError("ACTION_TIMEOUT must be shorter than TURN_DEADLINE.")
        if self.port == self.action_port:
            raise SettingsError("PORT and ACTION_PORT must differ.")
        self._check_secrets()
        self._check_web()
        self._check_telegram()

    def _check_secrets(self) -> None:
        if self.action_secret and not _ACTION_SECRET.fullmatch(self.action_secret):
            raise SettingsError("ACTION_SECRET must be 16 to 200 characters of ASCII, no spaces.")
        if self.model_sha256 and not _SHA256.fullmatch(self.model_sha256):
            raise SettingsError("MODEL_SHA256 must be 64 hexadecimal digits, as sha256sum prints.")

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
        if self.event_broker_url and not _RABBITMQ.match(self.event_broker_url):
            raise SettingsError("EVENT_BROKER_URL must begin with amqp:// or amqps://.")
        if self.action_server and not _HTTP.fullmatch(self.action_server):
            raise SettingsError("ACTION_SERVER must begin with http:// or https://.")

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
    def action_base(self) -> str:
        """Where the action server answers, or what stands before several."""
        return self.action_server.rstrip("/") or f"http://127.0.0.1:{self.action_port}"

    @property
    def action_url(self) -> str:
        """Where actions are asked for."""
        return f"{self.action_base}/webhook"

    @property
    def lock_seconds(self) -> float:
        """Seconds after which the lock of a server that died is free, unless it is renewed.

        Longer than an action may take, shorter than a turn: who waits for it still gets a reply.
        """
        return (self.action_timeout + self.turn_deadline) / 2

    @property
    def urgent_seconds(self) -> float:
        """Seconds after which a message in danger is answered without the rest of its turn.

        Half a second with the default deadline; who gives turns more time gives this more too.
        """
        return self.turn_deadline / 16

    def secret(self) -> bytes:
        """Return the key for conversation references, made and kept on first use.

        Raises:
            OSError: DATA_DIR cannot be written and SECRET_KEY is not set.
        """
        return self.secret_key.encode() or kept_key(self.data_path / "secret.key")

    def action_key(self) -> str:
        """Return the secret of the action server, made and kept on first use.

        Raises:
            OSError: DATA_DIR cannot be written and ACTION_SECRET is not set.
        """
        return self.action_secret or kept_key(self.data_path / "action.key").decode("ascii")


def readable_url(url: str) -> str:
    """Return a database URL with a scheme SQLAlchemy reads; some hosts hand out an older one."""
    return re.sub(r"^postgres://", "postgresql://", url)


def _convert(name: str, raw: str, kind: type) -> Any:
    try:
        return kind(raw)
    except ValueError:
        expected = {int: "a whole number", float: "a number"}[kind]
        raise SettingsError(f"{name} must be {expected}, not {raw!r}.") from None
