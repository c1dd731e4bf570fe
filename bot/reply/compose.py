"""Composes replies from content: which texts, disclaimers, sources and buttons a turn gets."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from bot.content import Answer, Content
from bot.reply.contract import Button, Reply
from bot.reply.outcomes import ANSWER_TOPICS, Part
from bot.reply.urgent import contact_lines, contact_payload

MAX_BUTTONS = 3
MAX_TITLE = 40


@dataclass(frozen=True)
class View:
    """What of the conversation so far shapes a reply."""

    disclaimers_shown: frozenset[str] = frozenset()
    crisis_open: bool = False


class Composer:
    """Builds the replies that need no clock, database or network.

    Args:
        content: everything the bot can say.
        region: country code whose contacts come with a referral; '' for all.
    """

    def __init__(self, content: Content, region: str = "") -> None:
        self._content = content
        self._region = region

    def answer(self, parts: Sequence[Part], view: View, deeper: bool = False) -> Reply:
        """Answer every `answer` part; `deeper` gives the text for "tell me more"."""
        answers = self._answers(parts)
        texts = [answer.more if deeper else answer.text for answer in answers]
        beside = self._beside(parts)
        reply = Reply(tuple(parts), (*texts, *beside))
        return self._finish(self._with_answers(reply, answers, view), view)

    def refer(self, message: str, parts: Sequence[Part], reference: str, view: View) -> Reply:
        """Refuse kindly, refer, give the reference; then answer what else was asked."""
        reply = self._referral(message, parts, reference)
        answers = self._answers(parts)
        if answers:
            reply = self._append(reply, [answer.text for answer in answers])
            reply = self._with_answers(reply, answers, view)
        return self._finish(reply, view)

    def turn_away(self, part: Part, reference: str, view: View, offer_human: bool) -> Reply:
        """Say that the source does not cover this; with `offer_human`, offer a person too."""
        reply = self._referral(part.outcome, [part], reference)
        if offer_human:
            offer = self._content.messages["offer_human"]
            reply = self._append(reply, [offer.text], first=("human",))
        return self._finish(reply, view)

    def say(self, message: str, part: Part, view: View, **values: str) -> Reply:
        """Say a message that escalates nothing, with its placeholders filled in."""
        entry = self._content.messages[message]
        reply = Reply(
            (part,), (entry.text.format(**values),), suggestions=self.buttons(entry.suggestions)
        )
        return self._finish(reply, view)

    def ask(self, message: str, readings: Iterable[str], view: View, **values: str) -> Reply:
        """Ask which reading was meant, the readings (intents) as buttons."""
        entry = self._content.messages[message]
        buttons = self.buttons(readings) or self.buttons(entry.suggestions)
        reply = Reply((Part("clarify"),), (entry.text.format(**values),), suggestions=buttons)
        return self._finish(reply, view)

    def next_topic(self, topic: str, seen: Iterable[str]) -> str | None:
        """Return the next topic to go on to after `topic`, None if all were seen."""
        known = set(seen) | {topic}
        later = ANSWER_TOPICS[ANSWER_TOPICS.index(topic) + 1 :]
        candidates = (*self._content.answers[topic].suggestions, *later, *ANSWER_TOPICS)
        return next((name for name in candidates if name not in known), None)

    def buttons(self, names: Iterable[str]) -> tuple[Button, ...]:
        """Return buttons for topics or intents, at most `MAX_BUTTONS`."""
        found = [self._button(name) for name in dict.fromkeys(names)]
        return tuple(found[:MAX_BUTTONS])

    def _button(self, name: str) -> Button:
        topic = name.removeprefix("ask_")
        if topic in self._content.answers:
            return Button(self._content.answers[topic].question[:MAX_TITLE], f"/ask_{topic}")
        return Button(self._content.labels[name][:MAX_TITLE], f"/{name}")

    def _answers(self, parts: Iterable[Part]) -> list[Answer]:
        topics = [part.topic for part in parts if part.outcome == "answer" and part.topic]
        return [self._content.answers[topic] for topic in dict.fromkeys(topics)]

    def _beside(self, parts: Sequence[Part]) -> list[str]:
        """Return a line for what was asked beside an answer and is not in the source."""
        missed = any(part.outcome in ("not_covered", "off_topic") for part in parts)
        return [self._content.messages["also_not_covered"].text] if missed else []

    def _referral(self, message: str, parts: Sequence[Part], reference: str) -> Reply:
        entry = self._content.messages[message]
        line = self._content.messages["escalation_reference"].text.format(reference=reference)
        contacts = self._content.contacts_for(entry.contacts, self._region)
        return Reply(
            tuple(parts),
            (entry.text.format(contacts=contact_lines(contacts)), line),
            referral={
                "kind": "human" if message == "human" else "professional",
                "who": list(entry.referrals),
                "contacts": [contact_payload(contact) for contact in contacts],
            },
            escalation=reference,
            suggestions=self.buttons(entry.suggestions),
        )

    @staticmethod
    def _with_first(buttons: Sequence[Button], first: Sequence[Button]) -> tuple[Button, ...]:
        return tuple(dict.fromkeys((*first, *buttons)))[:MAX_BUTTONS]

    def _append(self, reply: Reply, texts: Sequence[str], first: Iterable[str] = ()) -> Reply:
        for text in texts:
            reply = reply.with_text(text)
        return reply.suggesting(self._with_first(reply.suggestions, self.buttons(first)))

    def _with_answers(self, reply: Reply, answers: Sequence[Answer], view: View) -> Reply:
        ids = tuple(dict.fromkeys(name for answer in answers for name in answer.disclaimers))
        sections: dict[str, list[str]] = {}
        for answer in answers:
            for section, claims in self._content.sources_of(answer):
                sections.setdefault(section, []).extend(claims)
        topics = {answer.topic for answer in answers}
        nexts = [name for answer in answers for name in answer.suggestions if name not in topics]
        return reply.on_answers(
            footer=self._footer(ids, sections, view),
            disclaimers=ids,
            sources=tuple((name, tuple(dict.fromkeys(ids))) for name, ids in sections.items()),
            suggestions=self.buttons(nexts),
        )

    def _footer(self, ids: Iterable[str], sections: Iterable[str], view: View) -> str:
        lines = []
        for name in ids:
            entry = self._content.disclaimers[name]
            lines.append(entry.short if name in view.disclaimers_shown else entry.full)
        source = self._content.messages["source_line"].text.format(sections="; ".join(sections))
        return "\n".join([*lines, source])

    def _finish(self, reply: Reply, view: View) -> Reply:
        if not view.crisis_open:
            return reply
        entry = self._content.messages["crisis_reminder"]
        contacts = self._content.contacts_for(entry.contacts, self._region)
        return reply.with_text(entry.text.format(contact=" ".join(c.text for c in contacts)))
