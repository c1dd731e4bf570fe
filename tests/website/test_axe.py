"""No violation of any impact that axe-core knows: eight states, light and dark, narrow and wide.

Each state is photographed on the way, for people to look at.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.async_playwright import Axe
from playwright.async_api import Browser, expect

from tests.website.pages import Widget
from tests.website.running import Site
from tests.website.scripted import Script, scripted
from tests.website.states import STATES, script_refusals

HEIGHTS = {320: 640, 1000: 800}
# Off by default in axe-core, yet part of WCAG 2.2 AA.
OPTIONS = {"resultTypes": ["violations"], "rules": {"target-size": {"enabled": True}}}


@pytest.fixture(scope="module")
async def script() -> AsyncIterator[Script]:
    async with scripted() as served:
        script_refusals(served)
        yield served


@pytest.fixture(scope="module")
async def pages(browser: Browser, site: Site, script: Script) -> AsyncIterator[Any]:
    """Gives the page of a state and width: the last one again, if it is the same."""
    kept: dict[tuple[str, int], Widget] = {}
    async with AsyncExitStack() as stack:

        async def page_of(state: str, width: int) -> Widget:
            if (state, width) not in kept:
                kept.clear()
                await stack.aclose()
                context = await browser.new_context(
                    viewport={"width": width, "height": HEIGHTS[width]}, reduced_motion="reduce"
                )
                stack.push_async_callback(context.close)
                url = script.url if state == "not_sent" else site.url
                widget = kept[state, width] = await Widget.visit(context, url)
                await STATES[state].reach(widget)
            return kept[state, width]

        yield page_of


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", HEIGHTS)
@pytest.mark.parametrize("state", STATES)
async def test_axe_finds_nothing(
    pages: Any, shots: Path, state: str, width: int, scheme: Any
) -> None:
    widget = await pages(state, width)
    await widget.page.emulate_media(color_scheme=scheme)
    await expect(STATES[state].sign(widget)).to_be_visible()
    await widget.page.screenshot(path=shots / f"{state}-{width}-{scheme}.png")

    results = await Axe().run(widget.page, options=OPTIONS)

    assert results.violations_count == 0, results.generate_report()
    checked = [rule for rule in results.response["passes"] if rule["id"] == "color-contrast"]
    assert checked, "axe looked at nothing"


async def test_axe_would_see_a_fault(pages: Any) -> None:
    """Otherwise none found says nothing: it must look into the shadow root too."""
    widget = await pages("empty", 1000)
    await widget.input.evaluate("field => field.removeAttribute('aria-label')")
    await widget.input.evaluate("field => field.removeAttribute('placeholder')")

    results = await Axe().run(widget.page, options=OPTIONS)

    assert "label" in [rule["id"] for rule in results.response["violations"]]
