"""The pytest plugin: each file user_*.yml below a folder `conversations` is held with the bot.

Options, reports and what makes a run fail are described in docs/testing.md.
"""

from __future__ import annotations

import importlib
import warnings
from collections.abc import Generator
from pathlib import Path
from typing import Any

import pytest

from tests.plugin.collecting import ConversationFile, ConversationItem
from tests.plugin.fixtures import (  # noqa: F401 - pytest looks for fixtures here
    conversation_driver,
    conversation_loop,
    conversation_runner,
    conversation_server,
)
from tests.plugin.format import CHANNELS
from tests.plugin.ledger import LEDGER, Ledger
from tests.plugin.reporter import Reporter

_COUNTS = "conversations"


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the options."""
    group = parser.getgroup("conversations", "conversations with the bot")
    group.addoption(
        "--channel",
        choices=CHANNELS,
        default="inprocess",
        help="where conversations are held; all but inprocess start a bot server",
    )
    group.addoption(
        "--conversation-tags",
        default="",
        metavar="TAGS",
        help="hold only the conversations with one of these tags, separated by commas",
    )
    group.addoption(
        "--conversation-report",
        type=Path,
        metavar="PATH",
        help="write an HTML page with all transcripts",
    )
    group.addoption(
        "--bot-coverage",
        action="store_const",
        const="on",
        default="auto",
        help="fail if a part of the bot is not exercised (goes without saying if all are held)",
    )
    group.addoption(
        "--bot-coverage-report",
        type=Path,
        metavar="PATH",
        help="write the coverage of the bot as JSON",
    )
    group.addoption(
        "--no-bot-coverage",
        dest="bot_coverage",
        action="store_const",
        const="off",
        help="do not count what of the bot is exercised",
    )


def pytest_configure(config: pytest.Config) -> None:
    """Open the ledger of the run.

    Raises:
        UsageError: coverage is asked for where it cannot be seen.
    """
    if config.getoption("bot_coverage") == "on" and config.getoption("channel") != "inprocess":
        raise pytest.UsageError("--bot-coverage needs --channel inprocess: others hide the rules")
    config.stash[LEDGER] = Ledger.of(config)
    # Where xdist runs, reports come together in its controller.
    if not hasattr(config, "workerinput"):
        config.pluginmanager.register(Reporter(config), "conversation-reporter")


def pytest_collect_file(file_path: Path, parent: pytest.Collector) -> ConversationFile | None:
    """Take conversation files."""
    fits = file_path.suffix == ".yml" and file_path.name.startswith("user_")
    if not fits or "conversations" not in file_path.parent.parts:
        return None
    made: ConversationFile = ConversationFile.from_parent(parent, path=file_path)
    return made


def pytest_itemcollected(item: pytest.Item) -> None:
    """Count the conversations that there are."""
    if isinstance(item, ConversationItem):
        item.config.stash[LEDGER].collected += 1


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Count those that are left of them, after -k, -m and the like."""
    found = [item for item in items if isinstance(item, ConversationItem)]
    config.stash[LEDGER].selected = len(found)


def pytest_collection_finish(session: pytest.Session) -> None:
    """Bring Rasa in before there is an event loop: with it comes another kind of loop."""
    if session.config.stash[LEDGER].selected and not session.config.option.collectonly:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            importlib.import_module("tests.harness")


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, Any, Any]:
    """Put the transcript on the report, which also travels from a worker to its controller."""
    report = yield
    if isinstance(item, ConversationItem) and report.when == "call" and item.transcript:
        report.conversation = item.transcript.data() | {"outcome": report.outcome}
    return report


@pytest.hookimpl(trylast=True)
def pytest_sessionfinish(session: pytest.Session) -> None:
    """Hand over what a worker of xdist counted."""
    output = getattr(session.config, "workeroutput", None)
    if output is not None:
        ledger = session.config.stash[LEDGER]
        output[_COUNTS] = (ledger.collected, ledger.selected)


@pytest.hookimpl(optionalhook=True)
def pytest_testnodedown(node: Any) -> None:
    """Take over what a worker of xdist counted; each collects everything."""
    ledger = node.config.stash[LEDGER]
    counted = getattr(node, "workeroutput", {}).get(_COUNTS, (0, 0))
    ledger.collected = max(ledger.collected, counted[0])
    ledger.selected = max(ledger.selected, counted[1])
