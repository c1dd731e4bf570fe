"""Runs batches of inputs against the bot and gathers what is wrong."""

from __future__ import annotations

import asyncio
import time
from collections import Counter
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field, replace
from multiprocessing import get_context

import aiohttp

from benchmarks.fuzz.case import Case
from benchmarks.fuzz.generating import batch
from benchmarks.fuzz.watch import MOST_GROWTH, Logs, fault, memory, servers, still_talks
from benchmarks.fuzz.wire import Hang, Server, send
from benchmarks.web_bot import WebBot
from bot.channels.telegram.channel import webhook_secret
from bot.settings import Settings

BATCH = 1000
# Connections at a time.
AT_ONCE = 12
TOKENS = 8
# The limits would take the inputs' place, and are tests of their own.
GENEROUS = {
    "REST_BURST": "0",
    "MESSAGE_BURST": "10000",
    "SESSIONS_PER_MINUTE": "1000000",
}


@dataclass(frozen=True)
class Finding:
    """What is wrong, and the input that did it."""

    reason: str
    case: Case


@dataclass
class Figures:
    """What was sent and what came of it."""

    sent: Counter[str] = field(default_factory=Counter)
    statuses: Counter[int] = field(default_factory=Counter)
    findings: list[Finding] = field(default_factory=list)
    slowest: float = 0.0
    # Megabytes after each batch.
    memory: list[float] = field(default_factory=list)

    @property
    def grown(self) -> float:
        """Return the servers' memory at the end, in times of what it was when warm."""
        warm = self.memory[min(len(self.memory) // 5, len(self.memory) - 1)]
        return self.memory[-1] / warm

    @property
    def failed(self) -> bool:
        """Whether anything is wrong."""
        return bool(self.findings) or self.grown > MOST_GROWTH


class Fuzz:
    """Fuzzes a running bot.

    Args:
        web: the bot.
        settings: of its servers, by which its doors open.
        logs: what it logs.
    """

    def __init__(self, web: WebBot, settings: Settings, logs: Logs) -> None:
        self._web = web
        self._logs = logs
        secret, action = webhook_secret(settings), settings.action_key()
        self._server = Server(settings.port, settings.action_port, secret, action)
        self.figures = Figures()
        self._number = 0

    async def run(self, inputs: int, seed: int) -> Figures:
        """Send so many inputs, in batches whose seeds follow each other."""
        loop = asyncio.get_running_loop()
        # In a process of its own and a batch ahead: making them costs more than sending them.
        with ProcessPoolExecutor(1, get_context("spawn")) as maker:
            coming = loop.run_in_executor(maker, batch, seed, BATCH)
            while (left := inputs - sum(self.figures.sent.values())) > 0:
                cases = await coming
                if left > BATCH:
                    coming = loop.run_in_executor(maker, batch, seed + 1, BATCH)
                await self.batch(cases[:left], seed)
                seed += 1
        return self.figures

    async def batch(self, cases: Sequence[Case], seed: int) -> None:
        """Send inputs, a few at a time, then look after the bot."""
        tokens = await self._tokens()
        places = asyncio.Semaphore(AT_ONCE)
        numbered = {
            self._number + n: case.numbered(self._number + n) for n, case in enumerate(cases)
        }
        self._number += len(cases)

        async def one(number: int, case: Case) -> None:
            async with places:
                await self._one(replace(self._server, token=tokens[number % TOKENS]), case)

        await asyncio.gather(*(one(number, case) for number, case in numbered.items()))
        for number in self._logs.leaked():
            self._find("a log repeats the request", numbered.get(number, cases[0]))
        if self._logs.failed:
            self._find(f"{self._logs.failed} actions failed or were late", cases[-1])
            self._logs.failed = 0
        if len(servers()) < 2:
            self._find("a server has ended", cases[-1])
        if (wrong := await still_talks(self._web.url, seed)) is not None:
            self._find(wrong, cases[-1])
        self.figures.memory.append(memory())

    async def _one(self, server: Server, case: Case) -> None:
        began = time.perf_counter()
        try:
            answer = await send(server, case)
        except (Hang, OSError, asyncio.IncompleteReadError) as error:
            self._find(f"{type(error).__name__}: {error}", case)
        else:
            self.figures.statuses.update(answer.statuses)
            if (wrong := fault(case, answer)) is not None:
                self._find(wrong, case)
        self.figures.sent[case.target] += 1
        self.figures.slowest = max(self.figures.slowest, time.perf_counter() - began)

    def _find(self, reason: str, case: Case) -> None:
        self.figures.findings.append(Finding(reason, case))

    async def _tokens(self) -> list[str]:
        url = f"{self._web.url}/webhooks/website/sessions"
        async with aiohttp.ClientSession() as http:
            found = []
            for _ in range(TOKENS):
                async with http.post(url) as answer:
                    found.append((await answer.json())["token"])
        return found
