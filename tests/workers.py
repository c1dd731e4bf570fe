"""How the tests are run: which need the trained model, and which must share a worker (`-n 3`).

pyproject.toml loads this for every run. A worker runs the tests of one room after the other, so
that what is costly to start (a bot, a browser) is started by one worker only.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, settings
from xdist.scheduler import LoadScopeScheduling

if TYPE_CHECKING:
    from xdist.remote import Producer

# Beginnings of paths, by what their tests share; any other file is a room of its own.
ROOMS = {
    "the bot": (
        "tests/conversations/",
        "tests/test_conversations.py",
        "tests/test_bad_input.py",
        "tests/test_seeds.py",
        "tests/channels/telegram/test_conversations.py",
        "tests/channels/telegram/test_real_bot.py",
        "tests/channels/website/test_real_bot.py",
        "tests/metrics/test_real_bot.py",
    ),
    "the browser": ("tests/website/",),
    "a tuned encoder": ("tests/nlu/",),
}
# A fixture that is the whole bot, or holds it, or the model alone.
BOTS = frozenset({"bot", "conversation_driver", "trained_model"})

# A busy machine is slow; that is no fault of what is tested.
settings.register_profile("patient", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("patient")


def room_of(nodeid: str) -> str:
    """Return what the test shares with others, or its file."""
    file = nodeid.partition("::")[0]
    return next((room for room, paths in ROOMS.items() if file.startswith(paths)), file)


class Rooms(LoadScopeScheduling):
    """Gives whole rooms to workers, the one with most tests first."""

    def _split_scope(self, nodeid: str) -> str:
        return room_of(nodeid)


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Producer) -> Rooms:
    """Let pytest-xdist share out rooms."""
    return Rooms(config, log)


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark what talks to the whole bot, before pytest selects by marker (`-m "not model"`)."""
    for item in items:
        if BOTS & set(getattr(item, "fixturenames", ())):
            item.add_marker(pytest.mark.model)
