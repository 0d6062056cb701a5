"""What the main thread of a Python application imports at startup, worked out without running it."""
