"""What was paid to whom for what: the ledger that all running Sloppys share, its sums, the caps, its table."""
