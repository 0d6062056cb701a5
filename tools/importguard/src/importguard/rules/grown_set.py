"""IG202."""

from importguard.findings import Finding, Severity
from importguard.graph import ImportChain, ModuleGraph
from importguard.locked_set import own_modules, standard_modules
from importguard.rules.subject import Subject
from importguard.source.import_site import Location
from importguard.startup.trace import Origin


class GrownSet:
    """Module set grew against the committed lock.

    What it does: compares the first- and third-party modules that the start loads with those of the file that `lock`
    in importguard.toml names. A module of the standard library counts when first- or third-party code imports it
    itself and the start would not load it otherwise; what the standard library loads inside differs by version and is
    left out. Each new module is named with the chain that brings it, at the project's own import; all that comes with
    it is counted.
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
        if locked.standard is not None:
            new |= {name for name in standard_modules(graph) if not locked.accepts(name)}
        findings = [] if locked.standard is not None else [self._of_an_earlier_version(subject)]
        for root, together in graph.grouped(new).items():
            chain, brought = graph.chain(root), _brought_by(graph, root)
            names = {*together, *brought}
            if not chain.steps or (graph.modules[root].origin is Origin.STDLIB and root not in brought):
                continue
            findings.append(
                Finding(
                    code=self.code,
                    severity=Severity.ERROR,
                    message=f"{root} is new among the modules that the start loads",
                    location=_own_place(graph, chain),
                    subject=root,
                    fix_hint="Cut the import, or accept it: importguard lock --write.",
                    chain=chain,
                    cost_us=graph.cost_us(names),
                    cost_source=graph.cost_source(names),
                    module_count=len(names),
                )
            )
        return findings

    def _of_an_earlier_version(self, subject: Subject) -> Finding:
        name = subject.config.lock or ""
        return Finding(
            code=self.code,
            severity=Severity.WARNING,
            message=f"{name} is of an earlier version and does not say which standard modules {subject.name} imports",
            location=Location(str(subject.project.root / name), 1),
            subject=subject.name,
            fix_hint="Run `importguard lock --write` and commit the file.",
        )

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


def _brought_by(graph: ModuleGraph, name: str) -> frozenset[str]:
    """What the start would not load if no first- or third-party code imported *name*."""
    edges = graph.trace.edges
    own = {edges.number[one] for one in (*own_modules(graph), graph.trace.entry) if one in edges.number}
    number = edges.number.get(name)
    pairs = enumerate(zip(edges.importers, edges.imported, strict=True))
    return graph.saved_without(place for place, (importer, imported) in pairs if imported == number and importer in own)


def _own_place(graph: ModuleGraph, chain: ImportChain) -> Location:
    """The last statement of *chain* that is the project's own: the one that its authors can change."""
    own = [step.site.location for step in chain.steps if graph.is_first_party(step.importer)]
    return (own or [chain.steps[-1].site.location])[-1]
