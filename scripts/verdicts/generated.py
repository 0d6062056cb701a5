"""Programs that are made from what an environment holds: every package, imported in the ways that people do."""

import ast
import json
import random
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from benchmark_accuracy import run_isolated

from verdicts.judging import top
from verdicts.record import Statement

NAMES_OF_A_MODULE = 3
MODULES_OF_A_PACKAGE = 40
NOT_IMPORTED_BY_PEOPLE = {"tests", "test", "testing", "conftest", "setup", "_vendor", "vendor"}
# Prints the packages that distributions install, with their folders; of a namespace package what is below it.
# No code of them runs.
LIST = """
import importlib.metadata, importlib.util, json, pkgutil
found = {}
waiting = sorted(importlib.metadata.packages_distributions(), reverse=True)
while waiting:
    name = waiting.pop()
    if not all(part.isidentifier() and part[0] != "_" for part in name.split(".")):
        continue
    try:
        spec = importlib.util.find_spec(name)
    except (ImportError, ValueError, AttributeError):
        continue
    folders = [*(spec.submodule_search_locations or ())] if spec else []
    if spec and spec.origin is None and name.count(".") < 2:
        waiting += [f"{name}.{one.name}" for one in pkgutil.iter_modules(folders)]
    elif spec and spec.origin:
        found[name] = folders
print(json.dumps(found))
"""


@dataclass(frozen=True)
class Package:
    """A top-level name, or one in a namespace package: what may be imported of it, as whole lines.

    *lines*: `from package.part import name`, one or more for each module of the first two levels.
    """

    name: str
    lines: tuple[str, ...]


@dataclass(frozen=True)
class Generated:
    """A program with `main.py` as its start, and the statements that import each package."""

    name: str
    files: Mapping[str, str]
    statements: Mapping[str, tuple[Statement, ...]]

    @property
    def lines(self) -> int:
        """How many statements import a package."""
        return sum(map(len, self.statements.values()))


@dataclass(frozen=True)
class Policy:
    """What the configuration of a generated program says."""

    allow: tuple[str, ...] = ()
    heavy: tuple[str, ...] = ()

    @property
    def text(self) -> str:
        """The importguard.toml."""
        return f'entry = "main.py"\nallow = {list(self.allow)}\nheavy = {list(self.heavy)}\n'


def draw_policy(program: Generated, loaded: Collection[str]) -> Policy | None:
    """A policy that names a package which only others import, and allows one where there are several; often none.

    *loaded*: the packages that the start loads. The same program always gets the same policy.
    """
    chance = random.Random(program.name)
    indirect = sorted(set(loaded) - set(map(top, program.statements)))
    if not indirect or chance.random() < 0.5:
        return None
    several = len(program.statements) > 1 and chance.random() < 0.5
    allow = (chance.choice(sorted(program.statements)),) if several else ()
    return Policy(allow, (chance.choice(indirect),))


def packages(python: Path) -> list[Package]:
    """What the environment of *python* offers, by name."""
    listed = sorted(installed(python).items())
    return [Package(name, tuple(lines_of(name, folders))) for name, folders in listed]


def installed(python: Path) -> dict[str, list[Path]]:
    """The packages in the environment of *python*, with the folders of their parts."""
    listed = json.loads(run_isolated(python, ["-c", LIST]).stdout)
    return {
        name: [Path(folder) for folder in folders]
        for name, folders in listed.items()
        if name not in NOT_IMPORTED_BY_PEOPLE
    }


def lines_of(package: str, folders: Sequence[Path]) -> Iterator[str]:
    """`from` statements over the public modules of a package, as its files define the names."""
    count = 0
    for folder in folders:
        files = sorted([*folder.glob("*.py"), *folder.glob("*/__init__.py"), *folder.glob("*/*.py")])
        for file in dict.fromkeys(files):
            parts = file.relative_to(folder).with_suffix("").parts
            parts = parts[:-1] if parts[-1] == "__init__" else parts
            if not all(part.isidentifier() and part[0] != "_" for part in parts):
                continue
            if NOT_IMPORTED_BY_PEOPLE.intersection(parts) or any(part.startswith("test_") for part in parts):
                continue
            for name in public_names(file)[:NAMES_OF_A_MODULE]:
                yield f"from {'.'.join((package, *parts))} import {name}"
            count += 1
            if count == MODULES_OF_A_PACKAGE:
                return


def public_names(file: Path) -> list[str]:
    """The functions and classes that a file defines at its top."""
    try:
        tree = ast.parse(file.read_bytes())
    except (SyntaxError, ValueError):
        return []
    kinds = ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef
    return [node.name for node in tree.body if isinstance(node, kinds) and node.name[0] != "_"]


def programs(offered: Sequence[Package], number: int, seed: int) -> list[Generated]:
    """Programs with *number* statements or a few more. The same seed gives the same programs.

    Each round takes every package once, in shuffled order; one program in four imports several packages.
    """
    chance = random.Random(seed)
    made: list[Generated] = []
    lines = 0
    while offered and lines < number:
        waiting = chance.sample(offered, len(offered))
        while waiting and lines < number:
            group = [waiting.pop() for _ in range(min(len(waiting), chance.choice((1, 1, 1, 4))))]
            program = write_program(f"{len(made):04d}-{group[0].name}", group, chance)
            made.append(program)
            lines += program.lines
    return made


def write_program(name: str, group: Sequence[Package], chance: random.Random) -> Generated:
    """A program over *group*: in one file, or shared by two modules that the start imports."""
    files: dict[str, list[str]] = {"main.py": []}
    if len(group) > 1 or chance.random() < 0.4:
        files = {"main.py": ["import left_part", "import right_part"], "left_part.py": [], "right_part.py": []}
    places = [path for path in files if path != "main.py"] or ["main.py"]
    statements: dict[str, list[Statement]] = {}
    for package in group:
        shared = len(places) > 1 and chance.random() < 0.7
        for path in places if shared else [chance.choice(places)]:
            files[path].append(one_line(package, chance))
            statements.setdefault(package.name, []).append((path, len(files[path])))
    texts = {path: "".join(f"{line}\n" for line in lines) for path, lines in files.items()}
    return Generated(name, texts, {package: tuple(places) for package, places in statements.items()})


def one_line(package: Package, chance: random.Random) -> str:
    """One import of *package*, as a whole, of a part, or of a name in a part."""
    kind = chance.choice(("whole", "part", "name", "name"))
    if kind == "whole" or not package.lines:
        return f"import {package.name}"
    line = chance.choice(package.lines)
    return line if kind == "name" else f"import {line.split()[1]}"
