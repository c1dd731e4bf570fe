"""Lists and resolves escalations of the configured database: what `make escalations` calls."""

from __future__ import annotations

import sys

from bot.records import RecordsError, upgrade
from bot.records.__main__ import main as records_main
from bot.settings import Settings, SettingsError


def main(arguments: list[str] | None = None) -> int:
    """Run a records command (default: list) on this project's database; return the exit code."""
    try:
        url = Settings.from_env().records_url
        # So that the list is empty, not an error, before the bot has ever run.
        upgrade(url)
    except (SettingsError, RecordsError) as error:
        print(f"error: {error}", file=sys.stderr)  # noqa: T201
        return 1
    given = sys.argv[1:] if arguments is None else arguments
    return records_main(["--url", url, *(given or ["list"])])


if __name__ == "__main__":
    sys.exit(main())
