"""Telegram: a channel of our own."""
