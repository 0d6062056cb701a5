"""IG201."""

from importguard.findings import Finding, Severity
from importguard.printable import counted
from importguard.rules.subject import Subject
from importguard.source.import_site import Location


class Budget:
    """Startup budget exceeded.

    What it does: compares what the start loads with `budget_modules` (a count) and `budget_ms` (their cost) of
    importguard.toml. Both are off until they are set. No stopwatch decides: a cost is the static estimate, the same on
    every machine, or comes from the committed importguard.costs.json.

    Why it is bad: a start grows slow by many imports that are each too light to be a finding of their own.

    Example:
        budget_modules = 200            # and the start loads 214

    Use instead:
        importguard graph               # what came in; `importguard why MODULE` names the statement to cut
    """

    code = "IG201"
    title = "startup budget exceeded"

    def check(self, subject: Subject) -> list[Finding]:
        """One finding per exceeded figure, at the entry."""
        graph, config = subject.graph, subject.config
        count, cost_us = len(graph.eager), graph.cost_us(graph.eager)
        over: list[tuple[str, str]] = []
        if config.budget_modules is not None and count > config.budget_modules:
            over.append(("budget_modules", f"{counted(count, 'module')}, {config.budget_modules:,} are allowed"))
        if config.budget_ms is not None and cost_us > config.budget_ms * 1000:
            source = "a measured" if graph.cost_source(graph.eager) == "measured" else "an estimated"
            over.append(("budget_ms", f"{source} {cost_us / 1000:,.0f} ms, {config.budget_ms:,.0f} ms are allowed"))
        return [
            Finding(
                code=self.code,
                severity=Severity.ERROR,
                message=f"the start loads {figures}",
                location=Location(graph.trace.entry_path, 1),
                subject=key,
                fix_hint=f"Cut an import (`importguard why MODULE` names the statements), or raise {key}.",
                cost_us=cost_us,
                cost_source=graph.cost_source(graph.eager),
                module_count=count,
            )
            for key, figures in over
        ]
