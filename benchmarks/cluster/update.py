"""An update: one server after the other is replaced while people talk."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from benchmarks.cluster.cluster import Cluster
from benchmarks.cluster.people import Person, RestPerson, WebPerson
from bot.records.database import connect

# Talk before the first server goes, and after the last one is back.
QUIET_SECONDS = 5.0
_TURNS = "SELECT sender_id, count(*) FROM events WHERE type_name = 'user' GROUP BY sender_id"
_ENTRIES = "SELECT message_id, author, count(*) FROM entries GROUP BY message_id, author"


@dataclass
class Count:
    """What became of messages: `lost` has no reply, `doubled` was answered or stored twice, `safe`
    got the reply of a part that failed."""

    people: int = 0
    sent: int = 0
    lost: int = 0
    doubled: int = 0
    safe: int = 0

    def add(self, people: Sequence[Person]) -> None:
        """Count what people sent and heard."""
        self.people += len(people)
        for person in people:
            replies = [person.heard.get(name, []) for name in person.sent]
            self.sent += len(replies)
            self.lost += sum(not reply for reply in replies)
            self.doubled += sum(len(reply) > 1 for reply in replies)
            self.safe += sum(outcome == "unavailable" for reply in replies for outcome in reply)


@dataclass
class Update:
    """What came of an update.

    Attributes:
        stops: seconds that each server took to stop.
        moved: connections of the website that were made again.
    """

    rest: Count = field(default_factory=Count)
    website: Count = field(default_factory=Count)
    stops: list[float] = field(default_factory=list)
    moved: int = 0

    @property
    def flawless(self) -> bool:
        """Whether nothing was lost or doubled."""
        counts = (self.rest, self.website)
        return not any(count.lost or count.doubled for count in counts)


async def update(cluster: Cluster, people: int, times: int) -> Update:
    """Replace every server so many times while so many people talk on each channel."""
    rest = [RestPerson(cluster.url, number) for number in range(people)]
    website = [WebPerson(cluster.url) for _ in range(people)]
    found, stop = Update(), asyncio.Event()
    everybody: list[Person] = [*rest, *website]
    talking = [asyncio.create_task(person.talk(stop)) for person in everybody]
    try:
        await asyncio.sleep(QUIET_SECONDS)
        for server in cluster.servers * times:
            found.stops.append(await asyncio.to_thread(cluster.replace, server))
        await asyncio.sleep(QUIET_SECONDS)
    finally:
        stop.set()
        await asyncio.gather(*talking)
    found.rest.add(rest)
    found.website.add(website)
    found.moved = sum(person.reconnects for person in website)
    _count_stored(cluster.database, rest, website, found)
    return found


def _count_stored(
    database: str, rest: Sequence[RestPerson], website: Sequence[WebPerson], found: Update
) -> None:
    """Count what the database holds too often: it may be what nobody was shown."""
    engine = connect(database)
    with engine.connect() as connection:
        turns = Counter(dict(_pairs(connection.exec_driver_sql(_TURNS))))
        entries = {(row[0], row[1]): int(row[2]) for row in connection.exec_driver_sql(_ENTRIES)}
    engine.dispose()
    found.rest.doubled += sum(max(0, turns[one.sender] - len(one.sent)) for one in rest)
    names = [name for person in website for name in person.sent]
    counts = [entries.get((name, author), 0) for name in names for author in ("user", "bot")]
    found.website.lost += sum(count == 0 for count in counts)
    found.website.doubled += sum(count > 1 for count in counts)


def _pairs(rows: Iterable[Sequence[object]]) -> list[tuple[str, int]]:
    return [(str(row[0]), int(str(row[1]))) for row in rows]
