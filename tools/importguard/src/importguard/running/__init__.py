"""Processes: programs under the recorder, forked workers, watching for changes."""
