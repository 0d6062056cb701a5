"""IG301."""

from importguard.findings import Finding, Severity
from importguard.printable import counted
from importguard.rules.subject import Subject
from importguard.source.import_site import Location


class StaleManifest:
    """Warmup manifest is stale.

    What it does: compares the committed manifest with the one that the code asks for now.

    Why it is bad: the program warms what it no longer needs, or waits for what it does.

    Use instead:
        importguard manifest --write
    """

    code = "IG301"
    title = "warmup manifest is stale"

    def check(self, subject: Subject) -> list[Finding]:
        """At most one finding, on the manifest's file."""
        name = subject.config.manifest
        if name is None or subject.committed == subject.manifest:
            return []
        wanted = [job.module for job in subject.manifest.jobs]
        if subject.committed is None:
            message = f"{name} does not exist; {counted(len(wanted), 'module')} to warm"
        else:
            held = [job.module for job in subject.committed.jobs]
            parts = [f"lacks {', '.join(sorted(set(wanted) - set(held)))}"] if set(wanted) - set(held) else []
            parts += [f"has {', '.join(sorted(set(held) - set(wanted)))} too many"] if set(held) - set(wanted) else []
            message = f"{name} is stale: {'; '.join(parts) or 'order, groups or reasons changed'}"
        return [
            Finding(
                code=self.code,
                severity=Severity.ERROR,
                message=message,
                location=Location(str(subject.project.root / name), 1),
                subject=name,
                fix_hint="Run `importguard manifest --write` and commit the file.",
            )
        ]
