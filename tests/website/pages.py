"""The widget as a person meets it: what is seen, where the focus is, what can be done."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from playwright.async_api import BrowserContext, Locator, Page, expect

ANSWER_MS = 120_000

# The element that has the focus, through shadow roots; its name is what a screen reader would say.
_FOCUSED = r"""() => {
  let at = document.activeElement;
  while (at?.shadowRoot?.activeElement) at = at.shadowRoot.activeElement;
  if (!at || at === document.body) return {tag: '', name: '', seen: false, group: '', classes: ''};
  const labelled = at.labels?.[0]?.innerText;
  const name = at.getAttribute('aria-label') || labelled || at.innerText || '';
  const style = getComputedStyle(at);
  const box = at.getBoundingClientRect();
  const root = at.getRootNode();
  const middle = [box.x + box.width / 2, box.y + Math.min(box.height, 44) / 2];
  const top = root.elementFromPoint(...middle);
  const outline = style.outlineStyle !== 'none' && parseFloat(style.outlineWidth) >= 2;
  const ring = outline || style.boxShadow !== 'none';
  return {
    tag: at.tagName.toLowerCase(), name: name.trim().replace(/\s+/g, ' '), classes: at.className,
    group: at.closest('[role=group]')?.getAttribute('aria-label') ?? '',
    seen: ring && at.matches(':focus-visible') && (at === top || at.contains(top)),
  };
}"""


@dataclass(frozen=True)
class Focus:
    """Where the focus is. `seen`: it has a ring, is in view, and nothing covers it."""

    tag: str
    name: str
    classes: str
    group: str
    seen: bool


class Widget:
    """Page object of one tab with the widget."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.errors: list[str] = []
        page.on("pageerror", lambda error: self.errors.append(str(error)))
        self.root = page.locator("long-covid-guide")
        self.launcher = self.root.locator(".launcher")
        self.panel = self.root.locator(".panel")
        self.input = self.root.locator(".input")
        self.log = self.root.get_by_role("log")
        self.answers = self.log.locator(".message.bot")
        self.said = self.log.locator(".message.user")
        self.banner = self.root.locator(".banner")
        self.status = self.root.locator(".status")
        self.notice = self.root.locator(".notice")
        self.menu = self.root.locator(".menu")
        self.dialog = self.root.locator(".confirm")
        self.chips = self.root.locator(".chip")

    @classmethod
    async def visit(cls, context: BrowserContext, url: str) -> Widget:
        """A new tab of a visitor, on a page with the widget."""
        widget = cls(await context.new_page())
        await widget.page.goto(url)
        await expect(widget.launcher.or_(widget.panel)).to_be_visible()
        return widget

    async def again(self) -> None:
        """Load the page again."""
        await self.page.reload()
        await expect(self.launcher.or_(self.panel)).to_be_visible()

    # With the mouse, where the keyboard is not what is tested.

    async def open(self) -> None:
        await self.launcher.click()
        await expect(self.input).to_be_visible()

    async def write(self, text: str) -> None:
        """Send a text, without waiting for its answer."""
        await self.input.fill(text)
        await self.input.press("Enter")

    async def ask(self, text: str) -> Locator:
        """Send a text and return its answer, the newest."""
        before = await self.said.count()
        await self.write(text)
        await expect(self.said).to_have_count(before + 1)
        return await self.answered()

    async def answered(self) -> Locator:
        """Wait until nothing is on its way, and return the newest answer."""
        await expect(self.said.last.locator(".state")).to_have_text("Sent", timeout=ANSWER_MS)
        await expect(self.status).to_have_text("", timeout=ANSWER_MS)
        return self.answers.last

    async def choose(self, item: str) -> None:
        """Choose from the menu."""
        await self.root.get_by_role("button", name="Menu").click()
        await self.menu.get_by_role("button", name=item, exact=True).click()

    # With the keyboard.

    async def focus(self) -> Focus:
        """Where the focus is."""
        return Focus(**await self.page.evaluate(_FOCUSED))

    async def press(self, *keys: str) -> Focus:
        """Press keys one after the other, and say where that led."""
        for key in keys:
            await self.page.keyboard.press(key)
        return await self.focus()

    async def type(self, text: str) -> None:
        await self.page.keyboard.type(text)

    async def tab_to(self, name: str, back: bool = False, most: int = 40, group: str = "") -> Focus:
        """Press Tab (or Shift and Tab) until the focus is on what has this name.

        Every stop on the way must be seen, or a person cannot know where they are.
        """
        passed: list[str] = []
        for _ in range(most):
            focus = await self.press("Shift+Tab" if back else "Tab")
            if not focus.tag:
                continue
            assert focus.seen, f"the focus cannot be seen on {focus}"
            if focus.name == name and group in focus.group:
                return focus
            passed.append(f"{focus.tag} {focus.name[:30]!r}")
        raise AssertionError(f"no Tab leads to {name!r}; stops: {passed}")

    async def until_focus(self, classes: str) -> Focus:
        """Wait until the focus is on an element of this class."""
        within = f"long-covid-guide >> css=.{classes}:focus"
        await expect(self.page.locator(within)).to_have_count(1)
        return await self.focus()

    # What the browser keeps and who is told.

    async def stored(self) -> dict[str, list[str]]:
        """Every key that the page has left in the browser, by place."""
        script = """async () => ({
          local: Object.keys(localStorage), session: Object.keys(sessionStorage),
          databases: (await indexedDB.databases()).map(({name}) => name),
          caches: await caches.keys().catch(() => []),
          cookies: document.cookie ? [document.cookie] : [],
        })"""
        found: dict[str, list[str]] = await self.page.evaluate(script)
        return {place: keys for place, keys in found.items() if keys}

    async def token(self) -> str:
        """The session's token, as kept in the browser."""
        script = """() => Object.entries(localStorage)
          .filter(([key]) => key.endsWith(' token')).map(([, value]) => JSON.parse(value))[0]"""
        return str(await self.page.evaluate(script))

    async def offline(self, off: bool = True) -> None:
        """Cut the network, or give it back."""
        await self.page.context.set_offline(off)

    async def emulate(self, **media: Any) -> None:
        await self.page.emulate_media(**media)
