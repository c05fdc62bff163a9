"""Benchmarks: `python -m benchmarks` runs all, `python -m benchmarks.<name>` one, from the root of the repository."""
