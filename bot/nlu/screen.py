"""Net of last resort: a few plain patterns for danger, for when the model cannot answer.

High precision, low recall by design: measured elsewhere, regular expressions alone find about a
third of crisis messages. It stands in for the classifier when that is down, never before it.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping

from bot.nlu.screen_patterns import CRISIS, CRISIS_ABROAD, EMERGENCY, EMERGENCY_ABROAD
from bot.nlu.text import clean, without_payload

# What may follow a sentence of another language: an end, or a word that starts something new.
_NEXT = (
    "y|e|et|und|en|i|pero|porque|mais|car|parce|aber|weil|denn|mas|ma|perche|maar|want|ale|bo|"
    "hoy|ahora|esta noche|ayuda|ce soir|maintenant|aide[zr]?|heute|jetzt|hilfe|hoje|agora|ajuda|"
    "stanotte|stasera|adesso|aiuto|vandaag|nu|help|now|dzis|teraz|pomocy"
)
# "I cannot breathe, when I climb the stairs" is a symptom.
_WHEN = "cuando|si|quand|lorsque|wenn|sobald|quando|se|als|wanneer|kiedy|gdy|jak"
_AFTER = rf"(?=\s*(?:$|[^\w\s'?-]|(?:{_NEXT})\b))(?!\s*,\s*(?:{_WHEN})\b)"
_DENIED = "".join(f"(?<!\\b{word} )" for word in ("no", "no me", "non", "non mi", "nao", "nie"))
# Letters that Unicode does not take apart into a plain one and a mark.
_WHOLE = str.maketrans({"ł": "l", "Ł": "L", "ß": "ss"})


def _net(english: tuple[str, ...], abroad: Mapping[str, tuple[str, ...]]) -> re.Pattern[str]:
    sentences = "|".join(row for rows in abroad.values() for row in rows)
    whole = rf"{_DENIED}\b(?:{sentences}){_AFTER}"
    return re.compile("|".join((*english, whole)), re.IGNORECASE)


_NETS = {"crisis": _net(CRISIS, CRISIS_ABROAD), "emergency": _net(EMERGENCY, EMERGENCY_ABROAD)}


def screen(text: str) -> str | None:
    """Return `crisis` or `emergency` if a pattern says so, else None. Crisis comes first."""
    words = [_bare(clean(part)) for part in dict.fromkeys((text, without_payload(text)))]
    # A line may end in the middle of a sentence, or end one.
    plain = {part.replace("\n", end) for part in words for end in (" ", ". ")}
    return next((o for o, net in _NETS.items() if any(net.search(p) for p in plain)), None)


def _bare(text: str) -> str:
    """Return the text without accents: many leave them out, and some add them as a disguise."""
    apart = unicodedata.normalize("NFD", text.translate(_WHOLE))
    return "".join(char for char in apart if unicodedata.category(char) != "Mn")
