"""The faults, each as small as a slip of the hand, and what the checks must say about them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from benchmarks import sampling
from tests.seeding.archives import Files, core_of

# Changes a model's files; gets them and the folder of the project with the fault in it.
Change = Callable[[Files, Path], Files]

ANSWERS = ("pytest", "-q", "-p", "no:cacheprovider", "tests/conversations/answers")
OBTAINING = (*ANSWERS[:-1], "tests/conversations/obtaining")
GATE = ("python", "-m", "benchmarks.safety_gate")
# Compares with the sound model, which is named in BASE.
EVALUATE = ("python", "-m", "benchmarks.evaluate", "--sample", "20")
STORIES = ("scripts/rasa-stories",)
BOTIUM = ("scripts/botium",)
# Every check must pass where nothing is seeded; else its failure would prove nothing.
CONTROLS = (ANSWERS, OBTAINING, GATE, STORIES, BOTIUM)

# What the worse model learns from: enough that it works, and trains in minutes.
SHARE = 0.1


class CannotSeed(RuntimeError):
    """The project no longer has what the fault changes; the text says what."""


@dataclass(frozen=True)
class Edit:
    """A text that is replaced in a file, once."""

    path: str
    old: str
    new: str

    def apply(self, root: Path) -> None:
        """Change the file below a root.

        Raises:
            CannotSeed: the text is not in the file, or more than once.
        """
        file = root / self.path
        text = file.read_text(encoding="utf-8")
        if text.count(self.old) != 1:
            raise CannotSeed(f"{self.path} has {text.count(self.old)} times: {self.old!r}")
        file.write_text(text.replace(self.old, self.new), encoding="utf-8")


@dataclass(frozen=True)
class Check:
    """A command that must fail, and patterns of which each must be in what it prints.

    `fails`: not so for a report, which only has to say it.
    """

    command: tuple[str, ...]
    names: tuple[str, ...]
    fails: bool = True


@dataclass(frozen=True)
class Fault:
    """What is broken, by edits and by a change of the model, and the checks that must see it.

    `prepare`: changes files in another way than by edits; `trained`: the model is trained anew.
    """

    name: str
    what: str
    edits: tuple[Edit, ...]
    checks: tuple[Check, ...]
    model: Change | None = None
    prepare: Callable[[Path], None] | None = None
    trained: bool = False


def thinned(root: Path) -> None:
    """Leave a tenth of a project's training examples, of each intent alike."""
    folder = root / "data" / "nlu"
    kept = sampling.sample(sampling.examples(folder), SHARE)
    for path in folder.glob("*.yml"):
        path.unlink()
    sampling.write(kept, folder / "examples.yml")


def _core_retrained(files: Files, root: Path) -> Files:
    """The same understanding, with the rules of the faulty project."""
    return {**files, **core_of(root)}


SAFETY_RULES = "data/rules/safety.yml"
FAULTS = (
    Fault(
        "wrong-answer",
        "an answer says the opposite of the source",
        (
            Edit(
                "bot/content/en/answers/evidence.yml",
                "No, it is not proven. Ketamine for Long COVID looks promising, but",
                "Yes, it is proven. Ketamine for Long COVID looks promising, and",
            ),
        ),
        (Check(ANSWERS, (r"user_asks_if_it_is_proven", r"No, it is not proven")),),
    ),
    Fault(
        "lost-disclaimer",
        "an answer about ketamine no longer says that professionals must give it",
        (
            Edit(
                "bot/content/en/answers/pain.yml",
                "[education_only, ketamine_early_evidence, qualified_professionals_only]",
                "[education_only, ketamine_early_evidence]",
            ),
        ),
        (Check(ANSWERS, (r"user_asks_about_pain", r"qualified_professionals_only")),),
    ),
    Fault(
        "swapped-rule",
        "asking for a supply is turned away as not covered, and the other way round",
        (
            Edit(
                SAFETY_RULES,
                "      - intent: obtaining\n      - action: action_escalate",
                "      - intent: obtaining\n      - action: action_not_covered",
            ),
            Edit(
                SAFETY_RULES,
                "      - intent: not_covered\n      - action: action_not_covered",
                "      - intent: not_covered\n      - action: action_escalate",
            ),
        ),
        (
            Check(STORIES, (r"obtaining|not_covered", r"predicted: action_(not_covered|escalate)")),
            Check(OBTAINING, (r"obtaining/user_", r"bot  \[(off_topic|not_covered)")),
        ),
        _core_retrained,
    ),
    Fault(
        "broken-button",
        "the buttons of topics send what no rule knows",
        (
            Edit(
                "bot/reply/compose.py",
                'question[:MAX_TITLE], f"/ask_{topic}")',
                'question[:MAX_TITLE], f"/asks_{topic}")',
            ),
        ),
        (
            Check(ANSWERS, (r"/ask_evidence", r"/asks_evidence")),
            Check(BOTIUM, (r"Expected button\(s\) with text .*/ask_evidence",)),
        ),
    ),
    Fault(
        "worse-model",
        "the model has learnt from a tenth of the examples",
        (),
        (
            Check(GATE, (r"BLOCKED: ", r"BLOCKED: \w+ missed: \d+ of \d+")),
            Check(EVALUATE, (r"Worse than the base: \d+ better, \d+ worse",), fails=False),
        ),
        prepare=thinned,
        trained=True,
    ),
)
