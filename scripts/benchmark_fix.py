"""Does `importguard fix` change real applications so that they start with less and still run?

Applications: `scripts/applications.toml`, as `benchmark_applications.py` prepares them. For each one:

1. The source is copied, and `importguard fix --command NAME --apply -- ARGUMENTS` changes one copy.
2. The command really runs in both copies: its modules by the interpreter, its output and exit.

    made      steps of the plan that are made, of all; statements that stay count as refused with their whole step
    said      modules that are gone, as `fix` proves it
    really    modules that the interpreter loads no longer

    uv run python scripts/benchmark_fix.py --python build/env/bin/python --only pgcli twine --output table.md

Exit code 1 when an application is broken, or saves 5 % less than was said.
"""

import argparse
import os
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import msgspec
from asking import ask, bare_modules
from benchmark_accuracy import ROOT, build_environment
from benchmark_applications import (
    LIST,
    REQUIREMENTS,
    START,
    TIMEOUT_S,
    Application,
    copy_installed,
    fetch,
    installed,
    prepare,
)
from rich.console import Console
from rich.progress import track
from verdicts.cutting import run_in


@dataclass(frozen=True)
class Row:
    """What `fix` said of an application, and what the interpreter says. *failure*: why it is broken or not known."""

    application: Application
    source: str
    said: Mapping[str, Any] = field(default_factory=dict)
    before: frozenset[str] = frozenset()
    after: frozenset[str] = frozenset()
    failure: str = ""

    @property
    def promised(self) -> frozenset[str]:
        """The modules that are said to be gone, of those that the command really loads."""
        return frozenset(self.said.get("saved", ())) & self.before

    @property
    def gone(self) -> frozenset[str]:
        """The modules that are gone."""
        return self.before - self.after

    @property
    def right(self) -> bool:
        """It still runs, and saves what was said."""
        return not self.failure and len(self.gone & self.promised) >= 0.95 * len(self.promised)


def examine(application: Application, python: Path, folder: Path, bare: frozenset[str]) -> Row:
    """Change a copy of *application* and run both."""
    there = installed(python, application)
    project, source = fetch(python, application, folder), "sdist"
    if project is None:
        project, source = copy_installed(application, there, folder), "installed"
    with tempfile.TemporaryDirectory() as directory:
        copies = [Path(directory).resolve() / name for name in ("whole", "changed")]
        roots = [prepare(project, copy, there, application) for copy in copies]
        (copies[1] / "importguard.toml").unlink(missing_ok=True)
        command = [sys.executable, "-m", "importguard", "init"]
        subprocess.run(command, check=False, cwd=copies[1], capture_output=True, timeout=TIMEOUT_S)
        words = ["fix", "--command", application.command, "--apply", "--allow-dirty", "--format", "json"]
        asked = [*words, "--python", str(python), "--", *application.arguments]
        answer = ask(copies[1], asked, TIMEOUT_S)
        if answer.failure:
            return Row(application, source, failure=answer.failure)
        before, after = (run_in(python, root, {"script": START}, timed=False) for root in roots)
    failure = f"fails after the change: {after.error}" if after.error and not before.error else before.error
    return Row(application, source, answer.data, before.modules - bare, after.modules - bare, failure)


def cells(row: Row) -> list[str]:
    """A row of the table."""
    start = " ".join((row.application.command, *row.application.arguments))
    first = [f"{row.application.name} {row.application.version} ({row.source})", f"`{start}`"]
    if not row.said:
        return [*first, row.failure, "", "", ""]
    made, refused = row.said["steps"], row.said["refused"]
    lost = sum(one["modules"] for one in refused)
    return [
        *first,
        f"{len(made)} of {len(made) + len(refused)}, {len(row.said['files'])} files",
        f"{len(row.promised)} of {len(row.before)}",
        row.failure or f"{len(row.gone)}",
        f"{lost}",
    ]


def table(rows: Sequence[Row]) -> str:
    """The rows in Markdown, and why steps stay."""
    titles = ["Application", "Start", "Steps made", "Modules said to go", "Really gone", "Modules of refused steps"]
    lines = [titles, ["---"] * len(titles), *map(cells, rows)]
    reasons = [
        f"{row.application.name}, {one['subject']}: {one['statement']['path']} {one['reason']}"
        for row in rows
        for one in row.said.get("refused", ())
    ]
    said = "".join(f"| {' | '.join(line)} |\n" for line in lines)
    return f"{said}\n" + "".join(f"- {reason}\n" for reason in reasons)


def main() -> int:
    """Print the table. 0 when nothing is broken and each saving holds."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--python", type=Path, help="interpreter of the environment; it is built without this")
    parser.add_argument("--directory", type=Path, default=ROOT / "build", help="where environment and sources are kept")
    parser.add_argument("--only", nargs="*", metavar="NAME", help="only these applications")
    parser.add_argument("--output", type=Path, help="write the table to this file, after each application")
    options = parser.parse_args()
    applications = msgspec.toml.decode(LIST.read_bytes(), type=dict[str, list[Application]])["application"]
    wanted = [one for one in applications if not options.only or one.name in options.only]
    made = options.python or build_environment(options.directory / "accuracy" / "starts-3.11", "3.11.7", REQUIREMENTS)
    python = Path(os.path.abspath(made))
    folder = options.directory.resolve() / "applications"
    folder.mkdir(parents=True, exist_ok=True)
    bare = bare_modules(python)
    rows: list[Row] = []
    for one in track(wanted, "Applications", console=Console(stderr=True)):
        rows.append(examine(one, python, folder, bare))
        if options.output:
            options.output.write_text(table(rows), encoding="utf-8")
    print(table(rows), end="")
    return int(not all(row.right for row in rows))


if __name__ == "__main__":
    sys.exit(main())
