"""IG104."""

from importguard.findings import Finding
from importguard.rules.first_use import find_first_uses
from importguard.rules.subject import Subject
from importguard.source.import_site import ImportKind
from importguard.startup.trace import Reach


class LazyImport:
    """Lazy import of a heavy module that nothing warms.

    What it does: finds `lazy import` and names in `__lazy_modules__` (PEP 810) whose module is heavy and that neither a
    `_require_warmed` nor the manifest loads in the background. An import inside a module's `__getattr__` (PEP 562) is
    one in a function body: IG102, or IG103 by name.

    Why it is bad: the start is fast, and the first use stalls the main thread.

    Example:
        lazy import anthropic

    Use instead:
        manifest = "warmup_manifest.json"   # in importguard.toml; then `importguard manifest --write`

    The code stays as it is: from Python 3.15 on the manifest warms heavy lazy imports (`[warmup] lazy`), but for those
    that `cold` names. Before that, `_require_warmed` loads a module in the background.
    """

    code = "IG104"
    title = "lazy import of a heavy module that nothing warms"

    def check(self, subject: Subject) -> list[Finding]:
        """One finding a statement."""
        modules = subject.graph.modules
        warmed = {job.module for job in subject.manifest.jobs} if subject.config.manifest is not None else set()
        found = find_first_uses(subject, ImportKind.LAZY, self.code, "is imported lazily, not warmed")
        return [
            finding
            for finding in found
            if modules[finding.subject].reach is not Reach.WARMED and finding.subject not in warmed
        ]
