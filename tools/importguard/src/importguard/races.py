"""Where a thread and the main thread import into one cycle from two ends. Pure over a graph.

An import holds its module's lock and waits for the locks of what it needs; `import pk.sub` takes the lock of `pk.sub`,
then that of `pk`. Two threads that enter a cycle at two of its modules can each hold what the other one waits for. Then
Python up to 3.14 gives one of them a half-built module, or raises `_DeadlockError` (CPython issue 83065). Threads that
enter at the same module take turns.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping

import msgspec

from importguard.graph import ImportChain, ImportStep, ModuleGraph
from importguard.source.import_site import ImportSite
from importguard.startup.trace import ImportEdge, Reach, ThreadStart
from importguard.startup.trace.waited import waits_of


class Race(msgspec.Struct, frozen=True):
    """*thread* and the main thread may each be the first in *cycle*; each chain ends at the module it comes in by."""

    thread: ThreadStart
    cycle: frozenset[str]
    of_thread: ImportChain
    of_main: ImportChain

    @property
    def ends(self) -> tuple[str, str]:
        """Where the thread comes in, and where the main thread does."""
        return self.of_thread.steps[-1].imported, self.of_main.steps[-1].imported


def races(graph: ModuleGraph, thread: ThreadStart) -> tuple[Race, ...]:
    """The races of *thread*, one a cycle, in the order in which the thread comes to them."""
    loaded = _loaded_before(graph, thread)
    below = _Descent(graph, thread.sites, loaded)
    cycles = [one for one in _cycles(below.following) if len(one) > 1]
    if not cycles:
        return ()
    of_module = {name: index for index, one in enumerate(cycles) for name in one}
    of_thread, of_main = below.entries(of_module), _main_entries(graph, thread, of_module)
    return tuple(
        Race(thread, cycles[index], chain, of_main[index])
        for index, chain in of_thread.items()
        if index in of_main and chain.steps[-1].imported != of_main[index].steps[-1].imported
    )


def _loaded_before(graph: ModuleGraph, thread: ThreadStart) -> frozenset[str]:
    """What is ready when *thread* starts."""
    edges = graph.trace.edges
    numbers = set(edges.imported[: thread.first])
    return frozenset(edges.words[number] for number in numbers) - set(thread.executing)


def _main_entries(graph: ModuleGraph, thread: ThreadStart, of_module: Mapping[str, int]) -> dict[int, ImportChain]:
    """By cycle: how the main thread comes in while *thread* runs, or is in already."""
    edges = graph.trace.edges
    found: dict[int, ImportChain] = {}
    for name in thread.executing:
        if name in of_module and graph.chain(name).steps:
            found.setdefault(of_module[name], graph.chain(name))
    last = len(edges) if thread.last < 0 else thread.last
    of_threads = waits_of(graph.trace)
    for place in range(thread.first, last):
        if edges.words[edges.imported[place]] not in of_module or not edges.eager(place):
            continue
        if any(place in one for one in of_threads):
            continue
        edge = edges[place]
        for name in _locked(edge):
            if name in of_module and of_module[name] not in found:
                steps = graph.chain(edge.importer).steps
                found[of_module[name]] = ImportChain((*steps, ImportStep(edge.importer, name, edge.site)))
    return found


def _locked(edge: ImportEdge) -> Iterator[str]:
    """The modules whose locks the import takes, in order: what is named, then the packages around it."""
    whole = edge.site.imported
    name = whole if whole.startswith(f"{edge.imported}.") else edge.imported
    while name:
        yield name
        name = name.rpartition(".")[0]


class _Descent:
    """What a thread's own imports load, depth first, as the import system goes."""

    def __init__(self, graph: ModuleGraph, sites: Iterable[ImportSite], loaded: Collection[str]) -> None:
        self.order: list[ImportEdge] = []  # the imports as they run
        self.following: dict[str, list[str]] = {}  # what loading a module needs, its package first
        self._by: dict[str, ImportEdge] = {}  # the import that loads a module
        self._graph, self._loaded = graph, loaded
        for site in sites:
            parts = site.imported.split(".")
            names = [".".join(parts[: depth + 1]) for depth in range(len(parts))]
            self._descend([ImportEdge(site.importer, name, site, True, Reach.DEFERRED) for name in names])

    def _descend(self, first: list[ImportEdge]) -> None:
        pending = [iter(first)]
        while pending:
            edge = next(pending[-1], None)
            if edge is None:
                pending.pop()
                continue
            name = edge.imported
            if name in self._loaded or name not in self._graph.modules:
                continue
            self.order.append(edge)
            if name in self.following:
                continue
            self._by[name] = edge
            after = list(self._graph.body_edges(name))
            parent = name.rpartition(".")[0]
            needed = [parent, *(one.imported for one in after)] if parent else [one.imported for one in after]
            self.following[name] = needed
            pending.append(iter(after))

    def entries(self, of_module: Mapping[str, int]) -> dict[int, ImportChain]:
        """By cycle: how the thread comes in."""
        found: dict[int, ImportChain] = {}
        for edge in self.order:
            for name in _locked(edge):
                if name in of_module and of_module[name] not in found:
                    found[of_module[name]] = self._chain(edge, name)
        return found

    def _chain(self, edge: ImportEdge, name: str) -> ImportChain:
        steps = [ImportStep(edge.importer, name, edge.site)]
        seen = set[str]()
        above = self._by.get(edge.importer)
        while above is not None and above.imported not in seen:
            seen.add(above.imported)
            steps.append(ImportStep(above.importer, above.imported, above.site))
            above = self._by.get(above.importer)
        return ImportChain(tuple(reversed(steps)))


def _cycles(following: Mapping[str, list[str]]) -> list[frozenset[str]]:
    """The sets of modules that need each other, by Tarjan's algorithm without recursion."""
    index: dict[str, int] = {}
    low: dict[str, int] = {}
    stack: list[str] = []
    inside: set[str] = set()
    found: list[frozenset[str]] = []
    for root in following:
        if root in index:
            continue
        pending = [(root, iter(following[root]))]
        while pending:
            name, rest = pending[-1]
            if name not in index:
                index[name] = low[name] = len(index)
                stack.append(name)
                inside.add(name)
            child = next(rest, None)
            if child is not None:
                if child not in following:
                    continue
                if child not in index:
                    pending.append((child, iter(following[child])))
                elif child in inside:
                    low[name] = min(low[name], index[child])
                continue
            pending.pop()
            if pending:
                above = pending[-1][0]
                low[above] = min(low[above], low[name])
            if low[name] == index[name]:
                together = set[str]()
                while name not in together:
                    together.add(stack.pop())
                inside -= together
                found.append(frozenset(together))
    return found
