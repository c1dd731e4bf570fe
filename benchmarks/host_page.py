"""A website of somebody else that embeds the widget: strict policy, hostile styles and scripts."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from string import Template

import aiohttp
from aiohttp import WSMsgType, web

STRICT = (
    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; "
    "require-trusted-types-for 'script'"
)
_PAGE = Template("""<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>Somebody's website</title>
<meta name="viewport" content="width=device-width, initial-scale=1">
<link rel="stylesheet" href="/hostile.css"><script src="/hostile.js"></script>
<script type="module" src="$script"></script></head>
<body><h1>Somebody's website</h1><p>Text of the page.</p>
<long-covid-guide$server>
<p id="inside">In danger? Call your emergency number.</p></long-covid-guide>
</body></html>""")
# Resets as page builders write them, and fonts that are meant for a poster.
_STYLE = """
* { all: unset !important; display: none }
html { font-size: 48px !important; letter-spacing: 0.5em !important }
* { font-family: fantasy !important; text-transform: uppercase !important;
  line-height: 3 !important; color: lime !important; word-spacing: 1em !important }
button, textarea, a, ul, li, dialog { display: none !important; font-size: 90px !important }
"""
# What libraries of old left behind on pages: names in every loop, and globals under common names.
_SCRIPT = """
Object.prototype.extend = function () { return this };
Array.prototype.each = function (act) { this.forEach(act) };
String.prototype.strip = function () { return '' };
Function.prototype.bindAsEventListener = function () { return this };
window.$ = window._ = window.io = window.lit = window.name = 'taken';
window.process = { env: {} };
"""
_HOP = {"host", "connection", "transfer-encoding", "content-length", "content-encoding", "upgrade"}


class HostPage:
    """The website; it hands requests below /widget and /webhooks on to the bot.

    Args:
        policy: its Content-Security-Policy, '' for none.
    """

    def __init__(self, policy: str = STRICT) -> None:
        self._policy = policy
        self._session: aiohttp.ClientSession | None = None
        self.bot = self.url = ""

    @asynccontextmanager
    async def served(self) -> AsyncIterator[HostPage]:
        """Serve on a free port as long as the block lasts; set `bot` when its address is known."""
        app = web.Application()
        app.router.add_get("/", self._page)
        app.router.add_get("/hostile.css", _file(_STYLE, "text/css"))
        app.router.add_get("/hostile.js", _file(_SCRIPT, "text/javascript"))
        app.router.add_route("*", "/{path:(?:widget|webhooks)/.*}", self._hand_on)
        runner = web.AppRunner(app, shutdown_timeout=0.1)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        self.url = f"http://127.0.0.1:{runner.addresses[0][1]}"
        async with aiohttp.ClientSession(auto_decompress=False) as self._session:
            yield self
        await runner.cleanup()

    async def _page(self, request: web.Request) -> web.Response:
        """Return the page; `?script=` and `?server=` say where the widget and the bot are."""
        server = request.query.get("server")
        text = _PAGE.substitute(
            script=request.query.get("script", "/widget/long-covid-guide.js"),
            server=f' server="{server}"' if server else "",
        )
        headers = {"Content-Security-Policy": self._policy} if self._policy else {}
        return web.Response(text=text, content_type="text/html", headers=headers)

    async def _hand_on(self, request: web.Request) -> web.StreamResponse:
        """Pass a request to the bot with its own Host, as a reverse proxy is set up to."""
        if request.headers.get("upgrade", "").lower() == "websocket":
            return await self._hand_on_socket(request)
        assert self._session is not None
        headers = {"Host": request.host, **_passed(request.headers)}
        body = await request.read()
        try:
            async with self._session.request(
                request.method, self.bot + request.path_qs, headers=headers, data=body or None
            ) as answer:
                kept = _passed(answer.headers)
                if "content-encoding" in answer.headers:
                    kept["Content-Encoding"] = answer.headers["content-encoding"]
                return web.Response(body=await answer.read(), status=answer.status, headers=kept)
        except aiohttp.ClientError:
            return web.Response(status=502)

    async def _hand_on_socket(self, request: web.Request) -> web.StreamResponse:
        assert self._session is not None
        near = web.WebSocketResponse()
        headers = {"Host": request.host, "Origin": request.headers.get("origin", "")}
        try:
            async with self._session.ws_connect(self.bot + request.path_qs, headers=headers) as far:
                await near.prepare(request)
                ways = [
                    asyncio.create_task(_pump(far, near)),
                    asyncio.create_task(_pump(near, far)),
                ]
                await asyncio.wait(ways, return_when=asyncio.FIRST_COMPLETED)
                for way in ways:
                    way.cancel()
                await near.close()
        except aiohttp.ClientError:
            return web.Response(status=502)
        return near


def _file(text: str, kind: str) -> object:
    async def send(request: web.Request) -> web.Response:
        return web.Response(text=text, content_type=kind)

    return send


async def _pump(source: object, target: object) -> None:
    async for message in source:  # type: ignore[attr-defined]
        if message.type == WSMsgType.TEXT:
            await target.send_str(message.data)  # type: ignore[attr-defined]


def _passed(headers: object) -> dict[str, str]:
    return {name: value for name, value in headers.items() if name.lower() not in _HOP}  # type: ignore[attr-defined]
