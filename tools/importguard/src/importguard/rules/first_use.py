"""What the rules about a first use share: heavy sites of one kind that do not run at startup, as findings. Pure."""

from importguard.findings import Finding
from importguard.rules.remedies import first_use_remedy
from importguard.rules.subject import Subject
from importguard.source.import_site import ImportKind


def find_first_uses(subject: Subject, kind: ImportKind, code: str, verb: str) -> list[Finding]:
    """One finding for each heavy statement of *kind*: "MODULE *verb*; whoever gets there first waits N ms"."""
    graph = subject.graph
    return [
        Finding(
            code=code,
            severity=subject.later,
            message=f"{site.imported} {verb} ({graph.cost_us(added) / 1000:.0f} ms on first use)",
            location=site.location,
            subject=site.imported,
            fix_hint=first_use_remedy(subject, site.imported, kind),
            cost_us=graph.cost_us(added),
            cost_source=graph.cost_source(added),
            module_count=len(added),
        )
        for site, added in subject.heavy_sites(kind)
    ]
