"""What the actions work with: content, composer and records, built once a process."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

from bot.content import Content, load_content
from bot.records import Records, Redactor, Spool, conversation_reference
from bot.reply.compose import Composer
from bot.settings import Settings


@dataclass(frozen=True)
class Services:
    """The parts an action may use; tests build their own."""

    settings: Settings
    content: Content
    composer: Composer
    records: Records
    redactor: Redactor

    def conversation(self, sender: str) -> str:
        """Return the reference under which records know a sender."""
        return conversation_reference(sender, self.settings.secret())

    def warm_up(self) -> None:
        """Load what is loaded on first use, so that no user waits for it."""
        self.redactor("Nothing to see here.")


@lru_cache(maxsize=1)
def services() -> Services:
    """Return the process's services.

    Raises:
        ContentError, SettingsError: the content or a setting is not valid.
    """
    settings = Settings.from_env()
    content = load_content()
    redactor = Redactor()
    records = Records(
        settings.records_url,
        redact=redactor,
        notify=bool(settings.notify_urls),
        spool=Spool(settings.spool),
    )
    return Services(settings, content, Composer(content, settings.region), records, redactor)
