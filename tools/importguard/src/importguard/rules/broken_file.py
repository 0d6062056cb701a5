"""IG502."""

from importguard.findings import Finding, Severity
from importguard.rules.older_pythons import unreadable_files
from importguard.rules.subject import Subject


class BrokenFile:
    """File cannot be parsed.

    What it does: lists your own files, reached from the entry, that are not valid Python or not valid text. A `lazy
    import` is none for a Python below 3.15 that `requires-python` or `pythons` allows.

    Why it is bad: whatever they import is missing from the picture, and the program fails there.
    """

    code = "IG502"
    title = "file cannot be parsed"

    def check(self, subject: Subject) -> list[Finding]:
        """One finding a file."""
        root = str(subject.project.root)
        broken = [
            Finding(
                code=self.code,
                severity=Severity.ERROR,
                message=f"{subject.project.relative(stop.location.path)} cannot be parsed: {stop.reason}",
                location=stop.location,
                subject=subject.project.relative(stop.location.path),
                fix_hint="Correct the file.",
            )
            for stop in subject.graph.trace.broken
            if stop.location.path.startswith(root) and "site-packages" not in stop.location.path
        ]
        return [*broken, *unreadable_files(subject, self.code)]
