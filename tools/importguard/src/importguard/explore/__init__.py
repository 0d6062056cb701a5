"""The page of a start, served on this machine and kept up to date: after each save, and beside other revisions."""
