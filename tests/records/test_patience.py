"""Asking a database that fails for a moment, for long, or does not answer."""

import threading

import pytest

from bot.records import Attempt, InvalidValue, Patience, StorageError, patience


class Database:
    """Fails so many times, then answers."""

    def __init__(self, failures: int) -> None:
        self.failures = failures
        self.attempts: list[bool] = []

    def __call__(self, attempt: Attempt) -> str:
        self.attempts.append(attempt.again)
        if len(self.attempts) <= self.failures:
            raise StorageError("down")
        return "answer"


def test_a_moment_is_waited_for() -> None:
    database = Database(2)

    assert Patience(60).ask(database) == "answer"
    assert database.attempts == [False, True, True]


def test_attempts_are_bounded_and_whoever_knows_makes_one_only() -> None:
    asking, database = Patience(60), Database(4)

    with pytest.raises(StorageError):
        asking.ask(database)
    assert len(database.attempts) == 1 + len(patience.PAUSES)
    with pytest.raises(StorageError):
        asking.ask(database)
    assert (len(database.attempts), asking.failing) == (4, True)
    assert asking.ask(database) == "answer"
    assert not asking.failing


def test_what_is_no_failure_of_the_database_is_not_tried_again() -> None:
    tried = []

    def wrong(_: Attempt) -> None:
        tried.append(1)
        raise InvalidValue("no")

    def broken(_: Attempt) -> None:
        tried.append(1)
        raise KeyError("secret words")

    with pytest.raises(InvalidValue):
        Patience(60).ask(wrong)
    with pytest.raises(StorageError, match=r"^a request failed \(KeyError\)$"):
        Patience(60).ask(broken)
    assert len(tried) == 2


def test_who_does_not_answer_is_given_up_and_not_waited_for_again() -> None:
    now, release, seen = [0.0], threading.Event(), []

    def hangs(attempt: Attempt) -> None:
        release.wait(60)
        seen.append(attempt.given_up.is_set())

    asking = Patience(0.01, clock=lambda: now[0])
    with pytest.raises(StorageError, match="in time"):
        asking.ask(hangs)
    with pytest.raises(StorageError, match="a moment ago"):
        asking.ask(Database(0))
    release.set()
    now[0] += patience.HUNG_SECONDS + 1
    assert Patience(60).ask(Database(0)) == "answer"
    patient = Patience(60, clock=lambda: now[0])
    assert patient.ask(Database(0)) == "answer"
    while not seen:
        pass
    assert seen == [True], "what hung learns that nobody waits for it"
