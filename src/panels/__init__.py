"""The windows, one a file: `draw` reads a snapshot, draws, and calls the controller's commands. No I/O here."""
