"""What a program's lazy imports are on the Pythons that it supports and that know none."""

from __future__ import annotations

from collections.abc import Iterator

from importguard.findings import Finding, Severity
from importguard.rules.subject import Subject
from importguard.source.import_site import ImportKind, Location
from importguard.startup.trace import LazyBy
from importguard.target.variants import supported

LAZY_IMPORTS = (3, 15)


def older_pythons(subject: Subject) -> str:
    """ "Python 3.11 to 3.14": those below 3.15 that the project supports; empty where there are none."""
    own = tuple(int(part) for part in subject.graph.trace.python.split(".")[:2])
    older = sorted(version for version in supported(subject.start, (own[0], own[1])) if version < LAZY_IMPORTS)
    if not older:
        return ""
    first, last = (".".join(map(str, version)) for version in (older[0], older[-1]))
    return f"Python {first}" if first == last else f"Python {first} to {last}"


def _bound(subject: Subject, by: LazyBy) -> set[Location]:
    return {one.location for one in subject.graph.trace.lazy_statements if one.by is by}


def listed_imports(subject: Subject, code: str) -> Iterator[Finding]:
    """The heavy imports that `__lazy_modules__` makes lazy here, and that load at once on older Pythons."""
    listed = _bound(subject, LazyBy.LIST)
    graph = subject.graph
    heavy = [one for one in subject.heavy_sites(ImportKind.LAZY) if one[0].location in listed] if listed else []
    pythons = older_pythons(subject) if heavy else ""
    for site, added in heavy:
        if pythons:
            cost = f"{graph.cost_us(added) / 1000:.0f} ms"
            eagerly = f"{site.imported} is imported eagerly on {pythons}"
            yield Finding(
                code=code,
                severity=Severity.WARNING,
                message=f"{eagerly}: `__lazy_modules__` does nothing there ({cost})",
                location=site.location,
                subject=site.imported,
                fix_hint="Import it in a module of its own that the manifest warms; get that with _require_warmed.",
                cost_us=graph.cost_us(added),
                cost_source=graph.cost_source(added),
                module_count=len(added),
            )


def unreadable_files(subject: Subject, code: str) -> Iterator[Finding]:
    """The project's files with a `lazy import` that older Pythons cannot read."""
    places = {site.location for site in subject.graph.trace.sites} & _bound(subject, LazyBy.KEYWORD)
    pythons = older_pythons(subject) if places else ""
    first: dict[str, int] = {}
    for place in places if pythons else ():
        first[place.path] = min(place.line, first.get(place.path, place.line))
    for path, line in sorted(first.items()):
        yield Finding(
            code=code,
            severity=Severity.ERROR,
            message=f"{subject.project.relative(path)} cannot be parsed by {pythons}: it has a `lazy import`",
            location=Location(path, line),
            subject=subject.project.relative(path),
            fix_hint="Write plain imports and list them in `__lazy_modules__`, or raise requires-python to 3.15.",
        )
