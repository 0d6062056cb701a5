"""What the rules about a first use share: heavy sites of one kind that do not run at startup, as findings. Pure."""

from importguard.findings import Finding, Severity
from importguard.rules.subject import Subject
from importguard.source.import_site import ImportKind


def find_first_uses(subject: Subject, kind: ImportKind, code: str, verb: str, fix_hint: str) -> list[Finding]:
    """One finding for each heavy statement of *kind*: "MODULE *verb* (N ms on first use)"."""
    return [
        Finding(
            code=code,
            severity=Severity.ERROR,
            message=f"{site.imported} {verb} ({cost_us / 1000:.0f} ms on first use)",
            location=site.location,
            subject=site.imported,
            fix_hint=fix_hint,
            cost_us=cost_us,
            cost_source=subject.graph.cost_source(subject.graph.closure(site.imported) - subject.graph.eager),
            module_count=count,
        )
        for site, cost_us, count in subject.heavy_sites(kind)
    ]
