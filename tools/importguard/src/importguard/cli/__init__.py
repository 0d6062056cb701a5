"""The console script: runs a command and exits. 0 clean, 1 findings, 2 could not check.

Lean: `--help` is answered from a text made beforehand (`help.txt`), and nothing is imported that it does not need.
"""

import os
import sys

HELP_COLUMNS = 80


def main() -> None:
    """The console script."""
    if sys.argv[1:] in (["--help"], ["-h"]) and _columns() >= HELP_COLUMNS:
        with open(os.path.join(os.path.dirname(__file__), "help.txt"), encoding="utf-8") as file:
            sys.stdout.write(file.read())
        sys.exit(0)
    from importguard.cli.commands import run

    sys.exit(run())


def _columns() -> int:
    try:
        asked = int(os.environ.get("COLUMNS") or 0)
        return asked or os.get_terminal_size(sys.stdout.fileno()).columns or HELP_COLUMNS
    except (OSError, ValueError, AttributeError):  # no terminal
        return HELP_COLUMNS
