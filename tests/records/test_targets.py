"""Targets: how they are written, named without their secrets, and told apart."""

import logging
from typing import Any

import pytest

from bot.records import InvalidTarget, check_targets, split_targets
from bot.records.targets import open_targets

from .conftest import Receiver


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", ()),
        (" , ", ()),
        ("json://a", ("json://a",)),
        ("json://a,json://b", ("json://a", "json://b")),
        ("json://a, json://b\n json://c,", ("json://a", "json://b", "json://c")),
        ("mailto://u:p@h?to=a@b.c,d@e.f json://b", ("mailto://u:p@h?to=a@b.c,d@e.f", "json://b")),
    ],
)
def test_splitting(text: str, expected: tuple[str, ...]) -> None:
    assert split_targets(text) == expected


def test_a_label_holds_no_secret() -> None:
    (_, target) = open_targets(["json://a", "mailto://user:hunter2@example.org"], "app")
    assert target.label == "target 2 (mailto)"


@pytest.mark.parametrize("bad", ["hunter2", "nonsense://hunter2", "", "slack://hunter2"])
def test_a_bad_target_is_named_by_position_only(
    bad: str, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(InvalidTarget, match="target 2 of 3") as refused:
        open_targets(["json://a", bad, "json://b"], "app")
    assert "hunter2" not in str(refused.value) + caplog.text + capfd.readouterr().err


def test_a_setting_can_be_checked_before_it_is_used() -> None:
    assert check_targets("") == 0
    assert check_targets("json://a, mailto://user:hunter2@example.org") == 2
    with pytest.raises(InvalidTarget, match="target 2 of 2"):
        check_targets("json://a hunter2")


def test_targets_are_told_apart_wherever_they_stand_in_the_list() -> None:
    urls = ["json://a", "json://b", "json://user:one@c", "json://user:two@c"]
    prints = [target.fingerprint for target in open_targets(urls, "app")]
    assert len(set(prints)) == 4
    again = open_targets(urls[1::-1], "app")
    assert [target.fingerprint for target in again] == prints[1::-1]


def test_sending(receiver: Receiver) -> None:
    (target,) = open_targets([receiver.target], "app")
    assert target.send("title", "a <b> & c") is None
    assert receiver.received[0]["title"] == "title"
    assert receiver.received[0]["message"] == "a <b> & c"


def test_a_refusal_is_told_without_the_url(receiver: Receiver) -> None:
    receiver.status = 500
    (target,) = open_targets([f"json://user:hunter2@127.0.0.1:{receiver.port}"], "app")
    assert target.send("title", "body") == "target 1 (json) did not accept it"


def test_a_plugin_that_breaks_is_a_failed_attempt(monkeypatch: pytest.MonkeyPatch) -> None:
    (target,) = open_targets(["json://a"], "app")

    def broken(**_: Any) -> bool:
        raise RuntimeError("hunter2")

    monkeypatch.setattr(target.service, "notify", broken)
    assert target.send("title", "body") == "target 1 (json) failed (RuntimeError)"


def test_apprise_logs_neither_urls_nor_texts(
    receiver: Receiver, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    (target,) = open_targets([receiver.target], "app")
    target.send("title", "my secret")
    assert "secret" not in caplog.text
