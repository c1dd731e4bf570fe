"""Proves that the claims still rest on the source: `python -m bot.content.sources DOCUMENT`.

Splits the source into sections and sentences, finds every passage again by its hash, and lists
the sentences that state a fact but carry no claim.
"""

from __future__ import annotations

import argparse
import re
import sys
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

from bot.content.loader import ENGLISH, ContentError, load_content
from bot.content.model import SECTIONS, Claim
from bot.content.reading import Entry, read_entries

HEADING = -1
BULLET = "- "
# The source has no heading over its close: it begins with the first paragraph after this list.
LISTED, CLOSE = SECTIONS[-2:]
_END = re.compile(r"(?:(?<=[.!?])|(?<=[.!?][\"'”’]))\s+(?=[\"'“‘(]?[A-Z])")
# A small letter that runs into a capital one, in a list line, is a line break that was lost.
_LOST_BREAK = re.compile(r"(?<=[a-z])(?=[A-Z][a-z])")


@dataclass(frozen=True)
class Sentence:
    """A sentence of the source; `index` counts within the section, a heading has HEADING."""

    section: str
    index: int
    text: str

    @property
    def sha256(self) -> str:
        """The hash of the exact sentence, without its list mark and outer white space."""
        return sha256(self.text.encode("utf-8")).hexdigest()

    @property
    def place(self) -> str:
        """Where it stands, for people."""
        where = "heading" if self.index == HEADING else f"sentence {self.index}"
        return f"{self.section}, {where}"


def split_document(text: str) -> tuple[Sentence, ...]:
    """Return the headings and sentences of the source in its order."""
    section, listing, counts = SECTIONS[0], False, dict.fromkeys(SECTIONS, 0)
    found: list[Sentence] = []
    for line in filter(None, (raw.strip() for raw in text.splitlines())):
        heading = line.replace("’", "'")
        if heading in SECTIONS:
            section, listing = heading, False
            found.append(Sentence(section, HEADING, line))
            continue
        if section == LISTED and listing and not line.startswith(BULLET):
            section = CLOSE
        listing = line.startswith(BULLET)
        for part in _sentences_of(line):
            found.append(Sentence(section, counts[section], part))
            counts[section] += 1
    return tuple(found)


def _sentences_of(line: str) -> list[str]:
    if line.startswith(BULLET):
        return _LOST_BREAK.split(line.removeprefix(BULLET).strip())
    return _END.split(line)


def check_sources(
    document: Sequence[Sentence], claims: Iterable[Claim], no_fact: Iterable[Entry]
) -> list[str]:
    """Return stale passages, stale exceptions and unused factual sentences, one line each."""
    claims, no_fact = list(claims), list(no_fact)
    used = {passage.sha256 for claim in claims for passage in claim.passages}
    excused = {(entry.data["section"], entry.data["sha256"]) for entry in no_fact}
    known = {(sentence.section, sentence.sha256) for sentence in document}
    return [
        *_stale_passages(document, claims),
        *(
            f"stale: no_fact {digest}: {section}: the sentence changed or is gone"
            for section, digest in sorted(excused - known)
        ),
        *(
            f"unused: {sentence.place}: {sentence.text}"
            for sentence in document
            if sentence.sha256 not in used and (sentence.section, sentence.sha256) not in excused
        ),
    ]


def _stale_passages(document: Sequence[Sentence], claims: Iterable[Claim]) -> Iterator[str]:
    places = {(sentence.section, sentence.index): sentence for sentence in document}
    by_hash = {sentence.sha256: sentence for sentence in document}
    for claim in claims:
        for passage in claim.passages:
            here = places.get((passage.section, passage.sentence))
            if here and here.sha256 == passage.sha256:
                continue
            moved = by_hash.get(passage.sha256)
            now = f"it is now {moved.place}" if moved else "the sentence changed or is gone"
            yield f"stale: claim {claim.id}: {passage.section}, sentence {passage.sentence}: {now}"


def main(arguments: Sequence[str] | None = None) -> int:
    """Check the content against the document named on the command line; 0 if all is proved.

    Raises:
        SystemExit: the document cannot be read, or the content files are not sound.
    """
    parser = argparse.ArgumentParser(prog="python -m bot.content.sources", description=__doc__)
    parser.add_argument("document", type=Path, help="the source as a text file")
    parser.add_argument("--content", type=Path, default=ENGLISH, help="directory of content files")
    options = parser.parse_args(arguments)
    try:
        document = split_document(options.document.read_text(encoding="utf-8"))
        claims = load_content(options.content).claims
    except (OSError, UnicodeDecodeError, ContentError) as error:
        parser.error(str(error))
    entries = read_entries(options.content).entries
    no_fact = [entry for entry in entries if entry.kind == "no_fact"]
    problems = check_sources(document, claims.values(), no_fact)
    summary = f"{len(document)} sentences, {len(claims)} claims: all passages in place\n"
    sys.stdout.write("\n".join([*problems, ""]) if problems else summary)
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
