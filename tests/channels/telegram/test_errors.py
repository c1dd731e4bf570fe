"""What an answer of the Bot API says went wrong, without a word of what it must not repeat."""

from __future__ import annotations

from typing import Any

import pytest

from bot.channels.telegram.errors import Refused, TooMany, error_of

TOKEN = "123456:AAsecret-token_of-the-bot"
SECRET_TEXT = "my private words"


@pytest.mark.parametrize(
    ("parameters", "seconds"),
    [
        ({"retry_after": 7}, 7.0),
        ({"retry_after": 0.5}, 0.5),
        ({"retry_after": 100_000}, 3600.0),
        ({"retry_after": 10**400}, 3600.0),
        ({"retry_after": 0}, 1.0),
        ({"retry_after": -(10**400)}, 1.0),
        ({"retry_after": -3}, 1.0),
        ({"retry_after": float("nan")}, 1.0),
        ({"retry_after": float("inf")}, 3600.0),
        ({"retry_after": True}, 1.0),
        ({"retry_after": "5"}, 1.0),
        ({}, 1.0),
        ([], 1.0),
        (None, 1.0),
    ],
)
def test_too_many_says_how_long_to_wait(parameters: Any, seconds: float) -> None:
    answer = {"ok": False, "error_code": 429, "parameters": parameters}

    error = error_of("sendMessage", 429, answer, ())

    assert isinstance(error, TooMany)
    assert error.retry_after == seconds


@pytest.mark.parametrize(
    "description",
    [
        f"Bad Request: can't parse {SECRET_TEXT} at 5",
        f'Bad Request: can\'t parse "{SECRET_TEXT[:8]}" at 5',
        f"Bad Request: invalid '{SECRET_TEXT[:8]}', can't go on",
        f"Bad Request: no bot {TOKEN}\n\nhere",
        f"Bad Request: {'x' * 1000}",
    ],
)
def test_what_telegram_quotes_is_not_repeated(description: str) -> None:
    answer = {"ok": False, "description": description}

    error = error_of("sendMessage", 400, answer, (TOKEN, "", SECRET_TEXT))

    assert isinstance(error, Refused)
    assert error.description.startswith("Bad Request: ")
    assert SECRET_TEXT[:8] not in str(error)
    assert "\n" not in str(error)
    assert len(str(error)) < 250


@pytest.mark.parametrize("description", [None, 5, ["x"]])
def test_a_description_may_be_missing(description: Any) -> None:
    answer = {"ok": False, "description": description}

    error = error_of("sendMessage", 400, answer, (TOKEN, "", SECRET_TEXT))

    assert isinstance(error, Refused)
    assert error.description == ""
