"""Talk to the bot in the terminal: `python -m bot.terminal`, which is what `make chat` calls.

Uses the bot that runs on PORT if there is one, else starts one for the length of the talk.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import subprocess
import sys
import uuid
from collections.abc import Iterator
from typing import Any

import aiohttp

from bot.settings import ROOT, Settings, SettingsError

START_SECONDS = 180.0


class ChatError(RuntimeError):
    """The bot could not be reached."""


def render(messages: list[dict[str, Any]]) -> tuple[str, list[str]]:
    """Return a turn as text, buttons numbered, and the buttons' payloads in that order."""
    lines: list[str] = []
    payloads: list[str] = []
    for message in messages:
        if message.get("text"):
            lines.append(message["text"])
        for button in message.get("buttons") or ():
            payloads.append(button["payload"])
            lines.append(f"  [{len(payloads)}] {button['title']}")
    return "\n".join(lines), payloads


def choose(typed: str, payloads: list[str]) -> str:
    """Return the payload whose number was typed, else what was typed."""
    if typed.isdecimal() and 1 <= int(typed) <= len(payloads):
        return payloads[int(typed) - 1]
    return typed


async def _ready(session: aiohttp.ClientSession, url: str) -> bool:
    try:
        async with session.get(f"{url}/health", timeout=aiohttp.ClientTimeout(total=5)) as answer:
            return bool(answer.status == 200)
    except (aiohttp.ClientError, asyncio.TimeoutError):
        return False


@contextlib.contextmanager
def _own_bot(settings: Settings) -> Iterator[subprocess.Popen[bytes]]:
    settings.data_path.mkdir(parents=True, exist_ok=True)
    log = settings.data_path / "chat.log"
    print(f"Starting the bot (its log: {log}) …")  # noqa: T201
    with log.open("wb") as file:
        command = [sys.executable, "-W", "ignore", "-m", "bot.launch"]
        process = subprocess.Popen(command, cwd=ROOT, stdout=file, stderr=file)
    try:
        yield process
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait()


async def _wait(session: aiohttp.ClientSession, url: str, process: subprocess.Popen[bytes]) -> None:
    for _ in range(int(START_SECONDS)):
        if process.poll() is not None:
            raise ChatError("The bot stopped while starting; its log says why.")
        if await _ready(session, url):
            return
        await asyncio.sleep(1)
    raise ChatError(f"The bot was not ready after {START_SECONDS:.0f} seconds.")


async def _ask(session: aiohttp.ClientSession, url: str, sender: str, text: str) -> Any:
    body = {"sender": sender, "message": text}
    async with session.post(f"{url}/webhooks/rest/webhook", json=body) as answer:
        found = await answer.json()
        if answer.status == 200:
            return found
        if answer.status == 400:
            return [{"text": found["error"]}]
        raise ChatError(f"{url} answered with status {answer.status}.")


async def talk(url: str) -> None:
    """Hold one conversation on standard input and output, until `exit` or the end of input.

    Raises:
        ChatError, aiohttp.ClientError: the bot cannot be reached.
    """
    sender = f"terminal-{uuid.uuid4().hex}"
    async with aiohttp.ClientSession() as session:
        shown, payloads = render(await _ask(session, url, sender, "/session_start"))
        print(f"\n{shown}\n\n(Type a number for a button, exit to leave.)")  # noqa: T201
        while True:
            try:
                # Blocking on purpose: nothing else runs meanwhile, and Ctrl-C ends it at once.
                typed = input("\nYou: ").strip()  # noqa: ASYNC250
            except EOFError:
                return
            if typed.lower() in ("exit", "quit"):
                return
            answer = await _ask(session, url, sender, choose(typed, payloads))
            shown, payloads = render(answer)
            print(f"\n{shown}")  # noqa: T201


async def _main(settings: Settings) -> None:
    url = f"http://127.0.0.1:{settings.port}"
    async with aiohttp.ClientSession() as session:
        if await _ready(session, url):
            await talk(url)
            return
        with _own_bot(settings) as process:
            await _wait(session, url, process)
            await talk(url)


def main() -> int:
    """Chat; return the exit code."""
    try:
        asyncio.run(_main(Settings.from_env(os.environ)))
    except KeyboardInterrupt:
        return 0
    except (ChatError, SettingsError, OSError, aiohttp.ClientError) as error:
        print(f"error: {error}", file=sys.stderr)  # noqa: T201
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
