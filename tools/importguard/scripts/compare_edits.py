"""Edits a copy of a project at random, and compares what is kept between runs with what is worked out from nothing.

After each edit the graph is asked for twice: with the cache, which has seen the project before the edit, and without.
Both must be the same to the byte, or the same error. The first difference is shown with the edits that led to it.

    uv run python tools/importguard/scripts/compare_edits.py --edits 100
    uv run python tools/importguard/scripts/compare_edits.py --project ../another --seed 7
"""

import argparse
import ast
import os
import random
import shutil
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

from importguard.analysis import analyse_all
from importguard.errors import ImportGuardError
from importguard.project.config import find_project
from importguard.render.json import render_graph
from importguard.storage.cache import VARIABLE

ROOT = Path(__file__).resolve().parents[3]
MODULES = (
    "json",
    "decimal",
    "wave",
    "sched",
    "email.message",
    "xml.dom.minidom",
    "httpx",
    "anthropic",
    "nowhere_at_all",
)
LEFT_OUT = shutil.ignore_patterns(".*", "__pycache__", "build", "tests", "docs")


def insert_import(lines: list[str], chance: random.Random) -> None:
    """At module level, or first in a function."""
    module = chance.choice(MODULES)
    functions = [place for place, line in enumerate(lines) if line.lstrip().startswith("def ") and line.endswith(":")]
    if functions and chance.random() < 0.5:
        place = chance.choice(functions)
        indent = len(lines[place]) - len(lines[place].lstrip()) + 4
        lines.insert(place + 1, " " * indent + f"import {module}")
    else:
        lines.append(f"import {module}")


def remove_statement(lines: list[str], chance: random.Random) -> None:
    """One at module level."""
    body = ast.parse("\n".join(lines)).body[1:]
    if body:
        node = chance.choice(body)
        del lines[node.lineno - 1 : node.end_lineno]


def insert_definition(lines: list[str], chance: random.Random) -> None:
    """A constant, a function or a class at the end."""
    number = chance.randrange(1000)
    made = (f"CONSTANT_{number} = {number}", f"def function_{number}(): pass", f"class Class{number}: pass")
    lines.append(chance.choice(made))


def insert_comment(lines: list[str], chance: random.Random) -> None:
    """Above a statement at module level."""
    body = ast.parse("\n".join(lines)).body
    if body:
        lines.insert(chance.choice(body).lineno - 1, "# a remark")


EDITS: tuple[Callable[[list[str], random.Random], None], ...] = (
    insert_import,
    insert_import,
    remove_statement,
    insert_definition,
    insert_comment,
)


def answer(project: Path, cache: str) -> tuple[str, set[str]]:
    """The graphs of all starts and the project's files that they read; or what went wrong."""
    os.environ[VARIABLE] = cache
    try:
        found = analyse_all(find_project(project).starts())
    except ImportGuardError as error:
        return f"{type(error).__name__}: {error}", set()
    files = {file for one in found for file in one.graph.trace.first_party_files}
    return "\n".join(render_graph(one.graph) for one in found), files


def main() -> int:
    """Edits and compares. 1 at the first difference."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--project", type=Path, default=ROOT, help="is copied, never changed; default: this repository")
    parser.add_argument("--edits", type=int, default=30)
    parser.add_argument("--seed", type=int, default=random.randrange(10_000))  # noqa: S311
    arguments = parser.parse_args()
    chance = random.Random(arguments.seed)  # noqa: S311
    print(f"seed {arguments.seed}")
    with tempfile.TemporaryDirectory() as scratch:
        copy = Path(scratch) / "project"
        shutil.copytree(arguments.project, copy, ignore=LEFT_OUT, symlinks=True)
        cache = str(Path(scratch) / "cache")
        _, files = answer(copy, cache)
        first = {Path(file): Path(file).read_text() for file in files}
        told: list[str] = []
        for number in range(arguments.edits):
            path = chance.choice(sorted(first))
            if chance.random() < 0.3:
                edit, text = "restored", first[path]
            else:
                chosen = chance.choice(EDITS)
                lines = path.read_text().split("\n")
                try:
                    chosen(lines, chance)
                except SyntaxError:
                    continue
                edit, text = chosen.__name__, "\n".join(lines)
            path.write_text(text)
            told.append(f"{edit} {path.relative_to(copy)}")
            (kept, _), (fresh, _) = answer(copy, cache), answer(copy, "off")
            print(f"{number + 1}: {told[-1]}: {'the same' if kept == fresh else 'DIFFERS'}, {len(fresh):,} characters")
            if kept != fresh:
                for name, content in (("kept.json", kept), ("fresh.json", fresh)):
                    Path(tempfile.gettempdir(), name).write_text(content)
                print(f"after {told}; the two answers are kept.json and fresh.json in {tempfile.gettempdir()}")
                return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
