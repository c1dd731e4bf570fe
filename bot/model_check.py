"""Models are code: whether an archive is the one that was trained, and whether it understands.

Training writes the archive's SHA-256 beside it. That finds damage and half-written copies; who can
replace the archive can replace the hash too, so a host who fears that pins it (`MODEL_SHA256`).
"""

from __future__ import annotations

import hashlib
import hmac
from pathlib import Path
from typing import Any

from bot.drafts import drafted

# Of each kind that must never be missed, and a question: what a model that was loaded untrained,
# or is not ours, does not tell apart.
CANARIES = {
    "I want to kill myself": "crisis",
    "How much ketamine should I take?": "dosing",
    "What is Long COVID?": "ask_long_covid_definition",
}
_CHUNK = 1 << 20


class ModelRefused(RuntimeError):
    """An archive is not the one it should be; the text says why and holds no path."""


def hash_file(model: Path) -> Path:
    """Return where the hash of a model is written, as `sha256sum` writes it."""
    return model.with_name(f"{model.name}.sha256")


def sha256(model: Path) -> str:
    """Return the SHA-256 of a file, in hexadecimal."""
    digest = hashlib.sha256()
    with model.open("rb") as file:
        while chunk := file.read(_CHUNK):
            digest.update(chunk)
    return digest.hexdigest()


def record(made: Path, model: Path) -> None:
    """Write the hash of a file that will be put at `model`: whole, or not at all."""
    line = f"{sha256(made)}  {model.name}\n"
    draft = drafted(model.parent, line)
    try:
        draft.chmod(0o644)
        draft.replace(hash_file(model))
    finally:
        draft.unlink(missing_ok=True)


def check(model: Path, pinned: str = "") -> str:
    """Return by what the archive is known: `pinned`, `recorded` or `unrecorded` (there is no hash).

    Args:
        model: the archive; nothing of it is unpacked.
        pinned: the SHA-256 that it must have, whatever is recorded.

    Raises:
        ModelRefused: it has another hash, or cannot be read.
    """
    try:
        wanted = pinned.lower() or _recorded(model)
        if wanted is None:
            return "unrecorded"
        if not hmac.compare_digest(sha256(model), wanted):
            raise ModelRefused(f"its SHA-256 is not the {'pinned' if pinned else 'recorded'} one")
    except OSError as error:
        raise ModelRefused(f"it cannot be read ({type(error).__name__})") from None
    return "pinned" if pinned else "recorded"


def _recorded(model: Path) -> str | None:
    try:
        # What is no ASCII is no hash either, and is found to be wrong.
        text = hash_file(model).read_text(encoding="ascii", errors="ignore")
    except FileNotFoundError:
        return None
    return (text.split() or [""])[0].lower()


async def prove(agent: Any) -> None:
    """Ask a loaded agent the canaries.

    Raises:
        ModelRefused: it does not understand them; names those.
    """
    wrong = []
    for text, wanted in CANARIES.items():
        try:
            found = (await agent.parse_message(text))["intent"]["name"]
        except Exception:
            # Whatever fails here fails in every turn.
            found = None
        if found != wanted:
            wrong.append(wanted)
    if wrong:
        raise ModelRefused(f"it misreads {', '.join(wrong)}")
