"""The real content, and what every reply must hold to."""

from __future__ import annotations

import pytest

from bot.content import Content, load_content
from bot.reply.compose import Composer


@pytest.fixture(scope="session")
def content() -> Content:
    """All that the bot says."""
    return load_content()


@pytest.fixture
def composer(content: Content) -> Composer:
    """A composer for a host that has not said where it is."""
    return Composer(content)
