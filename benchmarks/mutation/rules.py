"""Faults in the rules: the rule policy is trained again, in well under a second.

Rules live in the model archive as the policy's lookup table. What `rasa train core` does with them
is done here with the same classes: rules to trackers, trackers to the table. The understanding part
of the model is kept.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import yaml

from benchmarks.mutation.bench import Bench
from benchmarks.mutation.mutant import RefusedError
from bot.settings import ROOT

Rule = dict[str, Any]


@lru_cache(maxsize=1)
def rules() -> tuple[tuple[str, Rule], ...]:
    """Return every rule with its file, in the order of the files."""
    return tuple(
        (path.relative_to(ROOT).as_posix(), rule)
        for path in sorted((ROOT / "data" / "rules").glob("*.yml"))
        for rule in yaml.safe_load(path.read_text(encoding="utf-8"))["rules"]
    )


def intent_of(rule: Rule) -> str:
    """Return the intent that sets the rule off."""
    return next(str(step["intent"]) for step in rule["steps"] if "intent" in step)


def action_of(rule: Rule) -> str:
    """Return the rule's action."""
    return next(str(step["action"]) for step in rule["steps"] if "action" in step)


def with_action(rule: Rule, action: str) -> Rule:
    """Return the rule with another action."""
    steps = [{"action": action} if "action" in step else step for step in rule["steps"]]
    return {**rule, "steps": steps}


def lookup(bench: Bench, found: list[Rule]) -> dict[str, Any]:
    """Return the table that the rule policy learns from these rules.

    Raises:
        RefusedError: they contradict each other, or cannot be read.
    """
    from rasa.core.policies.rule_policy import InvalidRule, RulePolicy
    from rasa.engine.graph import ExecutionContext, GraphSchema
    from rasa.engine.storage.local_model_storage import LocalModelStorage
    from rasa.engine.storage.resource import Resource
    from rasa.shared.core.generator import TrainingDataGenerator
    from rasa.shared.core.training_data.story_reader.yaml_story_reader import YAMLStoryReader
    from rasa.shared.core.training_data.structures import StoryGraph

    folder = bench.folder / "policy"
    folder.mkdir()
    node = bench.node("RulePolicy")
    steps = YAMLStoryReader().read_from_parsed_yaml({"version": "3.1", "rules": found})
    domain = bench.agent.domain
    trackers = TrainingDataGenerator(StoryGraph(steps), domain, augmentation_factor=0).generate()
    policy = RulePolicy.create(
        dict(node._component_config),
        LocalModelStorage(Path(folder)),
        Resource("rules"),
        ExecutionContext(GraphSchema({})),
    )
    try:
        policy.train(trackers, domain)
    except InvalidRule as error:
        raise RefusedError(str(error)) from error
    table: dict[str, Any] = policy.lookup
    return table


@dataclass(frozen=True)
class RuleChange:
    """Other rules in the place of some: `None` for a rule that is dropped."""

    instead: tuple[tuple[str, Rule | None], ...]

    def apply(self, bench: Bench) -> None:
        """Train the rule policy on the changed rules and put its table into the loaded model."""
        changed = dict(self.instead)
        found = [changed.get(rule["rule"], rule) for _, rule in rules()]
        kept = [rule for rule in found if rule is not None]
        bench.node("RulePolicy")._component.lookup = lookup(bench, kept)
