"""What the channels that keep what is said, and the turns they share, hand to each other."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from bot.records import ClaimedTurn, Entry

# A reply, as Rasa's messages.
Messages = list[dict[str, Any]]
# A message, by its sender and its id.
Key = tuple[str, str]
# Runs one turn: sender, message id, the message's body, and whether the model may be asked.
Run = Callable[[str, str, Mapping[str, Any], bool], Awaitable[Messages]]
# Makes the reply to a message in danger, from its sender, id and body; None to any other.
Urgent = Callable[[str, str, Mapping[str, Any]], Awaitable["Messages | None"]]
# Sends an event with its body to every open connection of a sender.
Publish = Callable[[str, str, dict[str, Any]], Awaitable[None]]
# Stores a reply and gives its session up, as `Records.answer_turn` does.
Answer = Callable[[ClaimedTurn, Mapping[str, Any]], Awaitable["Entry | None"]]
# Stores a message and claims the turn of its session; tells whether the message is new.
TakeAndClaim = Callable[..., "tuple[bool, ClaimedTurn | None]"]
