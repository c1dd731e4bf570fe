"""Back-up and restore on real databases: whole, private, and nothing back that was to be gone."""

import shutil
import sqlite3
import stat
import subprocess
import threading
import uuid
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import text
from sqlalchemy.engine import make_url

from bot.records import Outbox, Records, conversation_reference, database, migrate, upgrade
from bot.records.__main__ import main
from bot.records.backup import BackupError, StorageError, backup, restore
from bot.records.errors import InvalidValue

from .conftest import POSTGRES, Clock, Execute, Receiver

SECRET = b"a key of the tests"
WORDS = "quuxwombatine"


@pytest.fixture(params=["sqlite", "postgres"])
def empty_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """The URL of an empty database; of PostgreSQL one of its own, as a host has it."""
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path / 'var' / 'records.db'}"
        return
    if not POSTGRES:
        pytest.skip("TEST_POSTGRES_URL is not set")
    name = f"backup_{uuid.uuid4().hex[:12]}"
    _on_server(f"CREATE DATABASE {name}")
    yield str(make_url(POSTGRES).set(database=name).render_as_string(hide_password=False))
    _on_server(f"DROP DATABASE {name} WITH (FORCE)")


def _on_server(statement: str) -> None:
    engine = database.connect(POSTGRES)
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text(statement))
    engine.dispose()


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "guide.backup"


class House:
    """A bot's database, in which people talk, and its back-ups."""

    def __init__(self, url: str, clock: Clock, records: Records, sql: Execute) -> None:
        self.url, self.clock, self.records, self.sql = url, clock, records, sql

    def talk(self, sender: str, said: str = WORDS) -> str:
        """Somebody says what is escalated, and what they think of the answer."""
        known_as = conversation_reference(sender, SECRET)
        self.sql(
            "INSERT INTO events (id, sender_id, timestamp, data) "
            "SELECT coalesce(max(id), 0) + 1, :sender, :moment, :data FROM events",
            sender=sender,
            moment=self.clock.now.timestamp(),
            data=said,
        )
        self.sql(
            "INSERT INTO sessions (sender, channel, created_at, last_seq) "
            "VALUES (:sender, 'website', :now, 1) ON CONFLICT DO NOTHING",
            sender=sender,
            now=self.clock.now.isoformat(" "),
        )
        self.sql(
            "INSERT INTO entries (sender, seq, created_at, author, message_id, body, answered, "
            "attempts) SELECT :sender, coalesce(max(seq), 0) + 1, :now, 'user', :id, :body, :yes, "
            "1 FROM entries",
            sender=sender,
            now=self.clock.now.isoformat(" "),
            id=uuid.uuid4().hex,
            body=said,
            yes=True,
        )
        self.records.add_feedback(conversation=known_as, topic="pain", helpful=False, comment=said)
        return self.records.open_escalation(
            outcome="dosing",
            channel="website",
            conversation=known_as,
            text=said,
            message_key=uuid.uuid4().hex,
        )

    def forget(self, sender: str) -> str:
        known_as = conversation_reference(sender, SECRET)
        receipt = self.records.begin_erasure(conversation=known_as, sender=sender)
        self.records.finish_erasure(sender)
        return receipt.reference

    def restore(self, file: Path, **given: object) -> None:
        options: dict[str, object] = {"secret": SECRET, "keep_days": 90, "replace": True}
        restore(self.url, file, clock=self.clock, **{**options, **given})  # type: ignore[arg-type]

    def said(self) -> dict[str, int]:
        """How often the words stand in each table."""
        places = {
            "events": "data",
            "entries": "body",
            "feedback": "comment",
            "escalations": "excerpt",
        }
        counts = {}
        for table, column in places.items():
            query = f"SELECT count(*) FROM {table} WHERE {column} LIKE :words"
            counts[table] = int(str(self.sql(query, words=f"%{WORDS}%")[0][0]))
        return counts


@pytest.fixture
def house(url: str, clock: Clock, records: Records, sql: Execute, rasa_events: object) -> House:
    return House(url, clock, records, sql)


@pytest.fixture
def url(empty_url: str) -> str:
    upgrade(empty_url)
    return empty_url


ONCE = {"events": 1, "entries": 1, "feedback": 1, "escalations": 1}
NEVER = dict.fromkeys(ONCE, 0)


def test_all_of_it_comes_back(house: House, file: Path, clock: Clock) -> None:
    reference = house.talk("ann")
    saved = backup(house.url, file)
    house.talk("bob", "later")
    house.restore(file)

    assert house.said() == ONCE
    assert [e.reference for e in house.records.escalations(None)] == [reference]
    assert house.sql("SELECT sender_id FROM events") == [("ann",)]
    assert saved.revision == migrate.head() == migrate.current(house.url)
    # All goes on as before: ids, indexes and constraints are there.
    house.talk("carl")
    assert house.said() == dict.fromkeys(ONCE, 2)
    house.forget("carl")
    assert house.said() == ONCE


def test_it_comes_back_where_nothing_was(house: House, file: Path) -> None:
    house.talk("ann")
    backup(house.url, file)
    _clear(house)

    house.restore(file, replace=False)

    assert house.said() == ONCE
    assert migrate.current(house.url) == migrate.head()


def _clear(house: House) -> None:
    """Lose the database, under connections that stay open."""
    if not house.url.startswith("sqlite"):
        house.sql("DROP SCHEMA public CASCADE")
        house.sql("CREATE SCHEMA public")
        return
    house.records.close()
    with sqlite3.connect(str(make_url(house.url).database)) as database:
        tables = "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'"
        for (name,) in database.execute(tables).fetchall():
            database.execute(f"DROP TABLE {name}")


def test_the_file_is_the_owners_alone_and_one_file(house: House, file: Path) -> None:
    house.talk("ann")
    saved = backup(house.url, file)
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert saved.size == file.stat().st_size > 0
    assert [path.name for path in file.parent.iterdir() if path.name != "var"] == [file.name]


def test_what_was_deleted_before_is_in_no_byte_of_it(house: House, file: Path) -> None:
    for number in range(50):
        house.talk(f"ann-{number}")
    for number in range(50):
        house.forget(f"ann-{number}")
    house.talk("bob", "plinthgrabbler")
    backup(house.url, file)
    assert WORDS.encode() not in _plain(file)
    assert b"plinthgrabbler" in _plain(file)


def _plain(file: Path) -> bytes:
    """A back-up's bytes; PostgreSQL's are compressed."""
    content = file.read_bytes()
    if content.startswith(b"SQLite"):
        return content
    return subprocess.run(
        ["pg_restore", "--file=-", str(file)], capture_output=True, check=True
    ).stdout


def test_who_was_forgotten_since_stays_forgotten(house: House, file: Path, clock: Clock) -> None:
    house.talk("ann")
    other = house.talk("bob", "another said")
    backup(house.url, file)
    clock.forward(hours=1)
    receipt = house.forget("ann")
    clock.forward(hours=1)

    house.restore(file)

    assert house.said() == NEVER
    assert house.sql("SELECT DISTINCT sender_id FROM events") == [("bob",)]
    assert house.sql("SELECT sender FROM sessions") == [("bob",)]
    excerpts = {e.reference: e.excerpt for e in house.records.escalations(None)}
    assert excerpts.pop(other) == "another said"
    assert list(excerpts.values()) == [None]
    assert [r.reference for r in house.records.erasures()] == [receipt]
    if house.url.startswith("sqlite"):
        folder = Path(str(make_url(house.url).database)).parent
        assert not [p for p in folder.iterdir() if WORDS.encode() in p.read_bytes()]
    # And once more, from the receipts that the restored database has.
    house.restore(file)
    assert house.said() == NEVER


def test_who_came_again_after_it_keeps_what_was_said_then(
    house: House, file: Path, clock: Clock
) -> None:
    house.talk("ann", "before")
    clock.forward(hours=1)
    house.forget("ann")
    clock.forward(hours=1)
    house.talk("ann")
    backup(house.url, file)
    house.restore(file)
    assert house.said() == ONCE


def test_an_erasure_that_was_under_way_is_done_again(
    house: House, file: Path, clock: Clock
) -> None:
    house.talk("ann")
    backup(house.url, file)
    clock.forward(hours=1)
    known_as = conversation_reference("ann", SECRET)
    house.records.begin_erasure(conversation=known_as, sender="ann")
    house.restore(file)
    assert house.said() == NEVER
    assert [e.pending_sender for e in house.records.pending_erasures()] == ["ann"]


def test_what_has_expired_since_stays_expired(house: House, file: Path, clock: Clock) -> None:
    house.talk("ann")
    backup(house.url, file)
    clock.forward(days=31)
    house.restore(file, keep_days=30)
    assert house.said() == NEVER
    assert house.sql("SELECT count(*) FROM events") == [(0,)]


def test_a_receipt_forgets_by_what_when_no_backup_may_hold_it(house: House, clock: Clock) -> None:
    house.talk("ann")
    house.forget("ann")
    (receipt,) = house.records.erasures()
    assert receipt.tombstone
    assert conversation_reference("ann", SECRET) not in receipt.tombstone
    clock.forward(days=90)
    house.records.purge(90)
    assert house.records.erasures()[0].tombstone == receipt.tombstone
    clock.forward(seconds=1)
    house.records.purge(90)
    assert house.records.erasures()[0].tombstone is None


def test_a_notification_is_not_sent_again(
    house: House, file: Path, receiver: Receiver, clock: Clock
) -> None:
    reference = house.talk("ann")
    backup(house.url, file)
    outbox = Outbox(house.records, [receiver.target])
    outbox.deliver_due()
    late = house.talk("bob", "since then")
    assert len(receiver.received) == 1

    house.restore(file)

    clock.forward(days=1)
    outbox.deliver_due()
    assert len(receiver.received) == 1
    assert house.records.notification(reference).status == "sent"
    assert late not in [e.reference for e in house.records.escalations(None)]


def test_one_that_still_waits_is_sent_after_it(
    house: House, file: Path, receiver: Receiver, clock: Clock
) -> None:
    house.talk("ann")
    backup(house.url, file)
    house.restore(file)
    Outbox(house.records, [receiver.target]).deliver_due()
    assert len(receiver.received) == 1


def test_without_the_database_of_before_people_are_told_and_nothing_is_sent(
    house: House, file: Path, receiver: Receiver, clock: Clock
) -> None:
    reference = house.talk("ann")
    backup(house.url, file)
    _clear(house)
    house.restore(file)
    Outbox(house.records, [receiver.target]).deliver_due()
    assert receiver.received == []
    found = house.records.notification(reference)
    assert found.status == "failed"
    assert "may have been sent already" in str(found.last_error)


def test_replies_and_turns_under_way_are_not_taken_up(house: House, file: Path) -> None:
    house.talk("ann")
    now = house.clock.now.isoformat(" ")
    house.sql("UPDATE sessions SET turn = 't', turn_until = :now, address = '42'", now=now)
    house.sql("UPDATE entries SET answered = :no", no=False)
    house.sql(
        "INSERT INTO entries (sender, seq, created_at, author, message_id, body, answered, "
        "attempts) VALUES ('ann', 2, :now, 'bot', 'm', '{}', :yes, 0)",
        now=now,
        yes=True,
    )
    house.sql(
        "INSERT INTO deliveries (entry_id, sender, key, arrived, tapped, done, attempts, "
        "next_attempt_at, holder, held_until) SELECT id, sender, 'k', '[]', '[]', :no, 0, :now, "
        "'h', :now FROM entries WHERE author = 'bot'",
        now=now,
        no=False,
    )
    backup(house.url, file)
    house.restore(file)
    assert house.sql("SELECT turn, turn_until FROM sessions") == [(None, None)]
    assert house.sql("SELECT author FROM entries") == [("bot",)]
    assert [tuple(map(bool, row)) for row in house.sql("SELECT done FROM deliveries")] == [(True,)]


def test_it_is_one_moment_while_others_write(house: House, file: Path) -> None:
    stop = threading.Event()

    def write() -> None:
        records = Records(house.url, notify=True, clock=house.clock)
        number = 0
        while not stop.is_set():
            number += 1
            records.open_escalation(
                outcome="dosing",
                channel="rest",
                conversation="c",
                text="x",
                message_key=str(number),
            )
        records.close()

    writer = threading.Thread(target=write)
    writer.start()
    try:
        for number in range(3):
            backup(house.url, file.with_name(f"{number}.backup"))
    finally:
        stop.set()
        writer.join()
    written = house.sql("SELECT count(*) FROM escalations")[0][0]
    for number in range(3):
        house.restore(file.with_name(f"{number}.backup"), secret=None)
        found = house.sql("SELECT count(*), max(id) FROM escalations")[0]
        # A notification for each of them, and none without: no half of a transaction.
        assert house.sql("SELECT count(*) FROM notifications") == [(found[0],)]
        assert int(str(found[0])) <= int(str(written))


def _wrong(kind: str, house: House, file: Path) -> None:
    if kind == "text":
        file.write_text("no back-up", encoding="utf-8")
    elif kind == "cut off":
        backup(house.url, whole := file.with_name("whole"))
        content = whole.read_bytes()
        file.write_bytes(content[: len(content) * 2 // 3])
    elif kind == "newer":
        house.sql("UPDATE records_version SET version_num = '9999'")
        backup(house.url, file)
        house.sql("UPDATE records_version SET version_num = :head", head=migrate.head())
    elif kind == "of something else":
        if house.url.startswith("sqlite"):
            with sqlite3.connect(file) as other:
                other.execute("CREATE TABLE cooking (recipe TEXT)")
        else:
            house.sql("CREATE TABLE cooking (recipe TEXT)")
            _dump(house.url, file, "cooking")
            house.sql("DROP TABLE cooking")
    elif kind == "of the other kind":
        magic = b"PGDMP" if house.url.startswith("sqlite") else b"SQLite format 3\0"
        file.write_bytes(magic + b"\0" * 100)


def _dump(url: str, file: Path, table: str) -> None:
    command = ["pg_dump", "--format=custom", f"--file={file}", f"--table={table}", url]
    subprocess.run(command, check=True)


@pytest.mark.parametrize(
    ("kind", "says"),
    [
        ("missing", "cannot be read"),
        ("text", "is no back-up"),
        ("cut off", "is damaged"),
        ("newer", r"newer version of this software \(revision 9999\)"),
        ("of something else", "is no back-up of the bot"),
        ("of the other kind", "another kind of database"),
    ],
)
def test_a_wrong_file_changes_nothing(house: House, file: Path, kind: str, says: str) -> None:
    for number in range(30):
        house.talk(f"ann-{number}")
    _wrong(kind, house, file)
    before = house.said()
    with pytest.raises(BackupError, match=says):
        house.restore(file)
    assert house.said() == before != NEVER
    assert migrate.current(house.url) == migrate.head()


def test_a_database_that_is_not_empty_is_kept(house: House, file: Path) -> None:
    house.talk("ann")
    backup(house.url, file)
    house.talk("bob")
    with pytest.raises(BackupError, match="--replace"):
        house.restore(file, replace=False)
    assert house.said() == dict.fromkeys(ONCE, 2)


@pytest.mark.parametrize(
    ("secret", "says"), [(None, "set SECRET_KEY"), (b"another", "is not the one")]
)
def test_without_the_key_nobody_comes_back(
    house: House, file: Path, clock: Clock, secret: bytes | None, says: str
) -> None:
    house.talk("ann")
    house.talk("bob")
    backup(house.url, file)
    clock.forward(hours=1)
    house.forget("ann")
    with pytest.raises(BackupError, match=says):
        house.restore(file, secret=secret)
    assert house.said() == ONCE
    assert house.sql("SELECT DISTINCT sender_id FROM events") == [("bob",)]
    # Nor where there is only what the back-up itself knows.
    clock.forward(hours=1)
    backup(house.url, second := file.with_name("second"))
    _clear(house)
    with pytest.raises(BackupError, match=says):
        house.restore(second, secret=secret)
    house.restore(second)
    assert house.said() == ONCE
    assert len(house.records.erasures()) == 1


def test_an_older_backup_is_brought_up_to_date(
    empty_url: str, file: Path, tmp_path: Path, clock: Clock, sql: Execute
) -> None:
    upgrade(empty_url, "0003")
    backup(empty_url, file)
    upgrade(empty_url)
    restore(empty_url, file, secret=None, keep_days=90, replace=True, clock=clock)
    assert migrate.current(empty_url) == migrate.head()
    assert sql("SELECT tombstone FROM erasures") == []


def test_a_backup_is_not_overwritten_and_nothing_is_no_backup(
    empty_url: str, file: Path, tmp_path: Path
) -> None:
    with pytest.raises(BackupError, match="nothing to back up"):
        backup(empty_url, file)
    upgrade(empty_url)
    file.write_text("mine", encoding="utf-8")
    with pytest.raises(BackupError, match="is there already"):
        backup(empty_url, file)
    assert file.read_text(encoding="utf-8") == "mine"
    with pytest.raises(BackupError, match="cannot be written"):
        backup(empty_url, tmp_path / "nowhere" / "file")


def test_retention_is_asked_for_before_anything(house: House, file: Path) -> None:
    backup(house.url, file)
    with pytest.raises(InvalidValue, match="between 1 and"):
        house.restore(file, keep_days=0)


def test_a_tool_that_is_missing_is_named(
    house: House, file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    if house.url.startswith("sqlite"):
        pytest.skip("SQLite needs no tool")
    monkeypatch.setattr(shutil, "which", lambda name: None)
    with pytest.raises(StorageError, match="postgresql-client"):
        backup(house.url, file)
    assert not file.exists()


def test_the_password_is_not_in_the_list_of_processes(
    house: House, file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    if house.url.startswith("sqlite"):
        pytest.skip("SQLite has no password")
    commands: list[list[str]] = []
    real = subprocess.run

    def run(command: list[str], **given: object) -> object:
        commands.append(command)
        assert given["env"]["PGPASSWORD"] == "hunter2"  # type: ignore[index]
        return real(command, **given)  # type: ignore[call-overload]

    monkeypatch.setattr(subprocess, "run", run)
    backup(house.url.replace("guide@", "guide:hunter2@"), file)
    assert commands
    assert "hunter2" not in str(commands)


def test_a_restore_that_breaks_off_changes_nothing(
    house: House, file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    house.talk("ann")
    backup(house.url, file)
    house.talk("bob")
    if house.url.startswith("sqlite"):

        def fail(*_: object) -> None:
            raise sqlite3.OperationalError("disk full")

        monkeypatch.setattr("bot.records.backup_sqlite._take", fail)
    else:
        # Tables that were not made room for are in the way: psql stops in the middle.
        monkeypatch.setattr(
            "bot.records.backup_postgres._TABLES", ("events", "records_version", "deliveries")
        )
    with pytest.raises(StorageError):
        house.restore(file)
    assert house.said() == dict.fromkeys(ONCE, 2)


def test_receipts_that_come_meanwhile_are_not_lost(
    house: House, file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    if not house.url.startswith("sqlite"):
        pytest.skip("PostgreSQL takes the receipts in the transaction that replaces")
    house.talk("ann")
    backup(house.url, file)
    house.clock.forward(hours=1)
    from bot.records import backup_sqlite

    real, asked = backup_sqlite._swap, []

    def swap(*given: object) -> bool:
        if not asked:
            asked.append(house.forget("ann"))
        return real(*given)  # type: ignore[arg-type]

    monkeypatch.setattr(backup_sqlite, "_swap", swap)
    house.restore(file)
    assert house.said() == NEVER
    assert [r.reference for r in house.records.erasures()] == asked


def test_it_gives_up_while_erasures_go_on(
    house: House, file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    if not house.url.startswith("sqlite"):
        pytest.skip("PostgreSQL takes the receipts in the transaction that replaces")
    backup(house.url, file)
    monkeypatch.setattr("bot.records.backup_sqlite._swap", lambda *_: False)
    with pytest.raises(StorageError, match="stop the bot"):
        house.restore(file)


def test_the_commands(
    house: House, file: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    environ = {"DATABASE_URL": house.url, "DATA_DIR": str(tmp_path), "RETENTION_DAYS": "36500"}
    house.talk("ann")
    assert main(["backup", str(file)], environ) == 0
    assert "bytes, revision" in capsys.readouterr().out
    house.clock.forward(hours=1)
    house.forget("ann")
    assert main(["restore", str(file)], environ) == 1
    assert "--replace" in capsys.readouterr().err
    assert main(["restore", str(file), "--replace"], environ) == 1
    assert "SECRET_KEY" in capsys.readouterr().err
    (tmp_path / "secret.key").write_bytes(SECRET)
    assert main(["restore", str(file), "--replace"], environ) == 0
    assert "restored from" in capsys.readouterr().out
    assert house.said() == NEVER
    environ["SECRET_KEY"] = SECRET.decode()
    assert main(["restore", str(file), "--replace"], environ) == 0


def test_months_of_receipts_are_read_in_order(house: House, file: Path, clock: Clock) -> None:
    """Who was forgotten twice is forgotten up to the second time."""
    house.forget("ann")
    clock.forward(hours=1)
    house.talk("ann")
    backup(house.url, file)
    clock.forward(hours=1)
    house.forget("ann")
    assert house.records.erasures()[0].requested_at < clock.now - timedelta(minutes=1)
    house.restore(file)
    assert house.said() == NEVER
