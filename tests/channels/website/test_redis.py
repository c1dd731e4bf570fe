"""Several servers share their connections through a real Redis."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.channels.website.conftest import Sites
from tests.servers import free_port


@pytest.fixture
def redis_url(tmp_path: Path) -> Iterator[str]:
    program = shutil.which("redis-server")
    if program is None:
        pytest.skip("redis-server is not installed")
    port = free_port()
    options = ["--port", str(port), "--save", "", "--dir", str(tmp_path), "--bind", "127.0.0.1"]
    server = subprocess.Popen([program, *options], stdout=subprocess.PIPE, text=True)
    assert server.stdout is not None
    for line in server.stdout:
        if "Ready to accept connections" in line:
            break
    yield f"redis://127.0.0.1:{port}/0"
    server.terminate()
    server.communicate()


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
