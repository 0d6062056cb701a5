"""IG102."""

from importguard.findings import Finding, Severity
from importguard.rules.subject import Subject
from importguard.source.import_site import ImportKind


class DeferredImport:
    """Heavy import in a function body.

    What it does: finds heavy imports inside functions of your code that the start does not run.

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
        return [
            Finding(
                code=self.code,
                severity=Severity.ERROR,
                message=f"{site.imported} is imported in a function body ({cost_us / 1000:.0f} ms on first use)",
                location=site.location,
                subject=site.imported,
                fix_hint="Import it at the top of a warmed module and reach it through _require_warmed.",
                cost_us=cost_us,
                module_count=count,
            )
            for site, cost_us, count in subject.heavy_sites(ImportKind.DEFERRED)
        ]
