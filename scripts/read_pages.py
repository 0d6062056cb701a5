"""Runs the commands of the pages as their reader would; --write puts what they print into the pages."""

from __future__ import annotations

import argparse
import difflib
import os
import sys
import tempfile
from pathlib import Path

from pages.reader import agrees, read
from pages.steps import Command, steps_of, with_output

ROOT = Path(__file__).resolve().parents[1]
IN_CHECKOUT = frozenset({"README.md"})  # pages whose reader has opened a terminal in this checkout
REFERENCE = (3, 11)  # the Python whose output the pages show


def pages() -> tuple[Path, ...]:
    """Every page of people's documentation, by path."""
    return (ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md")))


def read_page(page: Path, temporary: Path, wheel: str, cache: Path) -> dict[int, tuple[str, str]]:
    """The commands whose output the page does not show: line → (what it shows, what was printed)."""
    steps = steps_of(page, ROOT)
    if not any(isinstance(step, Command) for step in steps):
        return {}
    folder, home = temporary / "project", temporary / "home"
    folder.mkdir()
    home.mkdir()
    where = ROOT if page.relative_to(ROOT).as_posix() in IN_CHECKOUT else folder
    printed = read(steps, where, home, {"IMPORTGUARD": wheel, "CHECKOUT": str(ROOT), "IMPORTGUARD_CACHE": str(cache)})
    from_index = any(isinstance(step, Command) and "pip install" in step.text for step in steps)  # the newest of each
    same = sys.version_info[:2] == REFERENCE and not from_index  # and so is this checkout from day to day
    return {
        step.line: (step.printed, printed.get(step.line, ""))
        for step in steps
        if isinstance(step, Command) and not agrees(step.printed, printed.get(step.line, ""), same)
    }


def main() -> int:
    """The exit code: 1 when a page shows something else than its commands print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("pages", nargs="*", type=Path)
    parser.add_argument("--write", action="store_true", help="put what was printed into the page")
    asked = parser.parse_args()
    wheel = os.environ.get("IMPORTGUARD", str(ROOT / "tools" / "importguard"))
    differing = 0
    for page in [one.resolve() for one in asked.pages] or pages():
        with tempfile.TemporaryDirectory() as temporary:
            wrong = read_page(page, Path(temporary), wheel, Path(temporary, "cache"))
        differing += bool(wrong)
        for line, (shown, printed) in wrong.items():
            print(f"{page.relative_to(ROOT)}:{line}")
            print(
                "\n".join(
                    difflib.unified_diff(shown.splitlines(), printed.splitlines(), "shown", "printed", lineterm="")
                )
            )
        if asked.write and wrong:
            new = {line: printed for line, (_, printed) in wrong.items()}
            page.write_text(with_output(page.read_text(encoding="utf-8"), steps_of(page, ROOT), new), encoding="utf-8")
    return int(differing > 0 and not asked.write)


if __name__ == "__main__":
    sys.exit(main())
