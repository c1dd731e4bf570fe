"""Writes conversations as Botium convos (`.convo.txt`), one file for each paraphrase.

What a convo can see is a reply's texts, its buttons, and its machine-readable message (by JSON
path). Measured on botium-core 1.15.13: `!JSON_PATH path` without a value never fails, and
`JSON_PATH_COUNT` of an object is 0 whatever it holds; so absence is asked of strings and lists.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from bot.content import load_content
from tests.exports.choosing import COMMON, Tally, any_turn, chosen, file_name, spoken
from tests.plugin.format import Conversation, Turn, Variant

# Replies come in after the request is done: without a pause, the last extra one goes unseen.
END = ["#end", "PAUSE 150", "BOT_CONSUMED"]
# Words that Botium takes as orders where they begin a line of what the user says.
ORDERS = [
    "ASSIGN_SCRIPTING_MEMORY",
    "BUTTON",
    "CLEAR_SCRIPTING_MEMORY",
    "CONDITIONAL_STEP_BUSINESS_HOURS",
    "CONDITIONAL_STEP_CAPABILITY_VALUE_BASED",
    "CONDITIONAL_STEP_JSON_PATH_BASED",
    "CONDITIONAL_STEP_TIME_BASED",
    "CONVO_STEP_PARAMETERS",
    "FORM",
    "INCLUDE",
    "MEDIA",
    "ORDERED_LIST_TO_BUTTON",
    "PAUSE",
    "SET_SCRIPTING_MEMORY",
    "SKIP_BOT_UNCONSUMED",
    "UPDATE_CUSTOM",
    "WAITFORBOT",
    "#me",
    "#bot",
    "#begin",
    "#end",
    "#include",
]
# Checks that need more than the reply.
UNSEEN = {"row": "row (only its reference is)", "grade": "grade", "words": "words"}


def _is_json(text: str) -> bool:
    try:
        return isinstance(json.loads(" ".join(text.split("\n"))), (dict, list))
    except ValueError:
        return False


def _is_order(text: str) -> bool:
    return any(line.lstrip("?!").split(" ")[0] in ORDERS for line in text.split("\n"))


RULES = {
    **COMMON,
    "it is not held over REST": lambda talk: "rest" not in talk.channels,
    "a message is empty": any_turn(lambda turn: any(not text.strip() for text in turn.words)),
    "a message has blanks at its end": any_turn(
        lambda turn: any(text != text.rstrip("\n\t\r") for text in turn.words)
    ),
    "a message is JSON": any_turn(lambda turn: any(map(_is_json, turn.words))),
    "a message is an order to Botium": any_turn(lambda turn: any(map(_is_order, turn.words))),
}


def export(talks: Iterable[Conversation], folder: Path) -> Tally:
    """Write a convo for each paraphrase of each conversation that Botium can hold.

    Raises:
        KeyError: a turn taps a button whose title the content does not have.
    """
    tally = Tally()
    folder.mkdir(parents=True, exist_ok=True)
    for talk in chosen(talks, RULES, tally):
        for variant in talk.variants():
            path = folder / f"{file_name(variant)}.convo.txt"
            path.write_text(convo(variant), encoding="utf-8", newline="")
            tally.talks += 1
            tally.turns += len(talk.turns)
            keys = (key for turn in talk.turns for key in turn.checks if key in UNSEEN)
            tally.unseen.update(UNSEEN[key] for key in keys)
    return tally


def convo(variant: Variant) -> str:
    """Return the text of a convo."""
    turns = spoken(variant)
    lines = [file_name(variant), f"  {_line(variant.conversation.about)}", ""]
    for place, (turn, words) in enumerate(turns):
        after = turns[place + 1][0].button if place + 1 < len(turns) else None
        lines += ["#me", *_said(turn, words), "", "#bot", *asserters(turn, after), ""]
    return "\n".join([*lines, *END, ""])


def _said(turn: Turn, words: str | None) -> list[str]:
    if words is None:
        return [f"BUTTON {payload_of(str(turn.button))}"]
    # "?" and "!" at the start mean optional and not; doubled, they mean themselves.
    mark = words[0] if words[0] in "?!" else ""
    return [mark + words]


def payload_of(button: str) -> str:
    """Return what tapping a button sends; buttons are named by title or payload.

    Raises:
        KeyError: the content has no button of that title.
    """
    if button.startswith("/"):
        return button
    content = load_content()
    titles = {label: f"/{name}" for name, label in content.labels.items()}
    titles |= {answer.question: f"/ask_{topic}" for topic, answer in content.answers.items()}
    return titles[button]


def asserters(turn: Turn, tapped: str | None = None) -> list[str]:
    """Return the lines that check the reply to a turn, and that the button tapped next is there."""
    checks = turn.checks
    lines = [_path("outcome", turn.outcome)]
    if "topic" in checks:
        lines.append(_path("topic", turn.topic or ""))
    lines += list(_parts(checks.get("parts")))
    if turn.texts("contains"):
        lines.append(_of("TEXT_CONTAINS_ALL", turn.texts("contains")))
    if turn.texts("lacks"):
        lines.append(_of("!TEXT_CONTAINS_ANY", turn.texts("lacks")))
    lines += list(_listed(checks.get("disclaimers"), "disclaimers", "disclaimers[*]"))
    lines += list(_listed(checks.get("sources"), "sources", "sources[*].section"))
    lines += list(_listed(checks.get("claims"), "sources", "sources[*].claims[*]"))
    lines += list(_listed(checks.get("contacts"), "referral.contacts", "referral.contacts[*].id"))
    lines += list(_referral(checks.get("referral")))
    lines += list(_buttons(checks.get("buttons"), tapped))
    if "row" in checks:
        lines.append(_path("escalation") if checks["row"] else _none("escalation"))
    return lines


def _parts(parts: list[dict[str, str]] | None) -> Iterator[str]:
    if parts is None:
        return
    yield f"JSON_PATH_COUNT $[*].custom.parts|={len(parts)}"
    for place, part in enumerate(parts):
        for key, value in part.items():
            yield _path(f"parts[{place}].{key}", value)


def _listed(wanted: list[str] | None, whole: str, each: str) -> Iterator[str]:
    """Lines for a list that must hold these values; for `[]`, that it is empty or missing."""
    if wanted == []:
        yield _none(whole)
    yield from (_path(each, value) for value in wanted or ())


def _referral(wanted: Any) -> Iterator[str]:
    if wanted is False:
        yield _none("referral.kind")
    elif wanted is not None:
        kind = wanted if isinstance(wanted, str) else wanted["kind"]
        yield _path("referral.kind", kind)
        who = wanted.get("who", ()) if isinstance(wanted, dict) else ()
        yield from (_path("referral.who[*]", name) for name in who)


def _buttons(wanted: list[str] | None, tapped: str | None) -> Iterator[str]:
    if wanted == []:
        yield "BUTTONS_COUNT =0"
    names = [*(wanted or ()), *([tapped] if tapped else ())]
    if names:
        # Payloads are compared as JSON, hence in quotes.
        shown = [f'"{name}"' if name.startswith("/") else name for name in names]
        yield _of("BUTTONS", shown)


def _path(path: str, value: str | None = None) -> str:
    found = f"JSON_PATH $[*].custom.{path}"
    return found if value is None else f"{found}|{_argument(value)}"


def _none(path: str) -> str:
    return f"JSON_PATH_COUNT $[*].custom.{path}|=0"


def _of(name: str, values: Iterable[str]) -> str:
    return f"{name} {'|'.join(map(_argument, values))}"


def _argument(value: str) -> str:
    return _line(value).replace("|", "\\|")


def _line(text: str) -> str:
    """The text on one line; Botium, too, takes any white space as one blank."""
    return " ".join(text.split())
