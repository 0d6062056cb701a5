"""IG204."""

from importguard.findings import Finding, Severity
from importguard.rules.subject import Subject
from importguard.source.import_site import Location


class MissingBytecode:
    """Start without bytecode.

    What it does: counts the modules of the start and of its warmup whose bytecode is missing, older than its source or
    of another Python. Off until importguard.toml says `bytecode = true`: a checkout has none, an installation or an
    image should.

    Why it is bad: the first start compiles those modules, which takes about as long as importing them. Where it cannot
    write the result (a read-only folder, PYTHONDONTWRITEBYTECODE), every start does. A warmup that compiles holds the
    interpreter lock for longer than a frame.

    Example:
        RUN uv sync --frozen            # uv installs without compiling

    Use instead:
        RUN uv sync --frozen && importguard compile
    """

    code = "IG204"
    title = "start without bytecode"

    def check(self, subject: Subject) -> list[Finding]:
        """One finding, at the entry."""
        found = subject.bytecode
        if found is None or not found.without:
            return []
        why = f": {'; '.join(found.why)}" if found.why else ""
        return [
            Finding(
                code=self.code,
                severity=Severity.ERROR,
                message=f"{len(found.without):,} of {found.modules:,} modules have no valid bytecode{why}",
                location=Location(subject.graph.trace.entry_path, 1),
                subject="bytecode",
                fix_hint="Run `importguard compile` after the installation.",
                module_count=len(found.without),
            )
        ]
