"""Does `importguard fix` change real applications so that they start with less and still run?

Applications: `scripts/applications.toml` and `applications_more.toml`, as `benchmark_applications.py` prepares them.
For each one:

1. The source is copied, and `importguard fix --command NAME --apply -- ARGUMENTS` changes one copy.
2. The command really runs in both copies, with its arguments: its modules by the interpreter, its output and exit.

    made      steps of the plan that are made, of all; statements that stay count as refused with their whole step
    said      modules that are gone, as `fix` proves it
    really    modules that the interpreter loads no longer

    uv run python scripts/benchmark_fix.py --python build/env/bin/python --only pgcli twine --output table.md

--rivals FOLDER (the `bin` of an environment with `importcost flake8-lazy ruff`) also lets these change a copy each, by
their own commands. All three only know the lazy imports of Python 3.15, or a list that older versions ignore.

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
    Installed,
    copy_installed,
    fetch,
    installed,
    prepare,
)
from rich.console import Console
from rich.progress import track
from verdicts.cutting import run_in

MORE = LIST.with_name("applications_more.toml")


@dataclass(frozen=True)
class Row:
    """What `fix` said of an application, and what the interpreter says. *failure*: why it is broken or not known."""

    application: Application
    source: str
    said: Mapping[str, Any] = field(default_factory=dict)
    before: frozenset[str] = frozenset()
    after: frozenset[str] = frozenset()
    failure: str = ""
    rivals: Mapping[str, str] = field(default_factory=dict)

    @property
    def promised(self) -> frozenset[str]:
        """The modules that are said to be gone whatever happens, of those that the command really loads."""
        return (frozenset(self.said.get("saved", ())) - frozenset(self.said.get("perhaps", ()))) & self.before

    @property
    def gone(self) -> frozenset[str]:
        """The modules that are gone."""
        return self.before - self.after

    @property
    def right(self) -> bool:
        """It still runs, and saves what was said."""
        return not self.failure and len(self.gone & self.promised) >= 0.95 * len(self.promised)


# What each rival is called with to change the packages of a copy in place; `{target}` is what the command imports.
RIVALS = {
    "importcost apply": "importcost apply --target {target} --python {python} --style lazy-modules --write {paths}",
    "flake8-lazy": "flake8-lazy --apply list {paths}",
    "ruff TID254": "ruff check --isolated --preview --select TID254 --fix --unsafe-fixes "
    '--config lint.flake8-tidy-imports.require-lazy="all" --target-version py311 {paths}',
}


def beside(project: Path, application: Application, there: Installed, python: Path, tools: Path) -> dict[str, str]:
    """What each rival saves in a copy of its own, or how it ends: modules, as the interpreter loads them."""
    found = {}
    for name, command in RIVALS.items():
        with tempfile.TemporaryDirectory() as directory:
            copies = [Path(directory).resolve() / one for one in ("whole", "changed")]
            roots = [prepare(project, copy, there, application) for copy in copies]
            target = f"import {there.target.partition(':')[0]}"
            paths = [str(one) for one in sorted(roots[1].iterdir()) if (one / "__init__.py").is_file()]
            words = [word.format(target=target, python=python) for word in command.split() if word != "{paths}"]
            words[0] = str(tools / words[0])
            done = subprocess.run(
                [*words, *paths], check=False, cwd=roots[1], capture_output=True, text=True, timeout=TIMEOUT_S
            )
            before, after = (run_in(python, root, {"script": START}, timed=False) for root in roots)
            if done.returncode not in {0, 1}:
                said = (done.stderr.strip() or done.stdout.strip()).splitlines()
                found[name] = f"ends with {done.returncode}: {said[-1][:80] if said else ''}"
            elif after.error and not before.error:
                found[name] = f"broken: {after.error.splitlines()[-1][:80]}"
            else:
                found[name] = str(len(before.modules - after.modules))
    return found


def examine(
    application: Application, python: Path, folder: Path, bare: frozenset[str], tools: Path | None = None
) -> Row:
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
    rivals = beside(project, application, there, python, tools) if tools is not None else {}
    failure = f"fails after the change: {after.error}" if after.error and not before.error else before.error
    return Row(application, source, answer.data, before.modules - bare, after.modules - bare, failure, rivals)


def cells(row: Row) -> list[str]:
    """A row of the table."""
    start = " ".join((row.application.command, *row.application.arguments))
    first = [f"{row.application.name} {row.application.version} ({row.source})", f"`{start}`"]
    if not row.said:
        return [*first, row.failure, "", "", ""]
    made, refused = row.said["steps"], row.said["refused"]
    parts = sum(bool(one["stays"]) for one in made)
    in_part = f" ({parts} in part)" if parts else ""
    lost = sum(one["modules"] for one in refused)
    return [
        *first,
        f"{len(made)} of {len(made) + len(refused)}{in_part}, {len(row.said['files'])} files",
        f"{len(row.promised)} of {len(row.before)}",
        row.failure or f"{len(row.gone)}",
        f"{lost}",
        *(row.rivals.get(name, "") for name in RIVALS if row.rivals),
    ]


def table(rows: Sequence[Row]) -> str:
    """The rows in Markdown, and why steps stay."""
    titles = ["Application", "Start", "Steps made", "Modules said to go", "Really gone", "Modules of refused steps"]
    titles += [name for name in RIVALS if any(row.rivals for row in rows)]
    lines = [titles, ["---"] * len(titles), *map(cells, rows)]
    stays = [
        (row.application.name, step["subject"], "in part", one)
        for row in rows
        for step in row.said.get("steps", ())
        for one in step["stays"]
    ]
    stays += [
        (row.application.name, one["subject"], "refused", one) for row in rows for one in row.said.get("refused", ())
    ]
    reasons = [
        f"{name}, {subject} ({how}): {one['statement']['path']}:{one['statement']['line']} {one['reason']}"
        for name, subject, how, one in stays
    ]
    said = "".join(f"| {' | '.join(line)} |\n" for line in lines)
    return f"{said}\n" + "".join(f"- {reason}\n" for reason in reasons)


def main() -> int:
    """Print the table. 0 when nothing is broken and each saving holds."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--python", type=Path, help="interpreter of the environment; it is built without this")
    parser.add_argument("--directory", type=Path, default=ROOT / "build", help="where environment and sources are kept")
    parser.add_argument("--only", nargs="*", metavar="NAME", help="only these applications")
    parser.add_argument(
        "--rivals", type=Path, metavar="FOLDER", help="also let the rivals in this folder change a copy"
    )
    parser.add_argument("--output", type=Path, help="write the table to this file, after each application")
    options = parser.parse_args()
    lists = [msgspec.toml.decode(one.read_bytes(), type=dict[str, list[Application]]) for one in (LIST, MORE)]
    applications = [application for one in lists for application in one["application"]]
    wanted = [one for one in applications if not options.only or one.name in options.only]
    made = options.python or build_environment(options.directory / "accuracy" / "starts-3.11", "3.11.7", REQUIREMENTS)
    python = Path(os.path.abspath(made))
    folder = options.directory.resolve() / "applications"
    folder.mkdir(parents=True, exist_ok=True)
    bare = bare_modules(python)
    rows: list[Row] = []
    for one in track(wanted, "Applications", console=Console(stderr=True)):
        rows.append(examine(one, python, folder, bare, options.rivals and options.rivals.resolve()))
        if options.output:
            options.output.write_text(table(rows), encoding="utf-8")
    print(table(rows), end="")
    return int(not all(row.right for row in rows))


if __name__ == "__main__":
    sys.exit(main())
