"""IG302."""

from importguard.findings import Finding, Severity
from importguard.rules.subject import Subject
from importguard.source.import_site import ImportKind


class MissingJob:
    """`_require_warmed` of a module that the manifest lacks.

    What it does: looks every `_require_warmed("name")` up in the committed manifest.

    Why it is bad: the call always raises NotWarmedError.

    Use instead:
        importguard manifest --write
    """

    code = "IG302"
    title = "module required warm that the manifest lacks"

    def check(self, subject: Subject) -> list[Finding]:
        """One finding a call."""
        if subject.committed is None:
            return []
        held = {job.module for job in subject.committed.jobs}
        return [
            Finding(
                code=self.code,
                severity=Severity.ERROR,
                message=f"{site.imported} is required warm, but {subject.config.manifest} does not warm it",
                location=site.location,
                subject=site.imported,
                fix_hint="Run `importguard manifest --write` and commit the file.",
            )
            for site in subject.graph.trace.sites
            if site.kind is ImportKind.WARMED and site.imported not in held
        ]
