"""The hook API: its values, client, token and bench. `server` is heavy and reached through the warmup only."""
