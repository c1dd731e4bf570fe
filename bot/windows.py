"""What a turn sees of its conversation: the last messages, after a summary of what came before."""

from __future__ import annotations

import json
import time
from collections import OrderedDict
from collections.abc import Callable, Iterable
from dataclasses import replace
from threading import Lock
from typing import Any

from bot.records import Recent

# Messages that a turn can look back on; understanding reads up to three (bot/nlu/context.py).
KEPT_TURNS = 4
# Events of one conversation that are remembered before the older ones are summed up.
MOST_EVENTS = 200
# Conversations that a process remembers for a time without database, some 20 kB each; and seconds
# after which one that was quiet is a new session anyway.
MOST_KNOWN, LONGEST_KNOWN = 500, 3600.0

Events = list[dict[str, Any]]


def window(recent: Recent) -> Events:
    """Return the events that a turn gets.

    What is left out, before the last messages of the latest session, is summed up as the start of
    a session with the slots as they were then.
    """
    slots, events, cut = _newest(recent)
    if not cut:
        return events
    return [*_summary(slots, events[0]["timestamp"]), *events]


def _newest(recent: Recent) -> tuple[Events, Events, bool]:
    """Return each slot as it was set last, the events, and whether there was more; without what a
    turn does not see."""
    slots: Events = [json.loads(event) for event in recent.slots]
    events = [json.loads(event) for event in recent.events]
    cut = recent.cut
    starts = _places(events, "session_started")
    if starts:
        slots, events, cut = [], events[starts[-1] :], False
    said = _places(events, "user")
    if len(said) > KEPT_TURNS:
        first = said[-KEPT_TURNS]
        slots += [event for event in events[:first] if event["event"] == "slot"]
        events, cut = events[first:], True
    return list({slot["name"]: slot for slot in slots}.values()), events, cut


def _bounded(recent: Recent) -> Recent:
    if len(recent.events) <= MOST_EVENTS:
        return recent
    slots, events, cut = _newest(recent)
    return Recent(
        tuple(json.dumps(slot) for slot in slots),
        tuple(json.dumps(event) for event in events),
        cut,
    )


def _places(events: Events, kind: str) -> list[int]:
    return [place for place, event in enumerate(events) if event["event"] == kind]


def _summary(slots: Events, moment: float) -> Events:
    """Return what stands for the events left out: a session's start with these slots."""
    begun = {"event": "session_started", "timestamp": moment}
    listens = {"event": "action", "name": "action_listen", "timestamp": moment}
    return [begun, *(slot for slot in slots if slot.get("value") is not None), listens]


class Windows:
    """What this process saw of the latest conversations, as they are in the database.

    Args:
        most: conversations that are remembered; the one that was quiet longest goes first.
        clock: seconds that only go up.
    """

    def __init__(
        self, most: int = MOST_KNOWN, *, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._most = most
        self._clock = clock
        self._known: OrderedDict[str, tuple[float, Recent]] = OrderedDict()
        self._lock = Lock()

    def keep(self, sender: str, recent: Recent) -> None:
        """Remember a conversation as it is now."""
        with self._lock:
            self._known[sender] = (self._clock(), recent)
            self._known.move_to_end(sender)
            self._drop_old()

    def add(self, sender: str, events: Iterable[str]) -> None:
        """Remember what was stored behind what is known, each event as JSON."""
        known = self.known(sender)
        self.keep(sender, _bounded(replace(known, events=(*known.events, *events))))

    def known(self, sender: str) -> Recent:
        """Return what is remembered; nothing, of a conversation that is not."""
        with self._lock:
            self._drop_old()
            return self._known[sender][1] if sender in self._known else Recent()

    def drop(self, sender: str) -> None:
        """Forget a conversation."""
        with self._lock:
            self._known.pop(sender, None)

    def _drop_old(self) -> None:
        long_ago = self._clock() - LONGEST_KNOWN
        while self._known:
            since, _ = next(iter(self._known.values()))
            if len(self._known) <= self._most and since >= long_ago:
                return
            self._known.popitem(last=False)
