"""Twelve things people come for, each done with the keyboard alone."""

from __future__ import annotations

import re
from pathlib import Path

from playwright.async_api import Locator, expect

from tests.website.pages import Focus, Widget

QUESTION = "what is long covid"


async def open_by_keyboard(widget: Widget) -> Focus:
    """From the top of the page to the text field."""
    await widget.tab_to("Ask about Long COVID")
    await widget.press("Enter")
    return await widget.until_focus("input")


async def ask_by_keyboard(widget: Widget, text: str = QUESTION) -> Locator:
    """Type into the field that has the focus, send, and wait for the answer."""
    assert (await widget.focus()).classes == "input"
    await widget.type(text)
    before = await widget.said.count()
    await widget.press("Enter")
    await expect(widget.said).to_have_count(before + 1)
    return await widget.answered()


async def choose_by_keyboard(widget: Widget, item: str) -> Focus:
    """Open the menu and choose an item."""
    await widget.tab_to("Menu", back=True)
    first = await widget.press("Enter")
    assert first.name == "New conversation", "the menu takes the focus to its first item"
    if item != first.name:
        await widget.tab_to(item)
    return await widget.press("Enter")


async def test_it_opens(widget: Widget) -> None:
    focus = await open_by_keyboard(widget)

    assert focus.seen
    assert (focus.tag, focus.name) == ("textarea", "Your message")
    await expect(widget.panel).to_have_attribute("open", "")
    await expect(widget.root.get_by_role("dialog", name="Long COVID guide")).to_be_visible()


async def test_a_question_is_asked_and_its_answer_heard(widget: Widget) -> None:
    await open_by_keyboard(widget)
    await expect(widget.log).to_have_attribute("aria-live", "polite")

    answer = await ask_by_keyboard(widget)

    await expect(answer).to_contain_text("Long COVID")
    await expect(answer.get_by_text("Guide:")).to_have_count(1)
    assert (await widget.focus()).classes == "input", "the next question can be typed at once"


async def test_a_suggestion_is_followed(widget: Widget) -> None:
    await open_by_keyboard(widget)
    await ask_by_keyboard(widget)
    title = await widget.chips.first.inner_text()

    focus = await widget.tab_to(title, back=True)
    assert focus.tag == "button"
    await widget.press("Enter")
    await widget.answered()

    await expect(widget.said.last).to_contain_text(title)
    await expect(widget.answers).to_have_count(2)
    assert (await widget.focus()).classes == "input"


async def test_the_source_is_disclosed(widget: Widget) -> None:
    await open_by_keyboard(widget)
    answer = await ask_by_keyboard(widget)
    sections = answer.locator("details li")
    await expect(sections.first).to_be_hidden()

    focus = await widget.tab_to("From my source", back=True)
    assert focus.tag == "summary"
    await widget.press("Enter")

    await expect(sections.first).to_be_visible()
    assert (await widget.focus()).name == "From my source"


async def test_an_answer_is_rated_with_a_comment(widget: Widget) -> None:
    await open_by_keyboard(widget)
    answer = await ask_by_keyboard(widget)

    await widget.tab_to("Helpful", back=True)
    focus = await widget.press("Enter")
    assert focus.name == "Was this helpful?" or focus.group == "Was this helpful?"
    focus = await widget.tab_to("Anything to add? (optional)")
    assert focus.tag == "textarea"
    await widget.type("Short and clear.")
    await widget.tab_to("Send comment")
    focus = await widget.press("Enter")

    await expect(answer.locator(".rating")).to_have_text("Thank you for telling us.")
    assert focus.group == "Was this helpful?", "the focus stays where the form was"


async def test_a_person_is_asked_for(widget: Widget) -> None:
    await open_by_keyboard(widget)

    await widget.tab_to("Talk to a person", back=True)
    await widget.press("Enter")
    answer = await widget.answered()

    await expect(answer).to_contain_text(re.compile(r"reference is E-\w{6}"))
    assert (await widget.focus()).classes == "input"


async def test_the_crisis_contacts_are_reached(widget: Widget) -> None:
    await open_by_keyboard(widget)
    await ask_by_keyboard(widget, "I want to die")
    await expect(
        widget.root.get_by_role("alert").filter(has=widget.page.locator("h3"))
    ).to_be_visible()

    focus = await widget.tab_to("Call 988 , 988 Lifeline", back=True)

    assert focus.tag == "a"
    link = widget.banner.locator("a:focus")
    await expect(link).to_have_attribute("href", "tel:988")


async def test_escape_closes_and_gives_the_focus_back(widget: Widget) -> None:
    await open_by_keyboard(widget)

    await widget.press("Escape")
    focus = await widget.until_focus("launcher")

    assert focus.seen
    await expect(widget.panel).to_have_count(0)


async def test_a_new_conversation_is_begun(widget: Widget) -> None:
    await open_by_keyboard(widget)
    await ask_by_keyboard(widget)

    focus = await choose_by_keyboard(widget, "New conversation")
    assert focus.name == "Cancel", "the harmless choice has the focus"
    await widget.press("Escape")
    assert (await widget.until_focus("menu-button")).seen
    await expect(widget.said).to_have_count(1)
    await widget.press("Enter")
    await widget.press("Enter")
    await widget.tab_to("Start new")
    await widget.press("Enter")

    await expect(widget.said).to_have_count(0)
    assert (await widget.until_focus("input")).seen


async def test_the_transcript_is_saved(widget: Widget, tmp_path: Path) -> None:
    await open_by_keyboard(widget)
    answer = await ask_by_keyboard(widget)
    words = await answer.locator(".text p").first.inner_text()

    async with widget.page.expect_download() as started:
        await choose_by_keyboard(widget, "Save as text file")
    await (await started.value).save_as(tmp_path / "saved.txt")

    saved = (tmp_path / "saved.txt").read_text(encoding="utf-8")
    assert "Education from one source, not medical advice." in saved
    assert QUESTION in saved
    assert words in saved
    assert (await widget.until_focus("menu-button")).seen


async def test_all_is_forgotten_after_a_question(widget: Widget) -> None:
    await open_by_keyboard(widget)
    await ask_by_keyboard(widget)

    focus = await choose_by_keyboard(widget, "Forget me")
    assert focus.name == "Cancel"
    await expect(widget.root.get_by_role("alertdialog")).to_be_visible()
    await widget.tab_to("Delete it all")
    await widget.press("Enter")

    await expect(widget.notice).to_contain_text("Everything was deleted.")
    await expect(widget.said).to_have_count(0)
    assert (await widget.until_focus("input")).seen


async def test_a_shared_computer_is_left_quickly(widget: Widget) -> None:
    await widget.page.route(
        "https://www.wikipedia.org/**", lambda route: route.fulfill(body="away")
    )
    await open_by_keyboard(widget)
    await ask_by_keyboard(widget)

    await choose_by_keyboard(widget, "I am on a shared computer")
    await expect(widget.root.get_by_text("Shared computer: nothing is kept")).to_be_visible()
    assert (await widget.until_focus("menu-button")).seen
    assert await widget.stored() == {}
    await widget.tab_to("Quick exit")
    await widget.page.keyboard.press("Enter")

    await widget.page.wait_for_url("https://www.wikipedia.org/")
    await widget.page.go_back()
    assert not await widget.page.get_by_text(QUESTION).count(), "'back' shows nothing of it"
