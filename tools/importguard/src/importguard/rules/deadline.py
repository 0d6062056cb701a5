"""IG203."""

from importguard.findings import Finding, Severity
from importguard.rules.subject import Subject
from importguard.source.import_site import Location


class Deadline:
    """Deadline of a start missed.

    What it does: compares what the imports cost that the main thread makes until the start is over with `deadline_ms`
    of importguard.toml. The start is over where `ready_at` says (`"mcp.server.stdio:stdio_server"`, `"app.py:40"`),
    else where the program ends or waits. The cost is the static estimate, or that of the committed
    importguard.costs.json; the interpreter's own start comes on top. `preset` sets both for usual kinds of programs.

    Why it is bad: who starts the program waits that long for its first answer, and gives up: an MCP client that gets no
    answer to its handshake, a probe of `/ready`, a shell hook.

    Example:
        preset = "mcp"                  # and the server imports pandas at its top

    Use instead:
        manifest = "warmup_manifest.json"   # pandas is imported in the tool, and warmed behind the handshake
    """

    code = "IG203"
    title = "deadline of a start missed"

    def check(self, subject: Subject) -> list[Finding]:
        """One finding, where the start is over."""
        graph, allowed = subject.graph, subject.config.deadline_ms
        cost_us = graph.cost_us(graph.eager)
        if allowed is None or cost_us <= allowed * 1000:
            return []
        ready, source = graph.trace.ready, graph.cost_source(graph.eager)
        until = f" until {ready.point}" if ready is not None else ""
        steps = [f"{step.subject} ({graph.cost_us(step.saved) / 1000:,.0f} ms)" for step in subject.plan.steps[:3]]
        first = f"Load later: {', '.join(steps)}; `importguard check` names the statements." if steps else ""
        return [
            Finding(
                code=self.code,
                severity=Severity.ERROR,
                message=(
                    f"the imports{until} take {'a measured' if source == 'measured' else 'an estimated'} "
                    f"{cost_us / 1000:,.0f} ms, deadline_ms is {allowed:,.0f}"
                ),
                location=ready.location if ready is not None else Location(graph.trace.entry_path, 1),
                subject="deadline_ms",
                fix_hint=first or "Load less before that, or raise deadline_ms.",
                cost_us=cost_us,
                cost_source=source,
                module_count=len(graph.eager),
            )
        ]
