"""IG202."""

from importguard.findings import Finding, Severity
from importguard.lock import lock_of
from importguard.rules.subject import Subject


class GrownSet:
    """Module set grew against the committed lock.

    What it does: compares the first- and third-party modules that the start loads with those of the file that `lock`
    in importguard.toml names. Each new one is named with the chain that brings it; what comes with it is counted.

    Why it is bad: starts grow slow one dependency update at a time, and no stopwatch shows it on the day.

    Example:
        lock = "importguard.lock"       # and a release of a dependency imports asyncio at its top

    Use instead:
        importguard lock --write        # once the growth is wanted; --update also keeps what other Pythons load
    """

    code = "IG202"
    title = "module set grew against the committed lock"

    def check(self, subject: Subject) -> list[Finding]:
        """One finding per new module that an old one imports."""
        if subject.lock is None:
            return []
        graph = subject.graph
        new = set(lock_of(graph, subject.lock.entry).modules) - set(subject.lock.modules)
        findings = []
        for root, names in graph.grouped(new).items():
            chain = graph.chain(root)
            if not chain.steps:
                continue
            findings.append(
                Finding(
                    code=self.code,
                    severity=Severity.ERROR,
                    message=f"{root} is new among the modules that the start loads",
                    location=chain.steps[-1].site.location,
                    subject=root,
                    fix_hint="Cut the import, or accept it: importguard lock --write.",
                    chain=chain,
                    cost_us=graph.cost_us(names),
                    cost_source=graph.cost_source(names),
                    module_count=len(names),
                )
            )
        return findings
