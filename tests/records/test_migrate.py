"""Migrations: they agree with the models, can be taken back, and may run side by side."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import inspect, text
from sqlalchemy.engine import Inspector

from bot.records import (
    InvalidUrl,
    StorageError,
    current,
    database,
    downgrade,
    migrate,
    upgrade,
)
from bot.records.tables import is_ours, metadata

from .conftest import Execute
from .processes import together

OURS = {
    "escalations",
    "notifications",
    "feedback",
    "erasures",
    "sessions",
    "entries",
    "deliveries",
    "telegram_updates",
}


@pytest.fixture
def inspector(empty_url: str) -> Iterator[Callable[[], Inspector]]:
    engine = database.connect(empty_url)
    yield lambda: inspect(engine)
    engine.dispose()


def test_models_and_migrations_agree(url: str) -> None:
    options = {
        "version_table": migrate.VERSION_TABLE,
        "include_name": is_ours,
        "compare_type": True,
        "compare_server_default": True,
    }
    with database.connect(url).connect() as connection:
        context = MigrationContext.configure(connection, opts=options)
        assert compare_metadata(context, metadata) == []


def test_models_and_migrations_have_the_same_checks(
    url: str, inspector: Callable[[], Inspector]
) -> None:
    migrated = {table: checks(inspector(), table) for table in OURS}
    with database.connect(url).begin() as connection:
        metadata.drop_all(connection)
        metadata.create_all(connection)
    created = {table: checks(inspector(), table) for table in OURS}
    assert migrated == created
    assert all(created.values())


def checks(inspector: Inspector, table: str) -> list[tuple[str, str]]:
    found = inspector.get_check_constraints(table)
    return sorted((check["name"], check["sqltext"]) for check in found)


def test_ids_of_feedback_are_not_used_again(url: str, sql: Execute) -> None:
    if url.startswith("postgres"):
        pytest.skip("a sequence never goes back")
    (definition,) = sql("SELECT sql FROM sqlite_master WHERE name = 'feedback'")[0]
    assert "AUTOINCREMENT" in str(definition)


def test_upgrading_twice_changes_nothing(empty_url: str) -> None:
    assert current(empty_url) is None
    upgrade(empty_url)
    upgrade(empty_url)
    assert current(empty_url) == migrate.head() == "0005"


def test_downgrading_leaves_rasas_events_to_its_own_store(
    url: str, inspector: Callable[[], Inspector]
) -> None:
    assert OURS | {"events", "records_version"} == tables(inspector())
    downgrade(url, "base")
    assert tables(inspector()) == {"events", "records_version"}
    assert current(url) is None
    upgrade(url)
    assert tables(inspector()) >= OURS


def test_several_processes_may_upgrade_at_once(empty_url: str) -> None:
    together(upgrade, [empty_url] * 8)
    assert current(empty_url) == migrate.head()


def test_a_failed_upgrade_leaves_nothing_behind(
    empty_url: str, sql: Execute, inspector: Callable[[], Inspector]
) -> None:
    sql("CREATE TABLE feedback (id INTEGER)")
    with pytest.raises(StorageError, match="feedback"):
        upgrade(empty_url)
    assert tables(inspector()) == {"feedback"}


def test_tables_newer_than_the_code_are_reported(url: str, sql: Execute) -> None:
    sql("UPDATE records_version SET version_num = '9999'")
    with pytest.raises(StorageError, match=r"cannot be migrated.*9999"):
        upgrade(url)


def test_a_bad_url_is_reported() -> None:
    with pytest.raises(InvalidUrl):
        upgrade("nonsense")
    with pytest.raises(InvalidUrl):
        current("nonsense")


def test_a_folder_with_a_per_cent_sign_is_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(migrate, "_SCRIPTS", Path("/100%/migrations"))
    assert migrate._config().get_main_option("script_location") == "/100%/migrations"


def test_a_new_migration_is_drafted_from_the_difference(
    url: str,
    sql: Execute,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    scripts = tmp_path / "migrations"
    copy_tree(migrate._SCRIPTS, scripts)
    monkeypatch.setattr(migrate, "_SCRIPTS", scripts)
    sql("ALTER TABLE feedback ADD COLUMN surplus TEXT")
    migrate.draft(url, "no surplus")
    (drafted,) = (scripts / "versions").glob("*_no_surplus.py")
    written = drafted.read_text(encoding="utf-8")
    assert 'batch_op.drop_column("surplus")' in written.replace("'", '"')
    assert "events" not in written
    compile(written, drafted.name, "exec")


def tables(inspector: Inspector) -> set[str]:
    return set(inspector.get_table_names()) - {"sqlite_sequence"}


def copy_tree(source: Path, target: Path) -> None:
    for file in source.rglob("*"):
        if file.is_file() and "__pycache__" not in file.parts:
            copy = target / file.relative_to(source)
            copy.parent.mkdir(parents=True, exist_ok=True)
            copy.write_bytes(file.read_bytes())


def test_postgresql_processes_wait_for_each_other(postgres_url: str) -> None:
    engine = database.connect(postgres_url)
    with engine.begin() as connection:
        migrate._wait_for_lock(connection)
        with engine.begin() as second:
            taken = second.execute(
                text("SELECT pg_try_advisory_xact_lock(:key)"), {"key": migrate._LOCK}
            )
            assert taken.scalar() is False
    engine.dispose()


def test_what_the_website_holds_survives_there_and_back(
    empty_url: str, sql: Execute, inspector: Callable[[], Inspector]
) -> None:
    upgrade(empty_url, "0002")
    noon, end = "2026-03-01 12:00:00+00:00", "2026-03-01 12:00:05+00:00"
    for sender, last, turn, until in (("web-1", 3, "t", end), ("web-2", 0, None, None)):
        sql(
            "INSERT INTO web_sessions (sender, created_at, last_seq, turn, turn_until) "
            "VALUES (:sender, :noon, :last, :turn, :until)",
            sender=sender,
            noon=noon,
            last=last,
            turn=turn,
            until=until,
        )
    # Rows whose numbers are not in the order of what was said.
    for number, seq, author, feedback in (
        (9, 1, "user", None),
        (4, 2, "bot", 7),
        (5, 3, "user", None),
    ):
        sql(
            "INSERT INTO web_entries VALUES (:number, 'web-1', :seq, :noon, :author, :message, "
            ":body, :answered, 2, :feedback)",
            number=number,
            seq=seq,
            noon=noon,
            author=author,
            message="m1" if seq < 3 else "m2",
            body='{"text": "zwei 🫁"}',
            answered=seq < 3,
            feedback=feedback,
        )
    sessions, entries = talks(sql, "web_sessions", "web_entries")

    upgrade(empty_url)
    assert talks(sql, "sessions", "entries") == (sessions, entries)
    assert sql("SELECT DISTINCT channel, address FROM sessions") == [("website", None)]
    add_telegram(sql, noon)
    assert talks(sql, "sessions", "entries") != (sessions, entries)

    downgrade(empty_url, "0002")
    assert talks(sql, "web_sessions", "web_entries") == (sessions, entries)
    assert not {"sessions", "entries", "deliveries", "telegram_updates"} & tables(inspector())
    upgrade(empty_url)
    assert talks(sql, "sessions", "entries") == (sessions, entries)
    # Numbers go on behind those that were copied.
    add_telegram(sql, noon)


def talks(sql: Execute, sessions: str, entries: str) -> tuple[object, object]:
    found = sql(
        f"SELECT sender, created_at, last_seq, turn, turn_until FROM {sessions} ORDER BY sender"
    )
    said = sql(
        "SELECT sender, seq, created_at, author, message_id, body, answered, attempts, feedback_id "
        f"FROM {entries} ORDER BY sender, seq"
    )
    return found, said


def add_telegram(sql: Execute, noon: str) -> None:
    sql(
        "INSERT INTO sessions (sender, channel, address, created_at, last_seq) "
        "VALUES ('tg-1', 'telegram', '42', :noon, 1)",
        noon=noon,
    )
    sql(
        "INSERT INTO entries (sender, seq, created_at, author, message_id, body, answered, "
        "attempts) VALUES ('tg-1', 1, :noon, 'bot', 'm1', '{}', :yes, 0)",
        noon=noon,
        yes=True,
    )
    sql(
        "INSERT INTO deliveries (entry_id, sender, key, arrived, tapped, done, attempts, "
        "next_attempt_at) SELECT id, sender, 'key', '[]', '[]', :no, 0, :noon FROM entries "
        "WHERE sender = 'tg-1'",
        no=False,
        noon=noon,
    )
    sql("INSERT INTO telegram_updates VALUES (5, :noon)", noon=noon)
