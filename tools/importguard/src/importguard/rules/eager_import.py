"""IG101."""

from importguard.findings import Finding, Severity, Statement
from importguard.rules.subject import Subject
from importguard.source.import_site import Location
from importguard.startup.trace import ImportEdge


class EagerImport:
    """Heavy module imported eagerly from the entry.

    What it does: finds the imports in your code that run on the main thread before the program is up and that cost
    more than `heavy_ms` (exclusive: what the start would no longer load without that module). Module level counts,
    and so do `try`, `if`, `with`, class bodies, decorators and functions called while modules load.

    Why it is bad: the window, the `--help` or the first request waits for it.

    Example:
        import anthropic                # in a file that the entry imports

    Use instead:
        client = _require_warmed("src.providers.anthropic")   # and let the warmup import it

    Accept a module with `allow = ["imgui_bundle"]` in importguard.toml.
    """

    code = "IG101"
    title = "heavy module imported eagerly from the entry"

    def check(self, subject: Subject) -> list[Finding]:
        """One finding a statement, with the chain that reaches it."""
        graph = subject.graph
        costs: dict[str, tuple[int, int] | None] = {}
        worst: dict[Location, tuple[ImportEdge, int, int]] = {}
        for edge in graph.entry_edges:
            name = edge.imported
            if name not in costs:
                costs[name] = self._cost(subject, name)
            cost = costs[name]
            if cost is None:
                continue
            known = worst.get(edge.site.location)
            if known is None or (len(name), cost[0]) > (len(known[0].imported), known[1]):
                worst[edge.site.location] = (edge, *cost)
        return [self._finding(subject, edge, cost_us, count) for edge, cost_us, count in worst.values()]

    @staticmethod
    def _cost(subject: Subject, name: str) -> tuple[int, int] | None:
        """Microseconds and modules that the start is spared without *name*; None when it may load that."""
        if subject.is_allowed(name):
            return None
        exclusive = subject.graph.exclusive_to(name)
        cost_us = subject.graph.cost_us(exclusive)
        return (cost_us, len(exclusive)) if subject.is_heavy(name, cost_us) else None

    def _finding(self, subject: Subject, edge: ImportEdge, cost_us: int, count: int) -> Finding:
        chain = subject.graph.chain_through(edge)
        names = " → ".join((chain.steps[0].importer, *(step.imported for step in chain.steps)))
        return Finding(
            code=self.code,
            severity=Severity.ERROR,
            message=f"{edge.imported} is imported eagerly on the main thread ({names}, {cost_us / 1000:.0f} ms)",
            location=edge.site.location,
            subject=edge.imported,
            fix_hint="Move it into a module of its own, reach that through _require_warmed and warm it.",
            chain=chain,
            cost_us=cost_us,
            cost_source=subject.graph.cost_source(subject.graph.exclusive_to(edge.imported)),
            module_count=count,
            statements=(Statement(edge.site.location, chain, cost_us, count),),
            start=subject.name,
        )
