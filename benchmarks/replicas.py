"""Measures a cluster behind nginx: two replicas against one, and an update while people talk.

Throughput: the same two replicas (a Rasa server and an action server each) run all the time; nginx
hands requests to one of them or to both, in turns, so that both figures come from one run. Each
replica's two processes share a processor core of their own, as on a machine of one core. Then, on
a fresh cluster, one server after the other is replaced while people talk over REST and the website.
Fails if a message was lost or doubled. Start it by:
`scripts/with-postgres scripts/with-redis scripts/with-nginx scripts/with-env --dev
python -m benchmarks.replicas`
"""

from __future__ import annotations

import argparse
import asyncio
import os
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from statistics import median

from benchmarks.cluster import Cluster
from benchmarks.cluster.cluster import Shape
from benchmarks.cluster.load import Load, load
from benchmarks.cluster.update import Update, update
from benchmarks.locks import redis
from bot.training import train

GOAL = 1.7
WARM_UP_SECONDS = 5.0
# Limits are not what is measured.
LIMITS = {"REST_BURST": "0", "MESSAGE_BURST": "10000", "SESSIONS_PER_MINUTE": "1000000"}


def cores(pinned: bool) -> tuple[frozenset[int], ...]:
    """Return a core for each of two replicas; none where there is no telling, or less than two."""
    if not pinned or sys.platform != "linux":
        return ()
    found = sorted(os.sched_getaffinity(0))
    return tuple(frozenset({core}) for core in found[:2]) if len(found) > 1 else ()


def throughput(cluster: Cluster, options: argparse.Namespace) -> tuple[Load, Load]:
    """Return the load that one replica took, and two."""
    one, two = Load(), Load()
    cluster.use(2)
    asyncio.run(load(cluster.url, options.clients, WARM_UP_SECONDS))
    for _ in range(options.rounds):
        for count, found in ((1, one), (2, two)):
            cluster.use(count)
            found.add(asyncio.run(load(cluster.url, count * options.clients, options.seconds)))
    return one, two


def speed_table(one: Load, two: Load) -> str:
    """Return both loads as a Markdown table."""
    rows = [
        ("turns a second", f"{one.rate:.1f}", f"{two.rate:.1f}", f"{two.rate / one.rate:.2f}"),
        ("median of a turn, ms", f"{1000 * median(one.waits):.0f}",
         f"{1000 * median(two.waits):.0f}", ""),
        ("turns / without a whole answer", f"{one.turns} / {one.failed}",
         f"{two.turns} / {two.failed}", ""),
    ]  # fmt: skip
    head = f"| | one replica | two replicas | ratio (goal {GOAL}) |\n|---|---|---|---|"
    return "\n".join([head, *(f"| {' | '.join(row)} |" for row in rows)])


def update_table(found: Update) -> str:
    """Return what came of an update as a Markdown table."""
    rows = [
        ("servers replaced, people over REST / on the website",
         f"{len(found.stops)}, {found.rest.people} / {found.website.people}"),
        ("messages over REST: sent, lost / doubled / safe replies",
         f"{found.rest.sent}, {found.rest.lost} / {found.rest.doubled} / {found.rest.safe}"),
        ("messages on the website: sent, lost / doubled / safe replies",
         f"{found.website.sent}, {found.website.lost} / {found.website.doubled} / "
         f"{found.website.safe}"),
        ("website: connections that moved", str(found.moved)),
        ("seconds until a server had stopped, median / worst",
         f"{median(found.stops):.1f} / {max(found.stops):.1f}"),
    ]  # fmt: skip
    return "\n".join(["| | measured |", "|---|---|", *(f"| {a} | {b} |" for a, b in rows)])


def arguments(given: Sequence[str] | None = None) -> argparse.Namespace:
    """Return the command's options."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.replicas", description=__doc__)
    parser.add_argument("--clients", type=int, default=6, help="at once, for each replica")
    parser.add_argument("--seconds", type=float, default=20.0, help="of each load")
    parser.add_argument("--rounds", type=int, default=3, help="of each load")
    parser.add_argument("--people", type=int, default=10, help="on each channel, during the update")
    parser.add_argument("--times", type=int, default=1, help="that every server is replaced")
    parser.add_argument("--free", action="store_true", help="let replicas use any core")
    parser.add_argument("--only", choices=["throughput", "update"])
    return parser.parse_args(given)


def main() -> int:
    """Measure, print the tables; return 1 if a message was lost or doubled."""
    options = arguments()
    database = os.environ.get("TEST_POSTGRES_URL", "")
    if not database:
        print(f"error: no PostgreSQL.\n{__doc__}", file=sys.stderr)
        return 2
    train()
    flawless = True
    with redis() as url, tempfile.TemporaryDirectory() as name:
        if options.only != "update":
            folder = Path(name) / "throughput"
            folder.mkdir()
            shape = Shape(2, 2, cores(not options.free))
            with Cluster(folder, database, url, shape, settings=LIMITS).running() as cluster:
                print(speed_table(*throughput(cluster, options)), "\n", flush=True)
        if options.only != "throughput":
            folder = Path(name) / "update"
            folder.mkdir()
            with Cluster(folder, database, url, settings=LIMITS).running() as cluster:
                found = asyncio.run(update(cluster, options.people, options.times))
            print(update_table(found))
            flawless = found.flawless
    return 0 if flawless else 1


if __name__ == "__main__":
    sys.exit(main())
