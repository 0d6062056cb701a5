"""IG303."""

from importguard.findings import Finding, Severity
from importguard.rules.subject import Subject
from importguard.source.import_site import Location


class UnusedJob:
    """Manifest entry nobody uses.

    What it does: finds jobs of the committed manifest that the code does not ask for.

    Why it is bad: startup time is spent on a module that nothing asks for.

    Use instead:
        importguard manifest --write
    """

    code = "IG303"
    title = "manifest entry nobody uses"

    def check(self, subject: Subject) -> list[Finding]:
        """One finding a job."""
        if subject.committed is None or subject.config.manifest is None:
            return []
        wanted = {job.module for job in subject.manifest.jobs}
        return [
            Finding(
                code=self.code,
                severity=Severity.WARNING,
                message=f"{subject.config.manifest} warms {job.module}, which nothing asks for",
                location=Location(str(subject.project.root / subject.config.manifest), 1),
                subject=job.module,
                fix_hint="Run `importguard manifest --write` and commit the file.",
            )
            for job in subject.committed.jobs
            if job.module not in wanted
        ]
