"""A discussion: the tree of turns, the live one, its log on disk and the log's format, search, export, the archive."""
