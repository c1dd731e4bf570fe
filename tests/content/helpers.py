"""What the tests of the content share: the content itself, and content with faults in it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from bot.content.loader import ContentError, load_content
from bot.content.model import Content

CONTENT = load_content()
SOURCE = Path(__file__).parents[3] / "shared" / "document.txt"
needs_source = pytest.mark.skipif(not SOURCE.exists(), reason="the source is not at hand")

MAX_WORDS = 90


def texts_of(content: Content) -> Iterator[tuple[str, str]]:
    """Everything that people may be shown, with its place."""
    for answer in content.answers.values():
        for field in ("title", "question", "text", "more"):
            yield f"{answer.topic}.{field}", getattr(answer, field)
    for disclaimer in content.disclaimers.values():
        yield f"{disclaimer.id}.full", disclaimer.full
        yield f"{disclaimer.id}.short", disclaimer.short
    for referral in content.referrals.values():
        yield referral.id, f"{referral.name}, who {referral.help}"
    for contact in content.contacts.values():
        yield contact.id, f"{contact.name}: {contact.text}"
    yield from ((message.id, message.text) for message in content.messages.values())
    # Labels and commands are named after messages.
    yield from ((f"{name}.label", text) for name, text in content.labels.items())
    yield from ((f"{name}.command", text) for name, text in content.commands.items())


SHOWN = dict(texts_of(CONTENT))
assert len(SHOWN) == len(list(texts_of(CONTENT))), "two texts have one place"
BODIES = {
    f"{answer.topic}.{field}": getattr(answer, field)
    for answer in CONTENT.answers.values()
    for field in ("text", "more")
}


def change(directory: Path, file: str, old: str, new: str) -> None:
    path = directory / file
    text = path.read_text(encoding="utf-8")
    assert old in text, f"the test no longer fits {file}: {old!r}"
    path.write_text(text.replace(old, new, 1), encoding="utf-8")


def problems_of(directory: Path) -> list[str]:
    with pytest.raises(ContentError) as caught:
        load_content(directory)
    return str(caught.value).splitlines()
