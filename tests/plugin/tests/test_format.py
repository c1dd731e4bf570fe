"""The conversation format: what it takes, and how it says what is wrong, and where."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot.reply.contract import schema as reply_schema
from bot.reply.outcomes import ANSWER_TOPICS, OUTCOMES, SMALLTALK_TOPICS
from tests.plugin.format import CHANNELS, FormatError, files, load, schema

WHOLE = """\
conversation: Shows everything.
tags: [long]
channels: [inprocess, rest]
returning: true
turns:
  - user: [what is long covid, "what's long covid?"]
    outcome: answer
    topic: long_covid_definition
    contains: PASC
    lacks: [mg, milligrams]
  - button: Is it proven?
    pause: 2 hours
    given: [action server down, database down]
    outcome: unavailable
    row: {outcome: dosing, status: open}
"""


def written(folder: Path, text: str) -> Path:
    path = folder / "user_asks.yml"
    path.write_text(text, encoding="utf-8")
    return path


def problem(folder: Path, text: str) -> str:
    with pytest.raises(FormatError) as refusal:
        load(written(folder, text))
    return str(refusal.value).replace(f"{folder}/", "")


def test_a_file_is_read_whole(tmp_path: Path) -> None:
    read = load(written(tmp_path, WHOLE))

    first, second = read.turns
    assert (read.about, read.tags, read.name) == ("Shows everything.", ("long",), "user_asks.yml")
    assert (read.channels, read.returning) == (("inprocess", "rest"), True)
    assert (first.number, first.line) == (1, 6)
    assert first.words == ("what is long covid", "what's long covid?")
    assert (first.outcome, first.topic) == ("answer", "long_covid_definition")
    assert (first.texts("contains"), first.texts("lacks")) == (("PASC",), ("mg", "milligrams"))
    assert (second.words, second.button, second.pause) == ((), "Is it proven?", 120)
    assert second.given == ("action server down", "database down")
    assert second.topic is None
    assert set(second.checks) == {"outcome", "row"}


def test_each_paraphrase_is_the_conversation_once_more(tmp_path: Path) -> None:
    text = WHOLE.replace("pause", "user: [thanks, ta, cheers]\n    pause").replace(
        "  - button: Is it proven?\n    user", "  - user"
    )

    found = [(variant.name, variant.words) for variant in load(written(tmp_path, text)).variants()]

    assert found == [
        ("as_written", ("what is long covid", "thanks")),
        ("turn_1_paraphrase_2", ("what's long covid?", "thanks")),
        ("turn_2_paraphrase_2", ("what is long covid", "ta")),
        ("turn_2_paraphrase_3", ("what is long covid", "cheers")),
    ]


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ("topic:", "topik:", "8:5: the key `topik` is unknown; expected one of button, buttons,"),
        ("topic:", "topik:", "did you mean `topic`?"),
        (
            "answer",
            "answr",
            "7:14: `turn 1 outcome`: 'answr' cannot stand here; expected an outcome of the reply",
        ),
        ("    outcome: answer\n", "", "6:5: `turn 1`: 'outcome' is a required property; expected"),
        ("2 hours", "soon", "12:12: `turn 2 pause`: 'soon' cannot stand here; expected how much"),
        ("- button", "- user: hi\n    button", "`user` and `button` cannot stand together"),
        ("- button: Is it proven?", "- sources: []", "11:5: `turn 2`: nobody does anything; expec"),
        ("returning", "channel: rest\nreturning", "`channel` and `channels` cannot stand togethe"),
        ("user: [", "button: hi #", "6:13: there is no button to tap yet; expected `user` in the"),
        ("action server down", "all is lost", "`turn 2 given`: ['all is lost', 'database down']"),
        ("tags: [", "tags: [Long, ", "2:8: `tags 1`: 'Long' cannot stand here; expected a word"),
        ("[mg, milligrams]", "[mg", "11:11: this is no YAML: expected ',' or ']', but got ':'"),
        ("topic:", "outcome:", "8:5: the key 'outcome' stands twice"),
    ],
)
def test_a_mistake_is_named_with_its_place_and_what_was_expected(
    tmp_path: Path, old: str, new: str, expected: str
) -> None:
    assert old in WHOLE
    assert expected in problem(tmp_path, WHOLE.replace(old, new, 1))


def test_all_mistakes_are_told_at_once_in_the_order_of_the_file(tmp_path: Path) -> None:
    told = problem(tmp_path, "conversation: ''\nturns:\n  - user: hi\n    outcome: no\n").split(
        "\n"
    )

    assert [line[:20] for line in told] == ["user_asks.yml:1:15: ", "user_asks.yml:4:14: "]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", "1:1: the file is empty"),
        ("- hi", "1:1: ['hi'] cannot stand here; expected a mapping with `conversation` and"),
        ("conversation: x", "1:1: 'turns' is a required property"),
        ("conversation: x\nturns: []", "2:8: `turns`: [] cannot stand here; expected a list of"),
        ("a: &a [*b]", "1:8: this is no YAML: found undefined alias 'b'"),
        ("a: \x07", "1:1: this is no YAML: unacceptable character"),
    ],
)
def test_what_is_no_conversation_is_refused(tmp_path: Path, text: str, expected: str) -> None:
    assert f"user_asks.yml:{expected}" in problem(tmp_path, text)


def test_what_is_no_text_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "user_asks.yml"
    path.write_bytes(b"\xff\xfe")

    with pytest.raises(FormatError, match="UTF-8"):
        load(path)


def test_every_conversation_of_the_project_can_be_read() -> None:
    assert len([load(path) for path in files()]) >= 150


def test_the_schema_names_what_the_contract_names() -> None:
    definitions = schema()["definitions"]
    kinds = reply_schema()["properties"]["referral"]["properties"]["kind"]["enum"]

    assert sorted(definitions["outcome"]["enum"]) == sorted(OUTCOMES)
    assert definitions["topic"]["enum"] == [*ANSWER_TOPICS, *SMALLTALK_TOPICS]
    assert definitions["channel"]["enum"] == list(CHANNELS)
    assert definitions["kind"]["enum"] == kinds
