"""One module for each provider. It imports its SDK at its top and is reached through the warmup only."""
