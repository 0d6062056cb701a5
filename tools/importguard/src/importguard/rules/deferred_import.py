"""IG102."""

from importguard.findings import Finding
from importguard.rules.first_use import find_first_uses
from importguard.rules.subject import Subject
from importguard.source.import_site import ImportKind


class DeferredImport:
    """Heavy import in a function body.

    What it does: finds heavy imports inside functions of your code that the start does not run. Where `ready_at` ends
    the start, the manifest warms them as they are, and they are not reported.

    Why it is bad: the user's first click pays for it, on the main thread.

    Example:
        def send(): import anthropic

    Use instead:
        _require_warmed("src.providers.anthropic").send()
    """

    code = "IG102"
    title = "heavy import in a function body"

    def check(self, subject: Subject) -> list[Finding]:
        """One finding a statement."""
        found = find_first_uses(subject, ImportKind.DEFERRED, self.code, "is imported in a function body")
        if not subject.config.ready_points or subject.config.manifest is None:
            return found
        warmed = {job.module for job in subject.manifest.jobs}
        return [finding for finding in found if finding.subject not in warmed]
