"""IG202."""

from importguard.findings import Finding, Severity
from importguard.locked_set import own_modules
from importguard.rules.subject import Subject
from importguard.source.import_site import Location


class GrownSet:
    """Module set grew against the committed lock.

    What it does: compares the first- and third-party modules that the start loads with those of the file that `lock`
    in importguard.toml names. Each new one is named with the chain that brings it; what comes with it is counted.
    `lock --write` follows the branches on version and platform of every supported Python (`pythons`, else
    `requires-python`) and platform (`platforms`), so one file holds for all of them; the installed packages are those
    of the environment that it runs in.

    Why it is bad: starts grow slow one dependency update at a time, and no stopwatch shows it on the day.

    Example:
        lock = "importguard.lock"       # and a release of a dependency imports asyncio at its top

    Use instead:
        importguard lock --write        # once the growth is wanted; --update only adds what loads here
    """

    code = "IG202"
    title = "module set grew against the committed lock"

    def check(self, subject: Subject) -> list[Finding]:
        """One finding per new module that an old one imports."""
        if subject.lock is None:
            return []
        graph = subject.graph
        locked = subject.lock.entries.get(subject.name)
        if locked is None:
            return [self._unlocked(subject)]
        new = {name for name in own_modules(graph) if not locked.accepts(name)}
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

    def _unlocked(self, subject: Subject) -> Finding:
        name = subject.config.lock or ""
        return Finding(
            code=self.code,
            severity=Severity.ERROR,
            message=f"{name} says nothing of {subject.name}",
            location=Location(str(subject.project.root / name), 1),
            subject=subject.name,
            fix_hint="Run `importguard lock --write` and commit the file.",
        )
