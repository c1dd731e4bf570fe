"""docs/privacy.md names all that is stored; what it tells a host to run, runs."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from sqlalchemy import inspect, text

from bot.records import conversation_reference, database, upgrade
from bot.records.tables import metadata
from bot.settings import ROOT

DOCUMENT = (ROOT / "docs" / "privacy.md").read_text(encoding="utf-8")
WIDGET = ROOT / "bot" / "widget" / "src"
RECEIVER = r"(?:vault|tab|area)\??"
# A name that is given to the vault, or to what keeps it, as a text or as a constant.
USE = re.compile(rf"\b{RECEIVER}\.(?:get|set|names)\(\s*(?:'([^']*)'|([A-Z]\w*)\b)")


def named(heading: str) -> set[str]:
    """The names in the first column of the table below a heading."""
    found = re.search(rf"^### `?{heading}`?.*?$(.*?)(?=^##|\Z)", DOCUMENT, re.M | re.S)
    assert found, f"there is no part about {heading}"
    cells = re.findall(r"^\| ([^|]*) \|", found[1], re.M)
    return {name for cell in cells for name in re.findall(r"`([^`]+)`", cell)}


@pytest.fixture
def url(tmp_path: Path) -> str:
    """A database with every table there is."""
    made = f"sqlite:///{tmp_path / 'guide.sqlite3'}"
    upgrade(made)
    return made


def test_every_table_and_column_is_named(url: str) -> None:
    engine = database.connect(url)
    seen = inspect(engine)
    columns = {name: {c["name"] for c in seen.get_columns(name)} for name in seen.get_table_names()}
    engine.dispose()
    assert set(metadata.tables) < set(columns)
    assert columns.pop("records_version") == {"version_num"}
    assert "`records_version`" in DOCUMENT

    for table, there in columns.items():
        if not table.startswith("sqlite_"):
            assert named(table) == there, table


def test_every_key_of_the_widget_is_named() -> None:
    keys: set[str] = set()
    for file in WIDGET.rglob("*.ts"):
        source = file.read_text(encoding="utf-8")
        constants = dict(re.findall(r"\bconst ([A-Z]\w*) = '([^']*)'", source))
        keys |= {name or constants[constant] for name, constant in USE.findall(source)}

    assert len(keys) > 3
    assert named("In the visitor's browser") - {"localStorage", "sessionStorage"} == keys


def test_the_widget_stores_nothing_past_its_vault() -> None:
    storage = re.compile(r"localStorage|sessionStorage|indexedDB|\.cookie\b|caches\.open")
    using = {f.name for f in WIDGET.rglob("*.ts") if storage.search(f.read_text(encoding="utf-8"))}

    assert using <= {"app.ts", "storage.ts"}
    assert not re.search(r"indexedDB|\.cookie\b|caches", (WIDGET / "app.ts").read_text("utf-8"))


def test_the_export_runs(url: str) -> None:
    block = re.search(r"```sql\n(.*?)```", DOCUMENT, re.S)
    assert block
    statements = [line for line in block[1].splitlines() if line]
    given = {"sender": "ann", "conversation": conversation_reference("ann", b"key")}
    engine = database.connect(url)
    with engine.connect() as connection:
        for statement in statements:
            names = {n: v for n, v in given.items() if f":{n}" in statement}
            assert connection.execute(text(statement), names).fetchall() == []
    engine.dispose()
    by_person = {"sender", "sender_id", "conversation"}
    tables = {n for n, t in metadata.tables.items() if by_person & set(t.columns.keys())}
    assert {s.split()[3] for s in statements} == tables
