"""Tokens, limits, visitors, shapes: the small parts, without a server."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import jwt
import pytest

from bot.channels.entries import receipt_in, reply_body
from bot.channels.website import limits as limits_module
from bot.channels.website.frames import frame_fault
from bot.channels.website.limits import Buckets, Limits
from bot.channels.website.refusals import Refusal
from bot.channels.website.schema import read_handshake, read_message, read_opinion
from bot.channels.website.tokens import DAY, TokenError, Tokens
from bot.channels.website.visitors import Visitors
from bot.settings import Settings
from tests.channels.website.conftest import CUSTOM, new_id
from tests.metrics.counted import Counted


class Clock:
    now = 1_000_000.0

    def __call__(self) -> float:
        return self.now


def test_a_token_opens_its_session_until_it_expires() -> None:
    clock = Clock()
    tokens = Tokens(b"key", 90, clock=clock)
    session = tokens.new()
    token = tokens.write(session)

    assert tokens.read(token) == session
    clock.now += 90 * DAY - 1
    assert tokens.read(token) == session
    clock.now += 1
    with pytest.raises(TokenError, match="expired"):
        tokens.read(token)


def test_a_loose_token_lasts_a_day() -> None:
    clock = Clock()
    tokens = Tokens(b"key", 90, clock=clock)
    token = tokens.write(tokens.new(loose=True))

    assert tokens.read(token).loose
    clock.now += DAY
    with pytest.raises(TokenError):
        tokens.read(token)


def test_sessions_cannot_be_guessed_and_senders_not_turned_back() -> None:
    tokens = Tokens(b"key", 1)
    first, second = tokens.new(), tokens.new()

    assert first.sid != second.sid
    assert len(first.sid) == 22, "128 bits in base 64"
    assert first.sender != second.sender
    assert first.sid not in first.sender
    assert Tokens(b"other", 1).read(Tokens(b"other", 1).write(first)).sender != first.sender


def test_the_token_is_not_signed_with_the_bare_secret() -> None:
    tokens = Tokens(b"k" * 32, 1)
    token = tokens.write(tokens.new())

    with pytest.raises(jwt.InvalidSignatureError):
        jwt.decode(token, b"k" * 32, algorithms=["HS256"])


@pytest.mark.parametrize(
    "claims",
    [
        {},
        {"sid": "A" * 22, "iat": 1},
        {"sid": "A" * 22, "exp": 2**40},
        {"sid": "short", "iat": 1, "exp": 2**40},
        {"sid": "A" * 21 + "\n", "iat": 1, "exp": 2**40},
        {"sid": 7, "iat": 1, "exp": 2**40},
        {"sid": "A" * 22, "iat": 1, "exp": "never"},
    ],
)
def test_claims_of_a_wrong_shape(claims: dict[str, Any]) -> None:
    tokens = Tokens(b"key", 1)
    with pytest.raises(TokenError):
        tokens.read(jwt.encode(claims, tokens._key, "HS256"))


def test_a_bucket_fills_with_time() -> None:
    clock = Clock()
    buckets = Buckets(2, 0.5, clock=clock)

    assert [buckets.wait("a"), buckets.wait("a"), buckets.wait("a")] == [0, 0, 2]
    assert buckets.wait("b") == 0
    clock.now += 1
    assert buckets.wait("a") == pytest.approx(1)
    clock.now += 1
    assert buckets.wait("a") == 0
    clock.now += 1000
    assert [buckets.wait("a"), buckets.wait("a"), buckets.wait("a")] == [0, 0, 2]


def test_the_longest_idle_bucket_is_forgotten(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits_module, "MOST_BUCKETS", 2)
    buckets = Buckets(1, 1, clock=Clock())
    for key in ("a", "b", "a", "c"):
        buckets.wait(key)

    assert len(buckets._levels) == 2
    assert buckets.wait("a") > 0
    assert buckets.wait("b") == 0


def test_many_sessions_of_an_address_share_its_limit() -> None:
    made = Limits(Settings(message_burst=2), clock=Clock())
    for number in range(10):
        made.message(f"session {number}", "address")

    refused = Counted("guide_rate_limited_total", limit="address")
    with pytest.raises(Refusal, match="from your network") as refusal:
        made.message("session 11", "address")
    assert refused.grown == 1
    assert (refusal.value.code, refusal.value.retry_after) == ("rate_limited", 1)
    made.message("session 11", "another")


def request(ip: str, **headers: str) -> Any:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return SimpleNamespace(ip=ip, headers=named)


@pytest.mark.parametrize(
    ("proxies", "ip", "forwarded", "address"),
    [
        ("", "203.0.113.9", None, "203.0.113.9"),
        ("", "203.0.113.9", "1.1.1.1", "203.0.113.9"),
        ("10.0.0.0/8", "10.1.2.3", "203.0.113.9", "203.0.113.9"),
        ("10.0.0.0/8", "10.1.2.3", "1.1.1.1, 203.0.113.9, 10.9.9.9", "203.0.113.9"),
        ("10.0.0.0/8", "10.1.2.3", "nonsense", "10.1.2.3"),
        ("10.0.0.0/8", "10.1.2.3", "10.1.1.1", "10.1.1.1"),
        ("10.0.0.0/8", "10.1.2.3", None, "10.1.2.3"),
        ("::1", "::1", "2001:db8:1:2:3::4", "2001:db8:1:2::/64"),
        ("", "::ffff:203.0.113.9", None, "203.0.113.9"),
        ("", "unix:", None, "unix:"),
    ],
)
def test_addresses(proxies: str, ip: str, forwarded: str | None, address: str) -> None:
    visitors = Visitors(Settings(trusted_proxies=proxies))
    headers = {} if forwarded is None else {"x_forwarded_for": forwarded}

    assert visitors.address(request(ip, **headers)) == address


def test_an_unknown_proxy_is_warned_of_once(caplog: pytest.LogCaptureFixture) -> None:
    visitors = Visitors(Settings())
    for _ in range(2):
        visitors.address(request("10.1.2.3", x_forwarded_for="1.1.1.1"))

    assert caplog.text.count("TRUSTED_PROXIES") == 1


@pytest.mark.parametrize(
    ("origin", "host", "allowed"),
    [
        (None, None, True),
        ("https://clinic.example", "guide.example", True),
        ("https://guide.example", "guide.example", True),
        ("http://guide.example:5005", "guide.example:5005", True),
        ("https://guide.example", None, False),
        ("https://guide.example", "", False),
        ("https://guide.example.evil", "guide.example", False),
        ("http://clinic.example", "guide.example", False),
        ("null", "guide.example", False),
        ("https://", "", False),
        ("file://guide.example", "guide.example", False),
    ],
)
def test_origins(origin: str | None, host: str | None, allowed: bool) -> None:
    visitors = Visitors(Settings(allowed_origins="https://clinic.example"))
    assert visitors.allowed(origin, host) is allowed


def test_a_text_is_cleaned_of_what_no_database_takes() -> None:
    message = read_message({"id": new_id(), "text": "a\x00b\ud800c 🫁"}, 100)
    assert message.text == "abc 🫁"
    assert message.body() == {"text": "abc 🫁"}


def test_a_comment_is_cleaned_too() -> None:
    assert read_opinion({"to": new_id(), "helpful": True, "comment": "a\x00"}).comment == "a"
    assert read_opinion({"to": new_id(), "helpful": True}).comment is None


@pytest.mark.parametrize("auth", [None, {}, {"token": None}, {"token": "", "after": 0}])
def test_a_handshake_without_a_token(auth: Any) -> None:
    assert (read_handshake(auth).token, read_handshake(auth).after) == (None, 0)


@pytest.mark.parametrize(
    "frame",
    ["1", "2", "2probe", "3", "5", "6", "40", '40{"token":"a"}', "41", '42["a"]', '4217["a",{}]'],
)
def test_frames_of_the_protocol(frame: str) -> None:
    assert frame_fault(frame) is None


def test_the_size_of_a_frame_is_in_bytes() -> None:
    frame = '42["message",{"text":"' + "é" * 60_000 + '"}]'
    assert frame_fault(frame) == (1009, "A frame may have at most 100000 bytes.")


def reply(text: str, **changes: str) -> dict[str, Any]:
    return reply_body([{"recipient_id": "web-1", "text": text}, {"custom": CUSTOM | changes}])


def test_a_reply_does_not_name_its_sender() -> None:
    assert reply("hello") == {"messages": [{"text": "hello"}], "custom": CUSTOM}


def test_a_receipt_is_read_from_the_reply_that_gives_it_only() -> None:
    assert receipt_in(reply("Your reference is F-7F3K2Q.")) == "F-7F3K2Q"
    assert receipt_in(reply("I store nothing.")) is None
    assert receipt_in(reply("F-7F3K2Q", topic="greet")) is None
