"""What the bot says and what people write, on the screen character for character."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Iterator
from itertools import product
from typing import Any

import pytest
from playwright.async_api import Locator, expect

from bot.content import Content, Message, load_content
from bot.reply.compose import Composer, View
from bot.reply.contract import Reply
from bot.reply.outcomes import Part
from bot.reply.urgent import contact_lines, urgent_reply
from tests.website.corpora import ODD_TEXTS, OWN_WORDS, UNSAFE_LINKS
from tests.website.pages import Widget
from tests.website.scripted import Script, said_by_bot, scripted

DANGER = {"crisis", "emergency", "unavailable"}
REFERRED = {"dosing", "personal_advice", "obtaining", "human", "not_covered", "off_topic"}

# Writes what stands on the screen back as Markdown: one text for each `.text` of each message.
_BACK = r"""messages => {
  const inline = (node) => {
    if (node.nodeType === Node.TEXT_NODE) return node.data;
    if (node.nodeType !== Node.ELEMENT_NODE) return '';
    const inner = [...node.childNodes].map(inline).join('');
    if (node.localName === 'strong') return `**${inner}**`;
    if (node.localName !== 'a') return inner;
    return inner === node.getAttribute('href') ? inner : `[${inner}](${node.getAttribute('href')})`;
  };
  const block = (node) => {
    if (node.localName === 'p') return inline(node);
    const mark = (at) => (node.localName === 'ol' ? `${node.start + at}. ` : '- ');
    return [...node.children].map((item, at) => mark(at) + inline(item)).join('\n');
  };
  const texts = (message) => [...message.querySelectorAll('.text')]
    .map((text) => [...text.children].map(block).join('\n\n'));
  return messages.map(texts);
}"""

_LINKS = """messages => messages.map((message) => [...message.querySelectorAll('a')]
  .map((link) => [link.textContent, link.getAttribute('href')]))"""


@pytest.fixture(scope="module")
async def server() -> AsyncIterator[Script]:
    async with scripted() as script:
        yield script


@pytest.fixture
async def script(server: Script) -> Script:
    server.entries, server.refused = [], {}
    return server


@pytest.fixture
def content() -> Content:
    return load_content()


async def shown(script: Script, new_visitor: Any) -> Widget:
    """The widget with what the script has said. A visitor who has a session gets it all."""
    context = await new_visitor()
    widget = await Widget.visit(context, script.url)
    key = f"long-covid-guide {script.url} token"
    await widget.page.evaluate("key => localStorage.setItem(key, '\"secret\"')", key)
    await widget.again()
    await widget.open()
    await expect(widget.log.locator(".message")).to_have_count(len(script.entries))
    return widget


def normal(text: str) -> str:
    """A source text as its blocks stand: one blank line between them, none at the ends.

    A list is a block of its own, also where no blank line parts it from the words around.
    """
    lines: list[str] = []
    for line in text.strip().split("\n"):
        kind = _kind(line)
        if lines and lines[-1].strip() and line.strip() and not _goes_on(lines[-1], line, kind):
            lines.append("")
        lines.append(line)
    return re.sub(r"\n\s*\n", "\n\n", "\n".join(lines))


def _kind(line: str) -> str:
    if re.match(r"- +\S", line):
        return "ul"
    return "ol" if re.match(r"\d+\. +\S", line) else "p"


def _goes_on(before: str, line: str, kind: str) -> bool:
    if kind != _kind(before):
        return False
    return kind != "ol" or int(line.split(".")[0]) == int(before.split(".")[0]) + 1


def curated(content: Content) -> Iterator[str]:
    """Every text of the content, contacts in their place."""
    lines = contact_lines(content.contacts.values())
    for answer in content.answers.values():
        yield from (answer.text, answer.more, answer.title, answer.question)
    for message in content.messages.values():
        yield message.text.replace("{contacts}", lines)
    for referral in content.referrals.values():
        yield from (referral.name, referral.help)
    yield from (contact.text for contact in content.contacts.values())
    yield from (claim.text for claim in content.claims.values())
    yield from content.labels.values()


def composed(content: Content) -> Iterator[Reply]:
    """Every reply as the bot composes it: answers in two depths, referrals, danger, small talk."""
    composer, later = Composer(content), View(frozenset(content.disclaimers), crisis_open=True)
    for topic, view, deeper in product(content.answers, (View(), later), (False, True)):
        yield composer.answer([Part("answer", topic)], view, deeper)
    for message in content.messages.values():
        # What needs a number or a name filled in is among the texts of `curated`.
        if "{" not in message.text.replace("{contacts}", ""):
            yield _said(composer, content, message)


def _said(composer: Composer, content: Content, message: Message) -> Reply:
    part = Part(message.outcome, message.topic)
    if message.outcome in DANGER:
        return urgent_reply(content, message.id, escalation="E-ABCDEF")
    if message.outcome in REFERRED:
        return composer.refer(message.id, [part], "E-ABCDEF", View())
    return composer.say(message.id, part, View())


async def test_every_curated_text_is_shown_exactly(
    script: Script, new_visitor: Any, content: Content
) -> None:
    # A line that is a disclaimer by itself is shown as such; that is the next test.
    texts = [text.strip() for text in curated(content)]
    assert len(texts) > 150
    script.tell(texts)
    widget = await shown(script, new_visitor)

    seen = await widget.answers.evaluate_all(_BACK)

    assert seen == [[normal(text)] for text in texts]
    assert await invisible(widget.answers) == []


async def test_every_composed_reply_is_shown_whole(
    script: Script, new_visitor: Any, content: Content
) -> None:
    replies = list(composed(content))
    assert {reply.outcome for reply in replies} > {"answer", *DANGER, *REFERRED}
    script.entries = [
        said_by_bot(at, *reply.messages()[:-1], **reply.payload())
        for at, reply in enumerate(replies, 1)
    ]
    widget = await shown(script, new_visitor)

    seen = await widget.answers.evaluate_all(_BACK)

    known = {text for one in content.disclaimers.values() for text in (one.full, one.short)}
    for at, (reply, texts) in enumerate(zip(replies, seen, strict=True)):
        lines = "\n\n".join(reply.texts).split("\n")
        source = [line for line in lines if line.startswith("From my source: ")]
        limits = [line for line in lines if line in known]
        rest = "\n".join(line for line in lines if line not in known and line not in source)
        assert normal("\n\n".join(texts)) == normal(rest), reply.parts
        message = widget.answers.nth(at)
        assert await message.locator(".disclaimers p").all_text_contents() == limits
        assert limits or not reply.sources, "an answer names its limits"
        sections = await message.locator("details li").all_text_contents()
        assert sections == [name for name, _ in reply.sources]
        assert bool(sections) == bool(source)


async def test_odd_texts_are_shown_exactly(script: Script, new_visitor: Any) -> None:
    script.tell(ODD_TEXTS)
    widget = await shown(script, new_visitor)

    assert await widget.answers.evaluate_all(_BACK) == [[normal(text)] for text in ODD_TEXTS]


async def test_no_unsafe_address_becomes_a_link(script: Script, new_visitor: Any) -> None:
    assert len(set(UNSAFE_LINKS)) == len(UNSAFE_LINKS) >= 50
    texts = [
        form.format(link) for link in UNSAFE_LINKS for form in ("See [here]({}) now.", "x {} y")
    ]
    script.tell([*texts, "[here](https://good.example/a) and https://good.example/b"])
    widget = await shown(script, new_visitor)

    links = await widget.answers.evaluate_all(_LINKS)
    seen = await widget.answers.locator(".text").all_text_contents()

    assert links[-1] == [["here", "https://good.example/a"], ["https://good.example/b"] * 2]
    for text, found in zip(texts, links[:-1], strict=True):
        # A plain web address within such a text may be one, but it shows where it leads.
        assert all(label == href and href.startswith("https://") for label, href in found), text
        assert not found or "https://" in text
    assert seen[:-1] == texts
    assert widget.errors == []


async def test_links_open_apart_and_tell_nothing(script: Script, new_visitor: Any) -> None:
    script.tell(["[here](https://good.example/a)"])
    widget = await shown(script, new_visitor)

    link = widget.log.get_by_role("link", name="here")
    await expect(link).to_have_attribute("target", "_blank")
    await expect(link).to_have_attribute("rel", "noopener noreferrer")


async def test_messages_of_an_unknown_kind_are_readable(script: Script, new_visitor: Any) -> None:
    unknown = {
        "image": "https://good.example/x.png",
        "custom": {"poll": {"question": "<b>Why</b>?"}},
    }
    script.entries = [said_by_bot(1, {"text": "First"}, unknown), said_by_bot(2, {"text": "After"})]
    widget = await shown(script, new_visitor)

    await expect(widget.answers.first).to_contain_text("question: <b>Why</b>?")
    await expect(widget.answers.first).to_contain_text("https://good.example/x.png")
    await expect(widget.answers.last).to_contain_text("After")


@pytest.mark.parametrize("text", OWN_WORDS)
async def test_ones_own_words_are_shown_exactly(talk: Widget, text: str) -> None:
    await talk.ask(text)
    bubble = talk.said.last.locator(".bubble")

    assert await bubble.text_content() == text.strip()
    await talk.again()
    await expect(talk.said).to_have_count(1)
    assert await bubble.text_content() == text.strip(), "also as the server has kept it"
    assert await talk.said.locator("a, b, strong, img, script").count() == 0


async def invisible(messages: Locator) -> list[str]:
    """Texts of the page that the style sheet hides or rewrites."""
    script = r"""messages => messages.flatMap((message) => [...message.querySelectorAll('.text')])
      .map((text) => [text.textContent, text.innerText].map((words) => words.replace(/\s+/g, '')))
      .filter(([there, seen]) => there !== seen).map(([there]) => there)"""
    found: list[str] = await messages.evaluate_all(script)
    return found
