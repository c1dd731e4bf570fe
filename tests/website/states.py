"""The states in which people meet the widget: how to get there, and the sign of being there."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from playwright.async_api import Locator, expect

from tests.website.pages import Widget
from tests.website.scripted import Script

REFUSED = "A message that is refused"


@dataclass(frozen=True)
class State:
    """`reach` starts from a fresh page; `sign` is seen in this state only."""

    reach: Callable[[Widget], Awaitable[object]]
    sign: Callable[[Widget], Locator]


async def nothing(widget: Widget) -> None:
    """The page as it is."""


async def answered(widget: Widget) -> None:
    """An answer with everything open that can be: its source, and the form for a comment."""
    await widget.open()
    answer = await widget.ask("what is long covid")
    await answer.locator("summary").click()
    await answer.get_by_role("button", name="Helpful", exact=True).click()


async def in_crisis(widget: Widget) -> None:
    await widget.open()
    await widget.ask("I want to die")


async def in_danger(widget: Widget) -> None:
    await widget.open()
    await widget.ask("I took too much ketamine and I cannot breathe")


async def at_menu(widget: Widget) -> None:
    await widget.open()
    await widget.root.get_by_role("button", name="Menu").click()


async def forgetting(widget: Widget) -> None:
    await widget.open()
    await widget.ask("is it safe?")
    await widget.choose("Forget me")


async def not_sent(widget: Widget) -> None:
    """One message refused, one waiting for the network. Needs the scripted server."""
    await widget.open()
    await widget.write(REFUSED)
    await expect(widget.root.get_by_text("Not sent.")).to_be_visible()
    await widget.page.context.set_offline(True)
    await widget.write("A message that waits")
    await expect(widget.status).to_contain_text("No connection", timeout=60_000)


STATES = {
    "closed": State(nothing, lambda widget: widget.launcher),
    "empty": State(Widget.open, lambda widget: widget.input),
    "answer": State(answered, lambda widget: widget.root.get_by_text("Anything to add?")),
    "crisis": State(in_crisis, lambda widget: widget.root.get_by_text("You are not alone.")),
    "emergency": State(
        in_danger, lambda widget: widget.root.get_by_text("Call your emergency number now.")
    ),
    "menu": State(at_menu, lambda widget: widget.menu),
    "forget": State(forgetting, lambda widget: widget.dialog),
    "not_sent": State(not_sent, lambda widget: widget.root.get_by_text("Waiting to be sent")),
}


def script_refusals(script: Script) -> None:
    """Make the scripted server refuse what `not_sent` sends."""
    script.refused[REFUSED] = "It is not in a form that the server can read."
