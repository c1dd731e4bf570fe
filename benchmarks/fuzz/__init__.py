"""Fuzzing of every public input of a running bot: `python -m benchmarks.fuzz`."""
