"""What must hold while inputs come in: what is wrong with an answer, a log, a process."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

import aiohttp
import psutil

from benchmarks.fuzz.case import PREFIX, Case
from benchmarks.fuzz.wire import Answer

# A share of the memory that the servers had when warm, beyond which they are said to leak.
MOST_GROWTH = 1.5
_MARK = re.compile(PREFIX.encode() + rb"(\d{11})")
_FAILED = b"The action server failed"
_ASKED = (("What is Long COVID?", "answer"), ("I want to kill myself", "crisis"))


def fault(case: Case, answer: Answer) -> str | None:
    """Return what is wrong with an answer, or None."""
    # The measured bot has no worker, which its health tells by 503.
    allowed = {503} if b" /health" in case.data.split(b"\r\n")[0] else set()
    if bad := [status for status in answer.statuses if status >= 500 and status not in allowed]:
        return f"status {bad[0]}"
    if 0 in answer.statuses and _is_text(case.data.split(b"\r\n")[0]):
        return "the connection is cut without an answer"
    if PREFIX.encode() in answer.private:
        return "the answer repeats the request"
    return None


def _is_text(line: bytes) -> bool:
    """Tell whether a line is UTF-8; to one that is not, Sanic gives no answer."""
    try:
        line.decode()
    except UnicodeDecodeError:
        return False
    return True


@dataclass
class Logs:
    """The logs of a folder, each part read once."""

    folder: Path
    read: Counter[Path] = field(default_factory=Counter)
    # How often an action failed or was not in time, and everybody got the safe reply.
    failed: int = 0

    def leaked(self) -> list[int]:
        """Return the numbers of the inputs of which something was logged since the last call."""
        found: set[int] = set()
        for path in self.folder.glob("*.log"):
            with path.open("rb") as file:
                file.seek(self.read[path])
                new = file.read()
            self.read[path] += len(new)
            self.failed += new.count(_FAILED)
            found |= {int(number) for number in _MARK.findall(new)}
            if PREFIX.encode() in new and not found:
                found.add(0)
        return sorted(found)


def servers() -> list[psutil.Process]:
    """Return the processes that this one has started and that are the bot."""
    ours = psutil.Process().children()
    return [one for one in ours if any(part.startswith("bot.") for part in one.cmdline())]


def memory() -> float:
    """Return the resident memory of the bot's processes, in MB."""
    return sum(one.memory_info().rss for one in servers()) / 1e6


async def still_talks(url: str, number: int) -> str | None:
    """Have an ordinary and a crisis turn; return what is wrong with them, or None."""
    async with aiohttp.ClientSession() as http:
        for said, wanted in _ASKED:
            body = {"sender": f"after-{number}", "message": said}
            try:
                async with http.post(f"{url}/webhooks/rest/webhook", json=body) as answer:
                    outcome = (await answer.json())[-1]["custom"]["outcome"]
            except (aiohttp.ClientError, ValueError, LookupError) as error:
                return f"no {wanted} after it ({type(error).__name__})"
            if outcome != wanted:
                return f"{outcome} in place of {wanted} after it"
    return None
