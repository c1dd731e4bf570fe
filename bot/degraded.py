"""What the user gets when a part of the system failed: danger first, then an honest reply."""

from __future__ import annotations

import asyncio
import logging
from dataclasses import dataclass
from functools import lru_cache

from bot.content import Content, load_content
from bot.nlu.screen import screen
from bot.records import Recorder, Records, conversation_reference, spool_at
from bot.reply.contract import Reply
from bot.reply.outcomes import REFERRED, URGENT, Part
from bot.reply.urgent import urgent_reply
from bot.settings import Settings

logger = logging.getLogger(__name__)

# Seconds that a reply waits for its reference.
RECORD_SECONDS = 0.25


@dataclass(frozen=True)
class Turn:
    """What is known of a turn that could not be finished."""

    sender: str
    channel: str
    message_key: str
    text: str
    intent: str | None = None


class SafeReplies:
    """Composes replies without model, action server or lock; records them when the database can.

    Args:
        content: what the bot says.
        records: where escalations go; None: nowhere.
        settings: region, secret, and DATA_DIR, where they wait in the spool.
    """

    def __init__(self, content: Content, records: Records | None, settings: Settings) -> None:
        self._content = content
        self._settings = settings
        self._records = records
        spool = spool_at(settings.spool)
        self._recorder = None if records is None else Recorder(records, spool)

    async def reply(self, turn: Turn) -> Reply:
        """Return the crisis or emergency reply if the turn calls for it, else `unavailable`.

        Waits RECORD_SECONDS at most for the database: the reply then has no reference, and the
        escalation is recorded later.
        """
        outcome = danger(turn)
        kind = outcome or (turn.intent if turn.intent in REFERRED | {"human"} else None)
        reference = await self.record(turn, kind) if kind else None
        return urgent_reply(
            self._content, outcome or "unavailable", self._settings.region, reference
        )

    def forgetting(self, reference: str) -> Reply:
        """Return the reply to a wish to be forgotten that is not fulfilled yet."""
        text = self._content.messages["forget_waits"].text.format(reference=reference)
        return Reply((Part("smalltalk", "privacy"),), (text,))

    async def record(self, turn: Turn, outcome: str) -> str | None:
        """Record a turn, once however often it is told; return its reference if it is soon there.

        Never raises: what the database does not take is tried again until it does.
        """
        if self._records is None or self._recorder is None:
            return None
        try:
            conversation = conversation_reference(turn.sender, self._settings.secret())
            draft = self._records.draft_escalation(
                outcome, turn.channel, conversation, turn.message_key, turn.text
            )
            stored = asyncio.wrap_future(self._recorder.begin(draft))
            done, _ = await asyncio.wait({stored}, timeout=RECORD_SECONDS)
            if done:
                return stored.result()
            self._recorder.defer(draft)
        except Exception as error:
            # The reply must go out whatever happens; an error's words may quote a text.
            logger.error("An escalation could not be recorded (%s)", type(error).__name__)
        return None


def danger(turn: Turn) -> str | None:
    """Return `crisis` or `emergency` if the model or, in its place, a pattern says so."""
    return turn.intent if turn.intent in URGENT else screen(turn.text)


@lru_cache(maxsize=1)
def safe_replies() -> SafeReplies:
    """Return the process's safe replies, built from the environment's settings.

    Raises:
        ContentError, SettingsError: the content or a setting is not valid.
    """
    settings = Settings.from_env()
    # Redacting by patterns alone: a language model would be loaded here, in the Rasa process, at
    # the very moment that something else has failed.
    records = Records(settings.records_url, notify=bool(settings.notify_urls))
    return SafeReplies(load_content(), records, settings)
