"""Sets the bot up on Telegram: `python -m bot.channels.telegram webhook https://bot.example.org`.

`webhook ADDRESS` has updates brought to ADDRESS, and puts the commands into the menu; `webhook
--remove` ends that; `commands` only puts them there; `status` shows what Telegram knows.
"""

from __future__ import annotations

import argparse
import asyncio
import sys
from typing import Any
from urllib.parse import urlsplit

from bot.channels.telegram.api import ApiError, BotApi, Unauthorized
from bot.channels.telegram.channel import PATH, webhook_secret
from bot.channels.telegram.commands import show_commands
from bot.channels.telegram.updates import KINDS
from bot.content import load_content
from bot.settings import Settings, SettingsError

# Updates that Telegram may bring at a time.
CONNECTIONS = 40


async def set_webhook(api: BotApi, settings: Settings, address: str) -> str:
    """Have updates brought to the server at an address."""
    root = address.rstrip("/")
    url = root if urlsplit(root).path.endswith(PATH) else f"{root}{PATH}"
    await api.call(
        "setWebhook",
        url=url,
        secret_token=webhook_secret(settings),
        allowed_updates=KINDS,
        max_connections=CONNECTIONS,
    )
    await set_commands(api)
    return f"Telegram brings updates to {url}; the commands are in the menu."


async def remove_webhook(api: BotApi) -> str:
    """End that; updates wait at Telegram for a day."""
    await api.call("deleteWebhook")
    return "Telegram brings no updates any more; they wait there for a day."


async def set_commands(api: BotApi) -> str:
    """Put the commands into the menu, in the bot's language."""
    await show_commands(api, load_content())
    return "The commands are in the menu."


async def status(api: BotApi) -> str:
    """Return what Telegram knows of the bot."""
    me, hook = await api.call("getMe"), await api.call("getWebhookInfo")
    lines = [f"bot: @{me.get('username')}", f"webhook: {hook.get('url') or 'none (polling)'}"]
    lines.append(f"updates that wait: {hook.get('pending_update_count', 0)}")
    if hook.get("last_error_message"):
        lines.append(f"last error: {hook['last_error_message']}")
    return "\n".join(lines)


def options(args: list[str] | None = None) -> argparse.Namespace:
    """Return the arguments of the command line."""
    parser = argparse.ArgumentParser("bot.channels.telegram", description=__doc__)
    jobs = parser.add_subparsers(dest="job", required=True)
    hook = jobs.add_parser("webhook", help="have updates brought to a server")
    hook.add_argument("address", nargs="?", type=_address, help="such as https://bot.example.org")
    hook.add_argument("--remove", action="store_true", help="end that")
    jobs.add_parser("commands", help="put the commands into the menu")
    jobs.add_parser("status", help="show what Telegram knows")
    given = parser.parse_args(args)
    if given.job == "webhook" and bool(given.address) == given.remove:
        parser.error("webhook wants an address, or --remove")
    return given


def _address(value: str) -> str:
    parts = urlsplit(value)
    if parts.scheme not in ("http", "https") or not parts.netloc or parts.query or parts.fragment:
        raise argparse.ArgumentTypeError(f"{value!r} is no address such as https://bot.example.org")
    return value


async def _do(given: argparse.Namespace, settings: Settings) -> str:
    api = BotApi(settings.telegram_token, settings.telegram_api)
    jobs: dict[str, Any] = {"commands": set_commands, "status": status}
    try:
        if given.job != "webhook":
            return str(await jobs[given.job](api))
        if given.remove:
            return await remove_webhook(api)
        return await set_webhook(api, settings, given.address)
    finally:
        await api.close()


def _settings() -> Settings:
    settings = Settings.from_env()
    if not settings.telegram_token:
        raise SettingsError("TELEGRAM_TOKEN is not set; BotFather gives one (docs/telegram.md).")
    return settings


def main(args: list[str] | None = None) -> int:
    """Do one job; return the exit code."""
    given = options(args)
    try:
        print(asyncio.run(_do(given, _settings())))
    except Unauthorized:
        print("error: Telegram does not know this TELEGRAM_TOKEN.", file=sys.stderr)
        return 1
    except (ApiError, SettingsError, OSError) as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
