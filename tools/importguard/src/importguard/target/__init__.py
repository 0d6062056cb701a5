"""The target interpreter and where its modules are, without importing any."""
