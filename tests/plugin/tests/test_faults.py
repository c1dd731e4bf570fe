"""Faults are real, end with the conversation, and time passes for one user only."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from rasa.core.tracker_store import SQLTrackerStore
from sqlalchemy import inspect, text
from sqlalchemy.exc import SQLAlchemyError

from bot.records import Records, RecordsError, database, upgrade
from tests.plugin.drivers import Talk
from tests.plugin.faults import Faults, pass_time


class Switch:
    """Notes whether the action server is up."""

    channel = "inprocess"

    def __init__(self) -> None:
        self.heard: list[bool] = []

    async def talk(self) -> Talk:
        raise NotImplementedError

    async def action_server(self, up: bool) -> None:
        self.heard.append(up)


@pytest.fixture
def url(tmp_path: Path) -> str:
    made = f"sqlite:///{tmp_path / 'records.sqlite3'}"
    upgrade(made)
    return made


def tables(url: str) -> set[str]:
    engine = database.connect(url)
    found = set(inspect(engine).get_table_names())
    engine.dispose()
    return found


async def test_the_database_goes_and_comes_back_whole(url: str) -> None:
    records, faults, before = Records(url), Faults(Switch(), url), tables(url)
    given = {"outcome": "dosing", "channel": "rest", "conversation": "c", "text": "x"}
    kept = records.open_escalation(message_key="1", **given)

    await faults.give(["database down"])
    with pytest.raises((RecordsError, SQLAlchemyError)):
        records.open_escalation(message_key="2", **given)
    await faults.mend()

    assert tables(url) == before
    assert records.escalation(kept).outcome == "dosing"
    assert records.open_escalation(message_key="3", **given)
    records.close()


async def test_each_fault_is_switched_once(url: str) -> None:
    switch = Switch()
    faults = Faults(switch, url)

    await faults.give(["action server down"])
    await faults.give(["action server down"])
    await faults.give(["action server up"])
    await faults.mend()

    assert switch.heard == [False, True]


@pytest.mark.parametrize("fault", ["all is lost", "network down", "database slow"])
async def test_an_unknown_fault_is_refused(url: str, fault: str) -> None:
    with pytest.raises(ValueError, match="no such fault"):
        await Faults(Switch(), url).give([fault])


def test_time_passes_for_one_user_only(url: str) -> None:
    SQLTrackerStore(host=url)
    engine = database.connect(url)
    insert = text(
        "INSERT INTO events (sender_id, type_name, timestamp, data) VALUES (:who, 'user', 9000, :d)"
    )
    with engine.begin() as connection:
        for who in ("one", "other"):
            data = json.dumps({"event": "user", "timestamp": 9000.0})
            connection.execute(insert, {"who": who, "d": data})

    pass_time(url, "one", 60)

    with engine.connect() as connection:
        rows = connection.execute(text("SELECT sender_id, timestamp, data FROM events")).fetchall()
    engine.dispose()
    found = {who: (at, json.loads(data)["timestamp"]) for who, at, data in rows}
    assert found == {"one": (5400.0, 5400.0), "other": (9000.0, 9000.0)}
