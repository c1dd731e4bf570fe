"""Fuzzing in small: `python -m benchmarks.fuzz` is the same at length."""
