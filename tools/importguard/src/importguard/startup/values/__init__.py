"""The values of an analysed program: one class a kind, with all that the kind does in one file."""
