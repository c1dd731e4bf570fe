"""Large text, small screens, fingers, high contrast, less motion."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from playwright.async_api import expect

from tests.website.conftest import Visit
from tests.website.pages import Widget
from tests.website.scripted import scripted
from tests.website.states import STATES

PHONE = {"width": 320, "height": 640}

# What can be pressed and is smaller than 44 px in either direction, as "words: width x height".
# Exempt, as in WCAG: a link within a sentence.
_SMALL = r"""root => [...root.shadowRoot.querySelectorAll('button, a, summary, textarea')]
  .filter((one) => one.checkVisibility() && !(one.localName === 'a' && one.closest('.text')))
  .map((one) => [one, one.getBoundingClientRect()])
  .filter(([, {width, height}]) => width < 44 || height < 44)
  .map(([one, {width, height}]) =>
    `${one.getAttribute('aria-label') || one.innerText}: ${width} x ${height}`)"""

# What sticks out of the screen sideways, or whose own text is cut off.
_LOST = r"""root => [...root.shadowRoot.querySelectorAll('*')]
  .filter((one) => one.checkVisibility() && !one.closest('.sr, svg, style'))
  .filter((one) => {
    const {left, right} = one.getBoundingClientRect();
    const scrolls = getComputedStyle(one).overflowX !== 'visible';
    const cut = scrolls && one.scrollWidth > one.clientWidth + 1;
    return left < -1 || right > innerWidth + 1 || cut;
  })
  .map((one) => `${one.localName}.${one.className}: ${one.textContent.trim().slice(0, 40)}`)"""


@pytest.mark.parametrize("state", ["closed", "empty", "answer", "crisis", "menu", "forget"])
@pytest.mark.parametrize("width", [320, 1000])
async def test_everything_to_press_is_44_px(visit: Visit, state: str, width: int) -> None:
    widget = await visit(viewport={"width": width, "height": 700})
    await STATES[state].reach(widget)
    await expect(STATES[state].sign(widget)).to_be_visible()

    assert await widget.root.evaluate(_SMALL) == []


@pytest.mark.parametrize("state", ["closed", "empty", "answer", "crisis", "menu", "forget"])
async def test_text_of_twice_the_size_fits_at_320_px(visit: Visit, shots: Path, state: str) -> None:
    widget = await visit(viewport=PHONE)
    await widget.page.evaluate("() => { document.documentElement.style.fontSize = '200%'; }")
    await STATES[state].reach(widget)
    await expect(STATES[state].sign(widget)).to_be_visible()
    await widget.page.screenshot(path=shots / f"{state}-320-text-200.png")

    size = await widget.root.evaluate(
        "root => parseFloat(getComputedStyle(root.shadowRoot.querySelector('.root')).fontSize)"
    )
    assert size >= 32
    assert await widget.root.evaluate(_LOST) == []
    wide = "() => document.documentElement.scrollWidth > innerWidth"
    assert not await widget.page.evaluate(wide), "nothing scrolls sideways"


async def test_the_text_field_stays_in_reach_in_a_crisis(visit: Visit) -> None:
    widget = await visit(viewport=PHONE)
    await STATES["crisis"].reach(widget)

    await expect(widget.input).to_be_in_viewport(ratio=1)
    await expect(widget.banner.get_by_role("link", name="Call 988")).to_be_in_viewport(ratio=1)


@pytest.mark.parametrize("state", ["closed", "answer", "crisis"])
async def test_forced_colours_keep_edges_and_focus(visit: Visit, shots: Path, state: str) -> None:
    widget = await visit(forced_colors="active", color_scheme="dark")
    await STATES[state].reach(widget)
    await expect(STATES[state].sign(widget)).to_be_visible()
    await widget.page.screenshot(path=shots / f"{state}-1000-forced.png")

    # Backgrounds are gone in this mode: only a border shows where a button or link to call ends.
    bare = await widget.root.evaluate(
        r"""root => [...root.shadowRoot.querySelectorAll('button, .call, textarea')]
          .filter((one) => one.checkVisibility() && !one.matches('.icon'))
          .filter((one) => !parseFloat(getComputedStyle(one).borderTopWidth))
          .map((one) => one.className)"""
    )
    assert bare == []
    focus = await widget.press("Tab")
    while not focus.tag:
        focus = await widget.press("Tab")
    assert focus.seen


@pytest.fixture
async def silent(new_visitor: Any) -> AsyncIterator[Any]:
    """Opens the widget on a server that takes messages and never answers."""
    async with scripted() as script:

        async def go(**options: Any) -> Widget:
            widget = await Widget.visit(await new_visitor(**options), script.url)
            await widget.open()
            await widget.write("Is anybody there?")
            await expect(widget.status).to_have_text("Writing an answer…")
            return widget

        yield go


@pytest.mark.parametrize(("wish", "moves"), [("reduce", False), ("no-preference", True)])
async def test_nothing_moves_for_those_who_ask(silent: Any, wish: str, moves: bool) -> None:
    widget = await silent(reduced_motion=wish)
    await expect(widget.log.locator(".dots")).to_be_visible()

    running = await widget.root.evaluate("root => root.shadowRoot.getAnimations().length")

    assert bool(running) == moves
