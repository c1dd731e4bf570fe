"""What a page with the widget costs a visitor who comes for the first time, in Chromium."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import urlsplit

from playwright.async_api import Browser

# As on a phone of the cheaper kind, seen from a desk.
SLOWER = 4
LOADS = 7


@dataclass(frozen=True)
class Load:
    """One cold load: bytes of the bodies as sent, and of the headers; times in milliseconds."""

    bytes: int
    headers: int
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


async def _load(browser: Browser, url: str) -> Load:
    context = await browser.new_context()
    page = await context.new_page()
    tools = await context.new_cdp_session(page)
    whole: dict[str, int] = {}
    headers: dict[str, int] = {}
    urls: list[str] = []
    unzipped: list[str] = []

    def answered(event: Any) -> None:
        response = event["response"]
        headers[event["requestId"]] = round(response["encodedDataLength"])
        said = {name.lower(): value for name, value in response["headers"].items()}
        if said.get("content-encoding") != "gzip":
            unzipped.append(response["url"])

    tools.on("Network.requestWillBeSent", lambda event: urls.append(event["request"]["url"]))
    tools.on("Network.webSocketCreated", lambda event: urls.append(event["url"]))
    tools.on("Network.responseReceived", answered)
    tools.on(
        "Network.loadingFinished",
        lambda event: whole.update({event["requestId"]: round(event["encodedDataLength"])}),
    )
    await tools.send("Network.enable")
    # In time of the processor: what else the machine does must not count.
    await tools.send("Performance.enable", {"timeDomain": "threadTicks"})
    await tools.send("Emulation.setCPUThrottlingRate", {"rate": SLOWER})
    await page.goto(url, wait_until="networkidle")
    await page.locator("long-covid-guide .launcher").wait_for()
    script = await _script_ms(tools)
    # What opening asks of the network is no part of the load.
    total, over = sum(whole.values()), sum(headers.values())
    seen = Load(total - over, over, tuple(urls), tuple(unzipped), script, 0)
    await page.locator("long-covid-guide .launcher").click()
    await page.locator("long-covid-guide .input").wait_for()
    opening = await _script_ms(tools) - script
    await context.close()
    return replace(seen, opening=opening)


async def _script_ms(tools: Any) -> float:
    """Return for how long scripts were compiled and run, since the page began."""
    metrics = (await tools.send("Performance.getMetrics"))["metrics"]
    seconds = {one["name"]: one["value"] for one in metrics}
    return 1000 * float(seconds["ScriptDuration"] + seconds["V8CompileDuration"])
