"""What a browser loads: the demo page and the widget, made once at start and held compressed."""

from __future__ import annotations

import gzip
import hashlib
import html
import logging
import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from string import Template

from sanic import response
from sanic.request import Request
from sanic.response import HTTPResponse

from bot.channels.website.bundle import BundleError, filled, widget_content
from bot.channels.website.visitors import Visitors
from bot.content import Contact, Content
from bot.settings import ROOT, Settings

logger = logging.getLogger(__name__)

WIDGET = ROOT / "bot" / "widget"
BUNDLE = WIDGET / "dist" / "long-covid-guide.js"
PAGE_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; "
    "base-uri 'none'; form-action 'none'; require-trusted-types-for 'script'"
)
# Asked again at each visit and mostly answered by 304: new content and contacts count at once.
_CACHE = "no-cache"
_NUMBER = re.compile(r"\d[\d -]*\d|\d")


@dataclass(frozen=True)
class File:
    """A file as it goes out."""

    body: bytes
    zipped: bytes
    etag: str
    kind: str

    @classmethod
    def of(cls, body: bytes, kind: str) -> File:
        """Compress a body, once."""
        etag = f'W/"{hashlib.sha256(body).hexdigest()[:16]}"'
        return cls(body, gzip.compress(body, 9, mtime=0), etag, kind)


class Pages:
    """Answers requests for the files of the website.

    Args:
        content: what is shown without a script, and put into the widget.
        settings: region, longest message.
        visitors: tells which origins may load the widget.
        bundle: the built widget.
    """

    def __init__(
        self, content: Content, settings: Settings, visitors: Visitors, bundle: Path = BUNDLE
    ) -> None:
        self._visitors = visitors
        style = (WIDGET / "demo" / "demo.css").read_bytes()
        self._files = {
            "/": File.of(page(content, settings).encode(), "text/html; charset=utf-8"),
            "/widget/demo.css": File.of(style, "text/css; charset=utf-8"),
        }
        try:
            script = filled(bundle.read_bytes(), widget_content(content, settings))
        except (OSError, BundleError) as error:
            # The bot, its page and its help lines must be there all the same.
            logger.error("The widget cannot be served: %s", error)
        else:
            kind = "text/javascript; charset=utf-8"
            self._files["/widget/long-covid-guide.js"] = File.of(script, kind)

    def answer(self, request: Request) -> HTTPResponse | None:
        """Return the file that a request asks for; None if it asks for something else.

        Called before the routes, since Rasa's greeting has the route of the page.
        """
        if request.method not in ("GET", "HEAD"):
            return None
        if request.path == "/favicon.ico":
            return response.empty(headers={"Cache-Control": "max-age=86400"})
        file = self._files.get(request.path)
        return None if file is None else self._send(request, file)

    def _send(self, request: Request, file: File) -> HTTPResponse:
        headers = self._headers(request, file)
        if file.etag in (request.headers.get("if-none-match") or ""):
            return response.empty(status=304, headers=headers)
        body = file.body
        if "gzip" in (request.headers.get("accept-encoding") or ""):
            body = file.zipped
            headers["Content-Encoding"] = "gzip"
        return response.raw(body, headers=headers, content_type=file.kind)

    def _headers(self, request: Request, file: File) -> dict[str, str]:
        headers = {
            "ETag": file.etag,
            "Cache-Control": _CACHE,
            "Vary": "Accept-Encoding, Origin",
            "Content-Security-Policy": PAGE_POLICY,
            "X-Content-Type-Options": "nosniff",
            "Referrer-Policy": "no-referrer",
        }
        origin = request.headers.get("origin")
        if request.path.endswith(".js"):
            # The browser of a page elsewhere asks by what right it loads the module.
            headers["Cross-Origin-Resource-Policy"] = "cross-origin"
            if origin and self._visitors.allowed(origin, request.headers.get("host")):
                headers["Access-Control-Allow-Origin"] = origin
        return headers


def page(content: Content, settings: Settings) -> str:
    """Return the demo page: all that matters is in it, with a script or without."""
    template = (WIDGET / "demo" / "index.html").read_text(encoding="utf-8")

    def contacts(*kinds: str) -> str:
        return _items(content.contacts_for(kinds, settings.region))

    return Template(template).substitute(
        name=html.escape(content.messages["guide_name"].text),
        disclaimer=html.escape(content.disclaimers["education_only"].full),
        source=html.escape(content.messages["source_name"].text),
        emergency=contacts("emergency"),
        crisis=contacts("crisis", "directory"),
    )


def _items(contacts: Iterable[Contact]) -> str:
    return "\n".join(f"        <li>{_linked(contact)}</li>" for contact in contacts)


def _linked(contact: Contact) -> str:
    """Return a contact's line with its number, or the name of its site, as a link."""
    shown = contact.text
    for found in _NUMBER.finditer(shown):
        if contact.phone and re.sub(r"\D", "", found[0]) in (contact.phone, contact.phone[1:]):
            return _anchored(shown, found.span(), f"tel:{contact.phone}")
    site = re.sub(r"^https?://(?:www\.)?|/$", "", contact.url or "")
    at = shown.find(site) if site else -1
    if contact.url and at >= 0:
        return _anchored(shown, (at, at + len(site)), contact.url)
    return html.escape(shown)


def _anchored(text: str, span: tuple[int, int], target: str) -> str:
    before, label, after = text[: span[0]], text[span[0] : span[1]], text[span[1] :]
    link = f'<a href="{html.escape(target)}">{html.escape(label)}</a>'
    return f"{html.escape(before)}{link}{html.escape(after)}"
