"""Several servers share their connections through a real Redis."""

from __future__ import annotations

from tests.channels.website.conftest import Sites


async def test_a_reply_reaches_the_tabs_at_another_server(redis_url: str, sites: Sites) -> None:
    first, second = await sites(redis_url=redis_url), await sites(redis_url=redis_url)
    tab = await first.tab()
    other = await second.tab(token=tab.token)
    stranger = await second.tab()

    await tab.send("from the first")
    await other.answered(1)
    await other.send("from the second")
    await tab.answered(2)

    assert tab.said == ["You said: from the first", "You said: from the second"]
    assert stranger.entries == []

    done = await tab.call("forget", {})
    await other.until(lambda: other.forgotten)
    assert other.forgotten == [{"receipt": done["receipt"]}]
