"""One turn: sending a message, the replies, the loop that streams them (heavy)."""
