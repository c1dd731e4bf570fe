"""References: what people read out to each other, and what stands for a conversation."""

import hashlib
import hmac
import secrets

ESCALATION = "E"
ERASURE = "F"
# No look-alikes (0 O, 1 I L), and no vowels or Y: a random word must never be shown to
# somebody in crisis. No G: E-4323MG must not look like an amount of a medicine.
ALPHABET = "23456789BCDFHJKMNPQRSTVWXZ"
LENGTH = 6


def new_reference(prefix: str) -> str:
    """Return a fresh random reference such as `E-7F3K2Q`."""
    return f"{prefix}-" + "".join(secrets.choice(ALPHABET) for _ in range(LENGTH))


def new_erasure() -> str:
    """Return a fresh reference of a wish to be forgotten."""
    return new_reference(ERASURE)


def normal_reference(reference: str) -> str:
    """Return the reference as it is stored, however a person typed its case and spaces."""
    return reference.strip().upper()


def conversation_reference(sender: str, secret: bytes) -> str:
    """Return 16 hexadecimal digits that stand for a conversation without naming its sender.

    Keyed, so that whoever holds the records but not the secret cannot test guesses.

    Raises:
        ValueError: the secret is empty.
    """
    if not secret:
        raise ValueError("the secret of conversation references must not be empty")
    return hmac.new(secret, utf8(sender), hashlib.sha256).hexdigest()[:16]


def tombstone(conversation: str) -> str:
    """Return what is kept of a conversation that was erased: a SHA-256 of its reference, by which
    it is known again in a back-up, and by which nothing else of ours refers to it."""
    return hashlib.sha256(f"erased {conversation}".encode()).hexdigest()


def message_key(sender: str, message_id: str | None, number: int = 0) -> str:
    """Return what tells a message from every other: ids are only unique to their channel's chat.

    Without an id, its number in the conversation does.
    """
    return f"{sender}:{message_id or f'#{number}'}"


def message_digest(message_key: str) -> str:
    """Return the fixed-length form in which a message key is stored.

    The key may hold a sender's id, may be long or hold characters a database refuses; for
    telling two messages apart its digest does as well.
    """
    return hashlib.sha256(utf8(message_key)).hexdigest()


def utf8(text: str) -> bytes:
    """Return a text's bytes, whatever is in it."""
    # JSON input can hold half a surrogate pair, which plain UTF-8 refuses.
    return text.encode("utf-8", "surrogatepass")
