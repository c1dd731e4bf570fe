"""The widget's bundle with today's content in it, so that new content needs no new build."""

from __future__ import annotations

import json
from typing import Any

from bot.content import Content
from bot.reply.compose import Composer
from bot.reply.urgent import contact_payload
from bot.settings import Settings

PLACEHOLDER = b'"__GUIDE_CONTENT__"'
# Kinds of contacts in the order in which people should see them.
HELP = ("emergency", "crisis", "directory")


class BundleError(ValueError):
    """The built bundle has no place for the content, or several."""


def filled(bundle: bytes, content: dict[str, Any]) -> bytes:
    """Return the bundle with the content in its place, as a string literal of JSON.

    Raises:
        BundleError: the place-holder is not there exactly once.
    """
    if bundle.count(PLACEHOLDER) != 1:
        raise BundleError(f"the widget's bundle must hold {PLACEHOLDER.decode()} exactly once")
    # ASCII only, so no line separator of JavaScript can end the literal.
    literal = json.dumps(json.dumps(content, ensure_ascii=True)).replace("</", "<\\/")
    return bundle.replace(PLACEHOLDER, literal.encode("ascii"))


def widget_content(content: Content, settings: Settings) -> dict[str, Any]:
    """Return what the widget shows before, beside and without the server."""
    greeting = content.messages["greet"]
    buttons = Composer(content, settings.region).buttons(greeting.suggestions)
    return {
        "schema": "content/1",
        "lang": "en",
        "name": content.messages["guide_name"].text,
        "disclaimer": content.disclaimers["education_only"].short,
        "sourceName": content.messages["source_name"].text,
        "maxChars": settings.max_message_chars,
        "contacts": [
            contact_payload(contact) | {"regions": list(contact.regions)}
            for contact in content.contacts_for(HELP, settings.region)
        ],
        "disclaimers": [vars(disclaimer) for disclaimer in content.disclaimers.values()],
        "sourceLine": content.messages["source_line"].text,
        "welcome": {"text": greeting.text, "suggestions": [vars(button) for button in buttons]},
    }
