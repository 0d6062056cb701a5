"""What `importguard commands` says of each sub-command of public programs, beside what a real run of it loads.

Programs: `scripts/commands.toml`, installed in an environment of `scripts/starts/requirements.txt`. Each sub-command
really runs, with arguments that let it do its work, in a folder of its own; whatever it ends with counts.

    certain   modules that are said to be loaded in any case, and how many of them the run has loaded
    found     modules that the run has loaded, and how many of them are said to be loaded or perhaps loaded

    uv run python scripts/benchmark_commands.py --python build/env/bin/python --only flask twine --output table.md

Exit code 1 when fewer than 95 % of all are certain and right, or found.
"""

import argparse
import importlib.metadata
import os
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import msgspec
from asking import bare_modules, write_files
from benchmark_accuracy import ROOT, build_environment
from benchmark_applications import REQUIREMENTS
from rich.console import Console
from rich.progress import track

from importguard.project.policy import Config
from importguard.project.start import Kind, Project
from importguard.session import Session
from importguard.startup.trace import Certainty
from importguard.subcommands import HELP, Subcommand, subcommands

LIST = ROOT / "scripts" / "commands.toml"
ENOUGH = 0.95
TIMEOUT_S = 120
# Runs a console script and writes what it has loaded when it ends, or when it has run for a while.
RUNNER = """
import sys
threading, os = __import__("threading"), __import__("os")
before = set(sys.modules)
place, after_s, target, *sys.argv = sys.argv[1:]
def write(code=None):
    with open(place, "w") as file:
        names = [name for name, one in list(sys.modules.items()) if getattr(one, "__spec__", None) is not None]
        print(*(name for name in names if sys.modules[name].__spec__.name == name), sep="\\n", file=file)
    os._exit(0)
timer = threading.Timer(float(after_s), write)
timer.daemon = True
timer.start()
module, _, function = target.partition(":")
try:
    found = __import__(module, fromlist=["x"])
    for part in function.split("."):
        found = getattr(found, part)
    found()
except BaseException as error:
    print(repr(error), file=sys.stderr)
write()
"""
# What the runner itself needs.
OWN = frozenset({"threading", "_weakrefset", "__main__"})


class Program(msgspec.Struct, frozen=True):
    """A distribution, its command, and what its sub-commands are run with."""

    name: str
    command: str
    arguments: dict[str, list[str]] = {}
    files: dict[str, str] = {}


@dataclass(frozen=True)
class Row:
    """What is said of one sub-command, and what its run has loaded."""

    program: str
    name: str
    certain: frozenset[str]
    said: frozenset[str]
    real: frozenset[str]

    @property
    def right(self) -> int:
        """Modules that are certain and that the run has loaded."""
        return len(self.certain & self.real)

    @property
    def found(self) -> int:
        """Modules that the run has loaded, of those that are said."""
        return len(self.said & self.real)


def said_of(one: Subcommand, bare: frozenset[str]) -> tuple[frozenset[str], frozenset[str]]:
    """The certain modules and all."""
    graph = one.analysis.graph
    every = frozenset(graph.eager) - bare - OWN
    return frozenset(name for name in every if graph.modules[name].certainty is Certainty.CERTAIN), every


def target_of(program: Program, python: Path) -> str:
    """What its console script calls, as `module:function`."""
    site = next((python.parent.parent / "lib").glob("python3.*")) / "site-packages"
    (there,) = importlib.metadata.distributions(name=program.name, path=[str(site)])
    (found,) = there.entry_points.select(group="console_scripts", name=program.command)
    return found.value


def run(program: Program, name: str, target: str, python: Path, after_s: float) -> frozenset[str]:
    """The modules that the sub-command *name* loads; empty where it says nothing."""
    with tempfile.TemporaryDirectory() as folder:
        write_files(Path(folder), program.files)
        place = Path(folder) / "loaded.txt"
        words = [*name.split(), *program.arguments.get(name, ())]
        command = [str(python), "-c", RUNNER, str(place), str(after_s), target, program.command, *words]
        keep = {"PATH": f"{python.parent}{os.pathsep}{os.environ['PATH']}", "HOME": folder, "LANG": "C.UTF-8"}
        with subprocess.Popen(
            command,
            cwd=folder,
            env=keep,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        ) as process:
            try:
                process.wait(TIMEOUT_S)
            except subprocess.TimeoutExpired:
                process.kill()
        return frozenset(place.read_text().split()) if place.is_file() else frozenset()


def examine(program: Program, python: Path, bare: frozenset[str], after_s: float) -> list[Row]:
    """A row for each sub-command and each `--help`."""
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder).resolve()
        write_files(root, program.files)
        session = Session.of_user(str(python))
        start = Project(root, Config(), None).start_of(Kind.COMMAND, program.command)
        target, rows = target_of(program, python), []
        for one in subcommands(start, session, {}):
            certain, said = said_of(one, bare)
            real = run(program, one.name, target, python, after_s) - bare - OWN
            rows.append(Row(program.name, one.name, certain, said, real))
    return rows


def table(rows: Sequence[Row]) -> str:
    """A line for each program, then one for each sub-command where something is missing or wrong."""
    lines = ["| Program | Sub-commands | Certain, and loaded | Loaded, and found |", "| --- | --- | --- | --- |"]
    for name in dict.fromkeys(row.program for row in rows):
        of_it = [row for row in rows if row.program == name and row.real]
        certain, right = sum(len(row.certain) for row in of_it), sum(row.right for row in of_it)
        real, found = sum(len(row.real) for row in of_it), sum(row.found for row in of_it)
        helps = sum(row.name.endswith(HELP) for row in of_it)
        lines.append(
            f"| {name} | {len(of_it) - helps}, {helps} helps | {right:,} of {certain:,} | {found:,} of {real:,} |"
        )
    more = [
        f"- {row.program} {row.name}: {len(row.real)} loaded, {len(row.real - row.said)} not found "
        f"({', '.join(sorted(row.real - row.said)[:4])}), {len(row.certain - row.real)} certain and not loaded "
        f"({', '.join(sorted(row.certain - row.real)[:4])})"
        for row in rows
        if not row.real or row.real - row.said or row.certain - row.real
    ]
    return "\n".join([*lines, "", *more, ""])


def main() -> int:
    """Print the table. 0 when what is certain is right and what is loaded is found."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--python", type=Path, help="interpreter of the environment; it is built without this")
    parser.add_argument("--directory", type=Path, default=ROOT / "build", help="where the environment is kept")
    parser.add_argument("--only", nargs="*", metavar="NAME", help="only these programs")
    parser.add_argument("--after", type=float, default=20.0, metavar="S", help="when one that serves is ended")
    parser.add_argument("--output", type=Path, help="write the table to this file, after each program")
    options = parser.parse_args()
    programs = msgspec.toml.decode(LIST.read_bytes(), type=dict[str, list[Program]])["program"]
    wanted = [one for one in programs if not options.only or one.name in options.only]
    made = options.python or build_environment(options.directory / "accuracy" / "starts-3.11", "3.11.7", REQUIREMENTS)
    python = Path(os.path.abspath(made))
    bare = bare_modules(python)
    rows: list[Row] = []
    for one in track(wanted, "Programs", console=Console(stderr=True)):
        rows += examine(one, python, bare, options.after)
        if options.output:
            options.output.write_text(table(rows), encoding="utf-8")
    print(table(rows), end="")
    ran = [row for row in rows if row.real]
    right = sum(row.right for row in ran) >= ENOUGH * sum(len(row.certain) for row in ran)
    found = sum(row.found for row in ran) >= ENOUGH * sum(len(row.real) for row in ran)
    return int(not (ran and right and found))


if __name__ == "__main__":
    sys.exit(main())
