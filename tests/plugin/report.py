"""The HTML page of a run: every conversation with its transcript, in one file without scripts."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from html import escape
from typing import Any

_STYLE = """
body { font: 1rem/1.5 system-ui, sans-serif; max-width: 60rem; margin: 2rem auto; padding: 0 1rem;
  color: #1b1b1b; background: #fff; }
h1 { font-size: 1.5rem; } h2 { font-size: 1.2rem; margin-top: 2rem; }
details { border: 1px solid #767676; border-radius: .4rem; margin: .5rem 0; padding: .4rem .8rem; }
details.failed { border-left: .5rem solid #b00020; }
summary { cursor: pointer; } summary small, .label { color: #595959; }
ol { list-style: none; padding: 0; } li { margin: .8rem 0; }
.user, .bot { border-radius: .6rem; padding: .5rem .8rem; margin: .3rem 0; white-space: pre-wrap;
  overflow-wrap: anywhere; }
.user { background: #dcebff; margin-left: 20%; } .bot { background: #f0f0f0; margin-right: 10%; }
.fault { font-style: italic; } .button { border: 1px solid #555; border-radius: 1rem;
  padding: 0 .6rem; margin-right: .4rem; display: inline-block; }
.difference { border: 2px solid #b00020; padding: .5rem .8rem; white-space: pre-wrap;
  overflow-wrap: anywhere; } pre { overflow-x: auto; }
@media (prefers-color-scheme: dark) { body { color: #eee; background: #181818; }
  .user { background: #1f3a5f; } .bot { background: #333; } summary small, .label { color: #bbb; } }
"""


def page(
    transcripts: Sequence[Mapping[str, Any]], coverage: Iterable[str], failures: Iterable[str]
) -> str:
    """Return the page. Transcripts are those of `Transcript.data`, with `outcome` and `seconds`."""
    failed = [t for t in transcripts if t["outcome"] != "passed"]
    passed = [t for t in transcripts if t["outcome"] == "passed"]
    turns = sum(len(transcript["turns"]) for transcript in transcripts)
    count = f"{len(passed)} of {len(transcripts)} conversations passed, with {turns} turns"
    table = "\n".join(coverage)
    return "".join(
        [
            '<!doctype html>\n<html lang="en">\n<meta charset="utf-8">\n',
            '<meta name="viewport" content="width=device-width">\n',
            f"<title>Conversations: {count}</title>\n<style>{_STYLE}</style>\n",
            f"<h1>Conversations</h1>\n<p>{count}.</p>\n",
            *(f'<p class="difference">{escape(failure)}</p>\n' for failure in failures),
            _section("Failed", failed),
            _section("Passed", passed),
            f"<h2>Coverage of the bot</h2>\n<pre>{escape(table)}</pre>\n" if table else "",
            "</html>\n",
        ]
    )


def _section(title: str, transcripts: Sequence[Mapping[str, Any]]) -> str:
    if not transcripts:
        return ""
    ordered = sorted(transcripts, key=lambda t: (t["name"], t["variant"]))
    return f"<h2>{title}</h2>\n" + "".join(_conversation(t) for t in ordered)


def _conversation(transcript: Mapping[str, Any]) -> str:
    failed = transcript["outcome"] != "passed"
    opened = ' open class="failed"' if failed else ""
    where = f"{transcript['variant'].replace('_', ' ')}, {transcript['channel']}"
    time = f"{transcript['seconds']:.1f} s"
    return (
        f"<details{opened}>\n<summary>{escape(transcript['name'])} "
        f"<small>({escape(where)}, {time})</small></summary>\n"
        f"<p>{escape(transcript['about'])}</p>\n<ol>\n"
        + "".join(_turn(turn) for turn in transcript["turns"])
        + "</ol>\n</details>\n"
    )


def _turn(turn: Mapping[str, Any]) -> str:
    before = [f"{turn['pause']} minutes pass"] if turn["pause"] else []
    faults = "".join(f'<p class="fault">{escape(one)}</p>\n' for one in (*before, *turn["given"]))
    said = f'<div class="user">{escape(turn["did"])}</div>\n'
    texts = "".join(f'<div class="bot">{escape(text)}</div>\n' for text in turn["texts"])
    buttons = "".join(f'<span class="button">{escape(b)}</span>' for b in turn["buttons"])
    label = f'<div class="label">{escape(turn["label"])} {buttons}</div>\n'
    return f"<li>{faults}{said}{texts}{label}{_differences(turn)}</li>\n"


def _differences(turn: Mapping[str, Any]) -> str:
    told = [
        f"line {turn['line']}, {one['key']}\nexpected: {one['expected']}\ngot: {one['got']}"
        for one in turn["differences"]
    ]
    told += [turn["broke"]] if turn["broke"] else []
    return "".join(f'<div class="difference">{escape(one)}</div>\n' for one in told)
