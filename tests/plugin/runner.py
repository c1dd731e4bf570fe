"""Holds a conversation with a running bot, turn by turn, and compares as it goes."""

from __future__ import annotations

import traceback
from dataclasses import dataclass

from bot.records import Records
from tests.plugin.checks import differences
from tests.plugin.drivers import Driver, Talk
from tests.plugin.faults import Faults, pass_time
from tests.plugin.format import Turn, Variant
from tests.plugin.heard import Button, Heard
from tests.plugin.transcript import Said, Transcript
from tests.plugin.witness import Witness

# A visit before the conversation, for `returning`; and how long ago it was.
VISIT = "hello"
AWAY_MINUTES = 3 * 24 * 60


class NoSuchButtonError(AssertionError):
    """The reply before has no button of this name."""


@dataclass
class Runner:
    """Holds conversations with one bot.

    Args:
        driver: the bot.
        records: what it writes.
        url: of its database.
        witness: notes what of the bot was exercised.
    """

    driver: Driver
    records: Records
    url: str
    witness: Witness

    async def hold(self, variant: Variant) -> Transcript:
        """Hold a conversation up to the first turn that is not as expected; return what was said.

        A turn that raises is such a turn: nothing is raised from here but what ends the run.
        """
        transcript = Transcript(variant, self.driver.channel)
        talk = await self.driver.talk()
        faults = Faults(self.driver, self.url)
        try:
            if variant.conversation.returning:
                await talk.say(VISIT)
                pass_time(self.url, talk.sender, AWAY_MINUTES)
            await self._turns(variant, talk, faults, transcript)
        finally:
            await faults.mend()
            await talk.close()
        return transcript

    async def _turns(
        self, variant: Variant, talk: Talk, faults: Faults, transcript: Transcript
    ) -> None:
        before: Heard | None = None
        for turn, words in zip(variant.conversation.turns, variant.words, strict=True):
            said = await self._turn(turn, words, talk, faults, before)
            transcript.said.append(said)
            if said.heard is not None:
                transcript.exercised |= self.witness.of(said, before)
            if transcript.failed:
                return
            before = said.heard

    async def _turn(
        self, turn: Turn, words: str | None, talk: Talk, faults: Faults, before: Heard | None
    ) -> Said:
        did, tapped = words if words is not None else str(turn.button), words is None
        try:
            if turn.pause:
                pass_time(self.url, talk.sender, turn.pause)
            await faults.give(turn.given)
            if words is None:
                button = _button(before, did)
                did = f"[{button.title}]"
                heard = await talk.tap(button)
            else:
                heard = await talk.say(words)
        except Exception as error:
            return Said(turn, did, tapped, None, broke=_words(error))
        return Said(turn, did, tapped, heard, tuple(differences(turn, heard, self.records)))


def _button(before: Heard | None, name: str) -> Button:
    button = before.find(name) if before else None
    if button is None:
        offered = [f"{one.title} ({one.payload})" for one in before.buttons] if before else []
        raise NoSuchButtonError(f"no button {name!r} to tap; offered: {', '.join(offered) or '—'}")
    return button


def _words(error: Exception) -> str:
    if isinstance(error, AssertionError):
        return str(error)
    return "".join(traceback.format_exception(error)).rstrip()
