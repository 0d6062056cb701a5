"""What threads load while the start waits for them: the start pays for it, the main thread loads none of it. Pure."""

from __future__ import annotations

from importguard.startup.trace.trace import StartupTrace


def waits_of(trace: StartupTrace) -> list[range]:
    """The places in `trace.edges` of the imports that threads make while the start waits for them."""
    return [range(*wait) for one in trace.thread_starts for wait in one.waits]


def waited_modules(trace: StartupTrace) -> frozenset[str]:
    """The modules whose first import is one of those."""
    waits = waits_of(trace)
    if not waits:
        return frozenset()
    edges = trace.edges
    first: dict[int, int] = {}
    for place, imported in enumerate(edges.imported):
        if edges.eager(place):
            first.setdefault(imported, place)
    return frozenset(edges.words[imported] for imported, place in first.items() if any(place in one for one in waits))
