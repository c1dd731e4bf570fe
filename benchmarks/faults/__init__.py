"""Faults on purpose: what people get, and what is kept, while parts of the bot fail."""
