"""Mutation testing of the bot: small faults in content, rules, model and code, each to be noticed."""
