"""Counting: each thing once, under its own name, whatever happens in between."""

from __future__ import annotations

import asyncio

import pytest
from prometheus_client import generate_latest

from bot import metrics
from bot.metrics.catalogue import OF_PROCESS
from tests.metrics.counted import Counted, value

PRIVATE = "my name is Ann and I live at 4 Elm Street"


def test_a_turn_is_counted_by_channel_and_outcome() -> None:
    turns = Counted("guide_turns_total", channel="rest", outcome="dosing")
    times = Counted("guide_turn_seconds_count", channel="rest")

    with metrics.turn("rest") as seen:
        assert value("guide_turns_running", channel="rest") == 1
        seen.outcome = "dosing"

    assert (turns.grown, times.grown) == (1, 1)
    assert value("guide_turns_running", channel="rest") == 0


def test_a_turn_that_fails_is_one_without_any_reply() -> None:
    unanswered = Counted("guide_turns_unanswered_total", channel="website")
    times = Counted("guide_turn_seconds_count", channel="website")

    with pytest.raises(RuntimeError), metrics.turn("website"):
        raise RuntimeError

    assert (unanswered.grown, times.grown) == (1, 0)
    assert value("guide_turns_running", channel="website") == 0


def test_a_turn_whose_asker_is_gone_counts_as_nothing() -> None:
    unanswered = Counted("guide_turns_unanswered_total", channel="rest")
    times = Counted("guide_turn_seconds_count", channel="rest")

    with pytest.raises(asyncio.CancelledError), metrics.turn("rest"):
        raise asyncio.CancelledError

    assert (unanswered.grown, times.grown) == (0, 0)
    assert value("guide_turns_running", channel="rest") == 0


async def test_a_fault_is_noted_on_the_turn_in_which_it_happens() -> None:
    deadlines = Counted("guide_safe_replies_total", reason="deadline")

    async def turn(reason: str | None) -> str | None:
        with metrics.turn("rest") as seen:
            await asyncio.sleep(0)
            if reason:
                # As under `wait_for`, which runs a turn in a task of its own.
                await asyncio.create_task(_fault(reason))
            await asyncio.sleep(0)
        return seen.fault

    assert await asyncio.gather(turn("deadline"), turn(None)) == ["deadline", None]
    assert deadlines.grown == 1


async def _fault(reason: str) -> None:
    metrics.fault(reason)


def test_a_fault_outside_of_a_turn_is_counted_too() -> None:
    faults = Counted("guide_safe_replies_total", reason="action_fault")

    metrics.fault("action_fault")

    assert faults.grown == 1


def test_the_wait_for_a_lock_is_timed_within_a_turn_only() -> None:
    waits = Counted("guide_stage_seconds_count", stage="lock_wait")

    metrics.lock_held()
    assert waits.grown == 0
    with metrics.turn("rest"):
        metrics.lock_held()
    assert waits.grown == 1


async def test_a_step_shows_whether_its_part_works() -> None:
    times = Counted("guide_stage_seconds_count", stage="tracker_load")

    @metrics.timed("tracker_load", part="store")
    async def load(works: bool) -> str:
        if not works:
            raise ConnectionError
        return "loaded"

    with pytest.raises(ConnectionError):
        await load(False)
    assert value("guide_degraded", part="store") == 1
    assert await load(True) == "loaded"
    assert value("guide_degraded", part="store") == 0
    assert times.grown == 2


async def test_a_step_that_is_cancelled_says_nothing_of_its_part() -> None:
    metrics.degraded("store", False)

    with pytest.raises(asyncio.CancelledError), metrics.step("tracker_save", "store"):
        raise asyncio.CancelledError

    assert value("guide_degraded", part="store") == 0


def test_a_step_of_no_part_leaves_the_parts_alone() -> None:
    times = Counted("guide_stage_seconds_count", stage="understanding")

    with pytest.raises(ValueError, match="x"), metrics.step("understanding"):
        raise ValueError("x")

    assert times.grown == 1


def test_what_a_process_does_is_counted_there() -> None:
    failed = Counted("guide_escalations_total", "actions", outcome="crisis", result="failed")
    runs = Counted("guide_action_seconds_count", "actions", action="action_answer")
    faults = Counted("guide_action_faults_total", "actions")
    sent = Counted("guide_notification_attempts_total", "worker", result="sent")

    metrics.escalation("crisis", "failed")
    with metrics.action_run("action_answer"):
        pass
    metrics.action_failed()
    metrics.notification("sent")
    metrics.duty("delivery", failed=True)
    metrics.worker_round()
    metrics.sockets(lambda: 7)
    metrics.model_served("guide-1.tar.gz", "abc")

    assert (failed.grown, runs.grown, faults.grown, sent.grown) == (1, 1, 1, 1)
    assert value("guide_worker_duty_failing", "worker", duty="delivery") == 1
    assert value("guide_worker_last_round_timestamp_seconds", "worker") > 1_700_000_000
    assert value("guide_sockets_open") == 7
    model = {"name": "guide-1.tar.gz", "sha256": "abc"}
    assert metrics.registry("server").get_sample_value("guide_model_info", model) == 1
    metrics.duty("delivery", failed=False)
    assert value("guide_worker_duty_failing", "worker", duty="delivery") == 0


def test_no_label_holds_what_a_person_says_or_is_called() -> None:
    with metrics.turn(PRIVATE) as seen:
        seen.outcome = PRIVATE
    metrics.fault(PRIVATE)
    metrics.degraded(PRIVATE, True)
    metrics.rate_limited(PRIVATE)
    metrics.escalation(PRIVATE, PRIVATE)
    metrics.notification(PRIVATE)

    for process in OF_PROCESS:
        shown = generate_latest(metrics.registry(process)).decode()
        assert PRIVATE not in shown
        assert 'other"' in shown or process == "worker"
