"""A handful of training examples: enough for a head on the packaged encoder."""

from __future__ import annotations

from typing import Any

from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData

EXAMPLES = {
    "greet": (
        "hello",
        "hi there",
        "good morning",
        "hey you",
        "hiya",
        "good evening to you",
    ),
    "thanks": (
        "thank you",
        "thanks a lot",
        "cheers, much appreciated",
        "thank you so much",
        "many thanks for that",
        "ta",
    ),
    "ask_pain": (
        "does it ease pain",
        "can it help my aching joints",
        "headaches?",
        "it hurts",
        "will my sore muscles get better with ketamine",
        "I have had a headache since spring. Nothing helps. Would ketamine ease it?",
    ),
    "ask_fatigue": (
        "I am so tired",
        "can it help exhaustion",
        "no energy at all",
        "fatigue",
        "does ketamine help people who are worn out",
        "I sleep all day. I am still exhausted. Can ketamine help?",
    ),
    "crisis": (
        "I want to die",
        "I cannot go on living",
        "they would be better off without me",
        "suicide is all I think of",
        "I am going to end my life. Nobody can help.",
        "goodbye forever, I will not be here tomorrow",
    ),
}
BOTH = "does it help pain, and does it help tiredness, in the long run"


def example(text: str, intent: str, **metadata: Any) -> Message:
    """Return a training example as Rasa reads it from YAML."""
    made = Message.build(text, intent)
    if metadata:
        made.set("metadata", {"example": metadata})
    return made


def examples() -> TrainingData:
    """Return all of them, and one that holds three intents."""
    found = [example(text, intent) for intent, texts in EXAMPLES.items() for text in texts]
    both = example(BOTH, "ask_pain", also=["ask_fatigue", "ask_outlook"])
    return TrainingData([*found, both])
