"""IG501."""

from importguard.findings import Finding, Severity
from importguard.rules.subject import Subject


class UnresolvedImport:
    """Unresolved import.

    What it does: lists imports of your own files whose module the target environment does not have and whose
    ImportError nobody catches.

    Why it is bad: the program fails there, or importguard looks at the wrong environment and its picture has a hole.

    Use instead:
        install the module, or point `python` in importguard.toml at the application's interpreter
    """

    code = "IG501"
    title = "unresolved import"

    def check(self, subject: Subject) -> list[Finding]:
        """One finding a name and place."""
        own = set(subject.graph.trace.first_party_files)
        return [
            Finding(
                code=self.code,
                severity=Severity.ERROR,
                message=f"{unresolved.name} cannot be resolved: {unresolved.reason}",
                location=unresolved.site.location,
                subject=unresolved.name,
                fix_hint=f"Install it for Python {subject.graph.trace.python}, or correct the name.",
            )
            for unresolved in subject.graph.trace.unresolved
            if unresolved.site.location.path in own and not unresolved.site.optional
        ]
