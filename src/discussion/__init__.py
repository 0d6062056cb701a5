"""A discussion: its tree of turns, the live one, its text, its log, the log's format, the archive."""
