"""Inputs for the website's socket: Engine.IO and Socket.IO frames, over WebSocket and polling."""

from __future__ import annotations

from hypothesis import strategies as st

from benchmarks.fuzz.case import MARKER, SID, TOKEN, Case, Frame
from benchmarks.fuzz.entries import uuids
from benchmarks.fuzz.values import Strategy, encoded, junk, long_texts, spoilt, talk, texts, values

PATH = b"/webhooks/website/socket.io/?EIO=4&transport="
TEXT, BINARY, CLOSE, PING, PONG = 1, 2, 8, 9, 10
CONNECT = Frame(TEXT, b"40{}")
RESUME = Frame(TEXT, b'40{"token": "%s", "after": 0}' % TOKEN.encode())


def packets() -> Strategy[bytes]:
    """Return Engine.IO packets: near to those of the protocol, or far from them."""
    heads = st.sampled_from(
        [b"0", b"1", b"2", b"2probe", b"3", b"4", b"40", b"41", b"42", b"420", b"43", b"44", b"45",
         b"451-", b"46", b"5", b"6", b"7", b"b", b"40/admin,", b"42/x,", b"4299999999999999999999"]
    )  # fmt: skip
    message = uuids().flatmap(lambda one: spoilt({"id": one, "text": 3, "payload": f"/{MARKER}"}))
    named = st.one_of(
        st.sampled_from(["message", "forget", "feedback", "connect", "disconnect", "*"]), texts()
    )
    event = st.builds(lambda name, data: [name, *data], named, st.lists(values(), max_size=2))
    likely = message.map(lambda data: ["message", data])
    bodies = st.one_of(encoded(event), encoded(likely), encoded(values()), junk())
    hand = spoilt({"token": MARKER, "after": 0})
    return st.one_of(
        st.builds(lambda head, body: head + body, heads, bodies),
        st.builds(
            lambda number, body: b"42%d" % number + body, st.integers(0, 99), encoded(likely)
        ),
        encoded(hand).map(lambda body: b"40" + body),
        heads,
        long_texts().map(lambda text: b'42["message",{"id":"%s"}]' % text.encode()[:150_000]),
    )


def frames() -> Strategy[Frame]:
    """Return frames of WebSocket, some of which break its rules."""
    text = packets().map(lambda packet: Frame(TEXT, packet))
    odd = st.builds(
        Frame,
        st.integers(0, 15),
        st.one_of(packets(), st.binary(max_size=130)),
        st.sampled_from([0x80, 0x80, 0x00, 0xC0, 0xF0, 0x90]),
        st.booleans(),
    )
    loose = st.binary(min_size=1, max_size=40).map(lambda data: Frame(-1, data))
    return st.one_of(text, text, text, odd, loose)


def sockets() -> Strategy[Case]:
    """Return connections with frames that are not right."""

    def build(hello: list[Frame], rest: list[Frame]) -> Case:
        return Case("socket", "socket", PATH + b"websocket", (*hello, *rest), echo=True)

    hello = st.sampled_from([[CONNECT], [RESUME], [RESUME], []])
    return st.builds(build, hello, st.lists(frames(), min_size=1, max_size=4))


def socket_turns() -> Strategy[Case]:
    """Return connections on which a message is sent that a whole turn answers."""

    def build(one: str, text: bytes) -> Case:
        said = b'421["message",{"id":"%s","text":%s}]' % (one.encode(), text)
        return Case("socket", "talk", PATH + b"websocket", (CONNECT, Frame(TEXT, said)), echo=True)

    return st.builds(build, st.uuids().map(str), encoded(talk()))


def polls() -> Strategy[Case]:
    """Return polling connections to which bodies are posted that are not right."""
    body = st.lists(packets(), min_size=1, max_size=3).map(b"\x1e".join)
    some = st.lists(st.one_of(body, junk()).map(lambda data: Frame(TEXT, data)), max_size=2)
    path = st.sampled_from(
        [PATH + b"polling&sid=" + SID.encode()] * 8
        + [PATH + b"polling&sid=" + MARKER.encode(), PATH + b"polling&j=1", PATH + MARKER.encode(),
           b"/webhooks/website/socket.io/?EIO=3&transport=polling",
           b"/webhooks/website/socket.io/" + MARKER.encode()]
    )  # fmt: skip
    return st.builds(
        lambda at, posted: Case("polling", "poll", at, (CONNECT, *posted), echo=True), path, some
    )
