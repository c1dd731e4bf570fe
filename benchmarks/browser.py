"""Chromium, and the widget as a person has it before them."""

from __future__ import annotations

import asyncio
import os
import shutil
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import NamedTuple

from playwright.async_api import Browser, ConsoleMessage, Page, async_playwright

LOOK_SECONDS = 0.05
OFFLINE = "No connection"
# Heard before any script of the page: violations that it reports itself.
_LISTEN = """
addEventListener('securitypolicyviolation', (event) =>
  console.error(`policy violation: ${event.violatedDirective} ${event.blockedURI}`), true)
"""
_SAID = """(host) => [...host.shadowRoot.querySelectorAll('.log > .message')].map((one) => [
  one.classList.contains('user') ? 'user' : 'bot',
  (one.querySelector(':scope > .bubble')?.innerText ?? '').trim(),
  (one.querySelector('.state')?.innerText ?? '').trim()])"""
_STATUS = "(host) => host.shadowRoot.querySelector('.status')?.innerText ?? ''"


class Bubble(NamedTuple):
    """One message on the page; `state` is its delivery, '' for the bot's."""

    who: str
    text: str
    state: str


@asynccontextmanager
async def chromium() -> AsyncIterator[Browser]:
    """Run the system's Chromium, or the one that CHROMIUM names.

    Raises:
        RuntimeError: there is none.
    """
    path = os.environ.get("CHROMIUM") or shutil.which("chromium")
    if not path:
        raise RuntimeError("Chromium is not installed: install it, or name it in CHROMIUM.")
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=path)
        try:
            yield browser
        finally:
            await browser.close()


@dataclass
class Person:
    """Somebody at the widget.

    Args:
        page: a page of their own; `opened` brings the widget onto it.
    """

    page: Page
    complaints: list[str] = field(default_factory=list)

    @classmethod
    async def opened(cls, page: Page, url: str) -> Person:
        """Load a page with the widget and open the panel."""
        person = cls(page)
        person.listen()
        await page.add_init_script(_LISTEN)
        await page.goto(url)
        await page.locator("long-covid-guide .launcher").click()
        return person

    def listen(self) -> None:
        """Note from now on what the page complains of."""
        self.page.on("console", self._heard)
        self.page.on("pageerror", lambda error: self.complaints.append(f"error: {error}"))

    @property
    def violations(self) -> list[str]:
        """What the browser reported of the content policy, itself or through the page."""
        words = ("policy violation", "Content Security Policy", "Trusted", "require-trusted")
        return [line for line in self.complaints if any(word in line for word in words)]

    async def send(self, text: str) -> None:
        """Write a message and press Enter."""
        field_ = self.page.locator("long-covid-guide .input")
        await field_.fill(text)
        await field_.press("Enter")

    async def bubbles(self) -> list[Bubble]:
        """Return what the conversation shows, in order; the welcome counts as the bot's."""
        shown = await self.page.locator("long-covid-guide").evaluate(_SAID)
        return [Bubble(*one) for one in shown]

    async def said(self, who: str) -> list[str]:
        """Return the texts of the person (`user`) or of the bot, in order."""
        return [bubble.text for bubble in await self.bubbles() if bubble.who == who]

    async def status(self) -> str:
        """Return the line under the conversation."""
        return str(await self.page.locator("long-covid-guide").evaluate(_STATUS))

    async def until(self, happened: Callable[[list[Bubble]], bool], seconds: float = 30) -> float:
        """Wait until the bubbles are so; return the moment (`perf_counter`).

        Raises:
            TimeoutError: they are not; tells what there is.
        """
        deadline = time.perf_counter() + seconds
        while not happened(shown := await self.bubbles()):
            if time.perf_counter() > deadline:
                raise TimeoutError(f"the page shows {shown} after {seconds} s")
            await asyncio.sleep(LOOK_SECONDS)
        return time.perf_counter()

    async def until_connected(self, seconds: float = 30) -> float:
        """Wait until the widget does not say that it is offline; return the moment.

        Raises:
            TimeoutError: it says so all the time.
        """
        deadline = time.perf_counter() + seconds
        while OFFLINE in await self.status():
            if time.perf_counter() > deadline:
                raise TimeoutError(f"the widget is offline after {seconds} s")
            await asyncio.sleep(LOOK_SECONDS)
        return time.perf_counter()

    def _heard(self, message: ConsoleMessage) -> None:
        # Browsers ask every site for an icon, which is not the widget's business.
        about = message.location.get("url", "")
        if message.type in ("error", "warning") and not about.endswith("/favicon.ico"):
            self.complaints.append(f"{message.type}: {message.text}")


def answered(texts: list[str]) -> Callable[[list[Bubble]], bool]:
    """Return a condition: these messages are shown as sent, and as many replies as messages."""

    def holds(shown: list[Bubble]) -> bool:
        mine = [bubble for bubble in shown if bubble.who == "user"]
        sent = [bubble.text for bubble in mine if bubble.state == "Sent"]
        return set(texts) <= set(sent) and len(shown) - len(mine) >= len(texts)

    return holds
