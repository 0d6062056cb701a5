"""One turn: a message is sent and its replies follow. `loop` streams them; it is reached through the warmup only."""
