"""What the event loop logs of a task that failed: that it did, and where; no words of the error."""

from __future__ import annotations

import logging

import pytest

from bot import logs

WORDS = "I am Ann from Leeds"


@pytest.mark.parametrize("formatter", [logs.TextFormatter(), logs.JsonFormatter()])
def test_a_task_that_failed_repeats_no_words(formatter: logging.Formatter) -> None:
    error = ValueError(WORDS)
    said = f"Task exception was never retrieved\nfuture: <Task finished exception={error!r}>"
    info = (ValueError, error, None)
    record = logging.LogRecord("asyncio", logging.ERROR, __file__, 1, said, None, info)

    line = formatter.format(record)

    assert "Task exception was never retrieved" in line
    assert "ValueError" in line
    assert WORDS not in line
