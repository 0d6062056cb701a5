"""What the collection of tests pays: for pytest and its plugins, by file, and what many files share. Pure."""

from __future__ import annotations

from collections import Counter
from functools import cached_property

import msgspec

from importguard.graph import ModuleGraph
from importguard.startup.trace import Origin


class TestFile(msgspec.Struct, frozen=True):
    """A conftest file or test module: what it needs beyond pytest and its plugins, and what no other file needs."""

    module: str
    path: str
    needs: frozenset[str]
    alone: frozenset[str]


class Collection(msgspec.Struct, frozen=True, dict=True):
    """`base` is what pytest and its plugins load. `files` are in the order of the collection."""

    graph: ModuleGraph
    base: frozenset[str]
    files: tuple[TestFile, ...]

    @cached_property
    def shared(self) -> dict[str, tuple[frozenset[str], int]]:
        """What at least half of the files need, two or more: by package its modules, and in how many files."""
        count = Counter(name for one in self.files for name in one.needs)
        least = max(2, -(-len(self.files) // 2))
        own = {one.module for one in self.files}
        found: dict[str, list[str]] = {}
        for name, often in count.items():
            if often >= least and name not in own:
                found.setdefault(package_of(self.graph, name), []).append(name)
        return {package: (frozenset(names), max(count[name] for name in names)) for package, names in found.items()}


def collected(graph: ModuleGraph) -> Collection:
    """The collection whose start *graph* is of."""
    imported = dict.fromkeys(
        edge.imported for edge in graph.edges_of(graph.trace.entry) if edge.imported in graph.eager
    )
    own = [name for name in imported if graph.is_first_party(name)]
    own = [name for name in own if not any(other.startswith(f"{name}.") for other in own)]  # no packages around them
    base = frozenset().union(*(graph.closure(name) for name in imported if not graph.is_first_party(name)))
    needs = {name: (graph.closure(name) & graph.eager) - base for name in own}
    count = Counter(one for found in needs.values() for one in found)
    files = [
        TestFile(name, graph.modules[name].path or name, found, frozenset(one for one in found if count[one] == 1))
        for name, found in needs.items()
    ]
    return Collection(graph, base & graph.eager, tuple(files))


def package_of(graph: ModuleGraph, name: str) -> str:
    """The package that ships *name*; all that comes with Python is one."""
    python = graph.modules[name].origin in {Origin.STDLIB, Origin.BUILTIN}
    return "standard library" if python else graph.package_of(name)
