"""IG103."""

from importguard.findings import Finding, Severity
from importguard.rules.subject import Subject
from importguard.source.import_site import ImportKind


class DynamicImport:
    """Heavy import by name outside the warmup.

    What it does: finds `import_module("name")` and `__import__("name")` of heavy modules.

    Why it is bad: it hides the same lag as an import in a function body.

    Example:
        importlib.import_module("anthropic")

    Use instead:
        _require_warmed("anthropic")
    """

    code = "IG103"
    title = "heavy import by name outside the warmup"

    def check(self, subject: Subject) -> list[Finding]:
        """One finding a statement."""
        return [
            Finding(
                code=self.code,
                severity=Severity.ERROR,
                message=f"{site.imported} is imported by name, not warmed ({cost_us / 1000:.0f} ms on first use)",
                location=site.location,
                subject=site.imported,
                fix_hint="Replace import_module by _require_warmed and warm the module.",
                cost_us=cost_us,
                module_count=count,
            )
            for site, cost_us, count in subject.heavy_sites(ImportKind.DYNAMIC)
        ]
