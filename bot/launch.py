"""Starts the whole bot: `python -m bot.launch`, which is what `make run` calls.

Checks what can be wrong before anything starts, trains if no model matches, migrates the database,
then hands over to the process manager (supervisord), which keeps the processes alive.
"""

from __future__ import annotations

import errno
import os
import socket
import sys
from contextlib import closing
from pathlib import Path
from typing import NoReturn

from bot.settings import ROOT, Settings, SettingsError
from bot.training import TrainingError, train

MAX_PORT = 65535


class StartError(RuntimeError):
    """The bot cannot start; the text says what to do about it."""


def check_port(name: str, host: str, port: int) -> None:
    """Check that nothing listens on a port.

    Raises:
        StartError: the port is taken or not allowed, or the host is not this machine's.
    """
    try:
        family, kind, _, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        with closing(socket.socket(family, kind)) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(address)
    except OSError as error:
        if error.errno not in (errno.EADDRINUSE, errno.EACCES):
            raise StartError(
                f"HOST={host} cannot be listened on ({error.strerror}). Leave HOST out, or set it "
                "to an address of this machine."
            ) from None
        other = port + 1 if port < MAX_PORT else port - 1
        raise StartError(
            f"Port {port} cannot be used ({error.strerror}). Stop the program that has it, "
            f"or choose another: {name}={other} make run"
        ) from None


def check_folder(folder: Path) -> None:
    """Check that a folder is there (made if needed) and can be written.

    Raises:
        StartError: it cannot.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        probe = folder / ".writable"
        probe.touch()
        probe.unlink()
    except OSError as error:
        raise StartError(
            f"The folder {folder} cannot be written ({error.strerror}). Give the bot a folder "
            "that it may write: DATA_DIR=/path/to/folder make run"
        ) from None


def prepare(settings: Settings) -> Path:
    """Do all that must be right before the processes start; return the model to serve.

    Raises:
        StartError: a port, folder, setting, the content or the database is not usable.
        TrainingError: no model matches and training failed.
    """
    check_port("PORT", settings.host, settings.port)
    check_port("ACTION_PORT", settings.action_host, settings.action_port)
    check_folder(settings.data_path)
    _check_secret(settings)
    _check_content()
    _check_targets(settings)
    _migrate(settings)
    return _model(settings)


def _model(settings: Settings) -> Path:
    if not settings.model:
        return train()
    chosen = Path(settings.model)
    if not chosen.is_file():
        raise StartError(f"MODEL={chosen} is not a file. Leave MODEL out to serve the current one.")
    return chosen


def _check_secret(settings: Settings) -> None:
    for name, read in (("secret.key", settings.secret), ("action.key", settings.action_key)):
        try:
            read()
        except OSError as error:
            raise StartError(f"{name} in DATA_DIR cannot be used ({error.strerror}).") from None


def _check_targets(settings: Settings) -> None:
    if not settings.notify_urls:
        return
    from bot.records import InvalidTarget, check_targets

    try:
        check_targets(settings.notify_urls)
    except InvalidTarget as error:
        raise StartError(f"NOTIFY_URLS: {error}") from None


def _check_content() -> None:
    from bot.content import ContentError, load_content

    try:
        load_content()
    except ContentError as error:
        raise StartError(f"The content cannot be used:\n{error}") from None


def _migrate(settings: Settings) -> None:
    from bot.records import NewerTables, RecordsError, Unreachable, is_current

    try:
        # Looked up without Alembic first, which takes longer to import than to ask.
        if not is_current(settings.records_url):
            from bot.records import upgrade

            upgrade(settings.records_url)
    except Unreachable as error:
        # Help in a crisis needs no database. The worker migrates it once it is back.
        print(  # noqa: T201
            f"WARNING: {error}. Starting without it: conversations and escalations are kept in "
            f"{settings.spool} until it is back. Check DATABASE_URL and that the database runs.",
            file=sys.stderr,
        )
    except NewerTables as error:
        raise StartError(str(error)) from None
    except RecordsError as error:
        raise StartError(f"{error} Check DATABASE_URL and that the database runs.") from None


def environment(settings: Settings, model: Path) -> dict[str, str]:
    """Return the environment of the processes, all of which serve this model."""
    return {
        **os.environ,
        "DATABASE_URL": settings.records_url,
        "MODEL": settings.model or str(model),
        "DATA_PATH": str(settings.data_path),
        "PROJECT": str(ROOT),
        "PYTHON": sys.executable,
        "RASA_TELEMETRY_ENABLED": "false",
        "SQLALCHEMY_SILENCE_UBER_WARNING": "1",
        "WORKER_HEARTBEAT": str(settings.heartbeat),
        "RETENTION_DAYS": str(settings.retention_days),
    }


def supervise(settings: Settings, model: Path) -> NoReturn:
    """Become the process manager."""
    config = str(ROOT / "deploy" / "supervisord.conf")
    command = [sys.executable, "-W", "ignore", "-m", "supervisor.supervisord", "-c", config]
    if os.geteuid() == 0:
        # Said out loud, or supervisord warns that it did not drop root by itself.
        command += ["-u", "root"]
    os.execve(sys.executable, command, environment(settings, model))  # noqa: S606


def main() -> int:
    """Start the bot; return only if it cannot start, with the exit code."""
    try:
        settings = Settings.from_env()
        model = prepare(settings)
    except (SettingsError, StartError, TrainingError) as error:
        print(f"error: {error}", file=sys.stderr)  # noqa: T201
        return 1
    count = 0
    if settings.notify_urls:
        from bot.records import split_targets

        count = len(split_targets(settings.notify_urls))
    told = f"notified to {count} target(s)" if count else "recorded only (NOTIFY_URLS is empty)"
    where = f"http://localhost:{settings.port}/"
    if settings.telegram_token:
        where += f" and Telegram ({settings.telegram_mode})"
    print(f"Starting on {where} - escalations are {told}", flush=True)  # noqa: T201
    supervise(settings, model)


if __name__ == "__main__":
    sys.exit(main())
