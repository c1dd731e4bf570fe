"""The shape of the logs of every process: text for people, or a JSON object a line for machines.

At INFO and above no line repeats what people write, whoever logs it: errors appear by their kind
and place, since their words may quote a message.
"""

from __future__ import annotations

import json
import logging
import re
import sys
import traceback
from collections.abc import Mapping, MutableMapping
from datetime import datetime, timezone
from typing import Any

FORMATS = ("text", "json")
# SQLAlchemy's errors end in the statement and its values.
_STATEMENT = re.compile(r"\s*\[(?:SQL|parameters): .*", re.DOTALL)
# What Rasa's own lines carry of messages and replies, as its anonymiser lists it.
_PRIVATE = frozenset(
    (
        "text",
        "response_text",
        "user_text",
        "slot_values",
        "parse_data_text",
        "parse_data_entities",
        "prediction_events",
        "tracker_latest_message",
        "prefilled_slots",
        "message",
        "response",
        "slot_candidates",
        "rasa_event",
        "rasa_events",
        "tracker_states",
        "current_states",
        "old_states",
        "successes",
        "current_entity",
        "next_entity",
        "states",
        "entity",
        "token_text",
        "user_message",
        "json_message",
        "sender_id",
        "conversation_id",
    )
)


def configure(level: str, form: str) -> None:
    """Have everything that this process logs written to standard error in this shape.

    Args:
        level: of the logs, such as `INFO`.
        form: `text` or `json`.
    """
    root = logging.getLogger()
    # Handlers of tests, and of who runs us, stay.
    for handler in [found for found in root.handlers if type(found) is logging.StreamHandler]:
        root.removeHandler(handler)
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(JsonFormatter() if form == "json" else TextFormatter())
    root.addHandler(handler)
    root.setLevel(level.upper())


def configure_rasa(level: int) -> None:
    """Have Rasa's structured lines go the same way; call it after Rasa's own `configure_structlog`.

    Args:
        level: below it, nothing is made into a line at all.
    """
    import structlog

    structlog.configure(
        processors=[
            structlog.stdlib.filter_by_level,
            structlog.contextvars.merge_contextvars,
            structlog.dev.set_exc_info,
            _as_record,
        ],
        context_class=dict,
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.make_filtering_bound_logger(level),
        cache_logger_on_first_use=True,
    )


def _as_record(
    _logger: Any, method: str, event: MutableMapping[str, Any]
) -> tuple[tuple[str, Any], dict[str, Any]]:
    """Return the arguments that `logging` takes, under names that it does not keep for itself."""
    given: dict[str, Any] = {}
    for name in ("exc_info", "stack_info"):
        if name in event:
            given[name] = event.pop(name)
    said = event.pop("event")
    shown = event.pop("event_info", said)
    if method != "debug":
        event = {name: value for name, value in event.items() if name not in _PRIVATE}
    return ("%s", shown), {"extra": {"fields": event}, **given}


class _Formatter(logging.Formatter):
    def parts(self, record: logging.LogRecord) -> tuple[str, Mapping[str, Any], str | None]:
        """Return what a record says, its fields, and the error it tells of, if any."""
        said = record.getMessage()
        if record.levelno > logging.DEBUG:
            said = _STATEMENT.sub("", said)
            if record.name == "asyncio":
                # The lines below show the task, and with it the words of its error.
                said = said.partition("\n")[0]
        error = _error(record.exc_info) if record.exc_info and record.exc_info[0] else None
        return said, getattr(record, "fields", {}), error


class JsonFormatter(_Formatter):
    """One JSON object a line: `time`, `level`, `logger`, `event`, then the line's own fields."""

    def format(self, record: logging.LogRecord) -> str:
        """Return the line."""
        said, fields, error = self.parts(record)
        line: dict[str, Any] = {
            "time": _moment(record),
            "level": record.levelname.lower(),
            "logger": record.name,
            "event": said,
        }
        if error is not None:
            line["error"] = error
        for name, value in fields.items():
            if value is not None:
                line.setdefault(name, value)
        return json.dumps(line, ensure_ascii=False, default=str)


class TextFormatter(_Formatter):
    """Time, level, logger and text, then the fields as `name=value`."""

    def format(self, record: logging.LogRecord) -> str:
        """Return the line, or lines if it tells of an error."""
        said, fields, error = self.parts(record)
        named = [f"{name}={value}" for name, value in fields.items() if value is not None]
        line = " ".join([_moment(record), record.levelname, record.name, said, *named])
        return line if error is None else f"{line}\n{error}"


def _moment(record: logging.LogRecord) -> str:
    moment = datetime.fromtimestamp(record.created, timezone.utc)
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _error(found: Any) -> str:
    """Return an error's kind and place; words only of the system's own, which quote nobody."""
    kind, error, frames = found
    words = f": {error}" if isinstance(error, OSError) else ""
    return f"{kind.__name__}{words}\n{''.join(traceback.format_tb(frames))}".rstrip()
