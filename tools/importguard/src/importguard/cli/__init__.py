"""The command line: runs a command and exits. 0 clean, 1 findings, 2 could not check.

Lean: `--help` is answered from a text made beforehand (`help.txt`), and nothing is imported that it does not need.
"""

import os
import sys

HELP_COLUMNS = 80


def main() -> None:
    """Runs the command that `sys.argv` names. Raises SystemExit."""
    if sys.argv[1:] in (["--help"], ["-h"]) and _columns() >= HELP_COLUMNS:
        with open(os.path.join(os.path.dirname(__file__), "help.txt"), encoding="utf-8") as file:
            sys.stdout.write(file.read())
        sys.exit(0)
    from importguard.cli.commands import run

    sys.exit(run())


def script() -> None:
    """The console script: the process ends with the command."""
    code = 1
    try:
        main()
    except SystemExit as ended:
        code = ended.code if isinstance(ended.code, int) else int(ended.code is not None)
        try:
            sys.stdout.flush()
            sys.stderr.flush()
        except (OSError, ValueError):  # the reader went away
            code = code or 1
    os._exit(code)  # freeing what the run has made, value by value, takes a tenth of its time


def _columns() -> int:
    try:
        asked = int(os.environ.get("COLUMNS") or 0)
        return asked or os.get_terminal_size(sys.stdout.fileno()).columns or HELP_COLUMNS
    except (OSError, ValueError, AttributeError):  # no terminal
        return HELP_COLUMNS
