"""The Botium export: what a convo says, and what is left out, and counted."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.exports import __main__ as exports
from tests.exports.choosing import Tally
from tests.exports.conftest import Write
from tests.exports.convos import asserters, convo, export, payload_of
from tests.plugin.format import files, load

HELLO = "  - {user: hello, outcome: smalltalk}\n"


def checks(talk: Write, text: str) -> list[str]:
    return asserters(talk(f"  - {{user: hi, outcome: answer, {text}}}\n").turns[0])[1:]


def test_a_convo_is_written_whole(talk: Write) -> None:
    written = talk(
        "  - user: ['?how', how]\n    outcome: answer\n    topic: pain\n"
        "    contains: [a | b, 'two\n\n      lines']\n    lacks: mg\n    buttons: [/ask_evidence]\n"
        "  - button: Is it proven?\n    outcome: answer\n    row: false\n"
    )

    assert convo(next(written.variants())) == (
        "user_asks\n"
        "  Shows it.\n"
        "\n#me\n"
        "??how\n"
        "\n#bot\n"
        "JSON_PATH $[*].custom.outcome|answer\n"
        "JSON_PATH $[*].custom.topic|pain\n"
        "TEXT_CONTAINS_ALL a \\| b|two lines\n"
        "!TEXT_CONTAINS_ANY mg\n"
        'BUTTONS "/ask_evidence"|Is it proven?\n'
        "\n#me\n"
        "BUTTON /ask_evidence\n"
        "\n#bot\n"
        "JSON_PATH $[*].custom.outcome|answer\n"
        "JSON_PATH_COUNT $[*].custom.escalation|=0\n"
        "\n#end\nPAUSE 150\nBOT_CONSUMED\n"
    )


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("topic: null", ["topic|"]),
        ("buttons: []", ["BUTTONS_COUNT =0"]),
        ("disclaimers: []", ["disclaimers|=0"]),
        ("sources: [Pain Management]", ["sources[*].section|Pain Management"]),
        ("claims: [c_one, c_two]", ["sources[*].claims[*]|c_one", "sources[*].claims[*]|c_two"]),
        ("contacts: [samaritans]", ["referral.contacts[*].id|samaritans"]),
        ("referral: false", ["referral.kind|=0"]),
        ("referral: {kind: human, who: [nurse]}", ["referral.kind|human", "referral.who[*]|nurse"]),
        ("row: dosing", ["custom.escalation"]),
        ("parts: [{outcome: dosing}]", ["custom.parts|=1", "parts[0].outcome|dosing"]),
        ("grade: 8, words: 90", []),
    ],
)
def test_each_check_becomes_what_botium_can_see(
    talk: Write, text: str, expected: list[str]
) -> None:
    found = checks(talk, text)

    assert len(found) == len(expected)
    for line, end in zip(found, expected, strict=True):
        assert line.endswith(end)


@pytest.mark.parametrize(
    ("turns", "head", "rule"),
    [
        ("  - {user: hi, given: database down, outcome: answer}\n", "", "a fault is made"),
        ("  - {user: hi, pause: 2 hours, outcome: answer}\n", "", "time passes"),
        (HELLO, "returning: true\n", "the user was here before"),
        (HELLO, "channel: telegram\n", "it is not held over REST"),
        ("  - {user: '  ', outcome: clarify}\n", "", "a message is empty"),
        ('  - {user: "hi\\n", outcome: answer}\n', "", "a message has blanks at its end"),
        ("  - {user: '[1]', outcome: clarify}\n", "", "a message is JSON"),
        ("  - {user: PAUSE 1000, outcome: clarify}\n", "", "a message is an order to Botium"),
        ('  - {user: "a\\n#bot", outcome: clarify}\n', "", "a message is an order to Botium"),
    ],
)
def test_what_botium_cannot_hold_is_left_out_by_name(
    talk: Write, tmp_path: Path, turns: str, head: str, rule: str
) -> None:
    tally = export([talk(turns, head=head)], tmp_path / "out")

    assert (tally.talks, dict(tally.left_out)) == (0, {rule: 1})
    assert list((tmp_path / "out").iterdir()) == []
    assert f"left out: 1 ({rule})" in tally.lines("convos")


def test_checks_that_are_not_made_are_counted(talk: Write, tmp_path: Path) -> None:
    tally = export([talk("  - {user: hi, outcome: dosing, row: dosing, grade: 8}\n")], tmp_path)

    assert tally.lines("convos") == [
        "1 convos with 1 messages",
        "not checked there: 1 x row (only its reference is)",
        "not checked there: 1 x grade",
    ]


def test_each_paraphrase_is_a_convo(talk: Write, tmp_path: Path) -> None:
    export([talk("  - {user: [hello, hi], outcome: smalltalk}\n")], tmp_path / "out")

    names = sorted(path.name for path in (tmp_path / "out").iterdir())
    assert names == ["user_asks.convo.txt", "user_asks__turn_1_paraphrase_2.convo.txt"]


def test_a_button_is_found_by_its_title() -> None:
    assert payload_of("What about brain fog?") == "/ask_brain_fog"
    assert payload_of("/ask_pain") == "/ask_pain"
    with pytest.raises(KeyError):
        payload_of("No such button")


def test_every_conversation_is_exported_or_left_out_by_a_rule(tmp_path: Path) -> None:
    talks = [load(path) for path in files()]
    tally = export(talks, tmp_path)

    variants = sum(1 for _ in tmp_path.iterdir())
    assert tally.talks == variants
    assert tally.talks >= len(talks) - tally.left_out.total()
    assert tally.left_out.total() < len(talks) / 5


def test_no_conversation_is_an_error(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for kind in ("botium", "stories"):
        assert exports.main([kind, str(tmp_path), "--conversations", str(tmp_path)]) == 1

    assert "there is nothing to export" in capsys.readouterr().err


def test_an_empty_tally_says_nothing_was_left_out() -> None:
    assert Tally().lines("convos") == ["0 convos with 0 messages"]
