"""IG104."""

from importguard.findings import Finding, Severity
from importguard.rules.subject import Subject
from importguard.source.import_site import ImportKind
from importguard.startup.trace import Reach


class LazyImport:
    """Lazy import of a heavy module that nothing warms.

    What it does: finds `lazy import` (PEP 810), module `__getattr__` (PEP 562) and lazy_loader imports of modules that
    are heavy and that no `_require_warmed` loads in the background.

    Why it is bad: the start is fast, and the first use stalls the main thread.

    Example:
        lazy import anthropic

    Use instead:
        client = _require_warmed("src.providers.anthropic")
    """

    code = "IG104"
    title = "lazy import of a heavy module that nothing warms"

    def check(self, subject: Subject) -> list[Finding]:
        """One finding a statement."""
        modules = subject.graph.modules
        return [
            Finding(
                code=self.code,
                severity=Severity.ERROR,
                message=f"{site.imported} is imported lazily, not warmed ({cost_us / 1000:.0f} ms on first use)",
                location=site.location,
                subject=site.imported,
                fix_hint="Warm it, or reach it through a module that is warmed.",
                cost_us=cost_us,
                module_count=count,
            )
            for site, cost_us, count in subject.heavy_sites(ImportKind.LAZY)
            if modules[site.imported].reach is not Reach.WARMED
        ]
