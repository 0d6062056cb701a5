"""IG104."""

from importguard.findings import Finding
from importguard.rules.first_use import find_first_uses
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
        found = find_first_uses(subject, ImportKind.LAZY, self.code, "is imported lazily, not warmed")
        return [finding for finding in found if modules[finding.subject].reach is not Reach.WARMED]
