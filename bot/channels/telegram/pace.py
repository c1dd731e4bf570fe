"""When the next message may go: so many a second to one chat, so many a second in all."""

from __future__ import annotations

import asyncio
import contextlib
import heapq
import itertools
import math
import time
from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

_NEVER = math.inf


@dataclass(order=True)
class _Waiter:
    """A message that waits: urgent ones first, then in the order they came."""

    later: bool
    order: int
    chat: int = field(compare=False)
    turn: asyncio.Future[float] = field(compare=False)


class Pace:
    """Lets messages go in their turn. All of it belongs to one event loop.

    A chat that must wait for its own second does not delay other chats. What is known of a chat
    is dropped as soon as it may be written to again.

    Args:
        per_chat: messages a second to one chat.
        overall: messages a second in all; so many may go at once after a rest.
        clock: seconds that only go forward.
    """

    def __init__(
        self,
        per_chat: float = 1.0,
        overall: float = 30.0,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._gap = 1 / per_chat
        burst = max(1, int(overall))
        self._window = burst / overall
        self._clock = clock
        # When the last messages went: the next one may go a window after the first of these.
        self._gone: deque[float] = deque([-_NEVER] * burst, maxlen=burst)
        self._last: dict[int, float] = {}
        self._held: dict[int, float] = {}
        self._held_all = -_NEVER
        self._waiting: dict[int, list[_Waiter]] = {}
        self._order = itertools.count()
        self._timer: asyncio.Handle | None = None
        self._timer_at = _NEVER

    def __len__(self) -> int:
        """Return of how many chats anything is known."""
        return len({*self._last, *self._held, *self._waiting})

    async def wait(self, chat: int, urgent: bool = False) -> None:
        """Return when a message may go to the chat; it then has its place among all."""
        loop = asyncio.get_running_loop()
        waiter = _Waiter(not urgent, next(self._order), chat, loop.create_future())
        heapq.heappush(self._waiting.setdefault(chat, []), waiter)
        self._look_again(0)
        try:
            await waiter.turn
        except asyncio.CancelledError:
            if not waiter.turn.cancelled():
                self._give_back(chat, waiter.turn.result())
            self._look_again(0)
            raise

    def take(self, chat: int) -> bool:
        """Take a place for a message to the chat, if it may go now; else return False."""
        now = self._clock()
        if chat in self._waiting or max(self._free_at(chat), self._open_at()) > now:
            return False
        self._note(chat, now)
        self._look_again(self._gap)
        return True

    def hold(self, seconds: float, chat: int | None = None) -> None:
        """Let nothing go for so long, to this chat or (None) to any."""
        until = self._clock() + seconds
        if chat is None:
            self._held_all = max(self._held_all, until)
        else:
            self._held[chat] = max(self._held.get(chat, until), until)

    def _look_again(self, seconds: float) -> None:
        at = self._clock() + seconds
        if self._timer and self._timer_at <= at:
            return
        if self._timer:
            self._timer.cancel()
        self._timer, self._timer_at = asyncio.get_running_loop().call_later(seconds, self._look), at

    def _look(self) -> None:
        """Let go whatever may go now, and come back when more may."""
        self._timer = None
        now = self._clock()
        self._tidy(now)
        due = [queue[0] for chat, queue in self._waiting.items() if self._free_at(chat) <= now]
        heapq.heapify(due)
        while due and self._open_at() <= now:
            self._let_go(heapq.heappop(due), now)
        at = min(self._next_times(), default=_NEVER)
        if at < _NEVER:
            self._look_again(max(0.0, at - now))

    def _next_times(self) -> Iterator[float]:
        """Yield when something may change: a message may go, or a chat may be forgotten."""
        yield from (max(self._free_at(chat), self._open_at()) for chat in self._waiting)
        yield from (at + self._gap for at in self._last.values())
        yield from self._held.values()

    def _open_at(self) -> float:
        return max(self._held_all, self._gone[0] + self._window)

    def _free_at(self, chat: int) -> float:
        return max(self._held.get(chat, -_NEVER), self._last.get(chat, -_NEVER) + self._gap)

    def _let_go(self, waiter: _Waiter, now: float) -> None:
        heapq.heappop(self._waiting[waiter.chat])
        self._note(waiter.chat, now)
        waiter.turn.set_result(now)

    def _note(self, chat: int, now: float) -> None:
        self._gone.append(now)
        self._last[chat] = now

    def _give_back(self, chat: int, at: float) -> None:
        """Undo a turn that came in the same moment as its cancellation."""
        # In a loop that stood still for long, it may be of no account any more.
        with contextlib.suppress(ValueError):
            self._gone.remove(at)
            self._gone.appendleft(-_NEVER)
        self._last = {one: last for one, last in self._last.items() if (one, last) != (chat, at)}

    def _tidy(self, now: float) -> None:
        """Forget cancelled messages, and the chats of which nothing must be known any more."""
        self._last = {chat: at for chat, at in self._last.items() if at + self._gap > now}
        self._held = {chat: until for chat, until in self._held.items() if until > now}
        for chat, queue in tuple(self._waiting.items()):
            while queue and queue[0].turn.done():
                heapq.heappop(queue)
            if not queue:
                del self._waiting[chat]
