"""The commands of the menu: what each stands for."""

from __future__ import annotations

import re
from collections.abc import Mapping

from bot.channels.telegram.api import BotApi
from bot.channels.telegram.notices import HELP, TOPICS
from bot.content import Content

# A payload that any channel may send, or a notice of this channel.
COMMANDS: Mapping[str, str] = {
    "start": "/greet",
    "help": HELP,
    "topics": TOPICS,
    "sources": "/ask_source",
    "person": "/human",
    "forgetme": "/forget_me",
    "crisis": "/crisis",
}
_COMMAND = re.compile(r"/([A-Za-z0-9_]{1,32})(?:@([A-Za-z0-9_]{1,64}))?")
# What a link to the bot may hand over: t.me/name?start=parameter.
_PARAMETER = re.compile(r"[A-Za-z0-9_-]{1,64}")


def meaning(text: str) -> str | None:
    """Return what a text stands for that is a command of ours and no more, else None.

    Words behind a command are never dropped: somebody in danger may have typed them.
    """
    first, _, rest = text.strip().partition(" ")
    found = _COMMAND.fullmatch(first)
    name = found[1].lower() if found else ""
    if name not in COMMANDS or (rest.strip() and not _is_link(name, rest.strip())):
        return None
    return COMMANDS[name]


async def show_commands(api: BotApi, content: Content) -> None:
    """Put the commands into the menu, in the words and the order of the content.

    Raises:
        ApiError: Telegram did not take them.
    """
    menu = [{"command": name, "description": words} for name, words in content.commands.items()]
    await api.call("setMyCommands", commands=menu)


def without_mention(text: str) -> str:
    """Return a text whose command does not name the bot: `/ask_pain@guide_bot` is `/ask_pain`."""
    found = _COMMAND.match(text)
    return text if not found or not found[2] else f"/{found[1]}{text[found.end() :]}"


def _is_link(name: str, rest: str) -> bool:
    return name == "start" and _PARAMETER.fullmatch(rest) is not None
