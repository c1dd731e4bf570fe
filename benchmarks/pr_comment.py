"""Writes the one comment of a pull request: `python3 -m benchmarks.pr_comment REPORTS`.

Reads what is in the folder of `junit*.xml`, `bot-coverage.json`, `evaluation.json`, `gate.json` and
`mutation.json`, and names what is not. Prints Markdown, or with `--post OWNER/REPO NUMBER` writes
it to the pull request, over the comment of the run before (needs GITHUB_TOKEN).

Needs nothing but Python 3.9, so that it can run where the project is not installed, on reports
that somebody else's code wrote: all of their text is shown as text.
"""

from __future__ import annotations

import argparse
import os
import sys
from pathlib import Path

from benchmarks import report_files as files
from benchmarks.github import CommentError, post
from benchmarks.report_files import Section

MARKER = "<!-- conversation-tests -->"
# GitHub takes 65,536 characters.
MAX_CHARS = 60_000


def comment(reports: Path, link: str = "") -> str:
    """Return the comment for a folder of reports; `link` is the address of the run."""
    sections = files.sections(reports)
    bad = [section.name for section in sections if section.passed is False]
    unknown = [section.name for section in sections if section.passed is None]
    lines = [MARKER, f"## Conversation tests: {_verdict(bad, unknown)}", ""]
    lines += ["| | | |", "|---|---|---|", *map(_row, sections), ""]
    for section in sections:
        if section.details:
            lines += [f"**{section.name}**", "", *section.details, ""]
    if link:
        lines.append(f"[The run, with its report]({link})")
    text = "\n".join(lines).rstrip() + "\n"
    if len(text) > MAX_CHARS:
        text = text[:MAX_CHARS].rsplit("\n", 1)[0] + "\n\nThe rest is in the report.\n"
    return text


def _verdict(bad: list[str], unknown: list[str]) -> str:
    if bad:
        return f"failed ({', '.join(bad).lower()})"
    return f"incomplete (missing: {', '.join(unknown).lower()})" if unknown else "passed"


def _row(section: Section) -> str:
    mark = {True: "✅", False: "❌", None: "⚪"}[section.passed]
    return f"| {mark} | {section.name} | {section.summary} |"


def main(arguments: list[str] | None = None) -> int:
    """Print or post the comment and return the exit code."""
    parser = argparse.ArgumentParser(prog="python3 -m benchmarks.pr_comment", description=__doc__)
    parser.add_argument("reports", type=Path, help="the folder of the reports")
    parser.add_argument("--link", default="", help="address of the run")
    parser.add_argument("--post", nargs=2, metavar=("OWNER/REPO", "NUMBER"))
    options = parser.parse_args(arguments)
    text = comment(options.reports, options.link)
    if not options.post:
        print(text, end="")
        return 0
    try:
        done = post(text, MARKER, options.post[0], int(options.post[1]), os.environ)
    except CommentError as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    print(f"The comment was {done}.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
