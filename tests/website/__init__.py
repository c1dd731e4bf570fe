"""The website as people meet it: the real bot, its widget, a real Chromium."""
