"""Error answers: the status of a refusal, 500 of a failure, and no words of either."""

from __future__ import annotations

import json
import logging
from typing import Any

import pytest
from sanic.exceptions import NotFound, PayloadTooLarge, SanicException, ServiceUnavailable

from bot.error_pages import error_page

WORDS = "I am Ann from Leeds"
NO_REQUEST: Any = None


@pytest.mark.parametrize(
    ("exception", "status", "text"),
    [
        (NotFound(WORDS), 404, "Not Found"),
        (PayloadTooLarge(WORDS), 413, "Request Entity Too Large"),
        (ServiceUnavailable(WORDS), 503, "Service Unavailable"),
        (SanicException(WORDS), 500, "Internal Server Error"),
        (ValueError(WORDS), 500, "Internal Server Error"),
    ],
)
async def test_the_status_is_told_and_nothing_else(
    exception: Exception, status: int, text: str, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.INFO):
        answer = await error_page(NO_REQUEST, exception)

    assert (answer.status, json.loads(answer.body or b"")) == (status, {"error": text})
    assert WORDS not in caplog.text
    assert bool(caplog.records) == (status >= 500)


async def test_a_client_that_leaves_is_no_error_in_the_log(
    caplog: pytest.LogCaptureFixture,
) -> None:
    with caplog.at_level(logging.INFO):
        answer = await error_page(NO_REQUEST, ServiceUnavailable("Cancelled"))

    assert answer.status == 503
    assert caplog.records == []
