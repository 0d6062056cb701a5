"""A project: its file, its chosen files, the scan that finds and reads them, paths that stay inside its folders."""
