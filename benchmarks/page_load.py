"""What a page with the widget costs a visitor who comes for the first time, in Chromium."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median
from typing import Any
from urllib.parse import urlsplit

from playwright.async_api import Browser

# As on a phone of the cheaper kind, seen from a desk.
SLOWER = 4
LOADS = 5


@dataclass(frozen=True)
class Load:
    """One cold load: `bytes` are those on the network, headers and all; times in milliseconds."""

    bytes: int
    requests: Sequence[str]
    unzipped: Sequence[str]
    script: float
    opening: float

    def foreign(self, url: str) -> int:
        """Return how many requests went to other servers than the page's."""
        home = urlsplit(url).netloc
        return sum(urlsplit(one).netloc != home for one in self.requests)


async def loads(browser: Browser, url: str) -> list[Load]:
    """Load a page so often, each time as somebody new, on a slow processor."""
    return [await _load(browser, url) for _ in range(LOADS)]


def typical(found: Sequence[Load]) -> tuple[float, float]:
    """Return the medians of the script time until the page stands, and of opening the panel."""
    return median(load.script for load in found), median(load.opening for load in found)


async def _load(browser: Browser, url: str) -> Load:
    context = await browser.new_context()
    page = await context.new_page()
    tools = await context.new_cdp_session(page)
    sizes: dict[str, float] = {}
    urls: list[str] = []
    unzipped: list[str] = []

    def answered(event: Any) -> None:
        headers = {name.lower(): value for name, value in event["response"]["headers"].items()}
        if headers.get("content-encoding") != "gzip":
            unzipped.append(event["response"]["url"])

    tools.on("Network.requestWillBeSent", lambda event: urls.append(event["request"]["url"]))
    tools.on("Network.webSocketCreated", lambda event: urls.append(event["url"]))
    tools.on("Network.responseReceived", answered)
    tools.on(
        "Network.loadingFinished",
        lambda event: sizes.update({event["requestId"]: event["encodedDataLength"]}),
    )
    await tools.send("Network.enable")
    await tools.send("Performance.enable")
    await tools.send("Emulation.setCPUThrottlingRate", {"rate": SLOWER})
    await page.goto(url, wait_until="networkidle")
    await page.locator("long-covid-guide .launcher").wait_for()
    script = await _script_ms(tools)
    # What opening asks of the network is no part of the load.
    seen = Load(round(sum(sizes.values())), tuple(urls), tuple(unzipped), script, 0)
    await page.locator("long-covid-guide .launcher").click()
    await page.locator("long-covid-guide .input").wait_for()
    opening = await _script_ms(tools) - script
    await context.close()
    return Load(seen.bytes, seen.requests, seen.unzipped, script, opening)


async def _script_ms(tools: Any) -> float:
    """Return for how long scripts were compiled and run, since the page began."""
    metrics = (await tools.send("Performance.getMetrics"))["metrics"]
    seconds = {one["name"]: one["value"] for one in metrics}
    return 1000 * float(seconds["ScriptDuration"] + seconds["V8CompileDuration"])
