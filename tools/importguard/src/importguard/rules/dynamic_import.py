"""IG103."""

from importguard.findings import Finding
from importguard.rules.first_use import find_first_uses
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
        return find_first_uses(subject, ImportKind.DYNAMIC, self.code, "is imported by name, not warmed")
