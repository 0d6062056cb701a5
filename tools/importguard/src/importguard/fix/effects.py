"""What importing a module does for others: it registers, patches or configures something that stays without it.

Such an import is not to be put off. Reads the modules that a cut would save, from their files; runs nothing.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from importguard.graph import ModuleGraph
from importguard.startup.trace import Origin
from importguard.storage.regular_file import read_regular

_MOST_BYTES = 4 * 1024 * 1024
# Statements at the left edge of an installed module that change the process for everybody.
_SETTINGS = re.compile(
    rb"^(?:sys\.(?:excepthook|displayhook|stdout|stderr|stdin)[ \t]*=[^=]|sys\.(?:meta_path|path_hooks|path)\.\w+\("
    rb"|signal\.signal\(|locale\.setlocale\(|logging\.basicConfig\(|faulthandler\.enable\(|builtins\.\w+[ \t]*=[^=]"
    rb"|os\.environ(?:\[[^\]\n]*\][ \t]*=[^=]|\.setdefault\()|socket\.socket[ \t]*=[^=]|install\(\)[ \t]*$)",
    re.MULTILINE,
)
# Modules of the standard library whose import is their use.
_FOR_EFFECT = frozenset({"readline", "rlcompleter", "antigravity", "this", "sitecustomize", "usercustomize"})
_SUBCLASSES = re.compile(rb"__subclasses__|__init_subclass__|metaclass[ \t]*=")


class Effect(NamedTuple):
    """What *module* does to others, at a line of its file."""

    module: str
    path: str
    line: int
    what: str


def effect_of(graph: ModuleGraph, saved: frozenset[str]) -> Effect | None:
    """The first thing that one of the *saved* modules does for those that the start still loads."""
    own = graph.own | set(graph.first_party)
    direct = {edge.imported for edge in graph.own_edges.values()}  # pdb, too, loads readline, and nobody leans on that
    for name in sorted(saved):
        module = graph.modules.get(name)
        if name in _FOR_EFFECT and module is not None and name in direct:
            return Effect(name, module.path or name, 1, "works by being imported")
        if module is None or module.path is None or not module.path.endswith(".py") or module.origin is Origin.STDLIB:
            continue
        try:
            text = read_regular(module.path, _MOST_BYTES)
        except OSError:
            continue
        setting = _SETTINGS.search(text)
        if setting is not None:
            said = text[setting.start() :].split(b"\n", 1)[0].decode(errors="replace").strip()[:60]
            return Effect(name, module.path, text.count(b"\n", 0, setting.start()) + 1, f"runs `{said}`")
        if name in own:
            found = _registers(graph, name, module.path, text, saved)
            if found is not None:
                return found
    return None


def _registers(graph: ModuleGraph, name: str, path: str, text: bytes, saved: frozenset[str]) -> Effect | None:
    """Where the own module *name* hands something to another one that stays."""
    try:
        tree = ast.parse(text)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return Effect(name, path, 1, "cannot be parsed, so nobody knows what it does")
    bound = dict(_bound(tree, name, path, graph))
    for node in tree.body:
        for root, what in _given(node):
            module = bound.get(root)
            if module is None or module in saved or module not in graph.own:
                continue
            if what != "subclasses" or _keeps_subclasses(graph, module):
                return Effect(
                    name,
                    path,
                    node.lineno,
                    f"{what} {module}, which stays"
                    if what != "subclasses"
                    else f"adds a class to {module}, which stays",
                )
    return None


def _bound(tree: ast.Module, name: str, path: str, graph: ModuleGraph) -> Iterator[tuple[str, str]]:
    """The names that the module's imports bind, and the module that each is or comes from."""
    package = name if path.endswith("__init__.py") else name.rpartition(".")[0]
    for node in tree.body:
        if isinstance(node, ast.Import):
            for alias in node.names:
                yield alias.asname or alias.name.partition(".")[0], alias.name
        elif isinstance(node, ast.ImportFrom):
            base = node.module or ""
            if node.level:
                parts = package.split(".")
                above = ".".join(parts[: len(parts) - node.level + 1])
                base = f"{above}.{base}" if base and above else base or above
            for alias in node.names:
                below = f"{base}.{alias.name}"
                yield alias.asname or alias.name, below if below in graph.modules else base


def _given(node: ast.stmt) -> Iterable[tuple[str, str]]:
    """(root name, what is done) of a statement that may change something else."""
    if isinstance(node, ast.Expr) and isinstance(node.value, ast.Call):
        yield _root(node.value.func), "calls into"
    elif isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
        for decorator in node.decorator_list:
            yield _root(decorator), "registers something with"
        if isinstance(node, ast.ClassDef):
            for base in node.bases:
                yield _root(base), "subclasses"
    elif isinstance(node, ast.Assign):
        for target in node.targets:
            if isinstance(target, (ast.Attribute, ast.Subscript)):
                yield _root(target), "changes"


def _root(node: ast.expr) -> str:
    while isinstance(node, (ast.Attribute, ast.Subscript, ast.Call)):
        node = node.func if isinstance(node, ast.Call) else node.value
    return node.id if isinstance(node, ast.Name) else ""


def _keeps_subclasses(graph: ModuleGraph, name: str) -> bool:
    module = graph.modules.get(name)
    if module is None or module.path is None:
        return False
    try:
        return _SUBCLASSES.search(read_regular(module.path, _MOST_BYTES)) is not None
    except OSError:
        return True
