"""The worker's sign of life in a real Redis."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot.records.heartbeat import Heartbeats, SharedHeartbeat
from tests.servers import free_port


def test_it_beats_once_it_was_touched(redis_url: str) -> None:
    asked = SharedHeartbeat(redis_url)

    assert not asked.beats()
    SharedHeartbeat(redis_url).touch()
    assert asked.beats()


def test_without_redis_it_says_so_without_the_password() -> None:
    gone = SharedHeartbeat(f"redis://:s3cret@127.0.0.1:{free_port()}/0")

    with pytest.raises(OSError, match="Redis does not answer") as raised:
        gone.touch()
    assert "s3cret" not in str(raised.value)


def test_one_that_fails_does_not_keep_another_from_being_touched(tmp_path: Path) -> None:
    file = tmp_path / "alive"

    with pytest.raises(OSError, match="none"):
        Heartbeats(tmp_path / "none" / "alive", file).touch()
    assert file.exists()
