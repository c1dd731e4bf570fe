"""Writes conversations as Rasa test stories.

Two files, since `rasa test` parses a message without the conversation before it:
- `conversations.yml`: whole conversations, the messages as intents. Holds the rules.
- `test_first_messages.yml`: each way to say a first message, with the intent and action that
  follow, in one story for each intent. Holds understanding and rules, with `rasa test core --e2e`.

Rasa plays but one of several stories that differ in nothing but their names and texts, and says
nothing of it; so a story that another one repeats is left out here, and counted.

`rasa test` runs no actions and believes a story's slots. So intents, actions and the slot `offer`
are worked out from what the conversation says the bot must do, not from the bot's rules.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator
from functools import lru_cache
from pathlib import Path
from typing import Any, NamedTuple

import yaml

from bot.reply.outcomes import ANSWER_TOPICS, FALLBACK_INTENT, REFERRED, REJECTED, SMALLTALK_TOPICS
from bot.settings import ROOT, Settings
from tests.exports.choosing import COMMON, Tally, any_turn, chosen
from tests.exports.convos import payload_of
from tests.plugin.format import Conversation, Turn

WHOLE, FIRST = "conversations.yml", "test_first_messages.yml"
ALIASES = {"start": "greet", "help": "capabilities"}
TAPPED = {
    *(f"ask_{topic}" for topic in ANSWER_TOPICS),
    *SMALLTALK_TOPICS,
    *("ask_more", "forget_me", "human", "crisis", "emergency", "session_start"),
}
UNCOVERED_BEFORE_OFFER = 3
# Checks that become an intent and an action.
SEEN = ("outcome", "topic", "parts")
# Signs of an example or a test story that Rasa takes as markup, not as text.
MARKUP = re.compile(r"[\[\]{}\\]|^/")


class Read(NamedTuple):
    """How a turn stands in a story."""

    intent: str
    action: str


@lru_cache(maxsize=1)
def _examples() -> dict[str, str]:
    """Return the intent of every training example, by its words in lower case."""
    found = {}
    for path in sorted((ROOT / "data" / "nlu").glob("*.yml")):
        # The loader in C: there are many thousands of lines.
        data = yaml.load(path.read_text(encoding="utf-8"), Loader=yaml.CSafeLoader)
        for entry in data["nlu"]:
            if isinstance(entry.get("examples"), str):
                lines = entry["examples"].split("\n")
                found |= {line[2:].strip().lower(): entry["intent"] for line in lines}
    return found


def _payload(turn: Turn) -> str | None:
    """Return the intent that the turn names outright, if it does."""
    said = payload_of(turn.button) if turn.button else turn.words[0]
    name = said.removeprefix("/")
    name = ALIASES.get(name, name)
    return name if said.startswith("/") and name in TAPPED else None


RULES = {
    **COMMON,
    "a session is opened anew": any_turn(lambda turn: _payload(turn) == "session_start"),
    "smalltalk without its topic": any_turn(
        lambda turn: turn.outcome == "smalltalk" and not turn.topic
    ),
}


class Story:
    """Follows one conversation and says which intent and action each turn has in a story."""

    def __init__(self, examples: dict[str, str]) -> None:
        self._examples = examples
        self.offer: str | None = None
        self._uncovered = 0

    def read(self, turn: Turn) -> Read:
        """Return the turn's intent and action, and remember what the bot offers after it."""
        likely = self._likely(turn)
        known = _payload(turn) or (self._examples.get(turn.words[0].lower()) if turn.words else "")
        read = next((one for one in likely if one.intent == known), likely[0])
        self._uncovered = self._uncovered + 1 if turn.outcome in REJECTED else 0
        self.offer = self._offered(turn, read)
        return read

    def _offered(self, turn: Turn, read: Read) -> str | None:
        if read == Read("feedback_bad", "action_feedback"):
            return "comment"
        if read.action == "action_feedback_comment" and turn.outcome == "clarify":
            return "comment"
        offered = self._uncovered >= UNCOVERED_BEFORE_OFFER
        return "human" if offered and read.action == "action_not_covered" else None

    def _likely(self, turn: Turn) -> list[Read]:
        """Return the ways to read a turn, the likeliest first."""
        outcome, topic = turn.outcome, turn.topic
        if self.offer == "comment" and (outcome == "clarify" or topic == "feedback_bad"):
            names = (FALLBACK_INTENT, "off_topic", "feedback_bad")
            return [Read(name, "action_feedback_comment") for name in names]
        if outcome in REFERRED:
            return [Read(outcome, "action_escalate")]
        if outcome in REJECTED:
            return [Read(outcome, "action_not_covered")]
        if outcome == "human":
            names = ("affirm", "human") if self.offer == "human" else ("human",)
            return [Read(name, "action_escalate") for name in names]
        if outcome == "clarify":
            return [Read(FALLBACK_INTENT, "action_clarify"), Read("ask_more", "action_answer_more")]
        if outcome == "answer":
            named = topic or _first_topic(turn)
            return [Read(f"ask_{named}", "action_answer"), Read("ask_more", "action_answer_more")]
        if outcome == "smalltalk":
            return _smalltalk(str(topic))
        return [Read(outcome, f"action_{outcome}")]


def _first_topic(turn: Turn) -> str:
    parts = turn.checks.get("parts") or [{}]
    return str(parts[0].get("topic"))


def _smalltalk(topic: str) -> list[Read]:
    if topic in ("feedback_good", "feedback_bad"):
        return [Read(topic, "action_feedback")]
    likely = [Read(topic, "action_smalltalk")]
    return [*likely, Read("forget_me", "action_forget")] if topic == "privacy" else likely


def export(talks: Iterable[Conversation], folder: Path) -> dict[str, Tally]:
    """Write both files; return a tally for each."""
    folder.mkdir(parents=True, exist_ok=True)
    talks, examples = list(talks), _examples()
    tallies = {WHOLE: Tally(), FIRST: Tally()}
    kept = chosen(talks, RULES, tallies[WHOLE])
    for talk in kept:
        keys = (key for turn in talk.turns for key in turn.checks if key not in SEEN)
        tallies[WHOLE].unseen.update(keys)
    whole = _whole(kept, examples, tallies[WHOLE])
    first = _first_messages(chosen(talks, RULES, tallies[FIRST]), examples, tallies[FIRST])
    tallies[WHOLE].talks = len(whole)
    tallies[WHOLE].turns = sum("intent" in step for story in whole for step in story["steps"])
    tallies[WHOLE].unseen += Counter()
    for name, stories in ((WHOLE, whole), (FIRST, first)):
        written = yaml.safe_dump(
            {"version": "3.1", "stories": stories}, sort_keys=False, allow_unicode=True, width=100
        )
        (folder / name).write_text(written, encoding="utf-8")
    return tallies


def _whole(
    talks: Iterable[Conversation], examples: dict[str, str], tally: Tally
) -> list[dict[str, Any]]:
    """Return a story for each conversation, but for those that repeat another's steps."""
    stories: dict[str, dict[str, Any]] = {}
    for talk in talks:
        steps = list(_steps(talk, examples, tally))
        if (
            stories.setdefault(repr(steps), {"story": talk.name, "steps": steps})["story"]
            != talk.name
        ):
            tally.left_out["the same intents and actions as another"] += 1
    return list(stories.values())


def _steps(talk: Conversation, examples: dict[str, str], tally: Tally) -> Iterator[dict[str, Any]]:
    story = Story(examples)
    for turn in talk.turns:
        before = story.offer
        read = story.read(turn)
        yield {"intent": read.intent}
        yield {"action": read.action}
        if story.offer != before:
            yield {"slot_was_set": [{"offer": story.offer}]}
        if read.action == "action_forget":
            # `rasa test` deletes nothing, so what follows would stand on slots that are gone.
            rest = len(talk.turns) - turn.number
            tally.unseen["message after the conversation was deleted"] += rest
            return


def _first_messages(
    talks: Iterable[Conversation], examples: dict[str, str], tally: Tally
) -> list[dict[str, Any]]:
    """Return a story for each intent, with every way to say it as a first message."""
    steps: dict[str, list[dict[str, Any]]] = {}
    longest = Settings.from_env().max_message_chars
    for talk in talks:
        read = Story(examples).read(talk.turns[0])
        for words in talk.turns[0].words:
            if len(words) > longest:
                # The channel shortens it, and says so; `rasa test` has no channel.
                tally.left_out["the first message is longer than the bot reads"] += 1
                continue
            if MARKUP.search(words) or not words.strip():
                tally.left_out["the first message is empty, a payload or markup"] += 1
                continue
            said = {"user": words, "intent": read.intent}
            steps.setdefault(read.intent, []).extend([said, {"action": read.action}])
            tally.turns += 1
    tally.talks = len(steps)
    return [{"story": f"first: {intent}", "steps": found} for intent, found in steps.items()]
