"""What the channel says by itself, without the model: from content, complete by the contract."""

from __future__ import annotations

from typing import Any

from bot.channels.telegram.updates import InGroup
from bot.content import Content
from bot.nlu.screen import screen
from bot.reply.compose import Composer, View
from bot.reply.outcomes import ANSWER_TOPICS, URGENT, Part
from bot.reply.urgent import urgent_reply

HELP, TOPICS = "telegram_help", "telegram_topics"
NOT_TEXT, GROUP, OLD_BUTTON = "telegram_not_text", "telegram_group", "telegram_old_button"


class Notices:
    """Composes notices.

    Args:
        content: everything the bot can say.
        region: country code whose contacts are shown; '' for all.
    """

    def __init__(self, content: Content, region: str) -> None:
        self._content = content
        self._region = region
        self._composer = Composer(content, region)

    def messages(self, notice: str, *, crisis_open: bool, link: str) -> list[dict[str, Any]]:
        """Return a notice as Rasa responses.

        Args:
            notice: one of this module's names, or an urgent outcome.
            crisis_open: whether the talk had a crisis: then its contact is repeated.
            link: where a private chat with the bot opens.
        """
        if notice in URGENT:
            return urgent_reply(self._content, notice, self._region).messages()
        entry = self._content.messages[notice]
        part, view = Part(entry.outcome, entry.topic), View(crisis_open=crisis_open)
        reply = self._composer.say(notice, part, view, link=link, commands=self._commands())
        messages = reply.messages()
        if notice == TOPICS:
            messages[len(reply.texts) - 1]["buttons"] = self._topics()
        return messages

    def _commands(self) -> str:
        commands = self._content.commands
        return "\n".join(f"- /{name}: {words}" for name, words in commands.items())

    def _topics(self) -> list[dict[str, str]]:
        titles = {topic: self._content.answers[topic].title for topic in ANSWER_TOPICS}
        return [{"title": title, "payload": f"/ask_{topic}"} for topic, title in titles.items()]


def group_notice(update: InGroup) -> str:
    """Return what to say in a group: help if somebody is in danger, else where we talk."""
    return screen(update.text) or GROUP
