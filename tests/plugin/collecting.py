"""Conversation files as pytest collects them: a file, and in it an item for each paraphrase."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import pytest

from tests.plugin.format import FormatError, Variant, load
from tests.plugin.transcript import Transcript

if TYPE_CHECKING:
    from tests.plugin.runner import Runner


class NotAsExpectedError(AssertionError):
    """The bot did not do what a conversation expects; the text is the transcript."""


class ConversationFile(pytest.File):
    """A conversation file."""

    def collect(self) -> Iterator[ConversationItem]:
        """Yield the conversation as written, and once more for each further paraphrase.

        Raises:
            CollectError: the file is no conversation.
        """
        try:
            conversation = load(self.path)
        except FormatError as error:
            raise self.CollectError(str(error)) from error
        tags = {tag for tag in self.config.getoption("conversation_tags").split(",") if tag}
        here = self.config.getoption("channel") in conversation.channels
        if here and (not tags or tags & set(conversation.tags)):
            for variant in conversation.variants():
                yield ConversationItem.of(self, variant)


class ConversationItem(pytest.Function):
    """A conversation that is held when the test runs."""

    variant: Variant
    transcript: Transcript | None = None

    @classmethod
    def of(cls, parent: ConversationFile, variant: Variant) -> ConversationItem:
        """Return the item of a variant; a function, so that fixtures reach it."""

        def hold(conversation_runner: Runner, conversation_loop: asyncio.AbstractEventLoop) -> None:
            running = conversation_runner.hold(variant)
            item.transcript = conversation_loop.run_until_complete(running)
            if item.transcript.failed:
                raise NotAsExpectedError(item.transcript.render())

        item: ConversationItem = cls.from_parent(parent, name=variant.name, callobj=hold)
        item.variant = variant
        return item

    def repr_failure(self, excinfo: pytest.ExceptionInfo[BaseException], *args: Any) -> Any:
        """Show the transcript alone: where in the runner it was raised tells nobody anything."""
        if isinstance(excinfo.value, NotAsExpectedError):
            return str(excinfo.value)
        return super().repr_failure(excinfo, *args)

    def reportinfo(self) -> tuple[Any, int, str]:
        """Name the file, its first turn, and the conversation, as headings show it."""
        first = self.variant.conversation.turns[0]
        return self.path, first.line - 1, f"{self.variant.conversation.name} ({self.name})"
