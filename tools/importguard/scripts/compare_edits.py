"""Edits a copy of a project at random, and compares what is kept between runs with what is worked out from nothing.

Between two runs one to five edits are made, in files of the main thread and in files that are warmed or loaded later.
Then graph, manifest and verdict are asked for three times: with the cache, which has seen the project before the edits,
once more with it, and without it. All three must be the same to the byte, costs included, or the same error. The first
difference is shown with the edits that led to it. With --commands the command line is asked as well, three times: it
says again what it has said where nothing has changed. Without --project a project of several packages is made that
warms some of its modules.

    uv run python tools/importguard/scripts/compare_edits.py --edits 2000
    uv run python tools/importguard/scripts/compare_edits.py --edits 300 --commands
    uv run python tools/importguard/scripts/compare_edits.py --project ../another --seed 7
"""

import argparse
import ast
import os
import random
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

from importguard import analyse_all, check, find_project
from importguard.errors import ImportGuardError
from importguard.render.json import render_graph, render_verdict
from importguard.storage.cache import VARIABLE

MODULES = (
    "json",
    "decimal",
    "wave",
    "sched",
    "email.message",
    "xml.dom.minidom",
    "shop.prices",
    "shop.web.page",
    "report.chart",
    "tools_of_mine",
    "nowhere_at_all",
)
LEFT_OUT = shutil.ignore_patterns(".*", "__pycache__", "build", "tests", "docs")
# What was changed just now is not trusted for two seconds. Here it is: each round waits for the one before.
COMMAND_LINE = (
    "import importguard.storage.own_files as f; f.SETTLED_NS = 0; from importguard.cli import script; script()"
)
MOST = 5  # edits between two runs
STRANGER = {
    "importguard.toml": 'entry = "main.py"\nheavy = ["decimal"]\n',
    "main.py": """
        import shop
        from shop import cart, prices
        import tools_of_mine

        def _require_warmed(name): ...

        class Window:
            title = "shop"
            def draw(self):
                import sched
                return _require_warmed("report")

        def later():
            return _require_warmed("shop.web"), _require_warmed("report.chart")

        def now():
            import json
            return json

        now()
        """,
    "tools_of_mine.py": "import os\ndef helper(x):\n    return os.fspath(x)\nVALUE = helper('a')\n",
    "shop/__init__.py": "from shop.prices import total\n",
    "shop/prices.py": "import decimal\ndef total():\n    return decimal.Decimal(0)\n",
    "shop/cart.py": """
        try:
            import nothing_here
        except ImportError:
            nothing_here = None
        from . import prices

        def add():
            from .web import page
            return page
        """,
    "shop/web/__init__.py": "from . import page\n",
    "shop/web/page.py": "import html\nimport tools_of_mine\nclass Page:\n    def show(self):\n        import wave\n",
    "report/__init__.py": "import csv\n\ndef load():\n    from report import chart\n    return chart\nload()\n",
    "report/chart.py": "import statistics\nimport missing_too  # importguard: ignore[IG501] not on CI\n",
    "report/table.py": "import report.chart\n",
}


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


def insert_comment_inside(lines: list[str], chance: random.Random) -> None:
    """In the body of a function, which moves what is behind it."""
    functions = [node for node in ast.walk(ast.parse("\n".join(lines))) if isinstance(node, ast.FunctionDef)]
    longer = [node for node in functions if node.body[0].lineno > node.lineno]
    if longer:
        first = chance.choice(longer).body[0]
        lines.insert(first.lineno - 1, " " * first.col_offset + "# a remark")


EDITS: tuple[Callable[[list[str], random.Random], None], ...] = (
    insert_import,
    remove_statement,
    insert_definition,
    insert_comment,
    insert_comment,
    insert_comment_inside,
    insert_comment_inside,
)


def answer(project: Path, cache: str) -> tuple[str, set[str]]:
    """The graphs and manifests of all starts, the verdict, the project's files that were read; or what went wrong."""
    os.environ[VARIABLE] = cache
    try:
        found = analyse_all(find_project(project).starts())
        verdict = render_verdict(check(*found))
    except ImportGuardError as error:
        return f"{type(error).__name__}: {error}", set()
    files = {file for one in found for file in one.graph.trace.first_party_files}
    return "\n".join([*(render_graph(one.graph) + one.manifest.to_json() for one in found), verdict]), files


def said(project: Path, cache: str) -> str:
    """What `check` and `graph` print, without how long that took, and their exit codes."""
    found = []
    for arguments in (("check",), ("graph", "--format", "json")):
        done = subprocess.run(
            [sys.executable, "-P", "-c", COMMAND_LINE, *arguments],
            cwd=project,
            env={**os.environ, VARIABLE: cache},
            capture_output=True,
            encoding="utf-8",
            check=False,
        )
        found.append(f"{done.returncode} {re.sub('analysed in [0-9.]+ s', '', done.stdout)} {done.stderr}")
    return "\n".join(found)


def edit(path: Path, first: str, chance: random.Random) -> str:
    """Edits one file; what was done."""
    if chance.random() < 0.15:
        path.write_text(first)
        return "restored"
    chosen = chance.choice(EDITS)
    lines = path.read_text().split("\n")
    try:
        chosen(lines, chance)
    except SyntaxError:
        return "left"
    path.write_text("\n".join(lines))
    return chosen.__name__


def make(folder: Path) -> None:
    """The project of several packages."""
    import textwrap

    for name, text in STRANGER.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(textwrap.dedent(text).lstrip("\n"))


def main() -> int:
    """Edits and compares. 1 at the first difference."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--project", type=Path, help="is copied, never changed; default: one that is made for this")
    parser.add_argument("--edits", type=int, default=100)
    parser.add_argument("--seed", type=int, default=random.randrange(10_000))  # noqa: S311
    parser.add_argument("--commands", action="store_true", help="ask the command line, too")
    arguments = parser.parse_args()
    chance = random.Random(arguments.seed)  # noqa: S311
    with tempfile.TemporaryDirectory() as scratch:
        copy = Path(scratch) / "project"
        if arguments.project is None:
            make(copy)
        else:
            shutil.copytree(arguments.project, copy, ignore=LEFT_OUT, symlinks=True)
        cache = str(Path(scratch) / "cache")
        _, read = answer(copy, cache)
        files = read if arguments.project is not None else {str(path) for path in copy.rglob("*.py")}
        first = {Path(file): Path(file).read_text() for file in files}
        print(f"seed {arguments.seed}, {len(first)} files")
        done, rounds = 0, 0
        told: list[str] = []
        while done < arguments.edits:
            for _ in range(min(chance.randint(1, MOST), arguments.edits - done)):
                path = chance.choice(sorted(first))
                told.append(f"{edit(path, first[path], chance)} {path.relative_to(copy)}")
                done += 1
            rounds += 1
            (kept, _), (again, _), (fresh, _) = answer(copy, cache), answer(copy, cache), answer(copy, "off")
            if arguments.commands:
                kept, again, fresh = (
                    f"{one}\n{said(copy, place)}" for one, place in ((kept, cache), (again, cache), (fresh, "off"))
                )
            if kept != fresh or again != fresh:
                for name, content in (("kept.json", kept), ("again.json", again), ("fresh.json", fresh)):
                    Path(tempfile.gettempdir(), name).write_text(content)
                print(f"DIFFERS after {told}; see kept.json, again.json and fresh.json in {tempfile.gettempdir()}")
                return 1
            if rounds % 50 == 0:
                print(f"{done} edits in {rounds} rounds: no difference", flush=True)
    print(f"{done} edits in {rounds} rounds, seed {arguments.seed}: no difference")
    return 0


if __name__ == "__main__":
    sys.exit(main())
