"""The replies that must come whatever else is broken: crisis, emergency, unavailable.

They need content only: no model, action server, database or network.
"""

from __future__ import annotations

from collections.abc import Iterable

from bot.content import Contact, Content
from bot.reply.contract import Reply
from bot.reply.outcomes import Part


def contact_payload(contact: Contact) -> dict[str, str]:
    """Return a contact as it stands in the contract's referral."""
    fields = ("id", "kind", "name", "text", "phone", "url")
    return {name: value for name in fields if (value := getattr(contact, name)) is not None}


def contact_lines(contacts: Iterable[Contact]) -> str:
    """Return the contacts as a list, one line each."""
    return "\n".join(f"- {contact.text}" for contact in contacts)


def urgent_reply(
    content: Content, outcome: str, region: str = "", escalation: str | None = None
) -> Reply:
    """Return the reply for `crisis`, `emergency` or `unavailable`, contacts in its text.

    Raises:
        KeyError: no such message in the content.
    """
    entry = content.messages[outcome]
    contacts = content.contacts_for(entry.contacts, region)
    return Reply(
        (Part(outcome),),
        (entry.text.format(contacts=contact_lines(contacts)),),
        referral={
            "kind": "professional" if outcome == "unavailable" else outcome,
            "who": list(entry.referrals),
            "contacts": [contact_payload(contact) for contact in contacts],
        },
        escalation=escalation,
    )
