"""Conversation tests: their format, the pytest plugin that runs them, and what they cover."""
