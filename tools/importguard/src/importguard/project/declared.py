"""The console scripts that a project's own files declare: pyproject.toml, Poetry's table, setup.cfg, setup.py.

Reads those files, and reads setup.py as text: nothing of it runs.
"""

from __future__ import annotations

import ast
import configparser
import re
import warnings
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import msgspec

from importguard.errors import ConfigError
from importguard.project.config import read_toml
from importguard.storage.regular_file import read_regular

GROUPS = ("console_scripts", "gui_scripts")
_MAX_BYTES = 1024 * 1024
_POINT = re.compile(r"([\w.]+) ?: ?([\w.]+)(?: ?\[[^\]]*\])?")  # the extras are for installers


class Declared(msgspec.Struct, frozen=True):
    """The command *name* calls `module:attribute`; *file* says so on *line* (0: somewhere in it)."""

    name: str
    module: str
    attribute: str
    file: str
    line: int = 0


def parse_point(text: str, file: str, line: int = 0) -> Declared | None:
    """What the line `name = package.module:attribute` says; None when *text* is none."""
    name, _, target = text.partition("=")
    match = _POINT.fullmatch(" ".join(target.split()))  # on single spaces the search takes no longer than the text
    if match is None or not all(part.isidentifier() for part in f"{match[1]}.{match[2]}".split(".")):
        return None
    return Declared(name.strip(), match[1], match[2], file, line) if name.strip() else None


def declared_commands(root: Path) -> tuple[Declared, ...]:
    """The commands that the project in *root* declares, each name once."""
    found: dict[str, Declared] = {}
    for one in (*_in_pyproject(root), *_in_setup_cfg(root), *_in_setup_py(root)):
        found.setdefault(one.name, one)
    return tuple(found.values())


def points_in_ini(text: str, file: str) -> Iterator[Declared]:
    """The commands in *text*, which is an `entry_points.txt`: sections of lines."""
    wanted = False
    for number, line in enumerate(text.splitlines(), 1):
        stripped = line.strip()
        if stripped.startswith("["):
            wanted = stripped.strip("[] ") in GROUPS
        elif wanted and (one := parse_point(line, file, number)) is not None:
            yield one


def _in_pyproject(root: Path) -> Iterator[Declared]:
    file = root / "pyproject.toml"
    try:
        document = read_toml(file)
    except ConfigError:  # none is there; a broken one is another tool's to report
        return
    project, poetry = document.get("project"), _below(document, "tool", "poetry")
    tables = [_below(project, "scripts"), _below(project, "gui-scripts"), _below(poetry, "scripts")]
    for table in tables:
        for name, value in table.items() if isinstance(table, dict) else ():
            target = value.get("reference", value.get("callable")) if isinstance(value, dict) else value
            if isinstance(target, str) and (one := parse_point(f"{name}={target}", str(file))) is not None:
                yield one


def _below(table: Any, *keys: str) -> Any:
    for key in keys:
        table = table.get(key) if isinstance(table, dict) else None
    return table


def _in_setup_cfg(root: Path) -> Iterator[Declared]:
    file = root / "setup.cfg"
    parser = configparser.RawConfigParser(strict=False, default_section="")
    try:
        parser.read_string(_text(file))
    except (OSError, configparser.Error):
        return
    for group in GROUPS:
        for line in parser.get("options.entry_points", group, fallback="").splitlines():
            if (one := parse_point(line, str(file))) is not None:
                yield one


def _in_setup_py(root: Path) -> Iterator[Declared]:
    file = root / "setup.py"
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # what its author should fix is not for our user
            tree = ast.parse(_text(file))
    except (OSError, SyntaxError, ValueError, RecursionError, MemoryError):
        return
    names = {
        node.targets[0].id: node.value
        for node in tree.body
        if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name)
    }
    for node in ast.walk(tree):
        if isinstance(node, ast.keyword) and node.arg == "entry_points":
            value = names.get(node.value.id) if isinstance(node.value, ast.Name) else node.value
            yield from _in_literal(value, str(file))


def _in_literal(node: ast.expr | None, file: str) -> Iterator[Declared]:
    """The commands in what `setup(entry_points=…)` gets: a dictionary of lists or texts, or a text with sections."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        yield from points_in_ini(node.value, file)
    if not isinstance(node, ast.Dict):
        return
    for key, value in zip(node.keys, node.values, strict=True):
        if not (isinstance(key, ast.Constant) and key.value in GROUPS):
            continue
        for text in _texts(value):
            for line in text.splitlines():
                if (one := parse_point(line, file)) is not None:
                    yield one


def _texts(node: ast.expr) -> Iterable[str]:
    items = node.elts if isinstance(node, ast.List | ast.Tuple) else [node]
    return [item.value for item in items if isinstance(item, ast.Constant) and isinstance(item.value, str)]


def _text(file: Path) -> str:
    return read_regular(file, _MAX_BYTES).decode("utf-8", "replace")
