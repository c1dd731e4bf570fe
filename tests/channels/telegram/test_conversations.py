"""Every conversation of tests/conversations on Telegram, beside REST, and a few in the other mode.

One server for each mode; all conversations at once, in chats of their own, before the first test.
"""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from bot.records import Records
from bot.settings import Settings
from tests.channels.telegram.conversing import Talk, Talker, as_on_telegram, without_references
from tests.channels.telegram.emulator import Telegram
from tests.channels.telegram.service import MODES, guide
from tests.harness import Bot, TurnResult
from tests.test_conversations import FILES, FOLDER, check_reply, check_row, load

# More would only wait for each other.
AT_ONCE = 4
# A command here, which lists the commands besides what REST says.
OURS = {"/help"}
# The modes differ in how updates arrive, not in what is said: one of each folder, and the faults.
FEW = [
    path
    for path in FILES
    if path == next(first for first in FILES if first.parent == path.parent)
    or any("given" in turn for turn in load(path)["turns"])
]
CASES = [(mode, path) for mode in MODES for path in (FILES if mode == "webhook" else FEW)]
Known = dict[Path, list[TurnResult]]


async def held(
    telegram: Telegram, bot: Bot, settings: Settings, mode: str, paths: list[Path], known: Known
) -> dict[Path, Talk | BaseException]:
    """Hold conversations; one that breaks off is an error of its own test."""
    # A fault of the action server is everybody's: such conversations go one by one.
    alone = [path for path in paths if any("given" in turn for turn in load(path)["turns"])]
    free = asyncio.Semaphore(AT_ONCE)

    async def hold(path: Path) -> Talk:
        async with free:
            return await talker.hold(path, telegram.chat())

    async with guide(telegram, bot.agent, settings, mode, rest=True) as address:
        talker = Talker(address, bot.endpoint, settings, known)
        together = [path for path in paths if path not in alone]
        talks = await asyncio.gather(*map(hold, together), return_exceptions=True)
        done: dict[Path, Talk | BaseException] = dict(zip(together, talks, strict=True))
        for path in alone:
            [done[path]] = await asyncio.gather(hold(path), return_exceptions=True)
        await telegram.quiet()
    await telegram.tidy()
    return done


@pytest.fixture(scope="module")
def known() -> Known:
    """What REST said, from the mode that came first."""
    return {}


@pytest.fixture(scope="module")
async def talks(
    request: pytest.FixtureRequest,
    shared_telegram: Telegram,
    bot: Bot,
    settings: Settings,
    known: Known,
) -> dict[Path, Talk | BaseException]:
    # Those of which there is a test in this run.
    found = (getattr(item, "callspec", None) for item in request.session.items)
    ours = [spec.params for spec in found if spec and spec.params.get("talks") == request.param]
    chosen = {params.get("path") for params in ours}
    paths = [path for path in FILES if path in chosen]
    return await held(shared_telegram, bot, settings, request.param, paths, known)


@pytest.mark.parametrize(
    ("talks", "path"),
    CASES,
    ids=[f"{mode}-{path.relative_to(FOLDER).as_posix()}" for mode, path in CASES],
    indirect=["talks"],
    scope="module",
)
async def test_conversation(
    path: Path, talks: dict[Path, Talk | BaseException], records: Records
) -> None:
    talk = talks[path]
    if isinstance(talk, BaseException):
        raise talk
    for turn, rest, shown in zip(talk.turns, talk.rest, talk.telegram, strict=True):
        check_reply(turn, rest)
        (bubble,) = shown.bubbles
        if turn["user"].strip() not in OURS:
            assert without_references(bubble.text) == as_on_telegram(rest)
        titles = [b["title"] for m in rest.messages for b in m.get("buttons") or ()]
        assert [button.title for button in bubble.buttons] == titles
        if shown.stored is None:
            assert rest.topic == "privacy", "all is stored but the end of what was forgotten"
            continue
        stored = TurnResult([*shown.stored["messages"], {"custom": shown.stored["custom"]}])
        check_reply(turn, stored)
        check_row(turn, stored, records)
        assert (stored.outcome, stored.topic) == (rest.outcome, rest.topic)
        assert stored.custom["parts"] == rest.custom["parts"]
    assert len(talk.chat.bubbles) == len(talk.turns), "a bubble a turn, and no other"
