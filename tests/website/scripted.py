"""A server that says what a test tells it to, in the protocol of docs/website.md.

The page and the widget are the real ones; only the conversation is given, for what the real bot
cannot be brought to say at will: any text at all, a refusal, silence.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import socketio
from aiohttp import web

from bot.channels.website.bundle import filled, widget_content
from bot.channels.website.pages import BUNDLE, PAGE_POLICY, WIDGET, page
from bot.content import load_content
from bot.settings import Settings

AT = "2025-01-02T03:04:05+00:00"


def said_by_bot(seq: int, *messages: dict[str, Any], **custom: Any) -> dict[str, Any]:
    """An entry of the bot."""
    return {
        "seq": seq,
        "at": AT,
        "from": "bot",
        "to": "",
        "messages": [*messages],
        "custom": custom,
    }


def said_by_user(seq: int, text: str) -> dict[str, Any]:
    """An entry of the person."""
    return {"seq": seq, "at": AT, "from": "user", "id": f"u-{seq}", "text": text}


@dataclass
class Script:
    """What the server says."""

    url: str = ""
    entries: list[dict[str, Any]] = field(default_factory=list)
    #: Messages that are refused, with the sentence that says why; the others are never answered.
    refused: dict[str, str] = field(default_factory=dict)

    def tell(self, texts: Iterable[str]) -> None:
        """Let the bot have said these texts, each as an entry of its own."""
        self.entries = [said_by_bot(at, {"text": text}) for at, text in enumerate(texts, 1)]


@asynccontextmanager
async def scripted() -> AsyncIterator[Script]:
    """The server, on a free port."""
    script, server = (
        Script(),
        socketio.AsyncServer(async_mode="aiohttp", max_http_buffer_size=10**7),
    )
    app = _pages()
    server.attach(app, "webhooks/website/socket.io")

    async def connect(sid: str, environ: dict[str, Any], auth: dict[str, Any]) -> None:
        fresh = [entry for entry in script.entries if entry["seq"] > auth["after"]]
        said = {"token": "secret", "new": not auth["token"], "entries": fresh}
        await server.emit("session", said, to=sid)

    async def message(sid: str, body: dict[str, Any]) -> dict[str, Any]:
        text = body.get("text", "")
        if text in script.refused:
            error = {"code": "bad_request", "message": script.refused[text]}
            return {"ok": False, "error": error}
        entry = {**body, "text": text, "seq": len(script.entries) + 1, "at": AT, "from": "user"}
        script.entries.append(entry)
        await server.emit("entry", entry)
        return {"ok": True, "seq": entry["seq"]}

    for handler in (connect, message):
        server.on(handler.__name__, handler)
    runner = web.AppRunner(app, shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    script.url = f"http://127.0.0.1:{runner.addresses[0][1]}"
    try:
        yield script
    finally:
        await server.shutdown()
        await runner.cleanup()


def _pages() -> web.Application:
    content, settings = load_content(), Settings()
    files = {
        "/": ("text/html", page(content, settings).encode()),
        "/widget/demo.css": ("text/css", (WIDGET / "demo" / "demo.css").read_bytes()),
        "/widget/long-covid-guide.js": (
            "text/javascript",
            filled(BUNDLE.read_bytes(), widget_content(content, settings)),
        ),
        "/favicon.ico": ("image/x-icon", b""),
    }

    async def answer(request: web.Request) -> web.Response:
        kind, body = files[request.path]
        headers = {"Content-Security-Policy": PAGE_POLICY}
        return web.Response(body=body, content_type=kind, charset="utf-8", headers=headers)

    app = web.Application()
    for path in files:
        app.router.add_get(path, answer)
    return app
