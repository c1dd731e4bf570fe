"""Messages go no faster than Telegram takes them, no slower than they must, and in their turn."""

from __future__ import annotations

import asyncio
import math
import time
from collections.abc import Callable, Iterable
from typing import NamedTuple

import pytest
import uvloop
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.channels.telegram.pace import Pace
from tests.channels.telegram.virtual import run


class Sent(NamedTuple):
    """A message that went: when it came, to which chat, and when it went."""

    number: int
    came: float
    chat: int
    urgent: bool
    went: float


def now() -> float:
    return asyncio.get_running_loop().time()


def virtual_pace(per_chat: float = 1.0, overall: float = 30.0) -> Pace:
    return Pace(per_chat, overall, clock=now)


async def send_all(pace: Pace, plan: Iterable[tuple[float, int, bool]]) -> list[Sent]:
    """Send messages (after how many seconds, chat, urgent); return them as they went."""
    sent: list[Sent] = []

    async def send(number: int, after: float, chat: int, urgent: bool) -> None:
        await asyncio.sleep(after)
        came = now()
        await pace.wait(chat, urgent)
        sent.append(Sent(number, came, chat, urgent, now()))

    await asyncio.gather(*(send(number, *one) for number, one in enumerate(plan)))
    return sent


def times(sent: Iterable[Sent]) -> list[float]:
    return [pytest.approx(one.went) for one in sent]


def test_a_place_is_taken_only_where_nobody_waits() -> None:
    async def main() -> tuple[list[bool], list[Sent]]:
        pace = virtual_pace(overall=2)
        taken = [pace.take(1), pace.take(1), pace.take(2), pace.take(3)]
        sent = await send_all(pace, [(0, 1, False)])
        waiting = asyncio.create_task(pace.wait(1))
        await asyncio.sleep(0)
        taken += [pace.take(1), pace.take(2)]
        await waiting
        await asyncio.sleep(5)
        assert len(pace) == 0, "nothing is remembered for ever"
        return taken, sent

    taken, sent = run(main())
    assert taken == [True, False, True, False, False, True]
    assert times(sent) == [1]


def test_the_first_goes_at_once_and_the_next_ones_a_second_apart() -> None:
    sent = run(send_all(virtual_pace(), [(0, 1, False)] * 4))

    assert times(sent) == [0, 1, 2, 3]
    assert [one.number for one in sent] == [0, 1, 2, 3]


def test_after_a_rest_nothing_waits() -> None:
    sent = run(send_all(virtual_pace(), [(0, 1, False), (0.4, 1, False), (5, 1, False)]))

    assert times(sent) == [0, 1, 5]


def test_thirty_a_second_go_in_all() -> None:
    sent = run(send_all(virtual_pace(), [(0, chat, False) for chat in range(100)]))

    assert [round(one.went, 6) for one in sent] == [0] * 30 + [1] * 30 + [2] * 30 + [3] * 10
    assert [one.chat for one in sent] == list(range(100))


def test_a_chat_that_waits_for_its_second_delays_no_other() -> None:
    plan = [(0, 1, False)] * 5 + [(0.1, 2, False), (0.2, 3, False)]

    sent = run(send_all(virtual_pace(overall=2.0), plan))

    # Of two a second, the busy chat has one and leaves the other.
    assert [(one.chat, round(one.went, 6)) for one in sent[:4]] == [
        (1, 0), (2, 0.1), (1, 1), (3, 1.1),
    ]  # fmt: skip


def test_urgent_ones_go_first_among_them_in_their_order() -> None:
    plan = [(0, chat, chat >= 8) for chat in range(10)]

    sent = run(send_all(virtual_pace(overall=1.0), plan))

    assert [one.chat for one in sent] == [8, 9, 0, 1, 2, 3, 4, 5, 6, 7]


def test_an_urgent_one_overtakes_those_of_its_own_chat() -> None:
    sent = run(send_all(virtual_pace(), [(0, 1, False)] * 3 + [(0.5, 1, True)]))

    assert [one.number for one in sent] == [0, 3, 1, 2]


def test_rates_below_one_a_second() -> None:
    slow_chat = run(send_all(virtual_pace(per_chat=0.5), [(0, 1, False)] * 3))
    slow_all = run(send_all(virtual_pace(overall=0.25), [(0, chat, False) for chat in range(3)]))

    assert times(slow_chat) == [0, 2, 4]
    assert times(slow_all) == [0, 4, 8]


async def cancelled(pace: Pace, chat: int) -> None:
    """Wait for a turn, and stop waiting before it comes."""
    task = asyncio.create_task(pace.wait(chat))
    await asyncio.sleep(0.01)
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    assert task.cancelled()


def test_who_stops_waiting_takes_no_place() -> None:
    async def main() -> list[Sent]:
        pace = virtual_pace(overall=1.0)
        await pace.wait(1)
        first = asyncio.create_task(send_all(pace, [(0.02, 1, False)]))
        await asyncio.gather(*(cancelled(pace, chat) for chat in (1, 1, 2, 3)))
        return await first

    assert times(run(main())) == [1]


async def after_a_cancelled_one(steps: int, overall: float, plan: int) -> tuple[bool, list[float]]:
    """Cancel a message after so many steps of the loop; return if it was, and when others go."""
    pace = virtual_pace(overall=overall)
    task = asyncio.create_task(pace.wait(1))
    for _ in range(steps):
        await asyncio.sleep(0)
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    sent = await send_all(pace, [(0, 1 + number, False) for number in range(plan)])
    return task.cancelled(), [round(one.went, 6) for one in sent]


@pytest.mark.parametrize("overall", [1.0, 2.0])
def test_a_turn_comes_to_whoever_is_there_to_take_it(overall: float) -> None:
    # One of these is the moment between the turn being given and the message going on.
    found = [run(after_a_cancelled_one(steps, overall, 3)) for steps in range(8)]
    alone, beside = ([0, 1, 2], [1, 2, 3]) if overall == 1 else ([0, 0, 1], [0, 1, 1])

    assert {cancelled for cancelled, _ in found} == {True, False}
    for was_cancelled, went in found:
        assert went == (alone if was_cancelled else beside)


def test_a_hold_stops_one_chat() -> None:
    async def main() -> list[Sent]:
        pace = virtual_pace()
        pace.hold(7, chat=1)
        pace.hold(3, chat=1)
        return await send_all(pace, [(0, 1, True), (0, 1, False), (0, 2, False)])

    sent = run(main())

    assert [one.chat for one in sent] == [2, 1, 1]
    assert times(sent) == [0, 7, 8]


def test_a_hold_stops_all() -> None:
    async def main() -> list[Sent]:
        pace = virtual_pace()
        pace.hold(7)
        pace.hold(3)
        return await send_all(pace, [(0, 1, False), (0, 2, True), (8, 3, False)])

    sent = run(main())

    assert [one.chat for one in sent] == [2, 1, 3]
    assert times(sent) == [7, 7, 8]


def test_a_hold_while_others_wait_counts_for_them() -> None:
    async def main() -> list[Sent]:
        pace = virtual_pace()
        sending = asyncio.create_task(send_all(pace, [(0, 1, False)] * 2))
        await asyncio.sleep(0.5)
        pace.hold(4)
        return await sending

    assert times(run(main())) == [0, 4.5]


def test_idle_chats_are_forgotten() -> None:
    async def main() -> list[int]:
        pace = virtual_pace()
        pace.hold(30, chat=5)
        known = [len(pace)]
        await send_all(pace, [(0, chat, False) for chat in range(20)])
        # Chat 5 had to wait for half a minute: the others were forgotten meanwhile.
        known.append(len(pace))
        await cancelled(pace, 5)
        await asyncio.sleep(2)
        known.append(len(pace))
        return known

    assert run(main()) == [1, 1, 0]


MESSAGES = st.tuples(
    st.floats(0, 3).map(lambda seconds: round(seconds, 2)), st.integers(1, 6), st.booleans()
)


@settings(deadline=None, max_examples=60)
@given(plan=st.lists(MESSAGES, max_size=40), overall=st.sampled_from([1.0, 3.0, 5.0]))
def test_never_too_fast_and_never_needlessly_slow(
    plan: list[tuple[float, int, bool]], overall: float
) -> None:
    sent = run(send_all(virtual_pace(overall=overall), plan))
    gone: list[float] = []
    last: dict[int, float] = {}

    assert len(sent) == len(plan)
    for one in sent:
        free = last.get(one.chat, -math.inf) + 1
        opens = gone[-int(overall)] + 1 if len(gone) >= overall else -math.inf
        earliest = max(one.came, free, opens)
        assert one.went == pytest.approx(earliest, abs=1e-6) or _overtaken(one, sent)
        assert one.went >= earliest - 1e-6
        gone.append(one.went)
        last[one.chat] = one.went


def _overtaken(one: Sent, sent: list[Sent]) -> bool:
    """Whether another went while this one waited, being more urgent or earlier."""
    return any(
        one.came <= other.went < one.went
        and (other.urgent > one.urgent or (other.urgent == one.urgent and other.came <= one.came))
        for other in sent
    )


@settings(deadline=None, max_examples=60)
@given(plan=st.lists(MESSAGES, max_size=40))
def test_first_come_first_served_within_a_chat(plan: list[tuple[float, int, bool]]) -> None:
    sent = run(send_all(virtual_pace(), plan))

    for chat in range(1, 7):
        for urgent in (True, False):
            came = [one.came for one in sent if (one.chat, one.urgent) == (chat, urgent)]
            assert came == sorted(came)


@pytest.mark.parametrize("new_loop", [asyncio.SelectorEventLoop, uvloop.new_event_loop])
def test_the_real_clock_in_any_loop(new_loop: Callable[[], asyncio.AbstractEventLoop]) -> None:
    async def main() -> float:
        pace, begun = Pace(per_chat=20, overall=1000), time.monotonic()
        await asyncio.gather(*(pace.wait(1) for _ in range(5)), pace.wait(2), cancelled(pace, 1))
        return time.monotonic() - begun

    loop = new_loop()
    try:
        assert 0.2 <= loop.run_until_complete(main()) < 5
    finally:
        loop.close()


def test_a_burst_of_many_chats_is_dealt_with_quickly() -> None:
    begun = time.perf_counter()

    sent = run(send_all(virtual_pace(), [(0, turn % 100, False) for turn in range(1000)]))

    assert len(sent) == 1000
    assert max(one.went for one in sent) < 34
    assert time.perf_counter() - begun < 10
