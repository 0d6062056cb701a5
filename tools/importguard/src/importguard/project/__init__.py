"""The analysed project: importguard.toml, its start, suppressions, the lock and other committed files."""
