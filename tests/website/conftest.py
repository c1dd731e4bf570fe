"""One bot and one browser for all tests of the website; a fresh visitor for each."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

import pytest
from playwright.async_api import Browser, BrowserContext, async_playwright, expect

from bot.settings import ROOT
from tests.website.pages import Widget
from tests.website.running import Site, chromium, running

HERE = Path(__file__).parent
SHOTS = ROOT / "reports" / "screenshots"
MISSING = (
    "These tests need Chromium: install it with `sudo apt-get install chromium`, or name another "
    "one in the environment variable CHROMIUM (`make test` alone leaves them out without it)."
)
Visit = Callable[..., Awaitable[Widget]]
# A busy machine is slow; that is no fault of what is tested.
PATIENCE_MS = 120_000
expect.set_options(timeout=PATIENCE_MS)


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark every test of this folder, before pytest selects by marker."""
    for item in items:
        if HERE in item.path.parents:
            item.add_marker(pytest.mark.browser)
            item.add_marker(pytest.mark.model)


@pytest.fixture(scope="session")
async def browser() -> AsyncIterator[Browser]:
    """The browser, once."""
    path = chromium()
    if path is None:
        pytest.fail(MISSING, pytrace=False)
    async with async_playwright() as playwright:
        opened = await playwright.chromium.launch(executable_path=path)
        yield opened
        await opened.close()


@pytest.fixture(scope="session")
async def site(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Site]:
    """The bot, once."""
    if chromium() is None:
        pytest.fail(MISSING, pytrace=False)
    async with running(tmp_path_factory.mktemp("site")) as started:
        yield started


@pytest.fixture
async def new_visitor(browser: Browser) -> AsyncIterator[Callable[..., Awaitable[BrowserContext]]]:
    """Makes browser contexts, each with a storage of its own, closed after the test."""
    async with AsyncExitStack() as stack:

        async def make(**options: Any) -> BrowserContext:
            given = {"viewport": {"width": 1000, "height": 800}, "locale": "en-GB", **options}
            context = await browser.new_context(**given)
            stack.push_async_callback(context.close)
            context.set_default_timeout(PATIENCE_MS)
            return context

        yield make


@pytest.fixture
async def visit(site: Site, new_visitor: Any) -> Visit:
    """Opens the demo page as a new visitor; options go to the browser's context."""

    async def go(**options: Any) -> Widget:
        context = await new_visitor(**options)
        return await Widget.visit(context, site.url)

    return go


@pytest.fixture
async def widget(visit: Visit) -> Widget:
    """The widget, closed, on the demo page."""
    return await visit()


@pytest.fixture
async def talk(widget: Widget) -> Widget:
    """The widget with its panel open."""
    await widget.open()
    return widget


@pytest.fixture(scope="session")
def shots() -> Path:
    """The folder of the screenshots."""
    SHOTS.mkdir(parents=True, exist_ok=True)
    return SHOTS
