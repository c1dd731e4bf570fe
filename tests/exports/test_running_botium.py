"""botium-core against the real bot over REST: passes, and fails where it must."""

from __future__ import annotations

import asyncio
import json
import os
import subprocess
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import aiohttp
import pytest
from aiohttp import web

from benchmarks.web_bot import WebBot
from tests.exports.choosing import Tally, chosen, file_name
from tests.exports.conftest import Write
from tests.exports.convos import RULES, export, payload_of
from tests.exports.running import NODE_FOLDER, CannotRun, botium, install
from tests.plugin.format import files, load
from tests.servers import answering

PAIN = """\
  - user: can it help with pain?
    outcome: answer
    topic: pain
    contains: Ketamine can change how pain is felt.
    buttons: [/ask_evidence]
  - user: hello
    outcome: smalltalk
"""


@pytest.fixture(scope="module")
def node() -> None:
    """Node with botium-core; skips where there is no Node, but not in CI."""
    try:
        install()
    except CannotRun as error:
        if os.environ.get("CI") == "true":
            pytest.fail(str(error))
        pytest.skip(str(error))


@pytest.fixture(scope="module")
async def bot(
    node: None, trained_model: Path, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[WebBot]:
    """A bot that was really started."""
    data = tmp_path_factory.mktemp("bot")
    async with WebBot(data, MODEL=str(trained_model)).running() as running:
        yield running


@pytest.fixture
def folder(talk: Write, tmp_path: Path) -> Path:
    export([talk(PAIN)], tmp_path / "convos")
    return tmp_path / "convos"


def change(folder: Path, old: str, new: str) -> None:
    [path] = folder.iterdir()
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new), encoding="utf-8")


def test_what_the_bot_does_passes(bot: WebBot, folder: Path) -> None:
    done = botium(folder, bot.url)

    assert (done.returncode, done.stdout) == (0, "1 passed, 0 failed\n")


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("how pain is felt", "how pain is healed", 'Expected text(s) in response "Ketamine can'),
        ("/ask_evidence", "/ask_inflammatio", "Expected button(s) with text"),
        ("custom.topic|pain", "custom.topic|fatigue", 'Expected: "fatigue" in jsonPath'),
        (
            "#me\nhello\n\n#bot\nJSON_PATH $[*].custom.outcome|smalltalk",
            "#me\nhello",
            "There is an unread bot reply in queue",
        ),
        ("outcome|smalltalk", "outcome|smalltalk\n\n#bot\nTEXT_CONTAINS_ALL e", "respond within"),
    ],
)  # fmt: skip
def test_a_wrong_expectation_fails_and_is_named(
    bot: WebBot, folder: Path, old: str, new: str, said: str
) -> None:
    change(folder, old, new)

    done = botium(folder, bot.url)

    assert done.returncode == 1
    assert said in done.stdout
    assert done.stdout.endswith("0 passed, 1 failed\n")


@asynccontextmanager
async def adding(url: str, again: str) -> AsyncIterator[str]:
    """The bot behind a door that says something once more: a `text`, or the whole `reply`."""

    async def door(request: web.Request) -> web.StreamResponse:
        async with (
            aiohttp.ClientSession() as session,
            session.post(url + request.path, json=await request.json()) as answer,
        ):
            messages = await answer.json()
        return web.json_response([*messages, *(messages[:1] if again == "text" else messages)])

    async with answering(door) as address:
        yield address


@pytest.mark.parametrize("again", ["text", "reply"])
async def test_a_message_too_many_fails(
    bot: WebBot, talk: Write, tmp_path: Path, again: str
) -> None:
    export([talk("  - {user: hello, outcome: smalltalk, topic: greet}\n")], tmp_path / "convos")

    async with adding(bot.url, again) as url:
        done = await asyncio.to_thread(botium, tmp_path / "convos", url)

    assert done.returncode == 1
    assert "There is an unread bot reply in queue" in done.stdout


def test_no_convo_is_no_pass(node: None, tmp_path: Path) -> None:
    done = botium(tmp_path, "http://127.0.0.1:9")

    assert done.returncode == 2
    assert "there is no convo" in done.stderr


def test_no_bot_is_no_pass(node: None, folder: Path) -> None:
    done = botium(folder, "http://127.0.0.1:9")

    assert done.returncode == 1
    assert "0 passed, 1 failed" in done.stdout


def test_botium_says_every_message_as_it_is_written(node: None, tmp_path: Path) -> None:
    talks = chosen([load(path) for path in files()], RULES, Tally())
    export(talks, tmp_path)
    wanted = {
        file_name(variant): [
            payload_of(str(turn.button)) if words is None else words
            for turn, words in zip(talk.turns, variant.words, strict=True)
        ]
        for talk in talks
        for variant in talk.variants()
    }

    done = subprocess.run(
        ["node", "run.js", str(tmp_path), "--list"],
        cwd=NODE_FOLDER,
        capture_output=True,
        text=True,
        check=True,
    )

    assert json.loads(done.stdout) == wanted
