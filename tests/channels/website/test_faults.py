"""When the database is down, and when the server is killed: never silent, never twice."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from bot.channels.archive import BUSY_PATIENCE, HUNG_PATIENCE, PATIENCE, Archive
from bot.channels.website.tokens import Tokens
from bot.records import Records, StorageError
from bot.records.database import BUSY_MS
from tests.channels.website.conftest import Site, begun, new_id
from tests.channels.website.test_rest_fallback import ask


@contextmanager
def database_down(site: Site) -> Iterator[None]:
    """Take the website's tables away, as if the database were gone, and give them back."""
    import sqlite3

    file = Path(site.settings.data_dir) / "guide.sqlite3"
    names = ("sessions", "entries")

    def rename(old: str, new: str) -> None:
        with sqlite3.connect(file, timeout=10) as database:
            # Otherwise the foreign key of the one follows the name of the other.
            database.execute("PRAGMA legacy_alter_table = ON")
            for name in names:
                database.execute(f"ALTER TABLE {old}{name} RENAME TO {new}{name}")

    rename("", "lost_")
    try:
        yield
    finally:
        rename("lost_", "")


async def test_a_message_is_answered_while_the_database_is_down(site: Site) -> None:
    tab = await site.tab()
    message = new_id()

    with database_down(site):
        ack = await tab.send("hello", id=message)
        await tab.answered()

    assert ack == {"ok": True, "seq": None, "stored": False}
    asked, reply = tab.entries
    assert (asked["from"], asked["seq"], asked["stored"]) == ("user", None, False)
    assert (reply["to"], reply["seq"], reply["stored"]) == (message, None, False)


async def test_a_crisis_is_answered_with_help_while_all_is_down(site: Site) -> None:
    tab = await site.tab()

    async def failing(message: Any) -> None:
        raise RuntimeError

    site.agent.handle_message = failing  # type: ignore[method-assign]
    with database_down(site):
        await tab.send("I want to die")
        await tab.answered()

    assert tab.replies[0]["custom"]["outcome"] == "crisis"


async def test_a_message_sent_again_while_the_database_is_down_is_one(site: Site) -> None:
    tab = await site.tab()
    message = new_id()

    with database_down(site):
        for _ in range(3):
            assert (await tab.send("hello", id=message))["ok"]
        await tab.answered(2)

    assert site.agent.texts == ["hello"]
    assert len({str(reply["messages"]) for reply in tab.replies}) == 1


async def test_a_message_sent_again_when_it_is_back_is_stored_as_answered(site: Site) -> None:
    tab = await site.tab()
    message = new_id()
    with database_down(site):
        await tab.send("hello", id=message)
        await tab.answered()

    assert await tab.send("hello", id=message) == {"ok": True, "seq": 1}
    await tab.answered(2)

    assert site.agent.texts == ["hello"], "the turn was not run again"
    assert tab.replies[1]["seq"] == 2
    assert tab.replies[1]["messages"] == tab.replies[0]["messages"]


async def test_a_reply_that_could_not_be_stored_is_stored_later(site: Site) -> None:
    tab = await site.tab()
    site.agent.gate.clear()
    await tab.send("hello")
    await begun(site.agent)

    with database_down(site):
        site.agent.gate.set()
        await tab.answered(1)
        assert tab.replies[0]["stored"] is False
    # The lease of the turn must end first.
    await tab.answered(2)

    assert (tab.replies[1]["seq"], tab.replies[1]["messages"]) == (2, tab.replies[0]["messages"])
    assert site.agent.texts == ["hello"]


async def test_a_session_begun_while_the_database_is_down(site: Site) -> None:
    tab = site.closed_tab()
    with database_down(site):
        session = await tab.open()
        assert (session["new"], session["entries"]) == (True, [])
        await tab.send("hello")
        await tab.answered()
    sender = Tokens(b"key", 1).read(tab.token).sender

    assert (await tab.send("again"))["seq"] == 1
    await tab.answered(2)
    back = site.closed_tab()
    session = await back.open(token=tab.token)

    assert session["token"] != tab.token, "the token is exchanged for one that lasts"
    assert Tokens(b"key", 1).read(back.token).sender == sender
    assert not Tokens(b"key", 1).read(back.token).loose
    assert [entry["seq"] for entry in session["entries"]] == [1, 2]
    await tab.close()
    await back.close()


async def test_an_open_session_goes_on_while_the_database_is_down(site: Site) -> None:
    tab = await site.tab()
    await tab.send("hello")
    await tab.answered()

    with database_down(site):
        again = await site.tab(token=tab.token)
        assert again.entries == []
        await again.send("still there?")
        await again.answered()
        assert (await again.call("forget", {}))["error"]["code"] == "unavailable"
        rated = await again.call("feedback", {"to": new_id(), "helpful": True})
        assert rated["error"]["code"] == "unavailable"

    assert again.said == ["You said: still there?"]


async def test_rest_while_the_database_is_down(site: Site) -> None:
    tab = await site.tab()
    with database_down(site):
        body = {"id": new_id(), "text": "hello"}
        status, answer, _ = await ask(site, "POST", "/messages", tab.token, body)
        history = await ask(site, "GET", "/messages", tab.token)

    assert (status, answer["seq"], answer["stored"]) == (200, None, False)
    assert [entry["messages"][0]["text"] for entry in answer["entries"]] == ["You said: hello"]
    assert (history[0], history[1]["error"]["code"]) == (503, "unavailable")


async def test_a_database_that_hangs_counts_as_down(web_records: Records) -> None:
    archive = Archive("website", web_records, patience=0.1)

    with pytest.raises(StorageError, match="in time"):
        await archive.ask(time.sleep, 0.5)
    archive.close()


async def test_once_it_hangs_it_is_not_waited_for_until_it_answers(web_records: Records) -> None:
    archive = Archive("website", web_records, patience=3600)
    archive._hung_at = time.monotonic()
    assert archive._until(asked=10.0, begun=[]) == 10.0 + HUNG_PATIENCE

    await archive.ask(lambda: None)

    assert archive._until(asked=10.0, begun=[]) > 3600
    archive.close()


@pytest.mark.parametrize(("one_writer", "seconds"), [(True, BUSY_PATIENCE), (False, PATIENCE)])
async def test_a_busy_database_is_waited_for(one_writer: bool, seconds: float) -> None:
    records: Any = SimpleNamespace(single_writer=one_writer, close=lambda: None)
    archive = Archive("website", records)

    assert archive._until(asked=10.0, begun=[]) == 10.0 + seconds
    assert BUSY_PATIENCE > BUSY_MS / 1000, "it tells by itself when it cannot be had"
    archive.close()
