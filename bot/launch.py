"""Starts the whole bot: `python -m bot.launch`, which is what `make run` calls.

Checks what can be wrong before anything starts, trains if no model matches, migrates the database,
then hands over to the process manager (supervisord), which keeps the processes alive.
"""

from __future__ import annotations

import os
import socket
import sys
from contextlib import closing
from pathlib import Path
from typing import NoReturn

from bot.settings import ROOT, Settings, SettingsError
from bot.training import TrainingError, train


class StartError(RuntimeError):
    """The bot cannot start; the text says what to do about it."""


def check_port(name: str, host: str, port: int) -> None:
    """Check that nothing listens on a port.

    Raises:
        StartError: the port is taken or not allowed.
    """
    with closing(socket.socket(socket.AF_INET, socket.SOCK_STREAM)) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            raise StartError(
                f"Port {port} cannot be used ({error.strerror}). Stop the program that has it, "
                f"or choose another: {name}={port + 1} make run"
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


def prepare(settings: Settings) -> None:
    """Do all that must be right before the processes start.

    Raises:
        StartError: a port, folder, the content or the database is not usable.
        TrainingError: no model matches and training failed.
    """
    check_port("PORT", settings.host, settings.port)
    check_port("ACTION_PORT", "127.0.0.1", settings.action_port)
    check_folder(settings.data_path)
    settings.secret()
    _check_content()
    _migrate(settings)
    train()


def _check_content() -> None:
    from bot.content import ContentError, load_content

    try:
        load_content()
    except ContentError as error:
        raise StartError(f"The content cannot be used:\n{error}") from None


def _migrate(settings: Settings) -> None:
    from bot.records import RecordsError, upgrade

    try:
        upgrade(settings.records_url)
    except RecordsError as error:
        raise StartError(f"{error} Check DATABASE_URL and that the database runs.") from None


def environment(settings: Settings) -> dict[str, str]:
    """Return the environment of the processes."""
    return {
        **os.environ,
        "DATABASE_URL": settings.records_url,
        "DATA_PATH": str(settings.data_path),
        "PROJECT": str(ROOT),
        "PYTHON": sys.executable,
        "RASA_TELEMETRY_ENABLED": "false",
        "SQLALCHEMY_SILENCE_UBER_WARNING": "1",
        "RETENTION_DAYS": str(settings.retention_days),
    }


def supervise(settings: Settings) -> NoReturn:
    """Become the process manager."""
    config = str(ROOT / "deploy" / "supervisord.conf")
    command = [sys.executable, "-W", "ignore", "-m", "supervisor.supervisord", "-c", config]
    if os.geteuid() == 0:
        # Said out loud, or supervisord warns that it did not drop root by itself.
        command += ["-u", "root"]
    os.execve(sys.executable, command, environment(settings))  # noqa: S606


def main() -> int:
    """Start the bot; return only if it cannot start, with the exit code."""
    try:
        settings = Settings.from_env()
        prepare(settings)
    except (SettingsError, StartError, TrainingError) as error:
        print(f"error: {error}", file=sys.stderr)  # noqa: T201
        return 1
    count = len(settings.notify_targets)
    told = f"notified to {count} target(s)" if count else "recorded only (NOTIFY_URLS is empty)"
    print(f"Starting on http://localhost:{settings.port}/ - escalations are {told}", flush=True)  # noqa: T201
    supervise(settings)


if __name__ == "__main__":
    sys.exit(main())
