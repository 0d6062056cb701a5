"""IG304."""

from collections.abc import Iterator
from graphlib import CycleError, TopologicalSorter

from importguard.findings import Finding, Severity
from importguard.rules.subject import Subject
from importguard.source.import_site import Location
from importguard.warmup import WarmupJob


class UnsafeOrder:
    """Unsafe warmup order.

    What it does: looks in the committed manifest for a package that comes after one of its own modules, for modules
    that import each other but stand in different groups, and for groups that need each other.

    Why it is bad: importing part of a package tree before its root, or an import cycle from two ends, can deadlock two
    threads or hand out half a module (CPython issue 83065); and a module that was already imported reports no time.

    Example:
        {"module": "google.genai.types", "group": 0}, {"module": "google.genai", "group": 1}

    Use instead:
        importguard manifest --write    # parents first, cycles in one group
    """

    code = "IG304"
    title = "unsafe warmup order"

    def check(self, subject: Subject) -> list[Finding]:
        """One finding a job in a wrong place, and one a cycle."""
        name = subject.config.manifest
        if subject.committed is None or name is None:
            return []
        jobs = subject.committed.jobs
        faults = [*_parents_after(jobs), *_torn_cycles(subject, jobs)]
        return [
            Finding(
                code=self.code,
                severity=Severity.ERROR,
                message=f"{name} {fault}",
                location=Location(str(subject.project.root / name), 1),
                subject=module,
                fix_hint="Run `importguard manifest --write` and commit the file.",
            )
            for module, fault in faults or _mutual_groups(subject, jobs)
        ]


def _parents_after(jobs: tuple[WarmupJob, ...]) -> Iterator[tuple[str, str]]:
    position = {job.module: index for index, job in enumerate(jobs)}
    for index, job in enumerate(jobs):
        parts = job.module.split(".")
        for depth in range(1, len(parts)):
            parent = ".".join(parts[:depth])
            if position.get(parent, -1) > index:
                yield job.module, f"warms {job.module} before its package {parent}"


def _torn_cycles(subject: Subject, jobs: tuple[WarmupJob, ...]) -> Iterator[tuple[str, str]]:
    group = {job.module: job.group for job in jobs}
    for cycle in subject.graph.entangled(group):
        if len({group[module] for module in cycle}) > 1:
            together = sorted(cycle)
            yield together[0], f"tears an import cycle apart: {', '.join(together)} stand in different groups"


def _mutual_groups(subject: Subject, jobs: tuple[WarmupJob, ...]) -> Iterator[tuple[str, str]]:
    """A cycle of groups, none of whose modules import each other: no order of them has what each needs before it."""
    group = {job.module: job.group for job in jobs}
    needs: dict[int, set[int]] = {}
    for job in jobs:
        found = needs.setdefault(job.group, set())
        found.update(group[name] for name in subject.graph.closure(job.module) & group.keys())
        found.discard(job.group)
    try:
        TopologicalSorter(needs).prepare()
    except CycleError as error:
        cycle: list[int] = error.args[1]
        first = next(job.module for job in jobs if job.group == cycle[0])
        yield first, f"has groups that need each other: {' → '.join(map(str, reversed(cycle)))}"
