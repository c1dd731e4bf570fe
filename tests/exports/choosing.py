"""What an export is made of: talks that another client can hold; what it leaves out, and why."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field

from tests.plugin.format import Conversation, Turn, Variant

# Returns whether a conversation cannot be held by the client; the rule's name says why.
Rule = Callable[[Conversation], bool]


def any_turn(test: Callable[[Turn], bool]) -> Rule:
    """A rule about one turn, for whole conversations."""
    return lambda talk: any(test(turn) for turn in talk.turns)


# What no client from outside can do, whichever it is.
COMMON: dict[str, Rule] = {
    "a fault is made": any_turn(lambda turn: bool(turn.given)),
    "time passes": any_turn(lambda turn: turn.pause > 0),
    "the user was here before": lambda talk: talk.returning,
}


@dataclass
class Tally:
    """What became of the conversations; `left_out` and `unseen` count by rule."""

    talks: int = 0
    turns: int = 0
    left_out: Counter[str] = field(default_factory=Counter)
    unseen: Counter[str] = field(default_factory=Counter)

    def lines(self, what: str) -> list[str]:
        """The tally in words, one line for each rule."""
        lines = [f"{self.talks} {what} with {self.turns} messages"]
        lines += [f"left out: {count} ({rule})" for rule, count in self.left_out.most_common()]
        lines += [f"not checked there: {count} x {key}" for key, count in self.unseen.most_common()]
        return lines


def chosen(
    talks: Iterable[Conversation], rules: dict[str, Rule], tally: Tally
) -> list[Conversation]:
    """Return the conversations that no rule leaves out; the others are counted by the first."""
    kept = []
    for talk in talks:
        rule = next((name for name, holds in rules.items() if holds(talk)), None)
        if rule is None:
            kept.append(talk)
        else:
            tally.left_out[rule] += 1
    return kept


def file_name(variant: Variant) -> str:
    """A name for the variant's file: its path with no folders in it."""
    stem = variant.conversation.name.removesuffix(".yml").replace("/", "__")
    return stem if variant.name == "as_written" else f"{stem}__{variant.name}"


def spoken(variant: Variant) -> Sequence[tuple[Turn, str | None]]:
    """The variant's turns, each with its words (None where a button is tapped)."""
    return list(zip(variant.conversation.turns, variant.words, strict=True))
