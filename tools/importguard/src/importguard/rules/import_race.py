"""IG305."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from importguard.findings import Finding, Severity
from importguard.graph import ModuleGraph, is_below
from importguard.races import Race, races
from importguard.rules.subject import Subject
from importguard.startup.trace import Origin, ThreadStart

_WAITS = (3, 15)  # from here on an import that would deadlock waits (CPython PR 137196)


class ImportRace:
    """A thread and the main thread import into one package at once.

    What it does: follows the threads that the start starts (`threading.Thread`, `pool.submit`, `asyncio.to_thread`,
    `run_in_executor`), and what the main thread imports until it joins the thread, waits for its result, or waits for
    an event that the thread sets last. It reports the two when they come into an import cycle
    at different modules. A package and a module that its `__init__` imports are such a cycle. Two threads that come in
    at the same module take turns, so they are not reported; nor are cycles of the standard library alone, which load
    in a moment. `"package" in sys.modules` is named, too: a module is there before it is ready.

    Why it is bad: each thread holds the module that the other one waits for. Python up to 3.14 then hands out half a
    module ("cannot import name … from partially initialized module", `KeyError`) or raises `_DeadlockError`, now and
    then. From 3.15 on the main thread only waits, and this is a note.

    Example:
        def warm(): import anthropic.types
        threading.Thread(target=warm).start()
        from anthropic.resources import messages

    Use instead:
        import anthropic                # one thread at a time, the package first
        threading.Thread(target=warm).start()

    Where the package is too heavy for that, the main thread takes it only when the thread is ready (`thread.join()`,
    `ready.wait()`), or `importguard.warmup` imports it and `require_warmed` gets it.
    """

    code = "IG305"
    title = "a thread and the main thread import into one package at once"

    def check(self, subject: Subject) -> list[Finding]:
        """One finding a thread and package."""
        graph = subject.graph
        waits = tuple(map(int, graph.trace.python.split(".")[:2])) >= _WAITS
        return [
            self._finding(subject, race, waits)
            for thread in graph.trace.thread_starts
            for race in _each_package(graph, thread)
        ]

    def _finding(self, subject: Subject, race: Race, waits: bool) -> Finding:
        graph = subject.graph
        package, (of_thread, of_main) = _package(graph, race), race.ends
        target = f"the thread that runs {race.thread.target}"
        if waits:
            message = f"the main thread may wait for {package}: it imports {of_main}, {target} {of_thread}"
        else:
            message = (
                f"{target} imports {of_thread} while the main thread may import {of_main}: "
                f"these need each other, and either thread may get half of {package}"
            )
        return Finding(
            code=self.code,
            severity=Severity.NOTE if waits else Severity.ERROR,
            message=message + _asked(subject, package),
            location=race.thread.location,
            subject=package,
            fix_hint=(
                f"Let one thread import {package} at a time: `import {package}` before the thread starts, or on the "
                "main thread only after thread.join(), or load it with importguard.warmup and get it with "
                "require_warmed."
            ),
            chain=race.of_main,
            thread_chain=race.of_thread,
        )


def _each_package(graph: ModuleGraph, thread: ThreadStart) -> Iterator[Race]:
    """The first race of each package."""
    seen: set[str] = set()
    for race in races(graph, thread):
        package = _package(graph, race)
        if package not in seen and not _is_own_library(graph, race.cycle):
            seen.add(package)
            yield race


def _package(graph: ModuleGraph, race: Race) -> str:
    return graph.package_of(race.ends[0])


def _is_own_library(graph: ModuleGraph, names: Iterable[str]) -> bool:
    """Whether the interpreter ships all of *names*."""
    return all(graph.modules[name].origin in {Origin.STDLIB, Origin.BUILTIN} for name in names)


def _asked(subject: Subject, package: str) -> str:
    """Where the program takes presence in `sys.modules` for readiness."""
    checks = [one for one in subject.graph.trace.presence_checks if is_below(one.module, package)]
    places = [f"{subject.project.relative(one.location.path)}:{one.location.line}" for one in checks[:3]]
    if not places:
        return ""
    return f"; `in sys.modules` at {', '.join(places)} says that a module is there, not that it is ready"
