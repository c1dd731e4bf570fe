"""Inputs for what is reached over HTTP: REST, website, Telegram, health, files, action server."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st

from benchmarks.fuzz.case import ACTION, MARKER, SECRET, TOKEN, Case, request
from benchmarks.fuzz.values import (
    Strategy,
    encoded,
    header_values,
    junk,
    long_texts,
    numbers,
    paths,
    spoilt,
    talk,
    texts,
    values,
)

REST = b"/webhooks/rest/webhook"
WEBSITE = b"/webhooks/website"
TELEGRAM = b"/webhooks/telegram/webhook"
JSON_TYPE = {"Content-Type": b"application/json"}
METHODS = ("GET", "POST", "HEAD", "PUT", "DELETE", "OPTIONS", "PATCH", "TRACE", "CONNECT", "zqx")
_ODD_HEADERS = (
    "Content-Type",
    "Origin",
    "Authorization",
    "X-Forwarded-For",
    "Forwarded",
    "Cookie",
    "Accept-Encoding",
    "If-None-Match",
    "Content-Encoding",
    "Expect",
    "Upgrade",
    "Range",
    "X-Request-ID",
)


def _posted(path: bytes, body: bytes, more: dict[str, bytes], method: str = "POST") -> bytes:
    return request(method, path, {**JSON_TYPE, **more}, body)


def odd_headers() -> Strategy[dict[str, bytes]]:
    """Return mostly none, else some headers with values that they should not have."""
    some = st.dictionaries(st.sampled_from(_ODD_HEADERS), header_values(), max_size=2)
    return st.one_of(st.just({}), st.just({}), some)


def cheap(
    target: str, shapes: list[tuple[bytes, Strategy[bytes]]], **auth: bytes
) -> Strategy[Case]:
    """Return requests to one of the paths with a body that is not right, or junk."""

    def build(at: tuple[bytes, bytes], headers: dict[str, bytes], method: str) -> Case:
        given = {name.replace("_", "-"): value for name, value in auth.items()}
        return Case(target, "http", _posted(*at, {**given, **headers}, method), echo=True)

    bodies = [st.tuples(st.just(path), st.one_of(body, junk())) for path, body in shapes]
    methods = st.sampled_from(["POST"] * 12 + list(METHODS))
    return st.builds(build, st.one_of(*bodies), odd_headers(), methods)


def rest() -> Strategy[Case]:
    """Return malformed requests to the REST channel."""
    shape = {"sender": MARKER, "message": MARKER, "metadata": {}, "stream": True}
    # Nobody asks for a turn here: those are `rest_turns`.
    broken = spoilt(shape).map(lambda data: {**data, "sender": None} if _is_turn(data) else data)
    query = st.sampled_from([b"", b"?stream=true", b"?token=x", b"?stream=" + MARKER.encode()])
    big = long_texts().map(lambda text: {"sender": text, "message": text})
    some = [encoded(broken), encoded(values()), encoded(broken), encoded(big)]
    return query.flatmap(lambda end: cheap("rest", [(REST + end, one) for one in some]))


def _is_turn(data: dict[str, Any]) -> bool:
    return isinstance(data.get("sender"), str) and isinstance(data.get("message"), str)


def rest_turns() -> Strategy[Case]:
    """Return requests that are answered by a whole turn."""

    def build(sender: int, text: str, metadata: Any) -> Strategy[Case]:
        body = {"sender": f"fuzz-{sender}", "message": text, "metadata": metadata}
        return encoded(st.just(body)).map(
            lambda data: Case("rest", "http", _posted(REST, data, {}))
        )

    metadata = st.one_of(st.none(), st.dictionaries(texts(), values(), max_size=2))
    said = st.one_of(talk(), talk(), talk(), texts(), long_texts())
    made = st.builds(build, st.integers(0, 5000), said, metadata)
    return made.flatmap(lambda case: case)


def uuids() -> Strategy[str]:
    """Return ids of messages; rarely one that is none."""
    return st.one_of(st.uuids().map(str), st.uuids().map(str), texts())


def website() -> Strategy[Case]:
    """Return requests to the website's REST, with a token and without."""
    message = uuids().flatmap(lambda one: spoilt({"id": one, "text": 7, "title": MARKER}))
    tap = uuids().flatmap(lambda one: spoilt({"id": one, "payload": f"/{MARKER}", "title": "a"}))
    opinion = spoilt({"to": MARKER, "helpful": True, "comment": MARKER})
    shapes = [
        (WEBSITE + b"/messages", encoded(message)),
        (WEBSITE + b"/messages", encoded(tap)),
        (WEBSITE + b"/messages", encoded(values())),
        (WEBSITE + b"/feedback", encoded(opinion)),
        (WEBSITE + b"/sessions", encoded(values())),
        (WEBSITE + b"/messages?after=" + MARKER.encode(), encoded(values())),
        (WEBSITE + b"/messages?after=99999999999999999999", st.just(b"")),
        (WEBSITE + b"/forget", encoded(spoilt({"x": MARKER}))),
    ]
    tokens = st.sampled_from([f"Bearer {TOKEN}".encode()] * 3 + [b"", f"Bearer {MARKER}".encode()])
    return tokens.flatmap(lambda token: cheap("website", shapes, Authorization=token))


def website_turns() -> Strategy[Case]:
    """Return messages of the website that are answered by a whole turn."""

    def build(one: str, text: bytes) -> Case:
        auth = {"Authorization": f"Bearer {TOKEN}".encode()}
        body = b'{"id": "%s", "text": %s}' % (one.encode(), text)
        return Case("website", "http", _posted(WEBSITE + b"/messages", body, auth), echo=True)

    return st.builds(build, st.uuids().map(str), encoded(talk()))


def _update(kind: str, text: Any, chat: Any, number: int) -> dict[str, Any]:
    person = {"id": chat, "is_bot": False, "first_name": MARKER}
    message = {
        "message_id": number % 2**31,
        "date": 1_700_000_000,
        "chat": {"id": chat, "type": "private", "first_name": MARKER},
        "from": person,
        "text": text,
    }
    if kind == "callback_query":
        tap = {"id": str(number), "from": person, "message": message, "data": text}
        return {"update_id": number, kind: tap}
    if kind == "my_chat_member":
        message |= {"new_chat_member": {"status": "kicked"}, "old_chat_member": {"status": "left"}}
    return {"update_id": number, kind: message}


def telegram() -> Strategy[Case]:
    """Return updates that are none, or that nobody may send."""
    kinds = st.sampled_from(
        ["message", "edited_message", "callback_query", "my_chat_member", "channel_post", "poll"]
    )
    number = st.integers(1, 2**40)

    def parts(update: dict[str, Any]) -> Strategy[dict[str, Any]]:
        [kind] = set(update) - {"update_id"}
        inner = spoilt({**update[kind], "text": None, "caption": None})
        return inner.flatmap(lambda part: spoilt({**update, kind: part}))

    odd = st.builds(_update, kinds, values(), numbers(), number)
    broken = odd.flatmap(parts)
    shapes = [(TELEGRAM, encoded(broken)), (TELEGRAM, encoded(odd)), (TELEGRAM, encoded(values()))]
    secrets = st.sampled_from([SECRET.encode()] * 3 + [b"", MARKER.encode(), b"\xff\x00"])
    return secrets.flatmap(
        lambda secret: cheap("telegram", shapes, X_Telegram_Bot_Api_Secret_Token=secret)
    )


def telegram_turns() -> Strategy[Case]:
    """Return updates that are answered by a whole turn, in a chat that is not there."""

    def build(text: str, chat: int, number: int) -> Strategy[Case]:
        update = st.just(_update("message", text, chat, number))
        headers = {"X-Telegram-Bot-Api-Secret-Token": SECRET.encode()}
        return encoded(update).map(
            lambda body: Case("telegram", "http", _posted(TELEGRAM, body, headers))
        )

    number = st.integers(1, 2**40)
    return st.builds(build, talk(), number, number).flatmap(lambda case: case)


def files() -> Strategy[Case]:
    """Return requests for health, for files, and for what must not be there."""
    known = st.sampled_from([b"/health", b"/", b"/widget/demo.css", b"/favicon.ico", b"/version"])
    path = st.one_of(paths(), paths(), known, paths().map(lambda end: b"/widget/.." + end))

    def build(method: str, path: bytes, headers: dict[str, bytes], body: bytes) -> Case:
        return Case("files", "http", request(method, path, headers, body))

    return st.builds(
        build, st.sampled_from(("GET",) * 8 + METHODS), path, odd_headers(), st.one_of(junk())
    )


def broken() -> Strategy[Case]:
    """Return bytes that are no request, or half of one."""
    whole = st.one_of(rest(), files(), telegram()).map(lambda case: case.data[:3000])
    post, mark = b"POST " + REST + b" HTTP/1.1\r\n", MARKER.encode()
    heads = st.sampled_from([
        post + b"Transfer-Encoding: chunked\r\n\r\n" + mark,
        post + b"Host: a\r\nTransfer-Encoding: chunked\r\n\r\nffffffffff\r\n",
        post + b"Content-Length: -1\r\n\r\n{}",
        post + b"Content-Length: 5\r\nContent-Length: 9\r\n\r\n{}",
        post + b"Content-Length: " + mark + b"\r\n\r\n{}",
        post + b"Content-Length: 99999999999999\r\n\r\n{}",
        b"GET / HTTP/9.9\r\n\r\n",
        b"GET\r\n\r\n",
        b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",
        b"GET / HTTP/1.1\r\n" + b"X: y\r\n" * 3000 + b"\r\n",
        b"GET /" + mark + b" HTTP/1.1\r\nX-" + mark + b": " + b"a" * 70_000,
    ])  # fmt: skip
    cut = st.builds(lambda data, at: data[: at % (len(data) + 1)], whole, st.integers(0, 10**6))
    flipped = st.builds(_flipped, whole, st.integers(0, 10**6), st.integers(0, 255))
    some = st.one_of(heads, cut, flipped, st.binary(min_size=1, max_size=200))
    return some.map(lambda data: Case("broken", "broken", data, echo=True))


def _flipped(data: bytes, at: int, byte: int) -> bytes:
    at %= len(data)
    return data[:at] + bytes([byte]) + data[at + 1 :]


def actions() -> Strategy[Case]:
    """Return calls of the action server, with its secret and without."""
    call = {
        "sender_id": MARKER,
        "tracker": {
            "sender_id": MARKER,
            "slots": {},
            "latest_message": {"text": MARKER, "intent": {"name": "ask_pain"}, "entities": []},
            "events": [],
        },
        "domain": {},
    }
    names = st.sampled_from(["action_answer", "action_crisis", "action_none", 7, None])
    # An action's name is no person's word: the SDK may log it.
    body = st.builds(lambda name, data: {**data, "next_action": name}, names, spoilt(call))
    inner = values().map(lambda part: {**call, "next_action": "action_none", "tracker": part})
    shapes = [
        (b"/webhook", encoded(body)),
        (b"/webhook", encoded(inner)),
        (b"/webhook", encoded(values())),
        (b"/actions", st.just(b"")),
        (b"/" + MARKER.encode(), st.just(b"")),
    ]
    tokens = [f"Bearer {ACTION}".encode(), b"", f"Bearer {MARKER}".encode(), b"Basic \xff"]
    return st.sampled_from(tokens).flatmap(
        lambda token: cheap("actions", shapes, Authorization=token)
    )
