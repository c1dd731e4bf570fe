"""Domain, rules, examples, actions and content name the same things."""

from __future__ import annotations

from collections import Counter
from typing import Any

import pytest
import yaml
from rasa_sdk.executor import ActionExecutor

from actions.base import ReplyAction
from actions.session import ActionSessionStart
from bot.content import load_content
from bot.nlu.payloads import ALLOWED
from bot.reply.outcomes import FALLBACK_INTENT, MORE_INTENT, part_of
from bot.settings import ROOT

FEWEST_EXAMPLES = 40
# They steer the conversation instead of asking for something of their own.
CONTROL = {FALLBACK_INTENT, MORE_INTENT}


def yaml_files(folder: str) -> list[dict[str, Any]]:
    files = sorted((ROOT / folder).glob("*.yml"))
    assert files
    return [yaml.load(path.read_bytes(), yaml.CSafeLoader) for path in files]


def listed(kind: str) -> list[str]:
    """Return the names that the domain's files list under a key."""
    return [name for file in yaml_files("bot/domain") for name in file.get(kind, ())]


INTENTS = listed("intents")


def examples() -> dict[str, set[str]]:
    """Return the different texts there are for each intent."""
    found: dict[str, set[str]] = {}
    for entry in (entry for file in yaml_files("data/nlu") for entry in file["nlu"]):
        lines = entry["examples"]
        if isinstance(lines, str):
            assert all(line.startswith("- ") for line in lines.splitlines()), entry["intent"]
            lines = [line[2:] for line in lines.splitlines()]
        else:
            lines = [example["text"] for example in lines]
        texts = {" ".join(line.lower().split()) for line in lines}
        found.setdefault(entry["intent"], set()).update(texts)
    return found


EXAMPLES = examples()


def rules() -> list[list[dict[str, str]]]:
    return [rule["steps"] for file in yaml_files("data/rules") for rule in file["rules"]]


def registered_actions() -> set[str]:
    """Return the names of the actions that the actions package defines."""
    executor = ActionExecutor()
    executor.register_package("actions")
    return {
        name
        for name, run in executor.actions.items()
        if run.__self__.__class__.__module__.startswith("actions.")
    }


def test_no_name_is_listed_twice() -> None:
    for kind in ("intents", "actions"):
        assert [name for name, count in Counter(listed(kind)).items() if count > 1] == []


@pytest.mark.parametrize("intent", INTENTS)
def test_every_intent_is_a_part_of_a_reply_or_steers(intent: str) -> None:
    if intent in CONTROL:
        with pytest.raises(ValueError, match=intent):
            part_of(intent)
    else:
        assert part_of(intent).outcome


@pytest.mark.parametrize("intent", INTENTS)
def test_every_intent_has_a_rule(intent: str) -> None:
    assert [steps for steps in rules() if steps[0] == {"intent": intent}]


@pytest.mark.parametrize("intent", [name for name in INTENTS if name != FALLBACK_INTENT])
def test_every_intent_has_enough_different_examples(intent: str) -> None:
    assert len(EXAMPLES[intent]) >= FEWEST_EXAMPLES


def test_every_example_has_an_intent_of_the_domain() -> None:
    assert set(EXAMPLES) == set(INTENTS) - {FALLBACK_INTENT}


def test_no_text_is_an_example_of_two_intents() -> None:
    counts = Counter(text for texts in EXAMPLES.values() for text in texts)
    assert [text for text, count in counts.items() if count > 1] == []


def test_every_rule_is_one_intent_and_one_action_of_the_domain() -> None:
    for steps in rules():
        intent, action = steps
        assert intent["intent"] in INTENTS
        assert action["action"] in listed("actions")


def test_only_an_invitation_to_comment_makes_a_comment_of_a_message() -> None:
    found = [rule for file in yaml_files("data/rules") for rule in file["rules"]]
    commenting = [r for r in found if r["steps"][1]["action"] == "action_feedback_comment"]
    invited = [{"slot_was_set": [{"offer": "comment"}]}]
    assert {rule["steps"][0]["intent"] for rule in commenting} == {
        "off_topic",
        FALLBACK_INTENT,
        "feedback_bad",
    }
    assert all(rule["condition"] == invited for rule in commenting)
    assert len({rule["rule"] for rule in found}) == len(found)


def test_the_domain_and_the_actions_package_name_the_same_actions() -> None:
    assert set(listed("actions")) == registered_actions()


def test_every_action_is_used_by_a_rule_or_by_rasa() -> None:
    used = {steps[1]["action"] for steps in rules()}
    assert set(listed("actions")) - used == {"action_session_start"}


def test_every_reply_action_keeps_the_common_slots() -> None:
    # All but the start of a session go the way of `ReplyAction`, which keeps them.
    executor = ActionExecutor()
    executor.register_package("actions")
    owners = [executor.actions[name].__self__ for name in registered_actions()]
    others = [type(owner) for owner in owners if not isinstance(owner, ReplyAction)]
    assert others == [ActionSessionStart]


def test_a_button_leads_to_every_intent_that_may_be_offered() -> None:
    assert set(INTENTS) >= ALLOWED - {"session_start"}
    labels = set(load_content().labels)
    assert {name for name in ALLOWED if not name.startswith("ask_")} - labels == {"session_start"}
