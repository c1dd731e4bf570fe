"""What fuzzing takes for a fault, and that an input can be written down and sent again."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from benchmarks.fuzz import wire
from benchmarks.fuzz.case import MARKER, PREFIX, Case, Frame, marker, request
from benchmarks.fuzz.generating import SHARES, batch
from benchmarks.fuzz.running import Figures, Finding
from benchmarks.fuzz.watch import MOST_GROWTH, Logs, fault
from benchmarks.fuzz.wire import Answer, Hang, Server, send, server_frames, wire_frame

CASE = Case("rest", "http", request("POST", b"/x", body=MARKER.encode()))
SOCKET = Case("socket", "socket", b"/", (Frame(1, b"\xff" + MARKER.encode()), Frame(-1, b"")))


@pytest.mark.parametrize("case", [CASE, SOCKET])
def test_an_input_is_read_as_it_was_written(case: Case) -> None:
    assert Case.read(case.written()) == case


def test_an_input_gets_the_marker_of_its_number() -> None:
    numbered = SOCKET.numbered(7)

    assert marker(7).encode() in numbered.frames[0].payload
    assert len(numbered.frames[0].payload) == len(SOCKET.frames[0].payload)
    assert MARKER.encode() not in numbered.frames[0].payload


def test_the_same_seed_makes_the_same_inputs_and_another_makes_others() -> None:
    first = batch(3, 100)

    assert batch(3, 100) == first
    assert batch(4, 100) != first
    assert len({case.target for case in first}) >= len(SHARES) - 4
    assert sum(SHARES.values()) == 1000


@pytest.mark.parametrize(
    ("answer", "wrong"),
    [
        (Answer((200, 400), b"fine"), None),
        (Answer((500,), b""), "status 500"),
        (Answer((200, 503), b""), "status 503"),
        (Answer((0,), b""), "cut"),
        (Answer((404,), PREFIX.encode()), "repeats"),
    ],
)
def test_a_fault_is_found(answer: Answer, wrong: str | None) -> None:
    found = fault(CASE, answer)

    assert found is None if wrong is None else wrong in str(found)


def test_health_may_be_degraded_but_not_fail() -> None:
    case = Case("files", "http", request("GET", b"/health"))

    assert fault(case, Answer((503,), b"")) is None
    assert fault(case, Answer((500,), b"")) == "status 500"


def test_a_log_is_read_once_and_names_the_inputs(tmp_path: Path) -> None:
    log, logs = tmp_path / "bot.log", Logs(tmp_path)
    log.write_text("nothing\n")
    assert logs.leaked() == []

    log.write_text(f"nothing\nodd: {marker(12)} {marker(5)} {marker(12)}\n")
    assert logs.leaked() == [5, 12]
    assert logs.leaked() == []


def test_an_action_that_failed_is_counted(tmp_path: Path) -> None:
    logs = Logs(tmp_path)
    (tmp_path / "bot.log").write_text("ERROR The action server failed at action_answer\nfine\n")

    assert (logs.leaked(), logs.failed) == ([], 1)


def test_figures_fail_by_a_finding_or_by_growth() -> None:
    assert not Figures(memory=[100.0] * 5 + [100 * MOST_GROWTH]).failed
    assert Figures(memory=[100.0] * 5 + [101 * MOST_GROWTH]).failed
    assert Figures(memory=[1.0], findings=[Finding("status 500", CASE)]).failed


@pytest.mark.parametrize("size", [0, 125, 126, 65_535, 65_536])
def test_a_frame_is_read_as_a_server_sends_it(size: int) -> None:
    sent = wire_frame(Frame(1, b"a" * size, masked=False))

    assert server_frames(sent + sent + sent[: 1 + size // 2])[:2] == [b"a" * size] * 2


async def test_a_server_that_says_nothing_hangs(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(wire, "BOUND", 0.2)

    async def silent(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read()
        writer.close()

    async with await asyncio.start_server(silent, "127.0.0.1", 0) as listening:
        port = listening.sockets[0].getsockname()[1]
        with pytest.raises(Hang):
            await send(Server(port, port, "", ""), CASE)


async def test_a_refusal_is_looked_at_and_a_reply_to_the_person_is_not() -> None:
    said = {b"/ok": b"HTTP/1.1 200 OK", b"/no": b"HTTP/1.1 400 Bad Request"}

    async def echo(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = await reader.readuntil(b"\r\n\r\n")
        writer.write(said[head.split()[1]] + b"\r\n\r\n" + MARKER.encode())
        writer.close()

    async with await asyncio.start_server(echo, "127.0.0.1", 0) as listening:
        port = listening.sockets[0].getsockname()[1]
        server = Server(port, port, "", "")
        answers = [
            await send(server, Case("website", "http", request("GET", path), echo=True))
            for path in said
        ]

    assert [answer.statuses for answer in answers] == [(200,), (400,)]
    assert [MARKER.encode() in answer.private for answer in answers] == [False, True]
