"""One module per provider; each imports its SDK at its top and is reached only through the warmup."""
