"""What inputs are made of: texts, JSON, headers and paths, as hypothesis strategies."""

from __future__ import annotations

import json
import struct
from typing import Any

from hypothesis import strategies as st

from benchmarks.fuzz.case import MARKER

Strategy = st.SearchStrategy

ODD_TEXTS = (
    "",
    " ",
    "\x00",
    "\r\n\r\nGET / HTTP/1.1",
    "\u202e\u200b\ufeff",
    "{{7*7}}${PATH}%s%(x)s{0.__class__}",
    "'; DROP TABLE escalations; --",
    "<script>alert(1)</script>",
    "../../../../etc/passwd",
    "true",
    "NaN",
    "9" * 400,
    "é" * 300,
    "\U0001f62d" * 300,
)
TALK = (
    "What is Long COVID?",
    "Can ketamine help with brain fog?",
    "How much ketamine should I take?",
    "I want to kill myself",
    "I can't breathe, my chest hurts",
    "Where can I buy it without a prescription?",
    "Should I stop my tablets?",
    "and for pain?",
    "what is the weather",
    "thank you",
    "forget me",
    "can I talk to a person",
    "/ask_pain",
    "/greet{} i want to die",
    '/inform{"crisis_open": false}',
    "/restart",
    "EXTERNAL: x",
    "/start",
)
# Sizes around every limit that is known: frames, bodies, messages, senders.
SIZES = (199, 201, 4096, 10_001, 65_536, 100_001, 1_000_001)


def texts() -> Strategy[str]:
    """Return texts: odd, of any character (lone surrogates too), or long; most with the marker."""
    anything = st.text(st.characters(exclude_categories=()), max_size=30)
    plain = st.one_of(st.sampled_from(ODD_TEXTS), anything, st.sampled_from(TALK))
    return st.one_of(plain, plain.map(lambda text: f"{MARKER} {text}"))


def long_texts() -> Strategy[str]:
    """Return texts of the sizes around a limit."""
    pieces = st.sampled_from(["a", "é", "\x00", " ", "what is long covid? ", "\\", '"', "[", "{"])
    return st.builds(lambda piece, size: MARKER + piece * size, pieces, st.sampled_from(SIZES[:5]))


def talk() -> Strategy[str]:
    """Return what gives a whole turn: sayings with the marker, or something odd, beside them."""
    return st.builds(
        lambda said, odd: f"{said} {MARKER} {odd}", st.sampled_from(TALK), st.one_of(texts())
    )


def numbers() -> Strategy[Any]:
    """Return numbers, those beyond 64 bits and none at all among them."""
    edges = st.sampled_from([0, -1, 1, 2**31, 2**53, 2**63 - 1, 2**63, -(2**63), 10**40, 1e308])
    return st.one_of(edges, st.integers(), st.floats())


def scalars() -> Strategy[Any]:
    """Return JSON values without parts."""
    return st.one_of(st.none(), st.booleans(), numbers(), texts())


def values() -> Strategy[Any]:
    """Return any JSON value."""
    return st.recursive(
        scalars(),
        lambda inner: st.lists(inner, max_size=3) | st.dictionaries(texts(), inner, max_size=3),
        max_leaves=6,
    )


def spoilt(shape: dict[str, Any]) -> Strategy[dict[str, Any]]:
    """Return the object with some of its values replaced, left out or joined by others."""

    def change(names: list[str], value: Any, gone: list[str], more: Any) -> dict[str, Any]:
        changed = {**shape, **dict.fromkeys(names, value)}
        kept = {name: part for name, part in changed.items() if name not in gone}
        return {**kept, **(more if isinstance(more, dict) else {})}

    keys = st.sampled_from(sorted(shape))
    more = st.one_of(st.none(), st.dictionaries(texts(), scalars(), max_size=2))
    few = st.lists(keys, max_size=2)
    return st.builds(change, few, values(), st.lists(keys, max_size=1), more)


def dumped(value: Any) -> bytes:
    """Return JSON, as a careless client writes it."""
    return json.dumps(value).encode()


def raw_json(value: Any) -> bytes:
    """Return JSON in bare UTF-8; lone surrogates become bytes that are no UTF-8."""
    return json.dumps(value, ensure_ascii=False).encode("utf-8", "surrogatepass")


def _deep(opening: str, depth: int) -> bytes:
    return opening.encode() * depth + MARKER.encode()


def junk() -> Strategy[bytes]:
    """Return bodies that are no JSON, or only just."""
    mark = MARKER.encode()
    deep = st.builds(
        _deep, st.sampled_from(["[", '{"a":', '["', "{"]), st.sampled_from([1, 500, 1100, 40_000])
    )
    closed = st.sampled_from([900, 1100, 5000]).map(lambda n: b"[" * n + mark + b"]" * n)
    return st.one_of(
        st.binary(max_size=60).map(lambda data: mark + data),
        st.binary(max_size=60),
        deep,
        closed,
        st.sampled_from(
            [
                b"",
                b"null",
                b"NaN",
                b"\xff\xfe",
                b"\xef\xbb\xbf{}",
                b'{"a":1}{"a":2}',
                b"\x1f\x8b\x08\x00",
                b'"' + mark,
                b'{"sender": "' + mark,
            ]
        ),
        numbers().map(lambda n: struct.pack("d", n) if isinstance(n, float) else dumped(n)),
    )


def encoded(value: Strategy[Any]) -> Strategy[bytes]:
    """Return the value as JSON in either way of writing it."""
    return st.one_of(value.map(dumped), value.map(raw_json))


def header_values() -> Strategy[bytes]:
    """Return values of headers, no line break in them."""
    some = st.one_of(texts().map(lambda text: text.encode("utf-8", "surrogatepass")), st.binary())
    return some.map(lambda value: value.replace(b"\r", b"").replace(b"\n", b"")[:8000])


def paths() -> Strategy[bytes]:
    """Return paths below which files or routes may be looked for."""
    steps = st.sampled_from(
        [b"..", b".", b"%2e%2e", b"..%2f", b"%5c..", b"widget", b"demo.css", b"webhooks", b"rest",
         b"etc", b"passwd", b"%00", b"%ff", b"secret.key", b"long-covid-guide.js", b"//", b"~",
         b"conversations", b"model", b"status", b"var", b";", b"%252e%252e", MARKER.encode(),
         b"\xc3\xa9", b"%u0000", b"a" * 3000]
    )  # fmt: skip
    query = st.one_of(
        st.just(b""), st.sampled_from([b"?token=", b"?" + b"a=1&" * 200, b"?%", b"?after=-1", b"#"])
    )
    return st.builds(
        lambda parts, end: b"/" + b"/".join(parts) + end, st.lists(steps, max_size=6), query
    )
