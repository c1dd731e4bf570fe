"""The logs: one shape for all who write, and nothing of what people say."""

from __future__ import annotations

import json
import logging
import subprocess
import sys
from collections.abc import Iterator
from typing import Any

import pytest

from bot import logs
from bot.settings import ROOT

SECRET = "I want to tell you something private"


def record(text: str, *args: object, level: int = logging.INFO, **fields: Any) -> logging.LogRecord:
    made = logging.LogRecord("bot.x", level, __file__, 1, text, args, None)
    made.fields = fields
    return made


def fail(error: Exception) -> None:
    raise error


def failed(error: Exception) -> logging.LogRecord:
    made = record("It failed", level=logging.ERROR)
    try:
        fail(error)
    except Exception:
        made.exc_info = sys.exc_info()
    return made


def test_json_has_one_object_a_line() -> None:
    line = logs.JsonFormatter().format(record("A\nturn of %s", "é", outcome="answer", topic=None))

    assert "\n" not in line
    read = json.loads(line)
    assert read.pop("time").endswith("Z")
    assert read == {
        "level": "info",
        "logger": "bot.x",
        "event": "A\nturn of é",
        "outcome": "answer",
    }


def test_fields_do_not_take_the_place_of_what_every_line_has() -> None:
    read = json.loads(logs.JsonFormatter().format(record("said", event="other", level_="x")))

    assert (read["event"], read["level_"]) == ("said", "x")


def test_text_has_the_same_in_words() -> None:
    line = logs.TextFormatter().format(record("turn", outcome="answer", topic=None))

    assert line.split(" ", 1)[1] == "INFO bot.x turn outcome=answer"


@pytest.mark.parametrize("formatter", [logs.JsonFormatter(), logs.TextFormatter()])
def test_an_errors_words_may_quote_a_message_and_are_left_out(formatter: logging.Formatter) -> None:
    line = formatter.format(failed(ValueError(SECRET)))

    assert SECRET not in line
    assert "ValueError" in line
    assert "test_logs.py" in line


@pytest.mark.parametrize("formatter", [logs.JsonFormatter(), logs.TextFormatter()])
def test_the_systems_own_errors_keep_theirs(formatter: logging.Formatter) -> None:
    assert "Address already in use" in formatter.format(
        failed(OSError(98, "Address already in use"))
    )


def test_a_databases_error_loses_its_statement_and_values() -> None:
    text = f"(OperationalError) disk full\n[SQL: INSERT INTO x]\n[parameters: ('{SECRET}',)]"

    line = logs.TextFormatter().format(record(text, level=logging.ERROR))

    assert line.endswith("(OperationalError) disk full")
    assert SECRET in logs.TextFormatter().format(record(text, level=logging.DEBUG))


@pytest.fixture
def root() -> Iterator[logging.Logger]:
    found = logging.getLogger()
    handlers, level = list(found.handlers), found.level
    yield found
    found.handlers[:] = handlers
    found.setLevel(level)


@pytest.mark.parametrize(
    ("form", "kind"), [("json", logs.JsonFormatter), ("text", logs.TextFormatter)]
)
def test_the_root_gets_one_handler_of_the_form(
    root: logging.Logger, form: str, kind: type[logging.Formatter]
) -> None:
    plain = logging.StreamHandler()
    root.addHandler(plain)
    others = [handler for handler in root.handlers if type(handler) is not logging.StreamHandler]

    logs.configure("warning", form)
    logs.configure("warning", form)

    ours = [handler for handler in root.handlers if handler not in others]
    assert [type(handler.formatter) for handler in ours] == [kind]
    assert set(others) < set(root.handlers), "a test's own handlers stay"
    assert root.level == logging.WARNING


RASA = """
import logging, sys
from rasa.utils.log_utils import configure_structlog
from bot import logs
level = logging.getLevelName(sys.argv[1])
configure_structlog(level)
logs.configure(sys.argv[1], "json")
logs.configure_rasa(level)
import structlog
logger = structlog.get_logger("rasa.core.somewhere")
logger.debug("some.key", text="PRIVATE", name="n")
logger.info("other.key", text="PRIVATE", sender_id="PRIVATE", model="m", event_info="Said %s")
try:
    raise ValueError("PRIVATE")
except ValueError:
    logger.exception("third.key", message="PRIVATE")
"""


def rasas_lines(level: str) -> list[dict[str, Any]]:
    command = [sys.executable, "-W", "ignore", "-c", RASA, level]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    assert not done.stdout
    return [json.loads(line) for line in done.stderr.splitlines()]


def test_rasas_own_lines_have_the_shape_and_no_message() -> None:
    lines = rasas_lines("INFO")

    assert [line["event"] for line in lines] == ["Said %s", "third.key"]
    assert lines[0]["model"] == "m"
    assert lines[0]["logger"] == "rasa.core.somewhere"
    assert "ValueError" in lines[1]["error"]
    assert "PRIVATE" not in json.dumps(lines)


def test_rasas_debugging_tells_all() -> None:
    first = rasas_lines("DEBUG")[0]

    assert (first["event"], first["text"], first["level"]) == ("some.key", "PRIVATE", "debug")


def test_rasas_lines_become_records(monkeypatch: pytest.MonkeyPatch) -> None:
    made: dict[str, Any] = {}
    monkeypatch.setattr("structlog.configure", lambda **given: made.update(given))
    logs.configure_rasa(logging.INFO)
    last = made["processors"][-1]
    event = {"event": "key", "text": SECRET, "model": "m", "exc_info": True}

    assert last(None, "error", dict(event)) == (
        ("%s", "key"),
        {"extra": {"fields": {"model": "m"}}, "exc_info": True},
    )
    _, given = last(None, "debug", {**event, "event_info": "Said"})
    assert given["extra"]["fields"]["text"] == SECRET
