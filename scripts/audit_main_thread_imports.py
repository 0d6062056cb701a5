"""Exits 1, with the chain, when the main thread of Sloppy reaches a heavy import. Thin: `importguard check`."""

import sys
from pathlib import Path

from rich.console import Console

from importguard import analyse_all, check, find_project
from importguard.render.text import print_verdict


def main() -> int:
    """Audits the entry in importguard.toml."""
    verdict = check(*analyse_all(find_project(Path(__file__).parent.parent).starts()))
    print_verdict(verdict, Console(highlight=False))
    return int(verdict.failed)


if __name__ == "__main__":
    sys.exit(main())
