"""What is seen in a chat of the emulated Telegram, and the kinds of messages people send."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

FILE = {"file_id": "AgAD", "file_unique_id": "AQAD", "file_size": 1234}
MEDIA: dict[str, dict[str, Any]] = {
    "photo": {
        "photo": [{**FILE, "width": 90, "height": 60}, {**FILE, "width": 900, "height": 600}]
    },
    "voice": {"voice": {**FILE, "duration": 3, "mime_type": "audio/ogg"}},
    "audio": {"audio": {**FILE, "duration": 3, "mime_type": "audio/mpeg"}},
    "video": {"video": {**FILE, "duration": 3, "width": 320, "height": 240}},
    "video_note": {"video_note": {**FILE, "duration": 3, "length": 240}},
    "animation": {"animation": {**FILE, "duration": 3, "width": 320, "height": 240}},
    "document": {"document": {**FILE, "file_name": "letter.pdf", "mime_type": "application/pdf"}},
    "sticker": {"sticker": {**FILE, "type": "regular", "width": 512, "height": 512, "emoji": "👍"}},
    "location": {"location": {"latitude": 51.5, "longitude": -0.1}},
    "contact": {"contact": {"phone_number": "+441234567890", "first_name": "Ada"}},
    "poll": {"poll": {"id": "1", "question": "How are you?", "options": [], "type": "regular"}},
    "dice": {"dice": {"emoji": "🎲", "value": 3}},
}


@dataclass(frozen=True)
class Button:
    """A button under a bubble, as it looks now."""

    title: str
    data: str | None
    url: str | None = None


@dataclass(frozen=True)
class Bubble:
    """A message of the bot, as it looks now; `raw` is all that Telegram shows of it."""

    raw: dict[str, Any]

    @property
    def message_id(self) -> int:
        return int(self.raw["message_id"])

    @property
    def text(self) -> str:
        return str(self.raw["text"])

    @property
    def entities(self) -> list[dict[str, Any]]:
        return list(self.raw.get("entities", []))

    @property
    def buttons(self) -> list[Button]:
        """In reading order."""
        rows = self.raw.get("reply_markup", {}).get("inline_keyboard", [])
        return [
            Button(b["text"], b.get("callback_data"), b.get("url")) for row in rows for b in row
        ]

    @property
    def edited(self) -> bool:
        return "edit_date" in self.raw

    @property
    def previews(self) -> bool:
        """Whether Telegram may show a preview of its links."""
        return not self.raw.get("link_preview_options", {}).get("is_disabled", False)

    def entity_texts(self, kind: str) -> list[str]:
        """The stretches of text with such an entity."""
        units = self.text.encode("utf-16-le")
        found = [
            (e["offset"], e["offset"] + e["length"]) for e in self.entities if e["type"] == kind
        ]
        return [units[2 * start : 2 * end].decode("utf-16-le") for start, end in found]


@dataclass(frozen=True)
class Sent:
    """What somebody did, as the update that the bot gets of it."""

    update: dict[str, Any]

    @property
    def update_id(self) -> int:
        return int(self.update["update_id"])

    @property
    def body(self) -> dict[str, Any]:
        return dict(next(v for k, v in self.update.items() if k != "update_id"))

    @property
    def message_id(self) -> int:
        return int(self.body["message_id"])

    @property
    def callback_id(self) -> str:
        return str(self.body["id"])
