"""The pages a browser loads: small, strict, and whole without a script."""

from __future__ import annotations

import gzip
import html
import json
import re
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest

from bot.channels.website.bundle import BundleError, filled, widget_content
from bot.channels.website.pages import BUNDLE, Pages, page
from bot.channels.website.visitors import Visitors
from bot.content import Content, load_content
from bot.settings import ROOT, Settings
from tests.channels.website.conftest import Site

CONTENT = load_content()
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; "
    "base-uri 'none'; form-action 'none'; require-trusted-types-for 'script'"
)
FILES = ["/", "/widget/demo.css", "/widget/long-covid-guide.js"]
BUDGET, PAGE_BUDGET = 30_000, 4_000


class Reader(HTMLParser):
    """Collects the text that is shown, and every link and address."""

    def __init__(self, source: str) -> None:
        super().__init__()
        self.text = ""
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.feed(source)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        self.text += data

    def values(self, name: str) -> list[str]:
        return [str(attrs[name]) for _, attrs in self.tags if name in attrs]


async def get(site: Site, path: str, **headers: str) -> tuple[int, bytes, Any]:
    request = {"Accept-Encoding": "identity"} | headers
    async with site.http.get(path, headers=request, auto_decompress=False) as answer:
        return answer.status, await answer.read(), answer.headers


@pytest.mark.parametrize("path", FILES)
async def test_every_file_has_the_strict_headers(site: Site, path: str) -> None:
    status, _, headers = await get(site, path)

    assert status == 200
    assert headers["Content-Security-Policy"] == POLICY
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Referrer-Policy"] == "no-referrer"
    assert headers["Vary"] == "Accept-Encoding, Origin"
    assert "Set-Cookie" not in headers


@pytest.mark.parametrize("path", FILES)
async def test_files_are_compressed_and_cached(site: Site, path: str) -> None:
    _, plain, headers = await get(site, path)
    _, zipped, compressed = await get(site, path, **{"Accept-Encoding": "br, gzip"})

    assert gzip.decompress(zipped) == plain
    assert compressed["Content-Encoding"] == "gzip"
    assert "Content-Encoding" not in headers
    status, body, _ = await get(site, path, **{"If-None-Match": headers["ETag"]})
    assert (status, body) == (304, b"")
    assert (await get(site, path, **{"If-None-Match": '"other"'}))[0] == 200


async def test_all_of_it_is_light(site: Site) -> None:
    sizes = [len((await get(site, path, **{"Accept-Encoding": "gzip"}))[1]) for path in FILES]

    assert sum(sizes[:2]) <= PAGE_BUDGET
    assert sum(sizes) <= BUDGET


async def test_the_page_needs_three_files_and_no_third_party(site: Site) -> None:
    body = (await get(site, "/"))[1].decode()
    found = Reader(body)

    loaded = [*found.values("src"), *(a["href"] for t, a in found.tags if t == "link")]
    assert sorted(map(str, loaded)) == sorted(FILES[1:])
    assert "style" not in [tag for tag, _ in found.tags]
    assert not found.values("style")
    assert not [name for _, attrs in found.tags for name in attrs if name.startswith("on")]
    style = (await get(site, FILES[1]))[1].decode()
    assert "url(" not in style
    assert "@import" not in style


async def test_the_page_takes_the_place_of_rasas_greeting(site: Site) -> None:
    status, body, headers = await get(site, "/")

    assert (status, headers["Content-Type"]) == (200, "text/html; charset=utf-8")
    assert b"Hello from Rasa" not in body
    async with site.http.head("/") as answer:
        assert (answer.status, answer.headers["ETag"]) == (200, headers["ETag"])
    async with site.http.post("/") as answer:
        assert answer.status == 405
    assert (await get(site, "/favicon.ico"))[0] == 204


@pytest.mark.parametrize("region", ["", "us", "gb", "de", "nz"])
def test_without_a_script_the_page_has_help_disclaimer_and_source(region: str) -> None:
    found = Reader(page(CONTENT, Settings(region=region)))

    for contact in CONTENT.contacts_for(("emergency", "crisis", "directory"), region):
        assert contact.text in found.text
        if contact.phone:
            assert f"tel:{contact.phone}" in found.values("href")
        if contact.url and not contact.phone:
            assert contact.url in found.values("href")
    assert CONTENT.disclaimers["education_only"].full in found.text
    assert CONTENT.messages["source_name"].text in found.text
    assert ("tel:911" in found.values("href")) is (region in ("", "us"))


def test_the_example_names_the_files_there_are() -> None:
    text = Reader(page(CONTENT, Settings())).text

    assert '<script type="module" src="https://guide.example/widget/long-covid-guide.js">' in text
    assert '<long-covid-guide server="https://guide.example"></long-covid-guide>' in text


def test_content_is_text_not_markup(content: Content) -> None:
    source = page(content, Settings())

    assert "<script>alert" not in source
    assert html.escape("<script>alert(1)</script>") in source


@pytest.fixture
def content() -> Content:
    """Content with a name that would be markup, and would end a string or a script."""
    messages = dict(CONTENT.messages)
    name = messages["guide_name"]
    wild = "<script>alert(1)</script> \" ' \\ \u2028 </script> __GUIDE_CONTENT__"
    messages["guide_name"] = type(name)(**{**vars(name), "text": wild})
    values = {field: getattr(CONTENT, field) for field in vars(CONTENT)}
    return Content(**{**values, "messages": messages})


def test_the_content_arrives_in_the_widget_as_it_is(content: Content) -> None:
    given = widget_content(content, Settings())
    script = filled(b'JSON.parse("__GUIDE_CONTENT__").name', given)

    assert b"</script>" not in script
    # Of ASCII alone, JSON's string literals are JavaScript's.
    assert max(script) < 128
    literal = script[len(b"JSON.parse(") : -len(b").name")]
    assert json.loads(json.loads(literal)) == given


@pytest.mark.parametrize("bundle", [b"", b'"__GUIDE_CONTENT__" + "__GUIDE_CONTENT__"'])
def test_a_bundle_without_its_place_for_content_is_refused(bundle: bytes) -> None:
    with pytest.raises(BundleError, match="exactly once"):
        filled(bundle, {})


def test_the_widget_gets_what_it_shows_without_the_server() -> None:
    given = widget_content(CONTENT, Settings(region="ie", max_message_chars=500))

    assert [contact["id"] for contact in given["contacts"]] == [
        contact.id for contact in CONTENT.contacts_for(("emergency", "crisis", "directory"), "ie")
    ]
    assert given["maxChars"] == 500
    assert given["disclaimer"] == CONTENT.disclaimers["education_only"].short
    assert {line["id"] for line in given["disclaimers"]} == set(CONTENT.disclaimers)
    assert given["welcome"]["text"] == CONTENT.messages["greet"].text
    assert all(button["payload"].startswith("/") for button in given["welcome"]["suggestions"])


def test_the_built_bundle_has_its_place() -> None:
    script = filled(BUNDLE.read_bytes(), widget_content(CONTENT, Settings()))
    assert json.dumps("content/1")[1:-1].encode() in script


async def test_other_pages_may_load_the_widget_if_allowed(site: Site) -> None:
    for origin, allowed in (("https://clinic.example", True), ("https://evil.example", False)):
        _, _, headers = await get(site, FILES[2], Origin=origin)
        assert headers.get("Access-Control-Allow-Origin") == (origin if allowed else None)
        assert headers["Cross-Origin-Resource-Policy"] == "cross-origin"


def test_a_missing_bundle_takes_nothing_else_with_it(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    settings = Settings()
    pages = Pages(CONTENT, settings, Visitors(settings), tmp_path / "none.js")

    assert list(pages._files) == FILES[:2]
    assert "The widget cannot be served" in caplog.text


def test_the_page_is_not_the_place_for_medical_claims() -> None:
    template = (ROOT / "bot" / "widget" / "demo" / "index.html").read_text(encoding="utf-8")
    assert not re.search(r"\b\d+\s*(?:mg|%)", template)
