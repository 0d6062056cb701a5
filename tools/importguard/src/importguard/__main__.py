"""`python -m importguard`."""

from importguard.cli import main

main()
