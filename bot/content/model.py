"""What the bot can say, as immutable records that mirror the YAML files field by field.

Texts are plain: paragraphs are parted by a blank line, list lines begin with '- '.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, fields
from types import MappingProxyType

# The sections of the source in its order. The first and the last have no heading of their own.
SECTIONS = (
    "Introduction",
    "Understanding Long COVID",
    "Ketamine's Potential in Treating Long COVID",
    "Anti-inflammatory Effects",
    "Neuroplasticity and Brain Function",
    "Mental Health Support",
    "Pain Management",
    "Fatigue Reduction",
    "Considerations & Cautions",
    "Outlook",
)
CONTACT_KINDS = ("emergency", "crisis", "poison", "directory")
INTERNATIONAL = "international"


@dataclass(frozen=True)
class Passage:
    """One sentence of the source: its place, and the hash that proves it is still the same."""

    section: str
    sentence: int
    sha256: str


@dataclass(frozen=True)
class Claim:
    """A medical statement in our own words and the passages it rests on."""

    id: str
    text: str
    passages: tuple[Passage, ...]


@dataclass(frozen=True)
class Answer:
    """What the bot says on one topic: at first (`text`) and on 'tell me more' (`more`)."""

    topic: str
    title: str
    question: str
    text: str
    more: str
    claims: tuple[str, ...]
    disclaimers: tuple[str, ...]
    suggestions: tuple[str, ...]


@dataclass(frozen=True)
class Disclaimer:
    """A limit of what is said: in full the first time, as one line afterwards."""

    id: str
    full: str
    short: str


@dataclass(frozen=True)
class Referral:
    """A kind of professional to ask, and a clause on what they can help with."""

    id: str
    name: str
    help: str


@dataclass(frozen=True)
class Contact:
    """A service that helps now: the number as dialled, and the line that people are shown."""

    id: str
    kind: str
    regions: tuple[str, ...]
    name: str
    phone: str | None
    url: str | None
    text: str


@dataclass(frozen=True)
class Message:
    """Anything the bot says that is not an answer; `contacts` names kinds, not contacts."""

    id: str
    outcome: str
    topic: str | None
    text: str
    referrals: tuple[str, ...]
    contacts: tuple[str, ...]
    suggestions: tuple[str, ...]


@dataclass(frozen=True)
class Content:
    """Everything the bot can say, by id, read-only; `labels` word buttons, `commands` a menu."""

    answers: Mapping[str, Answer]
    claims: Mapping[str, Claim]
    disclaimers: Mapping[str, Disclaimer]
    referrals: Mapping[str, Referral]
    contacts: Mapping[str, Contact]
    messages: Mapping[str, Message]
    labels: Mapping[str, str] = field(default_factory=dict)
    commands: Mapping[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for name in (member.name for member in fields(self)):
            object.__setattr__(self, name, MappingProxyType(dict(getattr(self, name))))

    def sources_of(self, answer: Answer) -> list[tuple[str, tuple[str, ...]]]:
        """Return the sections an answer rests on, each with its claims, as the source runs.

        Raises:
            KeyError: the answer names a claim that this content does not hold.
        """
        found: dict[str, list[tuple[int, str]]] = {}
        for claim in (self.claims[name] for name in answer.claims):
            for passage in claim.passages:
                found.setdefault(passage.section, []).append((passage.sentence, claim.id))
        ordered = {
            name: sorted(found[name], key=lambda at: at[0]) for name in SECTIONS if name in found
        }
        return [
            (section, tuple(dict.fromkeys(claim for _, claim in places)))
            for section, places in ordered.items()
        ]

    def contacts_for(self, kinds: Iterable[str], region: str) -> tuple[Contact, ...]:
        """Return the contacts of these kinds, in the order of the kinds, then of the file.

        A region gives its own contacts and the international ones; '' gives every contact.
        """
        wanted = {region.strip().lower(), INTERNATIONAL}
        return tuple(
            contact
            for kind in kinds
            for contact in self.contacts.values()
            if contact.kind == kind and ("" in wanted or wanted.intersection(contact.regions))
        )
