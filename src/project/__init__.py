"""A project: its file, its chosen files, the scan that finds them, paths that stay inside it."""
