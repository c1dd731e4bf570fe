"""The server dies, hangs or cannot be reached: nothing that a person wrote is lost or doubled."""

# ruff: noqa: F401, F811 - the fixtures are imported
from __future__ import annotations

import asyncio
from typing import Any

from playwright.async_api import Browser, expect

from benchmarks.kills import Ordeal
from benchmarks.web_bot import WebBot
from tests.website.faults import (
    PAIN,
    PATIENCE_SECONDS,
    PROOF,
    WHAT,
    all_once,
    mortal,
    recorded,
    started,
    visit,
)

KILLS = 5
WAITING = "Waiting to be sent"


async def test_five_kills(mortal: WebBot, browser: Browser) -> None:
    outcome = await Ordeal(mortal, browser, seed=4, tell=print).run(KILLS)

    assert outcome.kills == KILLS
    assert outcome.sent >= KILLS
    assert outcome.interrupted >= 2, "a kill while nothing is under way proves nothing"
    assert outcome.flawless, outcome


async def test_a_reload_in_the_middle_of_a_turn(mortal: WebBot, new_visitor: Any) -> None:
    async with recorded(mortal) as check:
        person = await visit(await new_visitor(), mortal.url)
        texts = []
        for text, stored in ((WHAT, False), (PAIN, True)):
            texts.append(text)
            await person.send(text)
            if stored:
                await person.until(
                    lambda shown, text=text: ("user", text, "Sent") in shown, PATIENCE_SECONDS
                )
            await person.page.reload()
            await all_once(person, texts)
        check(texts)


async def test_what_is_written_offline_is_sent_in_order(mortal: WebBot, new_visitor: Any) -> None:
    async with recorded(mortal) as check:
        context = await new_visitor()
        person = await visit(context, mortal.url)
        await context.set_offline(True)
        texts = [WHAT, PAIN, PROOF]
        for text in texts:
            await person.send(text)
        await person.until(
            lambda shown: [state for *_, state in shown] == [WAITING] * 3, PATIENCE_SECONDS
        )
        await expect(person.page.locator(".status")).to_contain_text("Your messages are kept")
        check([])

        await context.set_offline(False)

        await all_once(person, texts)
        check(texts)


async def test_help_is_there_while_the_server_is_not(mortal: WebBot, new_visitor: Any) -> None:
    async with recorded(mortal) as check:
        person = await visit(await new_visitor(), mortal.url)
        await person.send(WHAT)
        await all_once(person, [WHAT])
        mortal.kill()

        await person.page.get_by_role("button", name="Help now").click()
        lines = person.page.locator(".banner a[href^='tel:']")
        await expect(lines.first).to_be_visible()
        assert await lines.count() >= 2
        await person.send(PAIN)
        await person.until(lambda shown: shown[-1] == ("user", PAIN, WAITING), PATIENCE_SECONDS)
        await expect(person.page.locator(".status")).to_contain_text("No connection")

        mortal.start()
        await mortal.ready()
        await all_once(person, [WHAT, PAIN])
        check([WHAT, PAIN])


async def test_a_hung_server_is_told_and_a_retry_works(mortal: WebBot, new_visitor: Any) -> None:
    async with recorded(mortal) as check:
        person = await visit(await new_visitor(), mortal.url)
        await person.send(WHAT)
        await all_once(person, [WHAT])
        mortal.freeze()

        await person.send(PAIN)
        retry = person.page.get_by_role("button", name="Try again")
        await expect(retry).to_be_visible(timeout=60_000)
        assert "Not sent." in (await person.bubbles())[-1].state
        check([WHAT])
        await retry.click()
        await expect(retry).to_be_hidden()
        mortal.thaw()

        await all_once(person, [WHAT, PAIN])
        check([WHAT, PAIN])


async def test_two_tabs_through_a_kill(mortal: WebBot, new_visitor: Any) -> None:
    async with recorded(mortal) as check:
        context = await new_visitor()
        one = await visit(context, mortal.url)
        await one.send(WHAT)
        await all_once(one, [WHAT])
        two = await visit(context, mortal.url)
        await all_once(two, [WHAT])

        await one.send(PAIN)
        mortal.kill()
        mortal.start()
        await two.send(PROOF)
        await mortal.ready()
        await asyncio.gather(*(tab.until_connected(PATIENCE_SECONDS) for tab in (one, two)))
        await one.until(lambda shown: len(shown) >= 6, PATIENCE_SECONDS)

        shown = await one.bubbles()
        texts = [bubble.text for bubble in shown if bubble.who == "user"]
        assert sorted(texts) == sorted([WHAT, PAIN, PROOF])
        assert await all_once(two, texts) == await all_once(one, texts)
        check(texts)
