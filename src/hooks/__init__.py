"""The hook API: its values, client and token; the server stands in `server` and is heavy."""
