"""What `importguard graph` says of a program's own start, beside what its main thread loaded."""
