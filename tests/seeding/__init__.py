"""Proof that the checks catch what they are for: faults seeded on purpose, each on a branch."""
