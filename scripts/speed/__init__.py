"""What `scripts/benchmark_speed.py` measures: trees, commands, times."""
