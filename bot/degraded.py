"""What the user gets when a part of the system failed: danger first, then an honest reply."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from functools import lru_cache

from bot.content import Content, load_content
from bot.nlu.screen import screen
from bot.records import Records, Spool, conversation_reference
from bot.reply.contract import Reply
from bot.reply.outcomes import REFERRED, URGENT
from bot.reply.urgent import urgent_reply
from bot.settings import Settings

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class Turn:
    """What is known of a turn that could not be finished."""

    sender: str
    channel: str
    message_key: str
    text: str
    intent: str | None = None


class SafeReplies:
    """Composes replies without model, action server or lock; records them if the database is up."""

    def __init__(self, content: Content, records: Records | None, settings: Settings) -> None:
        self._content = content
        self._records = records
        self._settings = settings

    def reply(self, turn: Turn) -> Reply:
        """Return the crisis or emergency reply if the turn calls for it, else `unavailable`.

        Never raises for a database that is down: the reply then has no reference.
        """
        outcome = turn.intent if turn.intent in URGENT else screen(turn.text)
        reference = self._record(turn, outcome)
        return urgent_reply(
            self._content, outcome or "unavailable", self._settings.region, reference
        )

    def _record(self, turn: Turn, outcome: str | None) -> str | None:
        kind = outcome or (turn.intent if turn.intent in REFERRED | {"human"} else None)
        if kind is None or self._records is None:
            return None
        try:
            return self._records.open_escalation(
                outcome=kind,
                channel=turn.channel,
                conversation=conversation_reference(turn.sender, self._settings.secret()),
                message_key=turn.message_key,
                text=turn.text,
            )
        except Exception as error:
            # The reply must go out whatever the database says; an error's words may quote a text.
            logger.error("An escalation could not be recorded (%s)", type(error).__name__)
            return None


@lru_cache(maxsize=1)
def safe_replies() -> SafeReplies:
    """Return the process's safe replies, built from the environment's settings.

    Raises:
        ContentError, SettingsError: the content or a setting is not valid.
    """
    settings = Settings.from_env()
    # Redacting by patterns alone: a language model would be loaded here, in the Rasa process, at
    # the very moment that something else has failed.
    spool = Spool(settings.spool)
    records = Records(settings.records_url, notify=bool(settings.notify_urls), spool=spool)
    return SafeReplies(load_content(), records, settings)
