"""Telegram: a channel of our own, by webhook or long polling (docs/telegram.md)."""

from bot.channels.telegram.channel import TelegramInput

__all__ = ["TelegramInput"]
