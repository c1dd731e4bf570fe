"""What the bot says: YAML files that a health writer can edit, and the code that loads them."""

from bot.content.loader import ContentError, load_content
from bot.content.model import (
    Answer,
    Claim,
    Contact,
    Content,
    Disclaimer,
    Message,
    Passage,
    Referral,
)

__all__ = [
    "Answer",
    "Claim",
    "Contact",
    "Content",
    "ContentError",
    "Disclaimer",
    "Message",
    "Passage",
    "Referral",
    "load_content",
]
