"""Files on this machine: the disk as one run sees it, the cache, regular files."""
