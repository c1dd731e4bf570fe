"""The records room from a terminal: `python -m bot.records list`, and the worker."""

import argparse
import logging
import os
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

from bot import logs, metrics

from . import backup, gauges, listing, migrate
from .errors import InvalidUrl, InvalidValue, RecordsError, StorageError
from .heartbeat import Heartbeats, SharedHeartbeat
from .outbox import Outbox
from .redaction import Redactor
from .repository import Records
from .store import utcnow
from .tables import ESCALATION_STATUSES
from .targets import split_targets
from .worker import Worker

RETENTION_DAYS = "90"
# Where a DATA_DIR that is not absolute begins, as for the bot.
ROOT = Path(__file__).resolve().parents[2]


def main(arguments: Sequence[str] | None = None, environ: Mapping[str, str] = os.environ) -> int:
    """Run one command and return its exit code; what went wrong is one line on stderr."""
    options = _parser().parse_args(arguments)
    try:
        url = options.url or environ.get("DATABASE_URL") or ""
        if not url:
            raise InvalidUrl("no database: give --url or set DATABASE_URL")
        if options.command == "migrate":
            return _migrate(url)
        if options.command == "work":
            return _work(url, environ, once=options.once)
        if options.command == "backup":
            return _backup(url, options.file)
        if options.command == "restore":
            return _restore(url, environ, options.file, replace=options.replace)
        return _desk(url, options)
    except RecordsError as failure:
        print(f"error: {failure}", file=sys.stderr)
        return 1


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m bot.records", description=__doc__)
    parser.add_argument("--url", help="the database; default: the environment's DATABASE_URL")
    commands = parser.add_subparsers(dest="command", required=True)
    listed = commands.add_parser("list", help="list escalations, the oldest first")
    listed.add_argument("--status", choices=[*ESCALATION_STATUSES, "all"], default="open")
    shown = commands.add_parser("show", help="show all that is recorded of one escalation")
    taken = commands.add_parser("take", help="say who looks after an escalation")
    resolved = commands.add_parser("resolve", help="close an escalation")
    for command in (shown, taken, resolved):
        command.add_argument("reference", metavar="REF", help="such as E-7F3K2Q")
    for command in (taken, resolved):
        command.add_argument("--by", metavar="NAME", required=True)
    resolved.add_argument("--note", metavar="TEXT", required=True, help="what was done")
    commands.add_parser("migrate", help="create the tables, or bring them up to date")
    _add_backup(commands)
    worker = commands.add_parser(
        "work",
        help="send notifications, finish erasures, enforce retention",
        epilog="Environment: NOTIFY_URLS (Apprise targets), RETENTION_DAYS (default 90), "
        "WORKER_HEARTBEAT (file touched after every round), REDIS_URL (where several servers look "
        "for the worker), LOG_LEVEL, LOG_FORMAT (text or json), METRICS_HOST, METRICS_PORT (0: "
        "none; else the worker's metrics are two ports on).",
    )
    worker.add_argument("--once", action="store_true", help="one round, then stop")
    return parser


def _add_backup(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    saved = commands.add_parser("backup", help="write the whole database into a new file")
    restored = commands.add_parser(
        "restore",
        help="put a back-up in the database's place, without what was erased since",
        epilog="Environment: RETENTION_DAYS (default 90), SECRET_KEY (default: secret.key in "
        "DATA_DIR). Stop the bot first.",
    )
    for command in (saved, restored):
        command.add_argument("file", metavar="FILE", type=Path)
    restored.add_argument("--replace", action="store_true", help="even if it is not empty")


def _backup(url: str, file: Path) -> int:
    saved = backup.backup(url, file)
    print(f"{file}: {saved.size} bytes, revision {saved.revision}")
    return 0


def _restore(url: str, environ: Mapping[str, str], file: Path, *, replace: bool) -> int:
    days = _retention_days(environ.get("RETENTION_DAYS") or RETENTION_DAYS)
    secret = _secret(environ)
    saved = backup.restore(url, file, secret=secret, keep_days=days, replace=replace)
    print(f"restored from {file} (revision {saved.revision}); now revision {migrate.head()}")
    return 0


def _secret(environ: Mapping[str, str]) -> bytes | None:
    given = environ.get("SECRET_KEY", "").strip()
    kept = ROOT / (environ.get("DATA_DIR") or "var") / "secret.key"
    if given or not kept.is_file():
        return given.encode() or None
    return kept.read_bytes()


def _desk(url: str, options: argparse.Namespace) -> int:
    if migrate.current(url) != migrate.head():
        raise StorageError("the tables are not up to date: run `python -m bot.records migrate`")
    records = Records(url, redact=Redactor())
    try:
        print(_answer(records, options))
    finally:
        records.close()
    return 0


def _answer(records: Records, options: argparse.Namespace) -> str:
    if options.command == "list":
        status = None if options.status == "all" else options.status
        return listing.table(records.escalations(status), options.status, utcnow())
    if options.command == "show":
        escalation = records.escalation(options.reference)
        notification = records.notification(escalation.reference)
        return listing.page(escalation, notification, utcnow())
    if options.command == "take":
        taken = records.take(options.reference, options.by)
        return f"{taken.reference} is taken by {taken.taken_by}"
    resolved = records.resolve(options.reference, options.by, options.note)
    return f"{resolved.reference} is resolved"


def _migrate(url: str) -> int:
    migrate.upgrade(url)
    print(f"the tables are up to date (revision {migrate.current(url)})")
    return 0


def _work(url: str, environ: Mapping[str, str], *, once: bool) -> int:
    logs.configure(environ.get("LOG_LEVEL") or "INFO", environ.get("LOG_FORMAT") or "text")
    # Alembic's own lines say nothing to whoever runs a bot.
    logging.getLogger("alembic").setLevel(logging.WARNING)
    days = _retention_days(environ.get("RETENTION_DAYS") or RETENTION_DAYS)
    targets = split_targets(environ.get("NOTIFY_URLS", ""))
    shown = _metrics_address(environ)
    records = Records(url)
    try:
        worker = Worker(
            records,
            Outbox(records, targets),
            days,
            prepare=lambda: migrate.upgrade(url),
            heartbeat=_heartbeat(environ),
        )
        if once:
            return 0 if worker.round() else 1
        metrics.serve("worker", *shown, gauges.QueueGauges(records))
        worker.stop_on_signals()
        worker.run()
    finally:
        records.close()
    return 0


def _metrics_address(environ: Mapping[str, str]) -> tuple[str, int]:
    try:
        return metrics.from_environ(environ)
    except metrics.MetricsPortError as error:
        raise InvalidValue(str(error)) from None


def _heartbeat(environ: Mapping[str, str]) -> Heartbeats:
    file, redis = environ.get("WORKER_HEARTBEAT"), environ.get("REDIS_URL")
    beats = [*([Path(file)] if file else []), *([SharedHeartbeat(redis)] if redis else [])]
    return Heartbeats(*beats)


def _retention_days(text: str) -> int:
    if not text.strip().isdecimal():
        raise InvalidValue("RETENTION_DAYS must be a whole number of days")
    return int(text)


if __name__ == "__main__":
    sys.exit(main())
