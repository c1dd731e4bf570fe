"""A person in Chromium writes numbered messages while the server is killed again and again.

What is counted is what the person sees and what the database holds, each by itself: every message
once, in the order it was written, with one reply of its own.
"""

from __future__ import annotations

import asyncio
import json
import random
import time
from collections.abc import Callable, Sequence

from playwright.async_api import Browser

from benchmarks.browser import Bubble, Person, answered
from benchmarks.counting import Outcome, count, count_rows
from benchmarks.web_bot import Row, WebBot

QUESTIONS = (
    "what is long covid",
    "how does ketamine help with pain",
    "what are the side effects of ketamine",
    "how long does long covid last",
    "thanks",
)
# A new conversation after so many kills: as long as a busy person's, not endless.
ROUND = 10
# Seconds after the last message within which the server is killed: a turn takes about as long.
MOST_PAUSE = 0.4
SETTLED_SECONDS = 120
# Letters by which a reply is told from another.
FIRST = 30


class Ordeal:
    """Kills the server while somebody writes, and counts.

    Args:
        bot: the bot; its database may hold other sessions, which must have ended.
        browser: what the person uses.
        seed: of the moments of the kills and the number of messages.
        tell: is given a line after each kill.
    """

    def __init__(
        self, bot: WebBot, browser: Browser, seed: int, tell: Callable[[str], object] = len
    ) -> None:
        self._bot = bot
        self._browser = browser
        self._chance = random.Random(seed)
        self._tell = tell
        self._outcome = Outcome()

    async def run(self, kills: int) -> Outcome:
        """Kill the server so often and return what came of it."""
        outcome = self._outcome
        while outcome.kills < kills:
            rows = len(self._bot.rows())
            context = await self._browser.new_context()
            person = await Person.opened(await context.new_page(), self._bot.url)
            texts: list[str] = []
            for _ in range(min(ROUND, kills - outcome.kills)):
                await self._kill(person, texts, rows)
            said = [bubble for bubble in await person.bubbles() if bubble.text]
            count_page(said, texts, self._bot.rows()[rows:], outcome)
            count_rows(self._bot.rows()[rows:], texts, outcome)
            outcome.sent += len(texts)
            await context.close()
        return outcome

    async def _kill(self, person: Person, texts: list[str], before: int) -> None:
        """Write, kill, start again at once, write on meanwhile, wait until all is answered."""
        outcome = self._outcome
        # Every other kill comes at once after a message, the rest at any moment of its turn.
        await self._write(person, texts, self._chance.randint(0, 2), MOST_PAUSE)
        await self._write(person, texts, 1, MOST_PAUSE * (outcome.kills % 2))
        self._bot.kill()
        outcome.kills += 1
        replies = sum(row.author == "bot" for row in self._bot.rows()[before:])
        outcome.interrupted += replies < len(texts)
        self._bot.start()
        await self._write(person, texts, self._chance.randint(0, 2), 2.0)
        ready = await self._bot.ready()
        try:
            outcome.connected.append(await person.until_connected(SETTLED_SECONDS) - ready)
            back = await person.until(answered(texts), SETTLED_SECONDS)
        except TimeoutError as error:
            # What is missing is counted as lost in the end.
            self._tell(str(error))
            back = time.perf_counter()
        outcome.back.append(max(0.0, back - ready))
        self._tell(f"kill {outcome.kills}: all answered after {outcome.back[-1]:.1f} s")

    async def _write(self, person: Person, texts: list[str], count: int, pause: float) -> None:
        """Write messages, with random pauses of so many seconds at most."""
        for _ in range(count):
            number = self._outcome.sent + len(texts) + 1
            texts.append(f"{QUESTIONS[number % len(QUESTIONS)]} ({number})")
            await person.send(texts[-1])
            await asyncio.sleep(self._chance.uniform(0, pause))


def count_page(
    shown: Sequence[Bubble], texts: Sequence[str], rows: Sequence[Row], outcome: Outcome
) -> None:
    """Count what the page shows: the messages by their text, the replies by the database's."""
    mine = [bubble.text for bubble in shown if bubble.who == "user"]
    replies = [_plain(bubble.text) for bubble in shown if bubble.who == "bot"]
    count(mine, texts, outcome)
    outcome.misplaced += mine != list(texts)
    outcome.lost += max(0, len(texts) - len(replies))
    outcome.doubled += max(0, len(replies) - len(texts))
    stored = [_first_words(row.body) for row in rows if row.author == "bot"]
    pairs = zip(replies, stored, strict=False)
    outcome.misplaced += sum(not reply.startswith(words) for reply, words in pairs)


def _first_words(body: str) -> str:
    """Return how a reply begins, in letters only: on the page it is drawn from Markdown."""
    texts = [message.get("text") for message in json.loads(body)["messages"]]
    return _plain(next((text for text in texts if text), ""))[:FIRST]


def _plain(text: str) -> str:
    return "".join(letter for letter in text if letter.isalnum())
