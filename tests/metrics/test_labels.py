"""Labels have few values, all known before: nothing that a person says or is named."""

from __future__ import annotations

import pytest

from bot.channels.rest import RestInput
from bot.channels.telegram import TelegramInput
from bot.channels.website import WebsiteInput
from bot.metrics import labels
from bot.records import Worker
from bot.reply.outcomes import OUTCOMES


def test_outcomes_are_those_of_the_reply_contract() -> None:
    assert labels.OUTCOMES == OUTCOMES


def test_channels_are_those_there_are() -> None:
    there = {channel.name() for channel in (RestInput, WebsiteInput, TelegramInput)}

    assert set(labels.CHANNELS) == there


@pytest.mark.parametrize("value", ["my name is Ann", "", None, "REST"])
def test_anything_else_is_other(value: str | None) -> None:
    assert labels.bounded(value, labels.CHANNELS) == "other"


def test_what_is_allowed_stays() -> None:
    assert labels.bounded("rest", labels.CHANNELS) == "rest"


def test_the_workers_duties_are_names_in_the_code() -> None:
    """They are the one label that is not looked up in a list, beside the actions' names."""
    found = [const for const in Worker.round.__code__.co_consts if isinstance(const, str)]

    assert {"delivery", "erasure", "retention", "compaction"} <= set(found)
