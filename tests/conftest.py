"""Fixtures shared by all the tests."""

from __future__ import annotations

import logging
import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from bot.lean import keep_tensorflow_out
from bot.records import Records, upgrade
from bot.settings import Settings

# The bot as it is served: ten seconds less for each process. What trains cannot be imported then.
if os.environ.get("TESTS_WITHOUT_TENSORFLOW"):
    keep_tensorflow_out()
    collect_ignore = ["nlu/encoder"]

pytest_plugins = ["tests.plugin.plugin"]


@pytest.fixture(scope="session")
def settings(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Settings]:
    """Settings of a bot of its own: a fresh SQLite database in a folder for this run."""
    folder = tmp_path_factory.mktemp("bot")
    values = {
        "DATA_DIR": str(folder),
        "DATABASE_URL": f"sqlite:///{folder / 'bot.sqlite3'}",
        "NOTIFY_URLS": "",
    }
    previous = {name: os.environ.get(name) for name in values}
    os.environ.update(values)
    made = Settings.from_env()
    upgrade(made.records_url)
    yield made
    for name, value in previous.items():
        if value is None:
            del os.environ[name]
        else:
            os.environ[name] = value


@pytest.fixture(scope="session")
def records(settings: Settings) -> Records:
    """The records the bot under test writes."""
    return Records(settings.records_url)


@pytest.fixture(scope="session")
async def bot(settings: Settings) -> object:
    """The real bot, loaded once."""
    from rasa.utils.log_utils import configure_structlog

    # As the server does: unconfigured, structlog prints all it knows at each turn.
    configure_structlog(logging.WARNING)
    from bot.degraded import safe_replies
    from tests.harness import Bot

    return await Bot.start(settings, safe_replies())


@pytest.fixture
def document() -> str:
    """The source document, where it lies beside the project."""
    path = Path(__file__).resolve().parents[2] / "shared" / "document.txt"
    if not path.is_file():
        pytest.skip("the source document is not beside the project")
    return path.read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def redis_url() -> Iterator[str]:
    """The address of a real Redis; without one the test is skipped."""
    from benchmarks.locks import redis

    try:
        with redis() as found:
            yield found
    except RuntimeError as error:
        pytest.skip(str(error))
