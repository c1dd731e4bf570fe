"""The HTML page: whole, escaped, without scripts."""

from __future__ import annotations

from dataclasses import replace
from html.parser import HTMLParser

from tests.plugin.report import page
from tests.plugin.tests.helpers import heard, transcript
from tests.plugin.tests.test_transcript import BAD, GOOD

EVIL = "<script>alert('&')</script>"


class Tags(HTMLParser):
    """Gathers tags, and what is left open."""

    def __init__(self) -> None:
        super().__init__()
        self.seen: list[str] = []
        self.open: list[str] = []

    def handle_starttag(self, tag: str, attrs: object) -> None:
        self.seen.append(tag)
        if tag != "meta":
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


def made(*said: object, outcome: str = "passed") -> dict[str, object]:
    return transcript(*said).data() | {"outcome": outcome, "seconds": 1.25}  # type: ignore[arg-type]


def test_it_holds_every_transcript_and_counts_them() -> None:
    text = page([made(GOOD), made(GOOD, BAD, outcome="failed")], [], [])

    assert "1 of 2 conversations passed, with 3 turns" in text
    assert text.count("can it help?") == 2
    assert text.index("<h2>Failed") < text.index("<h2>Passed")
    assert "line 3, topic\nexpected: fatigue\ngot: pain" in text
    assert "1.2 s" in text


def test_a_failed_one_is_open_and_a_passed_one_is_folded() -> None:
    assert '<details open class="failed">' in page([made(GOOD, BAD, outcome="failed")], [], [])
    assert "<details>" in page([made(GOOD)], [], [])


def test_everything_is_escaped_and_closed() -> None:
    evil = replace(GOOD, did=EVIL, heard=heard(EVIL), broke=EVIL)
    tags = Tags()

    text = page([made(evil, outcome="failed")], [EVIL], [EVIL])
    tags.feed(text)

    assert "script" not in tags.seen
    assert text.count("&lt;script&gt;") == 5
    assert tags.open == []


def test_it_needs_nothing_from_elsewhere() -> None:
    text = page([made(GOOD)], ["intents 1"], [])

    assert "http" not in text.replace('<html lang="en">', "")
    assert "<pre>intents 1</pre>" in text


def test_faults_and_pauses_are_shown() -> None:
    given = replace(GOOD, turn=replace(GOOD.turn, given=("database down",), pause=5))

    text = page([made(given)], [], [])

    assert "database down</p>" in text
    assert "5 minutes pass</p>" in text
