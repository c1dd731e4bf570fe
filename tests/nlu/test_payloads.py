"""The gate for button payloads: allowed names only, and no words skipped."""

import importlib
from typing import Any

import pytest
import yaml
from rasa.engine.graph import ExecutionContext, GraphModelConfiguration
from rasa.engine.recipes.recipe import Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.nlu.classifiers.regex_message_handler import RegexMessageHandler
from rasa.plugin import plugin_manager
from rasa.shared.nlu.constants import INTENT, TEXT
from rasa.shared.nlu.training_data.message import Message

import bot.nlu
from bot.nlu import payloads
from bot.nlu.decision import DECISION
from bot.nlu.payloads import ALLOWED, AllowedPayloads
from bot.reply.outcomes import ANSWER_TOPICS, SMALLTALK_TOPICS, can_offer
from bot.settings import ROOT

READ = {"name": "crisis", "confidence": 0.9}
DECIDED = {"parts": [{"outcome": "crisis"}]}


@pytest.fixture
def gate(storage: ModelStorage, context: ExecutionContext) -> AllowedPayloads:
    made = AllowedPayloads.create({}, storage, Resource("gate"), context)
    assert isinstance(made, AllowedPayloads)
    return made


def passed(gate: AllowedPayloads, text: str | None) -> Message:
    """Return a message after the gate, which the pipeline before it has read as a crisis."""
    message = Message({TEXT: text, INTENT: dict(READ), DECISION: dict(DECIDED)})
    assert gate.process([message]) == [message]
    return message


@pytest.mark.parametrize(
    ("text", "intent", "parts"),
    [
        ("/ask_pain", "ask_pain", [{"outcome": "answer", "topic": "pain"}]),
        (" /ask_pain\n", "ask_pain", [{"outcome": "answer", "topic": "pain"}]),
        ("/greet", "greet", [{"outcome": "smalltalk", "topic": "greet"}]),
        ("/start", "greet", [{"outcome": "smalltalk", "topic": "greet"}]),
        ("/help", "capabilities", [{"outcome": "smalltalk", "topic": "capabilities"}]),
        ("/forget_me", "forget_me", [{"outcome": "smalltalk", "topic": "privacy"}]),
        ("/human", "human", [{"outcome": "human"}]),
        ("/emergency", "emergency", [{"outcome": "emergency"}]),
        ("/ask_more", "ask_more", []),
        ("/session_start", "session_start", []),
    ],
)
def test_an_allowed_payload_is_its_intent(
    gate: AllowedPayloads, text: str, intent: str, parts: list[dict[str, str]]
) -> None:
    message = passed(gate, text)
    assert message.get(INTENT) == {"name": intent, "confidence": 1.0}
    assert message.get("intent_ranking") == [{"name": intent, "confidence": 1.0}]
    assert message.get(DECISION) == {"parts": parts}
    shown = message.as_dict(only_output_properties=True)
    assert {INTENT, "intent_ranking", DECISION} <= set(shown)


@pytest.mark.parametrize(
    "text",
    [
        "/greet{} i want to kill myself",
        '/greet{"crisis_open": false}',
        "/greet i want to die",
        "/greet@0.9",
        "i want to die /greet",
        "//greet",
        "/GREET",
        "/restart",
        "/back",
        "/nlu_fallback",
        "/dosing",
        "/personal_advice",
        "/off_topic",
        "/ask_everything",
        "/",
        "greet",
        "",
        None,
    ],
)
def test_every_other_text_stays_as_the_pipeline_has_read_it(
    gate: AllowedPayloads, text: str | None
) -> None:
    message = passed(gate, text)
    assert (message.get(INTENT), message.get(DECISION)) == (READ, DECIDED)
    assert message.get("entities") is None


def test_every_topic_can_be_asked_for_by_a_button() -> None:
    assert {f"ask_{topic}" for topic in ANSWER_TOPICS} <= ALLOWED


def test_what_the_bot_offers_can_be_sent_as_a_button() -> None:
    assert set(filter(can_offer, (*SMALLTALK_TOPICS, "human"))) <= ALLOWED


def graph_of() -> GraphModelConfiguration:
    config: dict[str, Any] = yaml.safe_load((ROOT / "config.yml").read_text(encoding="utf-8"))
    recipe = Recipe.recipe_for_name("default.v1")
    return recipe.graph_config_for_recipe(config, {})


def test_a_trained_model_has_the_gate_where_rasa_has_its_own_handler() -> None:
    used = [node.uses for node in graph_of().predict_schema.nodes.values()]
    assert used.count(AllowedPayloads) == 1
    assert RegexMessageHandler not in used


def test_without_the_hook_rasa_takes_any_payload() -> None:
    # Shows that the test above would notice if the hook did nothing.
    plugin_manager().unregister(payloads)
    try:
        used = [node.uses for node in graph_of().predict_schema.nodes.values()]
    finally:
        plugin_manager().register(payloads)
    assert used.count(RegexMessageHandler) == 1
    assert AllowedPayloads not in used


def test_importing_the_package_registers_the_hook_once() -> None:
    plugin_manager().unregister(payloads)
    importlib.reload(bot.nlu)
    assert plugin_manager().is_registered(payloads)
    importlib.reload(bot.nlu)
    assert list(plugin_manager().get_plugins()).count(payloads) == 1
