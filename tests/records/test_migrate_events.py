"""The migration that takes over the table of events of Rasa's own store."""

from uuid import uuid4

from rasa.core.tracker_store import SQLTrackerStore
from rasa.shared.core.domain import Domain
from sqlalchemy import text
from sqlalchemy.engine import make_url

from bot.records import (
    EventRow,
    Records,
    database,
    upgrade,
)

from .conftest import Execute


def test_what_rasas_own_store_holds_is_taken_over(empty_url: str, sql: Execute) -> None:
    SQLTrackerStore(Domain.empty(), host=empty_url).engine.dispose()
    sql(
        "INSERT INTO events (sender_id, type_name, timestamp, data) "
        "VALUES ('ann', 'user', 1.5, '{}')"
    )

    upgrade(empty_url)

    records = Records(empty_url)
    records.add_events("ann", [EventRow("user", 2.0, None, None, "[]")])
    assert records.all_events("ann") == ["{}", "[]"]
    records.close()


def test_the_owner_of_the_tables_needs_no_other_right(postgres_url: str) -> None:
    """Neither to migrate nor for no samples of people's words to be left in the statistics."""
    owner = f"owner_{uuid4().hex[:12]}"
    schema = postgres_url.rsplit("%3D", 1)[1]
    theirs = make_url(postgres_url).set(username=owner)
    samples = text(
        "SELECT count(*) FROM pg_stats WHERE schemaname = :schema AND tablename = 'events' "
        "AND attname = 'data'"
    )
    engine = database.connect(postgres_url)
    with engine.begin() as connection:
        connection.execute(text(f"CREATE ROLE {owner} LOGIN"))
        connection.execute(text(f"ALTER SCHEMA {schema} OWNER TO {owner}"))
    url = theirs.render_as_string(hide_password=False)
    try:
        upgrade(url, "0003")
        with database.connect(url).begin() as connection:
            connection.execute(
                text(
                    "CREATE TABLE events (id SERIAL PRIMARY KEY, sender_id "
                    "VARCHAR(255) NOT NULL, type_name VARCHAR(255) NOT NULL, timestamp FLOAT, "
                    "intent_name VARCHAR(255), action_name VARCHAR(255), data TEXT)"
                )
            )
            connection.execute(
                text(
                    "INSERT INTO events (sender_id, type_name, data) "
                    "SELECT 'ann', 'user', 'zebra' FROM generate_series(1, 100)"
                )
            )
            connection.execute(text("ANALYZE events"))
            assert connection.execute(samples, {"schema": schema}).scalar() == 1
        upgrade(url)
        with database.connect(url).begin() as connection:
            connection.execute(text("ANALYZE events"))
            assert connection.execute(samples, {"schema": schema}).scalar() == 0
    finally:
        with engine.begin() as connection:
            connection.execute(text(f"DROP OWNED BY {owner} CASCADE"))
            connection.execute(text(f"CREATE SCHEMA IF NOT EXISTS {schema}"))
            connection.execute(text(f"DROP ROLE {owner}"))
        engine.dispose()
