"""What clients may send: JSON Schemas, compiled once, and the values read by them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from jsonschema import Draft7Validator
from jsonschema.exceptions import ValidationError, best_match

from bot.channels.entries import Message
from bot.channels.rest import clean_text
from bot.channels.website.refusals import Refusal
from bot.nlu.payloads import ALLOWED

MAX_TITLE = 200
MAX_COMMENT = 2000
MAX_TOKEN = 1000
_UUID = "^[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}$"


def _object(required: list[str], **properties: Any) -> dict[str, Any]:
    return {
        "type": "object",
        "properties": properties,
        "required": required,
        "additionalProperties": False,
    }


# The pattern alone would let a line break follow.
_ID = {"type": "string", "pattern": _UUID, "maxLength": 36}
_AFTER = {"type": "integer", "minimum": 0, "maximum": 2**31 - 1}
_HANDSHAKE = _object([], token={"type": ["string", "null"], "maxLength": MAX_TOKEN}, after=_AFTER)
_TEXT = _object(["id", "text"], id=_ID, text={"type": "string"})
_PAYLOAD = _object(
    ["id", "payload"],
    id=_ID,
    payload={"type": "string", "enum": sorted(f"/{intent}" for intent in ALLOWED)},
    title={"type": "string", "maxLength": MAX_TITLE},
)
_FEEDBACK = _object(
    ["to", "helpful"],
    to=_ID,
    helpful={"type": "boolean"},
    comment={"type": "string", "maxLength": MAX_COMMENT},
)
_VALIDATORS = {
    name: Draft7Validator(schema)
    for name, schema in {
        "handshake": _HANDSHAKE,
        "text": _TEXT,
        "payload": _PAYLOAD,
        "feedback": _FEEDBACK,
        "forget": _object([]),
    }.items()
}


@dataclass(frozen=True)
class Handshake:
    """How a client comes: with a token or without, having seen all up to an entry."""

    token: str | None
    after: int


@dataclass(frozen=True)
class Opinion:
    """What a person thinks of the reply to one of their messages."""

    to: str
    helpful: bool
    comment: str | None


def read_handshake(value: object) -> Handshake:
    """Return a handshake; nothing at all is a new visitor's.

    Raises:
        Refusal: `bad_request`; names the field.
    """
    data = _checked("handshake", {} if value is None else value)
    return Handshake(data.get("token") or None, int(data.get("after", 0)))


def read_message(value: object, limit: int) -> Message:
    """Return a message whose text has at most `limit` characters.

    Raises:
        Refusal: `bad_request`, naming the field, or `too_long`.
    """
    kind = "payload" if isinstance(value, Mapping) and "payload" in value else "text"
    data = _checked(kind, value)
    message_id = data["id"]
    if kind == "payload":
        title = data.get("title")
        return Message(message_id, data["payload"], None if title is None else clean_text(title))
    text = clean_text(data["text"])
    if len(text) > limit:
        raise Refusal(
            "too_long",
            f"That is more than I can read at once. Please use at most {limit:,} characters.",
        )
    return Message(message_id, text)


def read_opinion(value: object) -> Opinion:
    """Return an opinion.

    Raises:
        Refusal: `bad_request`; names the field.
    """
    data = _checked("feedback", value)
    comment = data.get("comment")
    return Opinion(data["to"], data["helpful"], None if comment is None else clean_text(comment))


def read_nothing(value: object) -> None:
    """Check that a request without content has none.

    Raises:
        Refusal: `bad_request`.
    """
    _checked("forget", {} if value is None else value)


def _checked(name: str, value: object) -> Mapping[str, Any]:
    error = best_match(_VALIDATORS[name].iter_errors(value))
    if error is not None:
        raise Refusal("bad_request", _sentence(error))
    assert isinstance(value, Mapping)  # noqa: S101 - the schema says so
    return value


def _sentence(error: ValidationError) -> str:
    """Say which field is wrong and what was expected, without quoting what was sent."""
    field = ".".join(str(step) for step in error.path)
    rule = str(error.validator)
    if rule == "required":
        given = error.instance if isinstance(error.instance, dict) else {}
        missing = [name for name in error.validator_value if name not in given]
        return f"The field {missing[0]!r} is missing."
    if rule == "additionalProperties":
        known = ", ".join(sorted(error.schema["properties"])) or "none"
        return f"There is an unknown field; the fields are: {known}."
    if rule == "type":
        kinds = error.validator_value
        expected = kinds if isinstance(kinds, str) else " or ".join(kinds)
        return f"{_subject(field)} must be of type {expected}."
    if rule == "enum":
        return f"{_subject(field)} must be one that a button carries."
    if rule == "pattern":
        return f"{_subject(field)} must be a UUID."
    return f"{_subject(field)} is out of range ({rule} {error.validator_value})."


def _subject(field: str) -> str:
    return f"The field {field!r}" if field else "The body"
