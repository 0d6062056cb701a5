"""Which decorators and base classes of a file read no annotations, so that quotes in those change nothing.

Whoever evaluates an annotation has to name what does that. A package whose files name none of it is blind.
"""

from __future__ import annotations

import ast
import os
import re
from collections.abc import Iterator

from importguard.fix.names import root_of
from importguard.graph import ModuleGraph
from importguard.storage.regular_file import read_regular

_READS = re.compile(rb"get_type_hints|__annotations__|get_annotations|annotationlib|eval_str|\.annotation\b|ForwardRef")
_MOST_BYTES = 4 * 1024 * 1024
_MOST_FILES = 3000


class Readers:
    """Asks the packages of one start, each once."""

    def __init__(self, graph: ModuleGraph) -> None:
        self._graph = graph
        self._known: dict[str, bool] = {}

    def blind(self, tree: ast.Module) -> frozenset[str]:
        """The names in *tree* that lead to packages which read no annotations."""
        sources = dict(_imported(tree))
        made: dict[str, set[str]] = {}
        for node in ast.walk(tree):
            if isinstance(node, ast.Assign) and isinstance(node.value, ast.Call):
                for target in node.targets:
                    if isinstance(target, ast.Name):
                        made.setdefault(target.id, set()).add(root_of(node.value))
        known = {name for name, module in sources.items() if module and not self._reads(module)}
        known |= {name for name, roots in made.items() if roots <= known and name not in sources}
        return frozenset(known - _bound_otherwise(tree, known))

    def _reads(self, module: str) -> bool:
        """Whether the package of *module* may read annotations; one that is not among the files is not known."""
        package = self._graph.package_of(module)
        if package not in self._known:
            found = self._graph.modules.get(package)
            self._known[package] = found is None or found.path is None or any(map(_names_a_reader, _files(found.path)))
        return self._known[package]


def _files(path: str) -> Iterator[str]:
    """The files of the package or module *path*, loaded or not; then a folder, where there are too many."""
    if os.path.basename(path) != "__init__.py":
        yield path
        return
    count = 0
    for folder, _, names in os.walk(os.path.dirname(path)):
        for name in names:
            if name.endswith((".py", ".so", ".pyd")):
                count += 1
                yield os.path.join(folder, name) if count <= _MOST_FILES else folder


def _names_a_reader(path: str) -> bool:
    """An extension module, or a file that cannot be read, may do anything."""
    if not path.endswith(".py"):
        return True
    try:
        return _READS.search(read_regular(path, _MOST_BYTES)) is not None
    except OSError:
        return True


def _imported(tree: ast.Module) -> Iterator[tuple[str, str]]:
    """Each name that an import binds, and the module; empty for a relative one: the project's own."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            for alias in node.names:
                yield alias.asname or alias.name.partition(".")[0], alias.name
        elif isinstance(node, ast.ImportFrom):
            for alias in node.names:
                yield alias.asname or alias.name, "" if node.level else node.module or ""


def _bound_otherwise(tree: ast.Module, names: set[str]) -> set[str]:
    """Those of *names* that something else than an import or the result of a call binds, too."""
    found: set[str] = set()
    called = {
        target
        for node in ast.walk(tree)
        if isinstance(node, ast.Assign) and isinstance(node.value, ast.Call)
        for target in node.targets
    }
    for node in ast.walk(tree):
        if isinstance(node, ast.Name) and not isinstance(node.ctx, ast.Load) and node not in called:
            found.add(node.id)
        elif isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef, ast.ExceptHandler)) and node.name:
            found.add(node.name)
        elif isinstance(node, ast.arg):
            found.add(node.arg)
    return found & names
