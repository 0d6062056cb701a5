"""Exits 1, with the chain, when the main thread of Sloppy reaches a heavy import. Thin: `importguard check`."""

import sys
from pathlib import Path

from rich.console import Console

from importguard.check import analyse, check
from importguard.config import find_project
from importguard.render.text import print_report


def main() -> int:
    """Audits the entry in importguard.toml."""
    report = check(analyse(find_project(Path(__file__).parent.parent)))
    print_report(report, Console(highlight=False))
    return int(report.failed)


if __name__ == "__main__":
    sys.exit(main())
