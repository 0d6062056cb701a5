"""IG501."""

from importguard.findings import Finding, Severity
from importguard.rules.subject import Subject
from importguard.source.import_site import ImportKind
from importguard.startup.trace import Reach, Unresolved

_IN_FUNCTIONS = (ImportKind.DEFERRED, ImportKind.DYNAMIC)


class UnresolvedImport:
    """Unresolved import.

    What it does: lists imports of your own files whose module the target environment does not have and whose
    ImportError nobody catches, and imports by names that are computed. An import in a function that the start does not
    call, or calls only under a condition that nobody can know, is a note.

    Why it is bad: the program fails there, or importguard looks at the wrong environment and its picture has a hole.

    Use instead:
        install the module, or point `python` in importguard.toml at the application's interpreter
    """

    code = "IG501"
    title = "unresolved import"

    def check(self, subject: Subject) -> list[Finding]:
        """One finding a name and place."""
        own = set(subject.graph.trace.first_party_files)
        return [
            Finding(
                code=self.code,
                severity=Severity.ERROR if _is_needed(unresolved) else Severity.NOTE,
                message=f"{_named(unresolved)} cannot be resolved: {unresolved.reason}",
                location=unresolved.site.location,
                subject=unresolved.name,
                fix_hint=_remedy(unresolved, subject.graph.trace.python),
            )
            for unresolved in subject.graph.trace.unresolved
            if unresolved.site.location.path in own and not unresolved.site.optional
        ]


def _is_needed(unresolved: Unresolved) -> bool:
    """The start runs into it, or the module that holds it cannot be imported."""
    if not unresolved.site.scope or unresolved.site.kind not in _IN_FUNCTIONS:
        return True
    return unresolved.reach is Reach.EAGER and (unresolved.computed or not unresolved.guarded)


def _named(unresolved: Unresolved) -> str:
    return "an import by a computed name" if unresolved.computed else unresolved.name


def _remedy(unresolved: Unresolved, python: str) -> str:
    if unresolved.computed:
        return (
            "What it imports is in no figure here; `importguard verify` shows it. "
            "Accept it with # importguard: ignore[IG501] reason."
        )
    if not _is_needed(unresolved):
        return f"Fine if it is optional. Else install it for Python {python}, or correct the name."
    return f"Install it for Python {python}, or correct the name."
