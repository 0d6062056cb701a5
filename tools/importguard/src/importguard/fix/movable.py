"""Which statements of the program can be moved, asked one by one. Reads the project's files; writes nothing."""

from __future__ import annotations

import ast
import os
from functools import partial
from typing import NamedTuple

from importguard.analysis import Analysis
from importguard.fix.decorators import Readers
from importguard.fix.original import Original, UnfitError, read
from importguard.fix.others import Elsewhere, Others
from importguard.fix.source_file import SourceFile
from importguard.fix.statements import Wanted, decide
from importguard.source.import_site import Location


class Obstacle(NamedTuple):
    """Why a statement stays, and the place that is in the way."""

    at: Location
    reason: str


class Movable:
    """The answers for one start and one form, each worked out once."""

    def __init__(self, analysis: Analysis, form: str, *, gives: bool = True) -> None:
        """*gives*: what others take from a file, its `__getattr__` may import for them."""
        graph = analysis.graph
        self._form, self._gives, self._entry = form, gives and form == "function", graph.trace.entry_path
        self._names = {module.path: name for name, module in graph.modules.items() if module.path is not None}
        own = [graph.modules[name].path for name in graph.own if name in graph.modules]
        self._others = Others(str(analysis.project.root), filter(None, own))
        self._known: dict[tuple[Location, frozenset[str]], Obstacle | None] = {}
        self._wanted: dict[tuple[Location, frozenset[str]], Wanted] = {}
        self._barred: dict[Location, Obstacle] = {}
        self._originals: dict[str, Original | str] = {}
        self._trees: dict[str, ast.Module | str] = {}
        self._files: dict[str, SourceFile | str] = {}
        self._readers = Readers(graph)
        self._blind: dict[str, frozenset[str]] = {}

    def original(self, path: str) -> Original | str:
        """The file *path* as it is, or why it is not to be edited."""
        if path not in self._originals:
            try:
                self._originals[path] = read(path)
            except UnfitError as error:
                self._originals[path] = f"the file {error}"
        return self._originals[path]

    def package(self, path: str) -> tuple[str, bool]:
        """What relative imports in the file *path* start from, and whether it is a package's own file."""
        module = self._names.get(path, "")
        is_package = path.endswith("__init__.py")
        return module if is_package else module.rpartition(".")[0], is_package

    def blind(self, path: str) -> frozenset[str]:
        """The names of decorators and base classes in the file *path* that read no annotations."""
        if path not in self._blind:
            original = self.original(path)
            tree = self._tree(original) if isinstance(original, Original) else ""
            self._blind[path] = self._readers.blind(tree) if isinstance(tree, ast.Module) else frozenset()
        return self._blind[path]

    def bar(self, place: Location, obstacle: Obstacle) -> None:
        """From now on the statement at *place* stays, since the start would run it where it has been put, too."""
        self._barred[place] = obstacle

    def obstacle(self, place: Location, modules: frozenset[str]) -> Obstacle | None:
        """What keeps the statement at *place* from moving what it imports of *modules*; None: nothing."""
        if place in self._barred:
            return self._barred[place]
        key = place, modules
        if key not in self._known:
            self._known[key] = self._look(place, modules)
        return self._known[key]

    def _look(self, place: Location, modules: frozenset[str]) -> Obstacle | None:
        original = self.original(place.path)
        if isinstance(original, str):
            return Obstacle(place, original)
        file = self._file(original)
        if isinstance(file, str):
            return Obstacle(place, file)
        wanted = Wanted(place.line, tuple(sorted(modules)))
        found: dict[str, Elsewhere] = {}
        names = {name for one in file.at(place.line) for name in one.bound}
        if not self._form.startswith("lazy"):  # with that the name stays where others find it
            module = "__main__" if place.path == self._entry else self._names.get(place.path, "__main__")
            found = self._others.using(place.path, module, names)
            kept = filter(partial(_is_below, place.path), names) if self._gives else names
            wanted = wanted._replace(taken=tuple(sorted(found)), kept=tuple(sorted(kept)))
        self._wanted[place, modules] = wanted
        try:
            moves, refused = decide(file, [wanted], self._form)
        except RecursionError:
            return Obstacle(place, "its code is nested too deeply for the parser")
        for one in refused:
            return Obstacle(Location(place.path, one.at), one.reason)
        for name in dict.fromkeys(name for move in moves for name in move.names):
            used = found.get(name)
            if used is not None and (used.replaced or name in wanted.kept):
                return Obstacle(Location(used.path, used.line), f"{name} is used from there")
        return None

    def wanted(self, place: Location, modules: frozenset[str]) -> Wanted:
        """What `obstacle` has found nothing against."""
        return self._wanted.get((place, modules), Wanted(place.line, tuple(sorted(modules))))

    def _file(self, original: Original) -> SourceFile | str:
        if original.path not in self._files:
            tree = self._tree(original)
            if isinstance(tree, str):
                self._files[original.path] = tree
            else:
                package, is_package = self.package(original.path)
                blind = self.blind(original.path)
                file = SourceFile(tree, original.text, package, is_package=is_package, blind=blind)
                self._files[original.path] = file
        return self._files[original.path]

    def _tree(self, original: Original) -> ast.Module | str:
        if original.path not in self._trees:
            try:
                self._trees[original.path] = ast.parse(original.text)
            except SyntaxError as error:
                found = f"line {error.lineno}: {error.msg}; this Python cannot parse it"
                self._trees[original.path] = found
            except (RecursionError, MemoryError, ValueError):
                self._trees[original.path] = "its code is nested too deeply for the parser"
        return self._trees[original.path]


def _is_below(path: str, name: str) -> bool:
    """Whether the package of the file *path* has a submodule *name*, which its import binds there."""
    if os.path.basename(path) != "__init__.py":
        return False
    beside = os.path.join(os.path.dirname(path), name)
    return os.path.isdir(beside) or os.path.isfile(f"{beside}.py")
