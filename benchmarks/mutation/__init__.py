"""Mutation testing of the bot: small faults, each of which a check should notice."""
