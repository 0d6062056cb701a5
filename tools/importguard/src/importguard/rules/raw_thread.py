"""IG401."""

from importguard.findings import Finding, Severity
from importguard.rules.subject import Subject, patterns


class RawThread:
    """Raw `threading.Thread` in governed code.

    What it does: finds `threading.Thread(...)` in the files that `governed` names (gitignore patterns).

    Why it is bad: such a thread has no status, no error report and no shutdown, and its imports race the warmup's.

    Example:
        threading.Thread(target=work).start()

    Use instead:
        controller.submit(work)         # the application's one executor
    """

    code = "IG401"
    title = "raw threading.Thread in governed code"

    def check(self, subject: Subject) -> list[Finding]:
        """One finding a call."""
        if not subject.config.governed or not subject.graph.trace.raw_threads:
            return []
        governed = patterns(subject.project, subject.config.governed, "governed")
        return [
            Finding(
                code=self.code,
                severity=Severity.ERROR,
                message="threading.Thread is started in governed code",
                location=location,
                subject=subject.project.relative(location.path),
                fix_hint="Submit the work to the application's executor.",
            )
            for location in subject.graph.trace.raw_threads
            if governed.takes(subject.project.relative(location.path))
        ]
