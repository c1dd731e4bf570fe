"""Lean serving: Rasa without TensorFlow, scikit-learn and matplotlib, which serving never uses.

Importing Rasa's server pulls them in through a few modules that serving a pipeline without DIET or
TED, and without Rasa's HTTP API, never calls. Marking TensorFlow absent and standing empty modules
in for those roughly halves start-up time and memory (`make bench` measures both ways side by
side). Training, `rasa test` and `rasa run` do not come through here and work as Rasa ships them.
"""

from __future__ import annotations

import sys
import types
import warnings
from typing import Any

_VALIDATOR = "rasa.graph_components.validators.default_recipe_validator"
_STAND_INS: dict[str, dict[str, Any]] = {
    # Helpers of the TensorFlow models, imported for names that only those models use.
    "rasa.utils.train_utils": {},
    # Registers every component of Rasa by name; a stored model names classes by module path.
    "rasa.engine.recipes.default_components": {},
    # Checks a configuration before training; its class is only named at load.
    _VALIDATOR: {"DefaultV1RecipeValidator": type("DefaultV1RecipeValidator", (), {})},
    # Batches for TensorFlow models; named by featurizers that RulePolicy does without.
    "rasa.utils.tensorflow.model_data": {"ragged_array_to_ndarray": None},
    "rasa.utils.tensorflow.model_data_utils": {},
    # Evaluation by Rasa's HTTP API, which is never switched on.
    "rasa.core.test": {"test": None},
    "rasa.nlu.test": {"CVEvaluationResult": object},
}


def keep_tensorflow_out() -> None:
    """Make later imports of Rasa skip TensorFlow. Call it before the first import of Rasa.

    Raises:
        RuntimeError: Rasa or TensorFlow is imported already.
    """
    if "rasa" in sys.modules or sys.modules.get("tensorflow") is not None:
        raise RuntimeError("keep_tensorflow_out() must run before Rasa is imported.")
    sys.modules["tensorflow"] = None  # type: ignore[assignment]
    for name, members in _STAND_INS.items():
        module = types.ModuleType(name)
        vars(module).update(members)
        sys.modules[name] = module


def hush() -> None:
    """Keep the dependencies' deprecations of each other out of an operator's log."""
    # Sanic switches them on when imported, so it must be imported first.
    import sanic  # noqa: F401

    for category in (DeprecationWarning, PendingDeprecationWarning, SyntaxWarning):
        warnings.simplefilter("ignore", category)
